using StreamSQL.Broker.Groups.Records;
using StreamSQL.Kafka;
using StreamSQL.Kafka.Messages;

namespace StreamSQL.Broker.Groups;

/// <summary>
/// The rules of the consumer protocol (KIP-848) as pure functions: from a group's state and a command to the records that carry it out and
/// the response. A member's change raises the group's epoch, a new epoch asks for new targets, and each member is led to its target by its
/// own heartbeats: it gives up partitions before anyone else gets them.
/// </summary>
internal static partial class ConsumerGroupSteps
{
    private const int JoinEpoch = 0;

    /// <summary>The epoch of a member that leaves for good.</summary>
    public const int LeaveEpoch = -1;

    private const short FirstWithClientMadeIds = 1;

    /// <summary>
    /// The least time between two matches of all regular expressions with all topics: shorter than the interval of heartbeats, so that a
    /// new topic comes with the next one, and long enough that many topics made one after another, or
    /// many members, do not match all each time.
    /// </summary>
    public const long PatternRefreshMs = 1_000;

    /// <summary>Checks what can be told from a request alone.</summary>
    public static (ErrorCode Error, string? Message) Check(ConsumerGroupHeartbeatRequest request, short version)
    {
        if (request.GroupId.Length == 0)
            return (ErrorCode.InvalidRequest, "A heartbeat needs a group id.");
        if (request.MemberId.Length == 0 && (version >= FirstWithClientMadeIds || request.MemberEpoch != JoinEpoch))
            return (ErrorCode.InvalidRequest, "A heartbeat needs a member id.");
        if (request.InstanceId?.Length == 0 || request.RackId?.Length == 0)
            return (ErrorCode.InvalidRequest, "An instance id or a rack id is not empty.");
        if (request.MemberEpoch < ConsumerMember.AwayEpoch)
            return (ErrorCode.InvalidRequest, $"{request.MemberEpoch} is no member epoch.");
        if (request.MemberEpoch == ConsumerMember.AwayEpoch && request.InstanceId is null)
            return (ErrorCode.InvalidRequest, "Only a static member can leave for a while.");
        if (request.MemberEpoch == JoinEpoch)
        {
            if (request.RebalanceTimeoutMs == -1)
                return (ErrorCode.InvalidRequest, "A member joins with its rebalance timeout.");
            if (request.TopicPartitions is not { Count: 0 })
                return (ErrorCode.InvalidRequest, "A member joins without partitions.");
            if (request.SubscribedTopicNames is null && request.SubscribedTopicRegex is null)
                return (ErrorCode.InvalidRequest, "A member joins with its subscription.");
        }
        if (request.ServerAssignor is { } assignor && !PartitionAssignor.IsKnown(assignor))
            return (ErrorCode.UnsupportedAssignor, $"There is no assignor '{assignor}'.");
        return request.SubscribedTopicRegex is { Length: > 0 } regex && !TopicPattern.TryParse(regex, out _)
            ? (ErrorCode.InvalidRegularExpression, $"'{regex}' is no regular expression that can be matched in linear time.")
            : (ErrorCode.None, null);
    }

    /// <summary>A member joins or says that it is alive; adds records and fills in the response.</summary>
    public static ConsumerGroupHeartbeatResponse Heartbeat(
        ConsumerGroup group, ConsumerGroupHeartbeatRequest request, string clientId, string clientHost, StepContext context,
        List<GroupRecord> records)
    {
        IReadOnlySet<TopicIdPartition>? owned = OwnedOf(request);
        ErrorCode error = Find(group, request, owned, context, out ConsumerMember? known, out ConsumerMember? replaced);
        if (error != ErrorCode.None)
            return new ConsumerGroupHeartbeatResponse { ErrorCode = error, ErrorMessage = MessageFor(error) };
        var member = new MemberDraft(request.MemberId, known ?? replaced, isNew: known is null);
        ConsumerGroupMemberMetadataValue metadata = Merge(member.Metadata, request, clientId, clientHost);
        MemberAssignment before = member.Current;
        MemberAssignment after = Advance(group, member, replaced, metadata, owned, context, records);
        bool isFull = request.RebalanceTimeoutMs != -1 && owned is not null
            && (request.SubscribedTopicNames is not null || request.SubscribedTopicRegex is not null);
        return new ConsumerGroupHeartbeatResponse
        {
            MemberId = member.Id,
            MemberEpoch = after.Epoch,
            Assignment = request.MemberEpoch == JoinEpoch || isFull
                || !after.Assigned.SetEquals(before.Assigned) ? ToAssignment(after.Assigned) : null,
        };
    }

    /// <summary>A member leaves for good, or, being static, for a while.</summary>
    public static ConsumerGroupHeartbeatResponse Leave(
        ConsumerGroup group, ConsumerGroupHeartbeatRequest request, StepContext context, List<GroupRecord> records)
    {
        ConsumerMember? member = request.InstanceId is null
            ? group.Members.GetValueOrDefault(request.MemberId)
            : group.StaticMember(request.InstanceId);
        if (member is null)
            return new ConsumerGroupHeartbeatResponse { ErrorCode = ErrorCode.UnknownMemberId };
        if (member.Id != request.MemberId)
            return new ConsumerGroupHeartbeatResponse { ErrorCode = ErrorCode.FencedInstanceId };
        if (request.MemberEpoch == LeaveEpoch)
        {
            Remove(group, [member], context, records);
        }
        else
        {
            MemberAssignment away = member.Current with { Epoch = ConsumerMember.AwayEpoch, Revoking = MemberAssignment.Nothing };
            records.Add(GroupRecord.Current(group.Id, member.Id, away.ToRecord()));
        }
        return new ConsumerGroupHeartbeatResponse { MemberId = member.Id, MemberEpoch = request.MemberEpoch };
    }

    /// <summary>Takes out members that have left, fallen silent, or not given up their partitions in time.</summary>
    public static void Remove(
        ConsumerGroup group, IReadOnlyCollection<ConsumerMember> members, StepContext context, List<GroupRecord> records)
    {
        foreach (ConsumerMember member in members)
            AddTombstones(group, member.Id, records);
        List<ConsumerGroupMemberMetadataValue> left =
            [.. group.Members.Values.Where(m => !members.Contains(m)).Select(static m => m.Metadata)];
        Dictionary<string, ConsumerGroupRegularExpressionValue> patterns = DropUnusedPatterns(group, left, records);
        long hash = HashOf(left, patterns, context.Topics);
        records.Add(GroupRecord.Epoch(group.Id, new() { Epoch = group.Epoch + 1, MetadataHash = hash }));
    }

    /// <summary>Whether a member may commit or fetch in an epoch.</summary>
    public static ErrorCode CheckEpoch(ConsumerGroup group, string memberId, int epoch)
    {
        if (!group.Members.TryGetValue(memberId, out ConsumerMember? member))
            return ErrorCode.UnknownMemberId;
        if (member.Current.Epoch == epoch)
            return ErrorCode.None;
        return member.IsClassic ? ErrorCode.IllegalGeneration : ErrorCode.StaleMemberEpoch;
    }

    private static ErrorCode Find(
        ConsumerGroup group, ConsumerGroupHeartbeatRequest request, IReadOnlySet<TopicIdPartition>? owned, StepContext context,
        out ConsumerMember? known, out ConsumerMember? replaced)
    {
        bool joins = request.MemberEpoch == JoinEpoch;
        replaced = null;
        known = group.Members.GetValueOrDefault(request.MemberId);
        ConsumerMember? holder = request.InstanceId is null ? null : group.StaticMember(request.InstanceId);
        bool isReleased = holder is { Current.Epoch: ConsumerMember.AwayEpoch }
            || (holder is { IsClassic: true } && holder.Id != request.MemberId); // an instance that came back with the other protocol
        if (holder is not null && joins && !isReleased && holder.Id != request.MemberId)
            return ErrorCode.UnreleasedInstanceId;
        if (request.InstanceId is not null && !joins && holder is null)
            return ErrorCode.UnknownMemberId;
        if (holder is not null && !joins && holder.Id != request.MemberId)
            return ErrorCode.FencedInstanceId;
        if (isReleased && joins)
        {
            (known, replaced) = (null, holder);
            return ErrorCode.None;
        }
        if (known is null)
        {
            if (!joins)
                return ErrorCode.UnknownMemberId;
            return group.Members.Count < context.MaxSize ? ErrorCode.None : ErrorCode.GroupMaxSizeReached;
        }
        int epoch = request.MemberEpoch;
        if (epoch == known.Current.Epoch)
            return ErrorCode.None;
        // The response that told it of its epoch may have been lost: then it still says the one before, and has nothing else than it may.
        bool missedIt = epoch == known.Current.PreviousEpoch && epoch < known.Current.Epoch && owned is not null
            && owned.IsSubsetOf(known.Current.Assigned);
        return missedIt ? ErrorCode.None : ErrorCode.FencedMemberEpoch;
    }

    // Takes in what a member says of itself, in the place of another if it replaces one, and leads it a step towards its target.
    private static MemberAssignment Advance(
        ConsumerGroup group, MemberDraft member, ConsumerMember? replaced, ConsumerGroupMemberMetadataValue metadata,
        IReadOnlySet<TopicIdPartition>? owned, StepContext context, List<GroupRecord> records)
    {
        if (replaced is not null)
            AddTombstones(group, replaced.Id, records);
        bool hasOtherTopics = !HasSameSubscription(metadata, member.Metadata);
        if (member.IsNew || !IsSame(metadata, member.Metadata))
            records.Add(GroupRecord.Member(group.Id, member.Id, metadata));
        member.Metadata = metadata;
        Retarget(group, member, replaced, hasOtherTopics || (member.IsNew && replaced is null), context, records, out int targetEpoch);
        MemberAssignment after = Reconcile(group, member, targetEpoch, owned);
        if (member.IsNew || !after.IsSameAs(member.Current))
            records.Add(GroupRecord.Current(group.Id, member.Id, after.ToRecord()));
        return after;
    }

    private static MemberAssignment Reconcile(
        ConsumerGroup group, MemberDraft member, int targetEpoch, IReadOnlySet<TopicIdPartition>? owned)
    {
        MemberAssignment current = member.Current;
        switch (current.State)
        {
            case ConsumerMemberState.UnrevokedPartitions:
                if (owned is null || owned.Overlaps(current.Revoking))
                    return current;
                // It has acknowledged the epoch in which it gave them up.
                return Next(group, member, current.Epoch + 1, targetEpoch, owned);
            case ConsumerMemberState.UnreleasedPartitions:
                return Next(group, member, current.Epoch, targetEpoch, owned);
            default:
                return current.Epoch < targetEpoch ? Next(group, member, current.Epoch, targetEpoch, owned) : current;
        }
    }

    private static MemberAssignment Next(
        ConsumerGroup group, MemberDraft member, int epoch, int targetEpoch, IReadOnlySet<TopicIdPartition>? owned)
    {
        MemberAssignment current = member.Current;
        var kept = current.Assigned.Where(member.Target.Contains).ToHashSet();
        var revoking = current.Assigned.Where(p => !kept.Contains(p)).ToHashSet();
        if (revoking.Count > 0 && (owned is null || owned.Overlaps(revoking)))
        {
            return current.At(epoch) with { State = ConsumerMemberState.UnrevokedPartitions, Assigned = kept, Revoking = revoking };
        }
        bool mustWait = false;
        foreach (TopicIdPartition wanted in member.Target)
        {
            if (kept.Contains(wanted))
                continue;
            if (group.IsOwned(wanted))
                mustWait = true;
            else
                kept.Add(wanted);
        }
        return current.At(targetEpoch) with
        {
            State = mustWait ? ConsumerMemberState.UnreleasedPartitions : ConsumerMemberState.Stable,
            Assigned = kept,
            Revoking = MemberAssignment.Nothing,
        };
    }

    private static void AddTombstones(ConsumerGroup group, string memberId, List<GroupRecord> records)
    {
        records.Add(GroupRecord.Current(group.Id, memberId, null));
        records.Add(GroupRecord.Target(group.Id, memberId, null));
        records.Add(GroupRecord.Member(group.Id, memberId, null));
    }

    private static string MessageFor(ErrorCode error) => error switch
    {
        ErrorCode.UnreleasedInstanceId => "Another member holds the instance id and has not left.",
        ErrorCode.FencedInstanceId => "Another member has taken the instance id.",
        ErrorCode.GroupMaxSizeReached => "The group takes no more members.",
        ErrorCode.FencedMemberEpoch => "The member's epoch is not the one it was given; it must join again.",
        _ => "The group has no such member.",
    };

    private static HashSet<TopicIdPartition>? OwnedOf(ConsumerGroupHeartbeatRequest request) => request.TopicPartitions is null
        ? null
        : [.. request.TopicPartitions.SelectMany(static t => t.Partitions.Select(p => new TopicIdPartition(t.TopicId, p)))];

    private static ConsumerGroupHeartbeatResponse.MemberAssignment ToAssignment(IReadOnlySet<TopicIdPartition> partitions) => new()
    {
        TopicPartitions = [.. partitions.GroupBy(static p => p.TopicId).OrderBy(static t => t.Key).Select(
            static t => new ConsumerGroupHeartbeatResponse.AssignedTopic
                { TopicId = t.Key, Partitions = [.. t.Select(static p => p.Partition).Order()] })],
    };

    /// <summary>A member as the step in hand sees it: as it is known, with what the step has decided so far.</summary>
    private sealed class MemberDraft(string id, ConsumerMember? from, bool isNew)
    {
        public string Id { get; } = id;

        /// <summary>Whether nothing is recorded under its id yet.</summary>
        public bool IsNew { get; } = isNew;

        public ConsumerGroupMemberMetadataValue Metadata { get; set; } = from?.Metadata ?? new();

        // Who takes the place of a static member takes its partitions over, in no epoch yet.
        public MemberAssignment Current { get; } = from is null
            ? MemberAssignment.None
            : isNew ? from.Current with { Epoch = 0, PreviousEpoch = 0, State = ConsumerMemberState.Stable } : from.Current;

        public IReadOnlySet<TopicIdPartition> Target { get; set; } = from?.Target ?? MemberAssignment.Nothing;
    }
}

/// <summary>What a step of a consumer group may see beside the group.</summary>
/// <param name="Topics">The topics.</param>
/// <param name="NowMs">The time that sessions are measured by.</param>
/// <param name="TimeOfDayMs">The time since 1970, for records.</param>
/// <param name="MaxSize"><c>group.consumer.max.size</c>.</param>
internal sealed record StepContext(TopicsView Topics, long NowMs, long TimeOfDayMs, int MaxSize);
