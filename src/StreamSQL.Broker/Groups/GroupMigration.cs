using StreamSQL.Broker.Groups.Records;
using StreamSQL.Kafka;

namespace StreamSQL.Broker.Groups;

/// <summary>
/// The ways between the classic and the consumer protocol while a group lives (KIP-848), as records: the first member of the consumer
/// protocol takes a group of consumers over, the last one to leave gives it back. Members keep their ids and partitions.
/// </summary>
internal static class GroupMigration
{
    /// <summary>
    /// Gives the records that make a classic group with members a consumer group: its generation is the epoch of group and members, its
    /// assignment what they have and shall have.
    /// </summary>
    /// <returns>
    /// <see cref="ErrorCode.GroupIdNotFound"/> for a group whose members are not consumers or cannot be read,
    /// <see cref="ErrorCode.UnsupportedVersion"/> where an assignor gave its members more than partitions,
    /// <see cref="ErrorCode.GroupMaxSizeReached"/>.
    /// </returns>
    public static ErrorCode Upgrade(ClassicGroup classic, StepContext context, List<GroupRecord> records)
    {
        if (!classic.HasConsumers)
            return ErrorCode.GroupIdNotFound;
        if (classic.Members.Count >= context.MaxSize)
            return ErrorCode.GroupMaxSizeReached;
        records.Add(GroupRecord.Classic(classic.Id, null));
        records.Add(GroupRecord.Epoch(classic.Id, new() { Epoch = classic.Generation }));
        foreach (GroupMember member in classic.Members)
        {
            if (!ConsumerSubscription.TryRead(member.Protocols[0].Metadata, out ConsumerSubscription? subscription)
                || !ConsumerAssignment.TryRead(member.Assignment, out ConsumerAssignment? assignment))
                return ErrorCode.GroupIdNotFound;
            if (assignment.HasUserData)
                return ErrorCode.UnsupportedVersion;
            HashSet<TopicIdPartition> owned = ConsumerGroupSteps.ToIds(assignment.Partitions, context.Topics);
            var current = new MemberAssignment(
                classic.Generation, classic.Generation, ConsumerMemberState.Stable, owned, MemberAssignment.Nothing);
            records.Add(GroupRecord.Member(classic.Id, member.Id, MetadataOf(member, subscription)));
            records.Add(GroupRecord.Target(classic.Id, member.Id, ConsumerGroupSteps.ToRecord(owned)));
            records.Add(GroupRecord.Current(classic.Id, member.Id, current.ToRecord()));
        }
        records.Add(GroupRecord.TargetEpoch(
            classic.Id, new() { AssignmentEpoch = classic.Generation, AssignmentTimestamp = context.TimeOfDayMs }));
        return ErrorCode.None;
    }

    /// <summary>Whether all members that stay when some leave speak the classic protocol, and the group may go back to it.</summary>
    public static bool MustDowngrade(ConsumerGroup group, IReadOnlyCollection<ConsumerMember> leaving, GroupOptions options)
    {
        if (!options.MigrationPolicy.HasFlag(MigrationPolicy.Downgrade))
            return false;
        int staying = 0;
        foreach (ConsumerMember member in group.Members.Values)
        {
            if (leaving.Contains(member))
                continue;
            if (!member.IsClassic)
                return false;
            staying++;
        }
        return staying > 0 && staying <= options.MaxSize;
    }

    /// <summary>
    /// Gives the records that make a group a classic one without the members that leave: its epoch is the generation. The members must then
    /// be called to join.
    /// </summary>
    public static List<GroupRecord> Downgrade(ConsumerGroup group, IReadOnlyCollection<ConsumerMember> leaving, StepContext context)
    {
        List<ConsumerMember> staying = [.. group.Members.Values.Where(m => !leaving.Contains(m))
            .OrderBy(static m => m.Id, StringComparer.Ordinal)];
        string protocol = SharedProtocol(staying);
        var image = new GroupMetadataValue
        {
            ProtocolType = ConsumerSubscription.ProtocolType,
            Generation = group.Epoch,
            Protocol = protocol,
            Leader = staying[0].Id,
            CurrentStateTimestamp = context.TimeOfDayMs,
        };
        foreach (ConsumerMember member in staying)
        {
            ReadOnlyMemory<byte> subscription = member.Classic!.SupportedProtocols.Find(p => p.Name == protocol)!.Metadata;
            image.Members.Add(new()
            {
                MemberId = member.Id,
                GroupInstanceId = member.Metadata.InstanceId,
                ClientId = member.Metadata.ClientId,
                ClientHost = member.Metadata.ClientHost,
                RebalanceTimeout = member.Metadata.RebalanceTimeoutMs,
                SessionTimeout = member.Classic.SessionTimeoutMs,
                Subscription = subscription,
                Assignment = ConsumerGroupSteps.ToAssignment(member, context.Topics),
            });
        }
        return [.. group.Tombstones(), GroupRecord.Classic(group.Id, image)];
    }

    // Those who join must share one with all who are there, so there is one.
    private static string SharedProtocol(List<ConsumerMember> members) => members[0].Classic!.SupportedProtocols
        .Select(static p => p.Name)
        .First(name => members.TrueForAll(m => m.Classic!.SupportedProtocols.Exists(p => p.Name == name)));

    private static ConsumerGroupMemberMetadataValue MetadataOf(GroupMember member, ConsumerSubscription subscription) => new()
    {
        InstanceId = member.InstanceId,
        RackId = subscription.RackId,
        ClientId = member.ClientId,
        ClientHost = member.ClientHost,
        SubscribedTopicNames = ConsumerGroupSteps.Normalize(subscription.Topics),
        RebalanceTimeoutMs = member.RebalanceTimeoutMs,
        ClassicMemberMetadata = ConsumerGroupSteps.ClassicOf(member.SessionTimeoutMs, member.Protocols),
    };
}
