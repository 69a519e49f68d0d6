using StreamSQL.Broker.Network;
using StreamSQL.Kafka.Messages;
using StreamSQL.Kafka.Protocol;

namespace StreamSQL.Broker.Handlers;

/// <summary>Adds the offsets of a group to a transaction.</summary>
internal sealed class AddOffsetsToTxnHandler(BrokerServices services)
    : ApiHandler<AddOffsetsToTxnRequest, AddOffsetsToTxnResponse>(Apis.AddOffsetsToTxn)
{
    protected override async ValueTask<AddOffsetsToTxnResponse?> HandleAsync(AddOffsetsToTxnRequest request, RequestContext context) => new()
    {
        ErrorCode = await services.Host.Transactions.AddOffsetsAsync(
            request.TransactionalId, request.ProducerId, request.ProducerEpoch, request.GroupId),
    };
}
