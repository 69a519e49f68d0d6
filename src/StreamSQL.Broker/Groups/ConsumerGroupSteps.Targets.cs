using StreamSQL.Broker.Groups.Records;
using StreamSQL.Kafka.Messages;

namespace StreamSQL.Broker.Groups;

/// <content>Subscriptions, the group's epoch, and the targets that follow from them.</content>
internal static partial class ConsumerGroupSteps
{
    /// <summary>The assignor that most members name.</summary>
    public static string AssignorOf(IEnumerable<ConsumerGroupMemberMetadataValue> members)
    {
        int range = 0, uniform = 0;
        foreach (ConsumerGroupMemberMetadataValue member in members)
        {
            range += member.ServerAssignor == PartitionAssignor.Range ? 1 : 0;
            uniform += member.ServerAssignor == PartitionAssignor.Uniform ? 1 : 0;
        }
        return range > uniform ? PartitionAssignor.Range : PartitionAssignor.Default;
    }

    // Raises the group's epoch when its subscriptions or their topics have changed, and makes new targets for a new epoch.
    private static void Retarget(
        ConsumerGroup group, MemberDraft member, ConsumerMember? replaced, bool hasChanged, StepContext context, List<GroupRecord> records,
        out int targetEpoch)
    {
        targetEpoch = group.TargetEpoch;
        bool hasNewTopics = !ReferenceEquals(group.SeenTopics, context.Topics);
        if (!hasChanged && replaced is null && !hasNewTopics && group.Epoch == group.TargetEpoch)
            return;
        List<MemberView> members = [.. group.Members.Values
            .Where(m => m.Id != member.Id && m != replaced)
            .Select(static m => new MemberView(m.Id, m.Metadata, m.Target))
            .Append(new MemberView(member.Id, member.Metadata, member.Target))];
        List<ConsumerGroupMemberMetadataValue> metadata = members.ConvertAll(static m => m.Metadata);
        Dictionary<string, ConsumerGroupRegularExpressionValue> patterns = DropUnusedPatterns(group, metadata, records);
        ResolvePatterns(group, metadata, patterns, hasNewTopics, context, records);
        long hash = HashOf(metadata, patterns, context.Topics);
        int epoch = group.Epoch;
        if (hasChanged || hash != group.MetadataHash || epoch == 0)
        {
            epoch++;
            records.Add(GroupRecord.Epoch(group.Id, new() { Epoch = epoch, MetadataHash = hash }));
        }
        if (replaced is not null)
            records.Add(GroupRecord.Target(group.Id, member.Id, ToRecord(member.Target)));
        if (epoch <= group.TargetEpoch)
            return;
        targetEpoch = epoch;
        MakeTargets(group, member, members, patterns, context, records);
        records.Add(GroupRecord.TargetEpoch(group.Id, new() { AssignmentEpoch = epoch, AssignmentTimestamp = context.TimeOfDayMs }));
    }

    private static void MakeTargets(
        ConsumerGroup group, MemberDraft member, List<MemberView> members, Dictionary<string, ConsumerGroupRegularExpressionValue> patterns,
        StepContext context, List<GroupRecord> records)
    {
        var topics = new Dictionary<Guid, int>();
        var assignable = new List<AssignableMember>(members.Count);
        foreach (MemberView view in members)
        {
            var subscribed = new HashSet<Guid>();
            foreach (string name in TopicsOf(view.Metadata, patterns))
            {
                if (!context.Topics.ByName.TryGetValue(name, out TopicShape topic))
                    continue;
                subscribed.Add(topic.Id);
                topics[topic.Id] = topic.Partitions;
            }
            assignable.Add(new AssignableMember(view.Id, subscribed, view.Target));
        }
        string assignor = AssignorOf(members.Select(static m => m.Metadata));
        Dictionary<string, HashSet<TopicIdPartition>> targets = PartitionAssignor.Assign(assignor, assignable, topics);
        foreach (MemberView view in members)
        {
            HashSet<TopicIdPartition> target = targets[view.Id];
            if (!target.SetEquals(view.Target))
                records.Add(GroupRecord.Target(group.Id, view.Id, ToRecord(target)));
        }
        member.Target = targets[member.Id];
    }

    private static Dictionary<string, ConsumerGroupRegularExpressionValue> DropUnusedPatterns(
        ConsumerGroup group, List<ConsumerGroupMemberMetadataValue> members, List<GroupRecord> records)
    {
        var used = new Dictionary<string, ConsumerGroupRegularExpressionValue>(StringComparer.Ordinal);
        foreach ((string pattern, ConsumerGroupRegularExpressionValue value) in group.Patterns)
        {
            if (members.Exists(m => m.SubscribedTopicRegex == pattern))
                used.Add(pattern, value);
            else
                records.Add(GroupRecord.Regex(group.Id, pattern, null));
        }
        return used;
    }

    // A new expression is matched at once; the others again when topics have changed, but not for each of many topics that come together.
    private static void ResolvePatterns(
        ConsumerGroup group, List<ConsumerGroupMemberMetadataValue> members,
        Dictionary<string, ConsumerGroupRegularExpressionValue> patterns,
        bool hasNewTopics, StepContext context, List<GroupRecord> records)
    {
        bool isDue = hasNewTopics && context.NowMs - group.PatternsRefreshedMs >= PatternRefreshMs;
        foreach (string? expression in members.Select(static m => m.SubscribedTopicRegex).Distinct())
        {
            if (expression is not { Length: > 0 } || (patterns.ContainsKey(expression) && !isDue))
                continue;
            List<string> topics = TopicPattern.TryParse(expression, out TopicPattern? pattern)
                ? [.. context.Topics.ByName.Keys.Where(t => !Topics.TopicName.IsInternal(t) && pattern.Matches(t))
                    .Order(StringComparer.Ordinal)]
                : [];
            if (patterns.TryGetValue(expression, out ConsumerGroupRegularExpressionValue? known) && known.Topics.SequenceEqual(topics))
                continue;
            var resolved = new ConsumerGroupRegularExpressionValue { Topics = topics, Timestamp = context.TimeOfDayMs };
            patterns[expression] = resolved;
            records.Add(GroupRecord.Regex(group.Id, expression, resolved));
        }
    }

    private static IEnumerable<string> TopicsOf(
        ConsumerGroupMemberMetadataValue member, Dictionary<string, ConsumerGroupRegularExpressionValue> patterns) =>
        member.SubscribedTopicRegex is { Length: > 0 } regex
            && patterns.TryGetValue(regex, out ConsumerGroupRegularExpressionValue? pattern)
            ? member.SubscribedTopicNames.Union(pattern.Topics)
            : member.SubscribedTopicNames;

    /// <summary>A hash over the topics that members read: it changes when one comes, goes, or gets more partitions.</summary>
    private static long HashOf(
        List<ConsumerGroupMemberMetadataValue> members, Dictionary<string, ConsumerGroupRegularExpressionValue> patterns, TopicsView topics)
    {
        ulong sum = 0;
        foreach (string name in members.SelectMany(m => TopicsOf(m, patterns)).Distinct())
        {
            if (topics.ByName.TryGetValue(name, out TopicShape topic))
                sum += HashOf(topic);
        }
        return (long)sum;
    }

    private static ulong HashOf(TopicShape topic)
    {
        const ulong FnvOffset = 14695981039346656037;
        const ulong FnvPrime = 1099511628211;
        Span<byte> bytes = stackalloc byte[20];
        topic.Id.TryWriteBytes(bytes);
        System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(bytes[16..], topic.Partitions);
        ulong hash = FnvOffset;
        foreach (byte b in bytes)
            hash = (hash ^ b) * FnvPrime;
        return hash ^ (hash >> 29);
    }

    private static ConsumerGroupMemberMetadataValue Merge(
        ConsumerGroupMemberMetadataValue old, ConsumerGroupHeartbeatRequest request, string clientId, string clientHost) => new()
        {
            InstanceId = request.InstanceId ?? old.InstanceId,
            RackId = request.RackId ?? old.RackId,
            ClientId = clientId,
            ClientHost = clientHost,
            SubscribedTopicNames = request.SubscribedTopicNames is { } names ? Normalize(names) : old.SubscribedTopicNames,
            SubscribedTopicRegex = request.SubscribedTopicRegex ?? old.SubscribedTopicRegex,
            RebalanceTimeoutMs = request.RebalanceTimeoutMs == -1 ? old.RebalanceTimeoutMs : request.RebalanceTimeoutMs,
            ServerAssignor = request.ServerAssignor ?? old.ServerAssignor,
        };

    private static bool HasSameSubscription(ConsumerGroupMemberMetadataValue a, ConsumerGroupMemberMetadataValue b) =>
        a.SubscribedTopicNames.SequenceEqual(b.SubscribedTopicNames) && (a.SubscribedTopicRegex ?? "") == (b.SubscribedTopicRegex ?? "");

    private static bool IsSame(ConsumerGroupMemberMetadataValue a, ConsumerGroupMemberMetadataValue b) =>
        HasSameSubscription(a, b) && a.InstanceId == b.InstanceId && a.RackId == b.RackId && a.ClientId == b.ClientId
        && a.ClientHost == b.ClientHost && a.RebalanceTimeoutMs == b.RebalanceTimeoutMs && a.ServerAssignor == b.ServerAssignor
        && IsSame(a.ClassicMemberMetadata, b.ClassicMemberMetadata);

    /// <summary>The record's form of a target.</summary>
    public static ConsumerGroupTargetAssignmentMemberValue ToRecord(IReadOnlySet<TopicIdPartition> target) => new()
    {
        TopicPartitions = [.. target.GroupBy(static p => p.TopicId).OrderBy(static t => t.Key).Select(
            static t => new ConsumerGroupTargetAssignmentMemberValue.AssignedTopic
                { TopicId = t.Key, Partitions = [.. t.Select(static p => p.Partition).Order()] })],
    };

    private sealed record MemberView(string Id, ConsumerGroupMemberMetadataValue Metadata, IReadOnlySet<TopicIdPartition> Target);
}
