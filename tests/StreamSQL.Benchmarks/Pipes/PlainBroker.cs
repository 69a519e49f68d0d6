using StreamSQL.Kafka.Client;

namespace StreamSQL.Benchmarks.Pipes;

/// <summary>
/// A broker whose producers append what a commit holds batch by batch, durable but without a transaction and without offsets: what a commit
/// costs less when a crash may double rows.
/// </summary>
internal sealed class PlainBroker(IBrokerClient broker) : IBrokerClient
{
    public ValueTask<IReadOnlyList<TopicMetadata>> GetTopicsAsync(IReadOnlyList<string>? topics, CancellationToken cancellation) =>
        broker.GetTopicsAsync(topics, cancellation);

    public ValueTask<TopicMetadata> CreateTopicAsync(NewTopic topic, CancellationToken cancellation) =>
        broker.CreateTopicAsync(topic, cancellation);

    public ValueTask DeleteTopicAsync(string topic, CancellationToken cancellation) => broker.DeleteTopicAsync(topic, cancellation);

    public ValueTask DeleteRecordsAsync(TopicPartition partition, long beforeOffset, CancellationToken cancellation) =>
        broker.DeleteRecordsAsync(partition, beforeOffset, cancellation);

    public ValueTask<PartitionOffsets> GetOffsetsAsync(TopicPartition partition, CancellationToken cancellation) =>
        broker.GetOffsetsAsync(partition, cancellation);

    public ValueTask<long> GetOffsetForTimestampAsync(TopicPartition partition, long timestampMs, CancellationToken cancellation) =>
        broker.GetOffsetForTimestampAsync(partition, timestampMs, cancellation);

    public ValueTask<FetchedRecords> FetchAsync(
        TopicPartition partition, long offset, int maxBytes, TimeSpan maxWait, IsolationLevel isolation, CancellationToken cancellation) =>
        broker.FetchAsync(partition, offset, maxBytes, maxWait, isolation, cancellation);

    public ValueTask<long> ProduceAsync(TopicPartition partition, ReadOnlyMemory<byte> batch, CancellationToken cancellation) =>
        broker.ProduceAsync(partition, batch, cancellation);

    public ValueTask<ITransactionalProducer> OpenTransactionalProducerAsync(
        string transactionalId, TimeSpan timeout, CancellationToken cancellation) => new(new PlainProducer(broker));

    public ValueTask<IReadOnlyDictionary<TopicPartition, long>> GetCommittedOffsetsAsync(string groupId, CancellationToken cancellation) =>
        broker.GetCommittedOffsetsAsync(groupId, cancellation);

    public ValueTask<IReadOnlyDictionary<TopicPartition, long>> GetCommittedOffsetsAsync(
        string groupId, IReadOnlyList<TopicPartition>? partitions, CancellationToken cancellation) =>
        broker.GetCommittedOffsetsAsync(groupId, partitions, cancellation);

    public ValueTask DeleteGroupAsync(string groupId, CancellationToken cancellation) => broker.DeleteGroupAsync(groupId, cancellation);

    public IGroupMembership OpenGroupMembership(GroupMembershipOptions options) => broker.OpenGroupMembership(options);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private sealed class PlainProducer(IBrokerClient broker) : ITransactionalProducer
    {
        public async ValueTask<long[]> CommitAsync(TransactionContent content, CancellationToken cancellation) =>
            await Task.WhenAll(content.Batches.Select(batch => broker.ProduceAsync(batch.Partition, batch.Batch, cancellation).AsTask()));

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
