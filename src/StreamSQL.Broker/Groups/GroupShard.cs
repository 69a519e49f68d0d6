using StreamSQL.Broker.Groups.Records;
using StreamSQL.Broker.Offsets;
using StreamSQL.Broker.Partitions;
using StreamSQL.Broker.Transactions;
using StreamSQL.Kafka;
using StreamSQL.Kafka.Records;
using StreamSQL.Storage.Files;
using StreamSQL.Storage.Logs;

namespace StreamSQL.Broker.Groups;

/// <summary>
/// The groups of one partition of <c>__consumer_offsets</c>: a state machine over that partition. What lasts changes only by replaying its
/// records, in their order: at once when they are written, again after a restart. Everything here is guarded by <see cref="Gate"/>, and no
/// step waits while it holds it.
/// </summary>
internal sealed class GroupShard(Partition partition, LogStore store, TimeProvider time, Func<string, ClassicGroup> newClassic)
{
    private readonly Dictionary<string, GroupEntry> _entries = new(StringComparer.Ordinal);
    private readonly Dictionary<long, HashSet<GroupEntry>> _openTransactions = [];
    // that have, or had, offsets there
    private readonly Dictionary<string, HashSet<GroupEntry>> _groupsOfTopics = new(StringComparer.Ordinal);
    private readonly AtomicAppend _write = new(store);

    /// <summary>Held during every step.</summary>
    public Lock Gate { get; } = new();

    /// <summary>Where the records are.</summary>
    public Partition Partition { get; } = partition;

    /// <summary>All entries, also of groups that are no more.</summary>
    public IReadOnlyCollection<GroupEntry> Entries => _entries.Values;

    /// <summary>The time of day, in milliseconds since 1970.</summary>
    public long TimeOfDayMs => time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>Where the partition ended when expired offsets were last looked for.</summary>
    public long EndAtLastExpiry { get; set; }

    /// <summary>Finds a group that exists.</summary>
    public GroupEntry? Find(string groupId) => _entries.TryGetValue(groupId, out GroupEntry? entry) && entry.Exists ? entry : null;

    /// <summary>Finds the entry of a group id or makes it.</summary>
    public GroupEntry GetOrAdd(string groupId)
    {
        if (!_entries.TryGetValue(groupId, out GroupEntry? entry))
            _entries.Add(groupId, entry = new GroupEntry(groupId));
        return entry;
    }

    /// <summary>Forgets a group that is no more.</summary>
    public void Drop(GroupEntry entry)
    {
        entry.IsDropped = true;
        entry.Timer?.Dispose();
        _entries.Remove(entry.Id);
        foreach (string topic in entry.Topics)
            _groupsOfTopics.GetValueOrDefault(topic)?.Remove(entry);
    }

    /// <summary>The groups that have offsets in a topic that was deleted; they are not remembered as such any longer.</summary>
    public IReadOnlyCollection<GroupEntry> TakeGroupsOf(string topic)
    {
        if (!_groupsOfTopics.Remove(topic, out HashSet<GroupEntry>? groups))
            return [];
        foreach (GroupEntry entry in groups)
            entry.Topics.Remove(topic);
        return groups;
    }

    /// <summary>
    /// Writes records of a group as one batch and replays them. <see cref="GroupEntry.LastWrite"/> then says when they are durable; it
    /// fails when storage has failed, which takes no more writes until the broker starts again.
    /// </summary>
    public void Write(GroupEntry entry, IReadOnlyList<GroupRecord> records, IReadOnlyList<OffsetRecord> offsets)
    {
        if (records.Count + offsets.Count == 0)
            return;
        using var batch = new RecordBatchBuilder();
        using var scratch = new PooledBuffer();
        long nowMs = TimeOfDayMs;
        foreach (GroupRecord record in records)
            record.AppendTo(batch, scratch, nowMs);
        foreach (OffsetRecord offset in offsets)
            offset.AppendTo(batch, scratch, nowMs);
        if (TryAppend(batch.Build(), out ValueTask durable, out long baseOffset) is { } failure)
        {
            entry.LastWrite = Task.FromException(failure);
            return;
        }
        entry.LastWrite = durable.AsTask();
        foreach (GroupRecord record in records)
            Replay(record);
        for (int i = 0; i < offsets.Count; i++)
            Replay(offsets[i], baseOffset + records.Count + i, producerId: null);
    }

    /// <summary>
    /// Writes offsets that a group commits outside a transaction. They are seen when they are durable, then the task completes.
    /// </summary>
    public async Task<ErrorCode> CommitAsync(string groupId, OffsetRecord[] records, ReadOnlyMemory<byte> batch)
    {
        if (TryAppend(batch, out ValueTask durable, out long baseOffset) is not null)
            return ErrorCode.CoordinatorNotAvailable;
        try
        {
            await durable;
        }
        catch (StorageFailedException)
        {
            return ErrorCode.CoordinatorNotAvailable;
        }
        Apply(groupId, records, baseOffset, producerId: null);
        return ErrorCode.None;
    }

    /// <summary>
    /// Takes in offsets that are durable from an offset of the partition on. Those of an open transaction count when it commits.
    /// </summary>
    public void Apply(string groupId, OffsetRecord[] records, long baseOffset, long? producerId)
    {
        lock (Gate)
        {
            for (int i = 0; i < records.Length; i++)
                Replay(records[i] with { GroupId = groupId }, baseOffset + i, producerId);
        }
    }

    /// <summary>Ends a producer's transaction: its offsets count, or never were.</summary>
    public void EndTransaction(long producerId, bool commit)
    {
        lock (Gate)
        {
            if (!_openTransactions.Remove(producerId, out HashSet<GroupEntry>? entries))
                return;
            foreach (GroupEntry entry in entries)
                entry.Offsets.End(producerId, commit);
        }
    }

    /// <summary>Rebuilds the groups from the partition.</summary>
    /// <exception cref="KafkaException">A record cannot be read.</exception>
    public void Load()
    {
        foreach (StoredRecord record in PartitionRecords.ReadAll(Partition))
        {
            if (record.Marker is { } marker)
                EndTransaction(record.ProducerId, marker.Commit);
            else if (OffsetRecord.TryRead(record.Key, record.Value, record.HasValue, out OffsetRecord offset))
                Replay(offset, record.Offset, record.IsTransactional ? record.ProducerId : null);
            else if (GroupRecord.TryRead(record.Key, record.Value, record.HasValue, out GroupRecord group))
                Replay(group);
        }
    }

    private StorageFailedException? TryAppend(ReadOnlyMemory<byte> batch, out ValueTask durable, out long baseOffset)
    {
        _write.Clear();
        _write.Add(Partition, batch);
        durable = default;
        baseOffset = -1;
        try
        {
            durable = _write.Enqueue(waitsForRoom: true);
            baseOffset = _write.Offsets[0];
            return null;
        }
        catch (StorageFailedException e)
        {
            return e;
        }
    }

    private void NoteTopic(GroupEntry entry, string topic)
    {
        if (!_groupsOfTopics.TryGetValue(topic, out HashSet<GroupEntry>? groups))
            _groupsOfTopics.Add(topic, groups = []);
        groups.Add(entry);
    }

    private void Replay(in GroupRecord record)
    {
        GroupEntry entry = GetOrAdd(record.GroupId);
        if (record.Type != GroupMetadataKey.Type)
        {
            ReplayConsumer(entry, record);
            return;
        }
        if (record.Value is GroupMetadataValue image)
            (entry.Classic ??= newClassic(record.GroupId)).Image = image;
        else
            entry.Classic = null;
    }

    // The epoch is the group: what comes about it when it is gone are the last deletions of a compacted log.
    private static void ReplayConsumer(GroupEntry entry, in GroupRecord record)
    {
        if (record.Value is null && entry.Consumer is null)
            return;
        (entry.Consumer ??= new ConsumerGroup(record.GroupId)).Replay(record);
        if (record.Type == ConsumerGroupMetadataKey.Type && record.Value is null)
            entry.Consumer = null;
    }

    private void Replay(in OffsetRecord record, long logOffset, long? producerId)
    {
        GroupEntry entry = GetOrAdd(record.GroupId);
        if (record.Committed is not { } committed)
        {
            entry.Offsets.Remove(record.Partition, logOffset);
            return;
        }
        committed = committed with { LogOffset = logOffset };
        if (entry.Topics.Add(record.Partition.Topic))
            NoteTopic(entry, record.Partition.Topic);
        if (producerId is not { } producer)
        {
            entry.Offsets.Apply(record.Partition, committed);
            return;
        }
        entry.Offsets.AddPending(producer, record.Partition, committed);
        if (!_openTransactions.TryGetValue(producer, out HashSet<GroupEntry>? entries))
            _openTransactions.Add(producer, entries = []);
        entries.Add(entry);
    }
}
