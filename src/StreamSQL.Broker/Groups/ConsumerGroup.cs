using StreamSQL.Broker.Groups.Records;

namespace StreamSQL.Broker.Groups;

/// <summary>
/// A group under the consumer protocol (KIP-848): what its records say. <see cref="ConsumerGroupSteps"/> decides what to record next; only
/// <see cref="Replay"/> changes what lasts.
/// </summary>
internal sealed class ConsumerGroup(string id)
{
    private readonly Dictionary<string, ConsumerMember> _members = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _staticMembers = new(StringComparer.Ordinal);
    private readonly Dictionary<TopicIdPartition, string> _owners = [];
    private readonly Dictionary<string, ConsumerGroupRegularExpressionValue> _patterns = new(StringComparer.Ordinal);

    public string Id { get; } = id;

    /// <summary>Grows when members, subscriptions or topics change; 0 before the first.</summary>
    public int Epoch { get; private set; }

    /// <summary>A hash over the topics that are subscribed to, as of the epoch.</summary>
    public long MetadataHash { get; private set; }

    /// <summary>The epoch that the members' targets were made for.</summary>
    public int TargetEpoch { get; private set; }

    /// <summary>The members by id.</summary>
    public IReadOnlyDictionary<string, ConsumerMember> Members => _members;

    /// <summary>The topics that regular expressions match.</summary>
    public IReadOnlyDictionary<string, ConsumerGroupRegularExpressionValue> Patterns => _patterns;

    /// <summary>The topics that were last compared with the subscriptions. Not kept.</summary>
    public TopicsView? SeenTopics { get; set; }

    /// <summary>When the regular expressions were last compared with the topics. Not kept.</summary>
    public long PatternsRefreshedMs { get; set; } = long.MinValue / 2;

    /// <summary>Kafka's name of where the group is.</summary>
    public string State
    {
        get
        {
            if (_members.Count == 0)
                return "Empty";
            if (Epoch > TargetEpoch)
                return "Assigning";
            return _members.Values.All(m => m.HasReached(TargetEpoch)) ? "Stable" : "Reconciling";
        }
    }

    /// <summary>When a session or a revocation ends; long.MaxValue when none does.</summary>
    public long NextDeadlineMs
    {
        get
        {
            long next = long.MaxValue;
            foreach (ConsumerMember member in _members.Values)
                next = Math.Min(next, Math.Min(member.SessionDeadlineMs, member.RebalanceDeadlineMs));
            return next;
        }
    }

    /// <summary>The member that holds an instance id; null when there is none.</summary>
    public ConsumerMember? StaticMember(string instanceId) =>
        _staticMembers.TryGetValue(instanceId, out string? memberId) ? _members.GetValueOrDefault(memberId) : null;

    /// <summary>Whether a member has a partition, or has not yet given it up.</summary>
    public bool IsOwned(TopicIdPartition partition) => _owners.ContainsKey(partition);

    /// <summary>Whether a member subscribes to a topic.</summary>
    public bool IsSubscribedTo(string topic)
    {
        foreach (ConsumerMember member in _members.Values)
        {
            if (member.Metadata.SubscribedTopicNames.Contains(topic))
                return true;
        }
        foreach (ConsumerGroupRegularExpressionValue pattern in _patterns.Values)
        {
            if (pattern.Topics.Contains(topic))
                return true;
        }
        return false;
    }

    /// <summary>Records that delete all that is kept of the group.</summary>
    public List<GroupRecord> Tombstones()
    {
        List<GroupRecord> records = [];
        foreach (string memberId in _members.Keys)
        {
            records.Add(GroupRecord.Current(Id, memberId, null));
            records.Add(GroupRecord.Target(Id, memberId, null));
            records.Add(GroupRecord.Member(Id, memberId, null));
        }
        foreach (string pattern in _patterns.Keys)
            records.Add(GroupRecord.Regex(Id, pattern, null));
        records.Add(GroupRecord.TargetEpoch(Id, null));
        records.Add(GroupRecord.Epoch(Id, null));
        return records;
    }

    /// <summary>Takes in a record of this group.</summary>
    public void Replay(in GroupRecord record)
    {
        switch (record.Type)
        {
            case ConsumerGroupMetadataKey.Type:
                var epoch = (ConsumerGroupMetadataValue?)record.Value;
                (Epoch, MetadataHash) = (epoch?.Epoch ?? 0, epoch?.MetadataHash ?? 0);
                break;
            case ConsumerGroupTargetAssignmentMetadataKey.Type:
                TargetEpoch = ((ConsumerGroupTargetAssignmentMetadataValue?)record.Value)?.AssignmentEpoch ?? 0;
                break;
            case ConsumerGroupMemberMetadataKey.Type:
                ReplayMember(record.Name, (ConsumerGroupMemberMetadataValue?)record.Value);
                break;
            case ConsumerGroupTargetAssignmentMemberKey.Type:
                ReplayTarget(record.Name, (ConsumerGroupTargetAssignmentMemberValue?)record.Value);
                break;
            case ConsumerGroupCurrentMemberAssignmentKey.Type:
                ReplayCurrent(record.Name, (ConsumerGroupCurrentMemberAssignmentValue?)record.Value);
                break;
            case ConsumerGroupRegularExpressionKey.Type:
                if (record.Value is ConsumerGroupRegularExpressionValue pattern)
                    _patterns[record.Name] = pattern;
                else
                    _patterns.Remove(record.Name);
                break;
        }
    }

    private void ReplayMember(string memberId, ConsumerGroupMemberMetadataValue? value)
    {
        if (value is not null)
        {
            MemberOf(memberId).Metadata = value;
            if (value.InstanceId is not null)
                _staticMembers[value.InstanceId] = memberId;
        }
        else if (_members.Remove(memberId, out ConsumerMember? member))
        {
            SetOwned(member, MemberAssignment.None);
            if (member.Metadata.InstanceId is { } instanceId && _staticMembers.GetValueOrDefault(instanceId) == memberId)
                _staticMembers.Remove(instanceId);
        }
    }

    private void ReplayTarget(string memberId, ConsumerGroupTargetAssignmentMemberValue? value)
    {
        if (value is not null)
        {
            MemberOf(memberId).Target =
                value.TopicPartitions.SelectMany(static t => t.Partitions.Select(p => new TopicIdPartition(t.TopicId, p))).ToHashSet();
        }
        else if (_members.TryGetValue(memberId, out ConsumerMember? member))
        {
            member.Target = MemberAssignment.Nothing;
        }
    }

    private void ReplayCurrent(string memberId, ConsumerGroupCurrentMemberAssignmentValue? value)
    {
        if (value is not null)
            SetOwned(MemberOf(memberId), MemberAssignment.Of(value));
        else if (_members.TryGetValue(memberId, out ConsumerMember? member))
            SetOwned(member, MemberAssignment.None);
    }

    private void SetOwned(ConsumerMember member, MemberAssignment current)
    {
        foreach (TopicIdPartition partition in member.Current.Assigned.Concat(member.Current.Revoking))
        {
            if (_owners.GetValueOrDefault(partition) == member.Id)
                _owners.Remove(partition);
        }
        foreach (TopicIdPartition partition in current.Assigned.Concat(current.Revoking))
            _owners[partition] = member.Id;
        member.Current = current;
    }

    private ConsumerMember MemberOf(string memberId)
    {
        if (!_members.TryGetValue(memberId, out ConsumerMember? member))
            _members.Add(memberId, member = new ConsumerMember(memberId));
        return member;
    }
}
