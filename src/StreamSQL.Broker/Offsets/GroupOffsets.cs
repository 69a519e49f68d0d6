using StreamSQL.Kafka.Client;

namespace StreamSQL.Broker.Offsets;

/// <summary>
/// The offsets of one group: committed ones, and those of open transactions by producer. Of two changes of a partition the one that stands
/// later in the log counts, in whatever order they come here: writers learn at different times that they are durable. Guarded by the shard.
/// </summary>
internal sealed class GroupOffsets
{
    private readonly Dictionary<TopicPartition, CommittedOffset> _committed = [];
    private readonly Dictionary<TopicPartition, long> _removed = []; // where in the log
    private readonly Dictionary<long, Dictionary<TopicPartition, CommittedOffset>> _pending = [];

    public IReadOnlyDictionary<TopicPartition, CommittedOffset> Committed => _committed;

    public bool IsEmpty => _committed.Count == 0 && _pending.Count == 0;

    public bool HasOpenTransactions => _pending.Count > 0;

    /// <summary>Whether commits that precede a deletion may still be on their way.</summary>
    public bool RemembersRemoved => _removed.Count > 0;

    public bool HasPending(TopicPartition partition)
    {
        foreach (var offsets in _pending.Values)
        {
            if (offsets.ContainsKey(partition))
                return true;
        }

        return false;
    }

    /// <summary>Takes in an offset committed outside a transaction.</summary>
    public void Apply(TopicPartition partition, CommittedOffset offset)
    {
        if (!_removed.TryGetValue(partition, out var removedAt) || removedAt < offset.LogOffset)
            Put(partition, offset);
    }

    /// <summary>Takes in a deletion.</summary>
    public void Remove(TopicPartition partition, long logOffset)
    {
        if (_committed.TryGetValue(partition, out var present) && present.LogOffset < logOffset)
            _committed.Remove(partition);
        _removed[partition] = Math.Max(logOffset, _removed.GetValueOrDefault(partition));
    }

    /// <summary>Forgets deletions before an offset of the log, so old that no earlier commit can still be on its way.</summary>
    public void ForgetRemoved(long beforeLogOffset)
    {
        foreach (var (partition, logOffset) in _removed)
        {
            if (logOffset < beforeLogOffset)
                _removed.Remove(partition);
        }
    }

    public void AddPending(long producerId, TopicPartition partition, CommittedOffset offset)
    {
#if PLANTED_BUGS
        if (Planted.IsAwake(PlantedBug.ShowPendingOffsets))
            Put(partition, offset);
#endif
        if (!_pending.TryGetValue(producerId, out var offsets))
            _pending.Add(producerId, offsets = []);
        offsets[partition] = offset;
    }

    /// <summary>Ends a producer's transaction.</summary>
    public void End(long producerId, bool commit)
    {
        if (!_pending.Remove(producerId, out var offsets) || !commit)
            return;
        foreach (var (partition, offset) in offsets)
            Put(partition, offset);
    }

    private void Put(TopicPartition partition, CommittedOffset offset)
    {
        if (!_committed.TryGetValue(partition, out var present) || present.LogOffset <= offset.LogOffset)
            _committed[partition] = offset;
    }
}
