using StreamSQL.Broker.Topics;
using StreamSQL.Kafka;
using StreamSQL.Storage.Logs;

namespace StreamSQL.Broker.Groups;

/// <summary>
/// The shards of all groups, one for each partition of <c>__consumer_offsets</c>, which is created when it is first needed.
/// </summary>
internal sealed class GroupShards(
    TopicRegistry topics, LogStore store, TimeProvider time, TimeSpan patience, Func<string, ClassicGroup> newClassic)
{
    private readonly Lock _gate = new();
    private volatile GroupShard[] _all = [];

    /// <summary>All shards; none before the topic is there.</summary>
    public IReadOnlyList<GroupShard> All => _all;

    /// <summary>The shard of a group; null before the topic is there, when there are no groups.</summary>
    public GroupShard? Find(string groupId)
    {
        GroupShard[] all = _all;
        return all.Length == 0 ? null : all[CoordinatorPartition.Of(groupId, all.Length)];
    }

    /// <summary>The shard of a partition of the topic; null when there is none.</summary>
    public GroupShard? Of(int partition) => (uint)partition < (uint)_all.Length ? _all[partition] : null;

    /// <summary>The shard of a group; creates the topic if it is not there. Null when it cannot be made, or that takes too long.</summary>
    public ValueTask<GroupShard?> GetAsync(string groupId) =>
        Find(groupId) is { } shard ? new(shard) : CreateAsync(groupId).WithinAsync(patience, time, null);

    /// <summary>Rebuilds all groups from the topic.</summary>
    public void Load()
    {
        if (!topics.TryGet(TopicName.ConsumerOffsets, out Topic? topic))
            return;
        foreach (GroupShard shard in Shards(topic))
            shard.Load();
    }

    private async ValueTask<GroupShard?> CreateAsync(string groupId)
    {
        try
        {
            GroupShard[] all = Shards(await topics.GetOrCreateAsync(TopicName.ConsumerOffsets));
            return all[CoordinatorPartition.Of(groupId, all.Length)];
        }
        catch (KafkaException)
        {
            return null; // the disk is full, or there are too many partitions: nothing that a client of the group can mend
        }
    }

    // The number of shards stays what it was when the first was needed, whatever becomes of the topic: groups do not move.
    private GroupShard[] Shards(Topic topic)
    {
        lock (_gate)
        {
            if (_all.Length == 0)
                _all = [.. topic.Partitions.Select(partition => new GroupShard(partition, store, time, newClassic))];
            return _all;
        }
    }
}
