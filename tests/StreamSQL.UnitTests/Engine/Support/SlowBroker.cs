using StreamSQL.Kafka.Client;

namespace StreamSQL.UnitTests.Engine.Support;

/// <summary>A broker that gives out the records of some topics later than those of the others.</summary>
/// <param name="broker">Where the records are.</param>
/// <param name="before">What to wait for before a fetch from a topic.</param>
internal sealed class SlowBroker(IBrokerClient broker, Func<string, CancellationToken, Task> before) : IBrokerClient
{
    /// <summary>One that waits before each fetch from one topic.</summary>
    public SlowBroker(IBrokerClient broker, string slowTopic, TimeSpan delay)
        : this(broker, (topic, cancellation) => topic == slowTopic ? Task.Delay(delay, cancellation) : Task.CompletedTask)
    {
    }

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

    public async ValueTask<FetchedRecords> FetchAsync(
        TopicPartition partition, long offset, int maxBytes, TimeSpan maxWait, IsolationLevel isolation, CancellationToken cancellation)
    {
        await before(partition.Topic, cancellation);
        return await broker.FetchAsync(partition, offset, maxBytes, maxWait, isolation, cancellation);
    }

    public ValueTask<long> ProduceAsync(TopicPartition partition, ReadOnlyMemory<byte> batch, CancellationToken cancellation) =>
        broker.ProduceAsync(partition, batch, cancellation);

    public ValueTask<ITransactionalProducer> OpenTransactionalProducerAsync(string transactionalId, TimeSpan timeout,
        CancellationToken cancellation) =>
        broker.OpenTransactionalProducerAsync(transactionalId, timeout, cancellation);

    public ValueTask<IReadOnlyDictionary<TopicPartition, long>> GetCommittedOffsetsAsync(string groupId, CancellationToken cancellation) =>
        broker.GetCommittedOffsetsAsync(groupId, cancellation);

    public ValueTask<IReadOnlyDictionary<TopicPartition, long>> GetCommittedOffsetsAsync(
        string groupId, IReadOnlyList<TopicPartition>? partitions, CancellationToken cancellation) =>
        broker.GetCommittedOffsetsAsync(groupId, partitions, cancellation);

    public ValueTask DeleteGroupAsync(string groupId, CancellationToken cancellation) => broker.DeleteGroupAsync(groupId, cancellation);

    public IGroupMembership OpenGroupMembership(GroupMembershipOptions options) => broker.OpenGroupMembership(options);

    /// <summary>The broker is its owner's.</summary>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
