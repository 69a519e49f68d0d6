using StreamSQL.Broker.Network;
using StreamSQL.Broker.Transactions;
using StreamSQL.Kafka.Messages;
using StreamSQL.Kafka.Protocol;

namespace StreamSQL.Broker.Handlers;

/// <summary>Commits or aborts a transaction; from version 5 on the answer holds the epoch of the next one (KIP-890).</summary>
internal sealed class EndTxnHandler(BrokerServices services) : ApiHandler<EndTxnRequest, EndTxnResponse>(Apis.EndTxn)
{
    private const short FirstThatKnowsFenced = 2;
    private const short FirstThatBumpsEpochs = 5; // KIP-890

    protected override async ValueTask<EndTxnResponse?> HandleAsync(EndTxnRequest request, RequestContext context)
    {
        short version = context.Header.Version;
        ProducerIdentity ended = await services.Host.Transactions.EndAsync(
            request.TransactionalId, request.ProducerId, request.ProducerEpoch, request.Committed,
            bumpEpoch: version >= FirstThatBumpsEpochs);
        return new EndTxnResponse
        {
            ErrorCode = TransactionErrors.ForVersion(ended.Error, version, FirstThatKnowsFenced),
            ProducerId = ended.ProducerId,
            ProducerEpoch = ended.ProducerEpoch,
        };
    }
}
