namespace StreamSQL.Kafka.Client;

/// <summary>
/// What the engine asks of a broker. Two implementations: in-process (on the embedded broker) and TCP (on any Kafka cluster).
/// Every method throws <see cref="KafkaException"/> with the broker's error code when the broker refuses.
/// </summary>
public interface IBrokerClient : IAsyncDisposable
{
    /// <summary>
    /// Metadata of the named topics, or of all topics when <paramref name="topics"/> is null. Unknown names are left out.
    /// </summary>
    ValueTask<IReadOnlyList<TopicMetadata>> GetTopicsAsync(IReadOnlyList<string>? topics, CancellationToken cancellation);

    /// <summary>
    /// Creates a topic and returns it when it can be written to. <see cref="ErrorCode.TopicAlreadyExists"/> if it is there.
    /// </summary>
    ValueTask<TopicMetadata> CreateTopicAsync(NewTopic topic, CancellationToken cancellation);

    /// <summary>Deletes a topic with all its data.</summary>
    ValueTask DeleteTopicAsync(string topic, CancellationToken cancellation);

    /// <summary>Moves the log start of a partition up to <paramref name="beforeOffset"/>; records below it are gone.</summary>
    ValueTask DeleteRecordsAsync(TopicPartition partition, long beforeOffset, CancellationToken cancellation);

    /// <summary>Where a partition's log starts and ends.</summary>
    ValueTask<PartitionOffsets> GetOffsetsAsync(TopicPartition partition, CancellationToken cancellation);

    /// <summary>
    /// The offset of the first record whose timestamp is at or after <paramref name="timestampMs"/>; -1 when there is none.
    /// </summary>
    ValueTask<long> GetOffsetForTimestampAsync(TopicPartition partition, long timestampMs, CancellationToken cancellation);

    /// <summary>
    /// Reads committed record batches from <paramref name="offset"/> on. Waits up to <paramref name="maxWait"/> for the first byte; the
    /// answer is empty when nothing came. The first batch is returned even when it is larger than <paramref name="maxBytes"/>.
    /// </summary>
    ValueTask<FetchedRecords> FetchAsync(
        TopicPartition partition, long offset, int maxBytes, TimeSpan maxWait, IsolationLevel isolation, CancellationToken cancellation);

    /// <summary>
    /// Appends one encoded record batch (format v2) and completes when it is committed and durable.
    /// Returns the base offset that it was given.
    /// </summary>
    ValueTask<long> ProduceAsync(TopicPartition partition, ReadOnlyMemory<byte> batch, CancellationToken cancellation);

    /// <summary>
    /// Opens a transactional producer: fences the previous holder of the id and finishes what it left open (KIP-98, KIP-890).
    /// </summary>
    ValueTask<ITransactionalProducer> OpenTransactionalProducerAsync(string transactionalId, TimeSpan timeout,
        CancellationToken cancellation);

    /// <summary>
    /// The committed offsets of a group; partitions without one are left out. Waits out open transactions (requireStable, KIP-447).
    /// </summary>
    ValueTask<IReadOnlyDictionary<TopicPartition, long>> GetCommittedOffsetsAsync(string groupId, CancellationToken cancellation);

    /// <summary>The same for some partitions: waits out only the transactions that may move those.</summary>
    ValueTask<IReadOnlyDictionary<TopicPartition, long>> GetCommittedOffsetsAsync(
        string groupId, IReadOnlyList<TopicPartition>? partitions, CancellationToken cancellation);

    /// <summary>
    /// Deletes a group without members, with its committed offsets. <see cref="ErrorCode.GroupIdNotFound"/> if there is none.
    /// </summary>
    ValueTask DeleteGroupAsync(string groupId, CancellationToken cancellation);

    /// <summary>A member of a consumer group, which has not joined yet.</summary>
    IGroupMembership OpenGroupMembership(GroupMembershipOptions options);
}

/// <summary>A producer that writes whole transactions: record batches and consumed offsets become visible together or not at all.</summary>
public interface ITransactionalProducer : IAsyncDisposable
{
    /// <summary>
    /// Writes one transaction and completes when it is committed and durable. The batches are unstamped (no producer id, epoch or sequence;
    /// base offset 0): the producer stamps them. Returns the base offset of each batch, in order.
    /// </summary>
    /// <exception cref="KafkaException"><see cref="ErrorCode.InvalidProducerEpoch"/> or <see cref="ErrorCode.ProducerFenced"/> when another
    /// producer took the transactional id; nothing of the transaction is visible then.</exception>
    /// <exception cref="KafkaException"><see cref="ErrorCode.IllegalGeneration"/> or <see cref="ErrorCode.UnknownMemberId"/> when the group
    /// has gone on without <see cref="TransactionContent.Member"/>; nothing of the transaction is visible then.</exception>
    /// <exception cref="AppendConflictException">An expectation did not hold; nothing was written.</exception>
    ValueTask<long[]> CommitAsync(TransactionContent content, CancellationToken cancellation);
}

/// <summary>All that one transaction writes.</summary>
/// <param name="Batches">Encoded record batches (format v2) and where they go.</param>
/// <param name="GroupId">The consumer group whose offsets move, or null.</param>
/// <param name="Offsets">The next offset to read per consumed partition.</param>
public sealed record TransactionContent(
    IReadOnlyList<PartitionBatch> Batches, string? GroupId, IReadOnlyList<KeyValuePair<TopicPartition, long>> Offsets)
{
    /// <summary>
    /// The member of the group that commits its offsets, which are refused in any other generation than its own (KIP-447). Null for
    /// somebody who is no member.
    /// </summary>
    public MemberGeneration? Member { get; init; }

    /// <summary>
    /// For partitions among those of the batches, the offset that their next record must get, checked in the same step as the append: so it
    /// is known that nobody has written since the partition was read up to there. Only the in-process client can check it; on a cluster,
    /// where no request says such a thing, it is ignored and the last writer wins.
    /// </summary>
    public IReadOnlyList<KeyValuePair<TopicPartition, long>> ExpectedEnds { get; init; } = [];
}

/// <summary>
/// A record batch and the partition that it is for. The batch's bytes may be patched in place (offset, producer fields, CRC).
/// </summary>
public readonly record struct PartitionBatch(TopicPartition Partition, Memory<byte> Batch);

/// <summary>A partition's address.</summary>
public readonly record struct TopicPartition(string Topic, int Partition)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Topic}-{Partition}";
}

/// <summary>A topic as clients see it.</summary>
public sealed record TopicMetadata(string Name, Guid Id, int PartitionCount, bool IsInternal);

/// <summary>A topic to create. Configs are Kafka's topic configs by name (<c>cleanup.policy</c>, <c>retention.ms</c>, ...).</summary>
public sealed record NewTopic(string Name, int Partitions, short ReplicationFactor, IReadOnlyDictionary<string, string> Configs);

/// <summary>The bounds of a partition: log start, last stable offset (end for read-committed) and high watermark (end for all).</summary>
public readonly record struct PartitionOffsets(long LogStart, long LastStable, long HighWatermark);

/// <summary>Which records a fetch may return.</summary>
public enum IsolationLevel : byte
{
    /// <summary>All records below the high watermark.</summary>
    ReadUncommitted = 0,

    /// <summary>Records below the last stable offset, without aborted ones.</summary>
    ReadCommitted = 1,
}

/// <summary>
/// Whole record batches, as stored, in a leased buffer: dispose it when the records have been decoded.
/// The first batch may begin below the offset that was asked for.
/// </summary>
public sealed class FetchedRecords : IDisposable
{
    private Action? _release;

    /// <summary>Wraps a leased buffer.</summary>
    public FetchedRecords(ReadOnlyMemory<byte> batches, PartitionOffsets offsets, IReadOnlyList<AbortedTransaction> aborted,
        Action? release)
    {
        Batches = batches;
        Offsets = offsets;
        Aborted = aborted;
        _release = release;
    }

    /// <summary>Zero or more whole record batches.</summary>
    public ReadOnlyMemory<byte> Batches { get; }

    /// <summary>The partition's bounds when the fetch was answered.</summary>
    public PartitionOffsets Offsets { get; }

    /// <summary>Aborted transactions that overlap the batches; empty for read-uncommitted.</summary>
    public IReadOnlyList<AbortedTransaction> Aborted { get; }

    /// <summary>Gives the buffer back. The batches may not be touched afterwards.</summary>
    public void Dispose() => Interlocked.Exchange(ref _release, null)?.Invoke();
}

/// <summary>An aborted transaction: the producer and its first offset in the fetched range.</summary>
public readonly record struct AbortedTransaction(long ProducerId, long FirstOffset);
