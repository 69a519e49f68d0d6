using StreamSQL.Broker.Groups;
using StreamSQL.Broker.Partitions;
using StreamSQL.Broker.Topics;
using StreamSQL.Kafka;
using StreamSQL.Kafka.Client;
using StreamSQL.Kafka.Records;
using StreamSQL.Storage.Logs;

namespace StreamSQL.Broker.Offsets;

/// <summary>
/// The committed offsets of all groups: written to <c>__consumer_offsets</c>, seen once they are durable. They live in the groups' shards.
/// Who may commit (members, generations) is for the group coordinator to decide first.
/// </summary>
public sealed class OffsetStore
{
    private readonly GroupShards _shards;
    private readonly CommitQueue _commits;
    private readonly TimeProvider _time;

    internal OffsetStore(GroupShards shards, CommitQueue commits, TimeProvider time)
    {
        _shards = shards;
        _commits = commits;
        _time = time;
    }

    /// <summary>The partition of <c>__consumer_offsets</c> that a group belongs to; the topic is created when it is missing.</summary>
    /// <exception cref="KafkaException"><see cref="ErrorCode.CoordinatorNotAvailable"/>: it cannot be made.</exception>
    public async ValueTask<Partition> PartitionOfAsync(string groupId) => await FindPartitionOfAsync(groupId)
        ?? throw new KafkaException(ErrorCode.CoordinatorNotAvailable, $"{TopicName.ConsumerOffsets} cannot be made.");

    /// <summary>As <see cref="PartitionOfAsync"/>; null when the topic cannot be made.</summary>
    public async ValueTask<Partition?> FindPartitionOfAsync(string groupId) => (await _shards.GetAsync(groupId))?.Partition;

    /// <summary>Commits offsets outside a transaction; they are durable when this completes.</summary>
    /// <returns><see cref="ErrorCode.None"/>, or why nothing was committed.</returns>
    public async ValueTask<ErrorCode> CommitAsync(string groupId, IReadOnlyList<OffsetToCommit> offsets)
    {
        if (offsets.Count == 0)
            return ErrorCode.None;
        if (_commits.IsDiskFull)
            return ErrorCode.CoordinatorNotAvailable;
        if (await _shards.GetAsync(groupId) is not { } shard)
            return ErrorCode.CoordinatorNotAvailable;
        Task<ErrorCode> commit;
        lock (shard.Gate)
            commit = CommitIn(shard, groupId, offsets);
        return await commit;
    }

    /// <summary>
    /// The committed offsets of a group, of the named partitions (with null where there is none) or of all that have one. With
    /// <paramref name="requireStable"/>, those that an open transaction may move are unstable (KIP-447).
    /// </summary>
    public IReadOnlyList<FetchedOffset> Fetch(string groupId, IReadOnlyList<TopicPartition>? partitions, bool requireStable)
    {
        if (_shards.Find(groupId) is { } shard)
        {
            lock (shard.Gate)
            {
                if (shard.Find(groupId) is { } entry)
                    return FetchFrom(entry.Offsets, partitions, requireStable);
            }
        }

        return partitions is null ? [] : [.. partitions.Select(static p => new FetchedOffset(p, ErrorCode.None, null))];
    }

    internal static IReadOnlyList<FetchedOffset> FetchFrom(GroupOffsets offsets, IReadOnlyList<TopicPartition>? partitions,
        bool requireStable)
    {
        var wanted = partitions ?? [.. offsets.Committed.Keys];
        return [.. wanted.Select(p => requireStable && offsets.HasPending(p)
            ? new FetchedOffset(p, ErrorCode.UnstableOffsetCommit, null)
            : new FetchedOffset(p, ErrorCode.None, offsets.Committed.GetValueOrDefault(p)))];
    }

    /// <summary>
    /// Begins a commit while the shard's gate is held, so that nothing comes between a check of the member and the commit.
    /// </summary>
    internal Task<ErrorCode> CommitIn(GroupShard shard, string groupId, IReadOnlyList<OffsetToCommit> offsets)
    {
        using var builder = new RecordBatchBuilder();
        var records = BuildCommit(builder, groupId, offsets);
        return shard.CommitAsync(groupId, records, builder.Build());
    }

    private long NowMs => _time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>Fills a batch with a commit's records and returns them.</summary>
    internal OffsetRecord[] BuildCommit(RecordBatchBuilder builder, string groupId, IReadOnlyList<OffsetToCommit> offsets)
    {
        var now = NowMs;
        var records = new OffsetRecord[offsets.Count];
        using var scratch = new PooledBuffer();
        for (var i = 0; i < records.Length; i++)
        {
            var offset = offsets[i];
            var committed = new CommittedOffset(offset.Offset, offset.LeaderEpoch, offset.Metadata, now);
            records[i] = new OffsetRecord(groupId, offset.Partition, committed);
            records[i].AppendTo(builder, scratch, now);
        }

        return records;
    }

    /// <summary>Makes a commit that is durable at an offset of the group's partition seen.</summary>
    internal void ApplyCommit(string groupId, OffsetRecord[] records, long baseOffset) =>
        _shards.Find(groupId)!.Apply(groupId, records, baseOffset, producerId: null);

    /// <summary>Notes offsets that a transaction will move when it commits.</summary>
    internal void AddPending(long producerId, string groupId, OffsetRecord[] records, long baseOffset) =>
        _shards.Find(groupId)!.Apply(groupId, records, baseOffset, producerId);

    /// <summary>Ends a producer's transaction in the groups of a partition of <c>__consumer_offsets</c>.</summary>
    internal void EndTransaction(int offsetsPartition, long producerId, bool commit) =>
        _shards.Of(offsetsPartition)?.EndTransaction(producerId, commit);
}
