using StreamSQL.Broker.Groups;
using StreamSQL.Broker.Transactions;
using StreamSQL.Kafka.Client;

namespace StreamSQL.Broker.Client;

/// <summary>A transactional producer on the embedded broker: each commit is one atomic write of the journal.</summary>
internal sealed class InProcessTransactionalProducer(TransactionCoordinator coordinator, GroupCoordinator groups, LocalProducer producer)
    : ITransactionalProducer
{
    public ValueTask<long[]> CommitAsync(TransactionContent content, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested(); // from here on it is carried through: half a commit does not exist
        return coordinator.CommitWholeAsync(producer, content, groups);
    }

    public ValueTask DisposeAsync()
    {
        producer.Dispose();
        return ValueTask.CompletedTask;
    }
}
