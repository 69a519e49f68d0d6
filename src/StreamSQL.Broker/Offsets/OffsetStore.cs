using System.Runtime.InteropServices;
using StreamSQL.Broker.Partitions;
using StreamSQL.Broker.Topics;
using StreamSQL.Kafka;
using StreamSQL.Kafka.Client;
using StreamSQL.Kafka.Records;

namespace StreamSQL.Broker.Offsets;

/// <summary>
/// The committed offsets of all groups: written to <c>__consumer_offsets</c>, seen once they are durable, rebuilt from there when the
/// broker
/// starts. Who may commit (members, generations) is for the group coordinator to decide first.
/// </summary>
public sealed class OffsetStore
{
    private readonly TopicRegistry _topics;
    private readonly TimeProvider _time;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, GroupOffsets> _groups = new(StringComparer.Ordinal);

    internal OffsetStore(TopicRegistry topics, TimeProvider time)
    {
        _topics = topics;
        _time = time;
    }

    /// <summary>The groups that have committed offsets.</summary>
    public IReadOnlyList<string> Groups
    {
        get
        {
            lock (_gate)
                return [.. _groups.Where(g => !g.Value.IsEmpty).Select(g => g.Key)];
        }
    }

    /// <summary>The partition of <c>__consumer_offsets</c> that a group belongs to; the topic is created when it is missing.</summary>
    public async ValueTask<Partition> PartitionOfAsync(string groupId)
    {
        var topic = await _topics.GetOrCreateAsync(TopicName.ConsumerOffsets);
        return topic.Partitions[CoordinatorPartition.Of(groupId, topic.Partitions.Count)];
    }

    /// <summary>Commits offsets outside a transaction; they are durable when this completes.</summary>
    /// <returns><see cref="ErrorCode.None"/>, or why nothing was committed.</returns>
    public async ValueTask<ErrorCode> CommitAsync(string groupId, IReadOnlyList<OffsetToCommit> offsets)
    {
        if (offsets.Count == 0)
            return ErrorCode.None;
        var partition = await PartitionOfAsync(groupId);
        using var builder = new RecordBatchBuilder();
        var records = BuildCommit(builder, groupId, offsets);
        var result = await partition.AppendAsync(builder.Build(), RequiredAcks.All);
        if (result.Error == ErrorCode.None)
            ApplyCommit(groupId, records, result.BaseOffset);
        return result.Error;
    }

    /// <summary>
    /// The committed offsets of a group, of the named partitions (with null where there is none) or of all that have one. With
    /// <paramref name="requireStable"/>, those that an open transaction may move are unstable (KIP-447).
    /// </summary>
    public IReadOnlyList<FetchedOffset> Fetch(string groupId, IReadOnlyList<TopicPartition>? partitions, bool requireStable)
    {
        lock (_gate)
        {
            if (!_groups.TryGetValue(groupId, out var group))
                return partitions is null ? [] : [.. partitions.Select(p => new FetchedOffset(p, ErrorCode.None, null))];
            var wanted = partitions ?? [.. group.Committed.Keys];
            return [.. wanted.Select(p => requireStable && group.HasPending(p)
                ? new FetchedOffset(p, ErrorCode.UnstableOffsetCommit, null)
                : new FetchedOffset(p, ErrorCode.None, group.Committed.GetValueOrDefault(p)))];
        }
    }

    /// <summary>Deletes committed offsets of a group: of the named partitions, or all.</summary>
    public async ValueTask<ErrorCode> DeleteAsync(string groupId, IReadOnlyList<TopicPartition>? partitions)
    {
        partitions ??= [.. Fetch(groupId, null, false).Select(f => f.Partition)];
        if (partitions.Count == 0)
            return ErrorCode.None;
        var partition = await PartitionOfAsync(groupId);
        using var builder = new RecordBatchBuilder();
        using var scratch = new PooledBuffer();
        foreach (var deleted in partitions)
            new OffsetRecord(groupId, deleted, null).AppendTo(builder, scratch, NowMs);
        var result = await partition.AppendAsync(builder.Build(), RequiredAcks.All);
        if (result.Error != ErrorCode.None)
            return result.Error;
        lock (_gate)
        {
            foreach (var deleted in partitions)
                GroupOf(groupId).Remove(deleted);
        }

        return ErrorCode.None;
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
    internal void ApplyCommit(string groupId, OffsetRecord[] records, long baseOffset)
    {
        lock (_gate)
        {
            var group = GroupOf(groupId);
            for (var i = 0; i < records.Length; i++)
                group.Apply(records[i].Partition, records[i].Committed! with { LogOffset = baseOffset + i });
        }
    }

    /// <summary>Notes offsets that a transaction will move when it commits.</summary>
    internal void AddPending(long producerId, string groupId, OffsetRecord[] records, long baseOffset)
    {
        lock (_gate)
        {
            var group = GroupOf(groupId);
            for (var i = 0; i < records.Length; i++)
                group.AddPending(producerId, records[i].Partition, records[i].Committed! with { LogOffset = baseOffset + i });
        }
    }

    /// <summary>Ends a producer's transaction in the groups of a partition of <c>__consumer_offsets</c>.</summary>
    internal void EndTransaction(int offsetsPartition, long producerId, bool commit)
    {
        var count = _topics.TryGet(TopicName.ConsumerOffsets, out var topic) ? topic.Partitions.Count : 1;
        lock (_gate)
        {
            foreach (var (groupId, group) in _groups)
            {
                if (CoordinatorPartition.Of(groupId, count) == offsetsPartition)
                    group.End(producerId, commit);
            }
        }
    }

    /// <summary>Rebuilds the offsets from the log.</summary>
    internal void Load()
    {
        if (!_topics.TryGet(TopicName.ConsumerOffsets, out var topic))
            return;
        foreach (var partition in topic.Partitions)
        {
            foreach (var record in PartitionRecords.ReadAll(partition))
                Replay(partition.Name.Partition, record);
        }
    }

    private void Replay(int offsetsPartition, in StoredRecord record)
    {
        if (record.Marker is { } marker)
        {
            EndTransaction(offsetsPartition, record.ProducerId, marker.Commit);
            return;
        }

        if (!OffsetRecord.TryRead(record.Key, record.Value, record.HasValue, out var offset))
            return;
        lock (_gate)
        {
            var group = GroupOf(offset.GroupId);
            if (offset.Committed is not { } committed)
                group.Remove(offset.Partition);
            else if (record.IsTransactional)
                group.AddPending(record.ProducerId, offset.Partition, committed with { LogOffset = record.Offset });
            else
                group.Apply(offset.Partition, committed with { LogOffset = record.Offset });
        }
    }

    private GroupOffsets GroupOf(string groupId)
    {
        ref var group = ref CollectionsMarshal.GetValueRefOrAddDefault(_groups, groupId, out _);
        return group ??= new GroupOffsets();
    }
}
