using StreamSQL.Broker.Network;
using StreamSQL.Broker.Transactions;
using StreamSQL.Kafka.Messages;
using StreamSQL.Kafka.Protocol;

namespace StreamSQL.Broker.Handlers;

/// <summary>Commits or aborts a transaction.</summary>
internal sealed class EndTxnHandler(BrokerServices services) : ApiHandler<EndTxnRequest, EndTxnResponse>(Apis.EndTxn)
{
    private const short FirstThatKnowsFenced = 2;

    public override short MaxVersion => 3;

    protected override async ValueTask<EndTxnResponse?> HandleAsync(EndTxnRequest request, RequestContext context)
    {
        ProducerIdentity ended = await services.Host.Transactions.EndAsync(
            request.TransactionalId, request.ProducerId, request.ProducerEpoch, request.Committed, bumpEpoch: false);
        return new EndTxnResponse { ErrorCode = TransactionErrors.ForVersion(ended.Error, context.Header.Version, FirstThatKnowsFenced) };
    }
}
