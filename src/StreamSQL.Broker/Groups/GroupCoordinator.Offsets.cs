using StreamSQL.Broker.Offsets;
using StreamSQL.Kafka;
using StreamSQL.Kafka.Client;

namespace StreamSQL.Broker.Groups;

/// <content>Who may commit, fetch and delete offsets; which of them end with time.</content>
public sealed partial class GroupCoordinator
{
    /// <summary>
    /// Commits offsets: by a member in its generation, or by anyone while the group has no members. The commit begins inside the step that
    /// checks the member, so that no rebalance comes in between.
    /// </summary>
    internal async ValueTask<ErrorCode> CommitAsync(
        string groupId, GroupIdentity identity, bool knowsConsumerProtocol, IReadOnlyList<OffsetToCommit> offsets)
    {
        if (_commits.IsDiskFull)
            return ErrorCode.CoordinatorNotAvailable;
        _commits.MakeRoom();
        if (await Shards.GetAsync(groupId) is not { } shard)
            return ErrorCode.CoordinatorNotAvailable;
        Task<ErrorCode> commit;
        lock (shard.Gate)
        {
            ErrorCode refused = CheckCommit(shard, groupId, identity, transactional: false, knowsConsumerProtocol);
            if (refused != ErrorCode.None)
                return refused;
            if (offsets.Count == 0)
                return ErrorCode.None;
            commit = Offsets.CommitIn(shard, groupId, offsets);
        }
        return await new ValueTask<ErrorCode>(commit).WithinAsync(_options.WriteTimeout, _time, ErrorCode.CoordinatorNotAvailable);
    }

    /// <summary>
    /// Begins a transaction's write of offsets inside the step that checks the member, so that no rebalance comes in between (KIP-447).
    /// </summary>
    internal async Task<ErrorCode> CommitInTransactionAsync(string groupId, GroupIdentity identity, Func<Task<ErrorCode>> write)
    {
        if (await Shards.GetAsync(groupId) is not { } shard)
            return ErrorCode.CoordinatorNotAvailable;
        Task<ErrorCode> commit;
        lock (shard.Gate)
        {
            ErrorCode refused = CheckCommit(shard, groupId, identity, transactional: true, knowsConsumerProtocol: true);
            if (refused != ErrorCode.None)
                return refused;
            commit = write();
        }
        return await commit;
    }

    /// <summary>
    /// The committed offsets of a group, of the named partitions or of all that have one; refused to who claims to be a member and is not.
    /// </summary>
    internal (ErrorCode Error, IReadOnlyList<FetchedOffset> Offsets) Fetch(
        string groupId, GroupIdentity? identity, IReadOnlyList<TopicPartition>? partitions, bool requireStable)
    {
        if (groupId.Length == 0)
            return (ErrorCode.InvalidGroupId, []);
        ErrorCode refused = identity is { } member
            && Shards.Find(groupId) is { } shard ? CheckFetch(shard, groupId, member) : ErrorCode.None;
        return refused == ErrorCode.None ? (refused, Offsets.Fetch(groupId, partitions, requireStable)) : (refused, []);
    }

    /// <summary>
    /// Deletes offsets of a group; says for each what became of it. Those of topics that its members read are not deleted (KIP-496).
    /// </summary>
    internal ValueTask<(ErrorCode Error, ErrorCode[] Partitions)> DeleteOffsetsAsync(string groupId,
        IReadOnlyList<TopicPartition> partitions)
    {
        if (groupId.Length == 0)
            return new((ErrorCode.InvalidGroupId, []));
        if (_commits.IsDiskFull)
            return new((ErrorCode.CoordinatorNotAvailable, []));
        if (Shards.Find(groupId) is not { } shard)
            return new((ErrorCode.GroupIdNotFound, []));
        lock (shard.Gate)
        {
            if (shard.Find(groupId) is not { } entry)
                return new((ErrorCode.GroupIdNotFound, []));
            if (entry.HasMembers && !entry.HasConsumers)
                return new((ErrorCode.NonEmptyGroup, []));
            var errors = new ErrorCode[partitions.Count];
            var deleted = new List<OffsetRecord>();
            for (int i = 0; i < errors.Length; i++)
            {
                if (entry.IsSubscribedTo(partitions[i].Topic))
                    errors[i] = ErrorCode.GroupSubscribedToTopic;
                else if (_topics.Find(partitions[i]) is null)
                    errors[i] = ErrorCode.UnknownTopicOrPartition;
                else if (entry.Offsets.Committed.ContainsKey(partitions[i]))
                    deleted.Add(new OffsetRecord(groupId, partitions[i], null));
            }
            shard.Write(entry, [], deleted);
            Settle(shard, entry);
            return WhenDurable(entry, (ErrorCode.None, errors), (ErrorCode.CoordinatorNotAvailable, []));
        }
    }

    /// <summary>
    /// Deletes the offsets that have outlived their group by <c>offsets.retention.minutes</c>, and groups of which nothing is left.
    /// </summary>
    internal void Expire()
    {
        if (_commits.IsDiskFull)
            return;
        foreach (GroupShard shard in Shards.All)
        {
            lock (shard.Gate)
            {
                long before = shard.TimeOfDayMs - (long)_options.OffsetsRetention.TotalMilliseconds;
                foreach (GroupEntry entry in shard.Entries.ToList())
                {
                    entry.Offsets.ForgetRemoved(shard.EndAtLastExpiry);
                    List<OffsetRecord> expired = [];
                    foreach ((TopicPartition partition, CommittedOffset offset) in entry.Offsets.Committed)
                    {
                        if (entry.HasExpired(partition, offset, before))
                            expired.Add(new OffsetRecord(entry.Id, partition, null));
                    }
                    bool isOver = !entry.HasMembers && !entry.Offsets.HasOpenTransactions && entry.Offsets.Committed.Count == expired.Count;
                    shard.Write(entry, isOver ? entry.Tombstones() : [], expired);
                    Settle(shard, entry);
                }
                shard.EndAtLastExpiry = shard.Partition.EndOffset;
            }
        }
    }

    /// <summary>Deletes the offsets of topics that do not exist any more.</summary>
    internal void RemoveOffsetsOfMissingTopics()
    {
        foreach (GroupShard shard in Shards.All)
        {
            lock (shard.Gate)
            {
                foreach (GroupEntry entry in shard.Entries.ToList())
                {
                    RemoveOffsets(shard, entry, p => !_topics.TryGet(p.Topic, out _));
                }
            }
        }
    }

    /// <summary>Removes the offsets that groups have in a topic that was deleted.</summary>
    internal void RemoveOffsetsOf(string topic)
    {
        foreach (GroupShard shard in Shards.All)
        {
            lock (shard.Gate)
            {
                foreach (GroupEntry entry in shard.TakeGroupsOf(topic))
                    RemoveOffsets(shard, entry, p => p.Topic == topic);
            }
        }
    }

    private static void RemoveOffsets(GroupShard shard, GroupEntry entry, Func<TopicPartition, bool> isGone) =>
        shard.Write(entry, [], [.. entry.Offsets.Committed.Keys.Where(isGone).Select(p => new OffsetRecord(entry.Id, p, null))]);

    private static ErrorCode CheckFetch(GroupShard shard, string groupId, in GroupIdentity member)
    {
        lock (shard.Gate)
        {
            return shard.Find(groupId)?.Consumer is { } consumer
                ? ConsumerGroupSteps.CheckEpoch(consumer, member.MemberId, member.Generation)
                : ErrorCode.None;
        }
    }

    private static ErrorCode CheckCommit(ConsumerGroup group, in GroupIdentity identity, bool transactional, bool knowsConsumerProtocol)
    {
        bool isAnonymous = identity.Generation < 0 && identity.MemberId.Length == 0 && identity.InstanceId is null;
        if (isAnonymous && transactional)
            return ErrorCode.None;
        ErrorCode error = ConsumerGroupSteps.CheckEpoch(group, identity.MemberId, identity.Generation);
        bool isTooOld = !knowsConsumerProtocol && group.Members.GetValueOrDefault(identity.MemberId) is { IsClassic: false };
        return error == ErrorCode.None && isTooOld ? ErrorCode.UnsupportedVersion : error;
    }

    private ErrorCode CheckCommit(
        GroupShard shard, string groupId, in GroupIdentity identity, bool transactional, bool knowsConsumerProtocol)
    {
        GroupEntry? entry = shard.Find(groupId);
        if (entry?.Classic is { } classic)
            return classic.CheckCommit(identity, transactional, NowMs);
        if (entry?.Consumer is { Members.Count: > 0 } consumer)
            return CheckCommit(consumer, identity, transactional, knowsConsumerProtocol);
        // A group without members: only who does not claim to be one may commit.
        if (identity.Generation < 0)
            return ErrorCode.None;
        return entry is null && knowsConsumerProtocol && !transactional ? ErrorCode.GroupIdNotFound : ErrorCode.IllegalGeneration;
    }
}
