using StreamSQL.Kafka.Client;

namespace StreamSQL.Broker.Offsets;

/// <summary>The offsets of one group: committed ones, and those of open transactions by producer. Guarded by the store.</summary>
internal sealed class GroupOffsets
{
    private readonly Dictionary<TopicPartition, CommittedOffset> _committed = [];
    private readonly Dictionary<long, Dictionary<TopicPartition, CommittedOffset>> _pending = [];

    public IReadOnlyDictionary<TopicPartition, CommittedOffset> Committed => _committed;

    public bool IsEmpty => _committed.Count == 0 && _pending.Count == 0;

    public bool HasPending(TopicPartition partition)
    {
        foreach (var offsets in _pending.Values)
        {
            if (offsets.ContainsKey(partition))
                return true;
        }

        return false;
    }

    /// <summary>Takes in an offset; the one that stands later in the log wins.</summary>
    public void Apply(TopicPartition partition, CommittedOffset offset)
    {
        if (!_committed.TryGetValue(partition, out var present) || present.LogOffset <= offset.LogOffset)
            _committed[partition] = offset;
    }

    public void Remove(TopicPartition partition) => _committed.Remove(partition);

    public void AddPending(long producerId, TopicPartition partition, CommittedOffset offset)
    {
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
            Apply(partition, offset);
    }
}
