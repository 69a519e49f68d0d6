using System.Buffers.Binary;
using StreamSQL.Broker.Groups.Records;
using StreamSQL.Kafka;
using StreamSQL.Kafka.Client;

namespace StreamSQL.Broker.Groups;

/// <content>
/// Members that speak the classic protocol (KIP-848): a join is a heartbeat that says what its member has, a generation is a member epoch,
/// and a heartbeat calls the member to join again when there is something to give up or to get.
/// </content>
internal static partial class ConsumerGroupSteps
{
    /// <summary>A member joins, or comes back to take the next step towards its target.</summary>
    /// <param name="group">The group.</param>
    /// <param name="join">The wish, with the id that a new member gets.</param>
    /// <param name="isNew">Whether the member came without an id.</param>
    /// <param name="context">What the step may see.</param>
    /// <param name="records">Takes the records.</param>
    public static JoinResult Join(ConsumerGroup group, JoinCommand join, bool isNew, StepContext context, List<GroupRecord> records)
    {
        if (join.ProtocolType != ConsumerSubscription.ProtocolType || !SharesProtocol(group, join)
            || !ConsumerSubscription.TryRead(join.Protocols[0].Metadata, out ConsumerSubscription? subscription))
            return new JoinResult(ErrorCode.InconsistentGroupProtocol, join.MemberId);
        ErrorCode error = Find(group, join, isNew, context, out ConsumerMember? known, out ConsumerMember? replaced);
        if (error != ErrorCode.None)
            return new JoinResult(error, join.MemberId);
        var metadata = new ConsumerGroupMemberMetadataValue
        {
            InstanceId = join.InstanceId,
            RackId = subscription.RackId,
            ClientId = join.ClientId,
            ClientHost = join.ClientHost,
            SubscribedTopicNames = Normalize(subscription.Topics),
            RebalanceTimeoutMs = join.RebalanceTimeoutMs,
            ClassicMemberMetadata = ClassicOf(join.SessionTimeoutMs, join.Protocols),
        };
        var member = new MemberDraft(join.MemberId, known ?? replaced, isNew: known is null);
        MemberAssignment after = Advance(group, member, replaced, metadata, ToIds(subscription.Owned, context.Topics), context, records);
        return new JoinResult(
            ErrorCode.None, join.MemberId, after.Epoch, ConsumerSubscription.ProtocolType, join.Protocols[0].Name);
    }

    /// <summary>A member asks for what it may read in the epoch that its join gave it.</summary>
    public static SyncResult Sync(ConsumerGroup group, SyncCommand sync, TopicsView topics)
    {
        ErrorCode error = FindClassic(group, sync.Member, out ConsumerMember? member);
        if (error != ErrorCode.None)
            return new SyncResult(error);
        string protocol = member!.Classic!.SupportedProtocols[0].Name;
        if ((sync.ProtocolType ?? ConsumerSubscription.ProtocolType) != ConsumerSubscription.ProtocolType
            || (sync.ProtocolName ?? protocol) != protocol)
            return new SyncResult(ErrorCode.InconsistentGroupProtocol);
        // Who has to give up partitions has joined in time: it comes back when it has.
        if (group.Epoch > member.Current.Epoch && member.Current.State != ConsumerMemberState.UnrevokedPartitions)
            return new SyncResult(ErrorCode.RebalanceInProgress);
        return new SyncResult(ErrorCode.None, ConsumerSubscription.ProtocolType, protocol, ToAssignment(member, topics));
    }

    /// <summary>
    /// A member says that it is alive; <see cref="ErrorCode.RebalanceInProgress"/> when it must join again: the group has a new epoch, it
    /// has partitions to give up, or those that it waits for are free.
    /// </summary>
    public static ErrorCode Heartbeat(ConsumerGroup group, in GroupIdentity identity)
    {
        ErrorCode error = FindClassic(group, identity, out ConsumerMember? member);
        if (error != ErrorCode.None)
            return error;
        MemberAssignment current = member!.Current;
        bool mustJoin = current.Epoch < group.Epoch || current.State switch
        {
            ConsumerMemberState.UnrevokedPartitions => true,
            ConsumerMemberState.UnreleasedPartitions => member.Target.All(p => current.Assigned.Contains(p) || !group.IsOwned(p)),
            _ => false,
        };
        return mustJoin ? ErrorCode.RebalanceInProgress : ErrorCode.None;
    }

    /// <summary>Finds a member of the classic protocol that is to leave, by its instance id if it has one.</summary>
    public static ErrorCode FindLeaving(ConsumerGroup group, string memberId, string? instanceId, out ConsumerMember? member)
    {
        member = instanceId is null ? group.Members.GetValueOrDefault(memberId) : group.StaticMember(instanceId);
        if (member is not { IsClassic: true })
            return ErrorCode.UnknownMemberId;
        return memberId.Length > 0 && memberId != member.Id ? ErrorCode.FencedInstanceId : ErrorCode.None;
    }

    /// <summary>Partitions by their topics' ids; those of topics that do not exist are left out.</summary>
    public static HashSet<TopicIdPartition> ToIds(IReadOnlyList<TopicPartition> partitions, TopicsView topics)
    {
        var ids = new HashSet<TopicIdPartition>();
        foreach (TopicPartition partition in partitions)
        {
            if (topics.ByName.TryGetValue(partition.Topic, out TopicShape topic) && (uint)partition.Partition < (uint)topic.Partitions)
                ids.Add(new TopicIdPartition(topic.Id, partition.Partition));
        }
        return ids;
    }

    /// <summary>What a member may read, in the bytes that a consumer of the classic protocol understands.</summary>
    public static byte[] ToAssignment(ConsumerMember member, TopicsView topics)
    {
        var partitions = new List<TopicPartition>(member.Current.Assigned.Count);
        foreach (TopicIdPartition assigned in member.Current.Assigned)
        {
            if (topics.NameOf(assigned.TopicId) is { } name)
                partitions.Add(new TopicPartition(name, assigned.Partition));
        }
        return ConsumerAssignment.Write(BinaryPrimitives.ReadInt16BigEndian(member.Classic!.SupportedProtocols[0].Metadata.Span),
            partitions);
    }

    /// <summary>Topic names as they are kept.</summary>
    public static List<string> Normalize(IEnumerable<string> topics) => [.. topics.Distinct().Order(StringComparer.Ordinal)];

    /// <summary>What is kept of a member because it speaks the classic protocol.</summary>
    public static ConsumerGroupMemberMetadataValue.ClassicMember ClassicOf(int sessionTimeoutMs, IReadOnlyList<GroupProtocol> protocols) =>
        new()
    {
        SessionTimeoutMs = sessionTimeoutMs,
        SupportedProtocols = [.. protocols.Select(
            static p => new ConsumerGroupMemberMetadataValue.ClassicProtocol { Name = p.Name, Metadata = p.Metadata })],
    };

    private static ErrorCode Find(
        ConsumerGroup group, JoinCommand join, bool isNew, StepContext context, out ConsumerMember? known, out ConsumerMember? replaced)
    {
        replaced = null;
        known = group.Members.GetValueOrDefault(join.MemberId);
        ConsumerMember? holder = join.InstanceId is null ? null : group.StaticMember(join.InstanceId);
        if (holder is not null && holder.Id != join.MemberId)
        {
            (known, replaced) = (null, holder);
            return isNew ? ErrorCode.None : ErrorCode.FencedInstanceId;
        }
        return known is null && group.Members.Count >= context.MaxSize ? ErrorCode.GroupMaxSizeReached : ErrorCode.None;
    }

    private static ErrorCode FindClassic(ConsumerGroup group, in GroupIdentity identity, out ConsumerMember? member)
    {
        ErrorCode error = FindLeaving(group, identity.MemberId, identity.InstanceId, out member);
        if (error != ErrorCode.None)
            return error;
        if (member!.Id != identity.MemberId)
            return ErrorCode.UnknownMemberId;
        return member.Current.Epoch == identity.Generation ? ErrorCode.None : ErrorCode.IllegalGeneration;
    }

    // So that the group can go back to the classic protocol at any time.
    private static bool SharesProtocol(ConsumerGroup group, JoinCommand join)
    {
        List<ConsumerMember> others = [.. group.Members.Values.Where(m => m.IsClassic && m.Id != join.MemberId)];
        return join.Protocols.Any(p => others.TrueForAll(m => m.Classic!.SupportedProtocols.Exists(o => o.Name == p.Name)));
    }

    private static bool IsSame(ConsumerGroupMemberMetadataValue.ClassicMember? a, ConsumerGroupMemberMetadataValue.ClassicMember? b)
    {
        if (a is null || b is null)
            return a is null && b is null;
        return a.SessionTimeoutMs == b.SessionTimeoutMs && a.SupportedProtocols.Count == b.SupportedProtocols.Count
            && a.SupportedProtocols.Zip(b.SupportedProtocols).All(
                static p => p.First.Name == p.Second.Name && p.First.Metadata.Span.SequenceEqual(p.Second.Metadata.Span));
    }
}
