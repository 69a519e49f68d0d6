using StreamSQL.Broker.Network;
using StreamSQL.Broker.Transactions;
using StreamSQL.Kafka.Messages;
using StreamSQL.Kafka.Protocol;

namespace StreamSQL.Broker.Handlers;

/// <summary>Gives producers their id and epoch (KIP-98, KIP-360).</summary>
internal sealed class InitProducerIdHandler(BrokerServices services)
    : ApiHandler<InitProducerIdRequest, InitProducerIdResponse>(Apis.InitProducerId)
{
    private const long NoProducer = -1;

    protected override async ValueTask<InitProducerIdResponse?> HandleAsync(InitProducerIdRequest request, RequestContext context)
    {
        (long, short)? held = request.ProducerId == NoProducer ? null : (request.ProducerId, request.ProducerEpoch);
        ProducerIdentity identity = await services.Host.Transactions.InitializeAsync(
            request.TransactionalId, request.TransactionTimeoutMs, held);
        return new InitProducerIdResponse
        {
            ErrorCode = identity.Error,
            ProducerId = identity.ProducerId,
            ProducerEpoch = identity.ProducerEpoch,
        };
    }
}
