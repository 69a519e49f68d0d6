using StreamSQL.Broker.Network;
using StreamSQL.Broker.Transactions;
using StreamSQL.Kafka;
using StreamSQL.Kafka.Messages;
using StreamSQL.Kafka.Protocol;

namespace StreamSQL.Broker.Handlers;

/// <summary>Gives producers their id and epoch (KIP-98, KIP-360).</summary>
internal sealed class InitProducerIdHandler(BrokerServices services)
    : ApiHandler<InitProducerIdRequest, InitProducerIdResponse>(Apis.InitProducerId)
{
    private const long NoProducer = -1;
    private const short NoEpoch = -1;
    private const short FirstThatKnowsFenced = 4;

    protected override async ValueTask<InitProducerIdResponse?> HandleAsync(InitProducerIdRequest request, RequestContext context)
    {
        bool holdsId = request.ProducerId != NoProducer;
        ProducerIdentity identity = holdsId == (request.ProducerEpoch != NoEpoch)
            ? await services.Host.Transactions.InitializeAsync(
                request.TransactionalId, request.TransactionTimeoutMs, holdsId ? (request.ProducerId, request.ProducerEpoch) : null)
            : ProducerIdentity.Refused(ErrorCode.InvalidRequest);
        return new InitProducerIdResponse
        {
            ErrorCode = TransactionErrors.ForVersion(identity.Error, context.Header.Version, FirstThatKnowsFenced),
            ProducerId = identity.ProducerId,
            ProducerEpoch = identity.ProducerEpoch,
        };
    }
}
