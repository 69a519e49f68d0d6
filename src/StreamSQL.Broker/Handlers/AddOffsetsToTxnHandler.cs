using StreamSQL.Broker.Network;
using StreamSQL.Broker.Transactions;
using StreamSQL.Kafka;
using StreamSQL.Kafka.Messages;
using StreamSQL.Kafka.Protocol;

namespace StreamSQL.Broker.Handlers;

/// <summary>Adds the offsets of a group to a transaction.</summary>
internal sealed class AddOffsetsToTxnHandler(BrokerServices services)
    : ApiHandler<AddOffsetsToTxnRequest, AddOffsetsToTxnResponse>(Apis.AddOffsetsToTxn)
{
    private const short FirstThatKnowsFenced = 2;

    protected override async ValueTask<AddOffsetsToTxnResponse?> HandleAsync(AddOffsetsToTxnRequest request, RequestContext context)
    {
        ErrorCode error = await services.Host.Transactions.AddOffsetsAsync(
            request.TransactionalId, request.ProducerId, request.ProducerEpoch, request.GroupId);
        return new AddOffsetsToTxnResponse
            { ErrorCode = TransactionErrors.ForVersion(error, context.Header.Version, FirstThatKnowsFenced) };
    }
}
