using StreamSQL.Kafka;

namespace StreamSQL.Broker.Groups;

/// <content>Members of the classic protocol in groups under the consumer protocol, and the way between the protocols.</content>
public sealed partial class GroupCoordinator
{
    private StepContext ContextOf(GroupShard shard) => new(ViewTopics(), NowMs, shard.TimeOfDayMs, _options.ConsumerMaxSize);

    private ValueTask<JoinResult> JoinConsumers(GroupShard shard, GroupEntry entry, ConsumerGroup group, JoinCommand join)
    {
        if (ClassicGroup.CheckSessionTimeout(join, _options) is not ErrorCode.None and var invalid)
            return new(new JoinResult(invalid, join.MemberId));
        bool isNew = join.MemberId.Length == 0;
        if (isNew)
            join = join with { MemberId = $"{join.ClientId}-{_newId()}" };
        if (isNew && join.RequireKnownMemberId)
            return new(new JoinResult(ErrorCode.MemberIdRequired, join.MemberId));
        StepContext context = ContextOf(shard);
        List<GroupRecord> records = [];
        JoinResult result = ConsumerGroupSteps.Join(group, join, isNew, context, records);
        if (result.Error != ErrorCode.None)
            return new(result);
        shard.Write(entry, records, []);
        SeeTopics(group, context);
        if (group.Members.TryGetValue(result.MemberId, out ConsumerMember? member))
        {
            Touch(group, member, context.NowMs);
            member.RebalanceDeadlineMs = context.NowMs + member.Metadata.RebalanceTimeoutMs; // to sync
        }
        Settle(shard, entry);
        return WhenDurable(entry, result, new JoinResult(ErrorCode.CoordinatorNotAvailable, join.MemberId));
    }

    private ValueTask<SyncResult> SyncConsumers(GroupShard shard, GroupEntry entry, ConsumerGroup group, SyncCommand sync)
    {
        SyncResult result = ConsumerGroupSteps.Sync(group, sync, ViewTopics());
        if (group.Members.TryGetValue(sync.Member.MemberId, out ConsumerMember? member))
        {
            if (result.Error == ErrorCode.None)
                (member.SessionDeadlineMs, member.RebalanceDeadlineMs) = (NowMs + SessionTimeoutMsOf(group, member), long.MaxValue);
            else if (result.Error == ErrorCode.RebalanceInProgress)
                member.RebalanceDeadlineMs = NowMs + member.Metadata.RebalanceTimeoutMs; // to join again
        }
        Arm(shard, entry, entry.NextDeadlineMs);
        return WhenDurable(entry, result, new SyncResult(ErrorCode.CoordinatorNotAvailable));
    }

    private ValueTask<ErrorCode> HeartbeatConsumers(GroupShard shard, GroupEntry entry, ConsumerGroup group, in GroupIdentity identity)
    {
        ErrorCode error = ConsumerGroupSteps.Heartbeat(group, identity);
        if (error is not (ErrorCode.None or ErrorCode.RebalanceInProgress))
            return WhenDurable(entry, error);
        ConsumerMember member = group.Members[identity.MemberId];
        Touch(group, member, NowMs);
        if (error == ErrorCode.RebalanceInProgress && member.RebalanceDeadlineMs == long.MaxValue)
        {
            member.RebalanceDeadlineMs = NowMs + member.Metadata.RebalanceTimeoutMs;
            Arm(shard, entry, entry.NextDeadlineMs);
        }
        return WhenDurable(entry, error);
    }

    private ErrorCode[] LeaveConsumers(
        GroupShard shard, GroupEntry entry, ConsumerGroup group, IReadOnlyList<(string MemberId, string? InstanceId)> members)
    {
        var errors = new ErrorCode[members.Count];
        var leaving = new HashSet<ConsumerMember>();
        for (int i = 0; i < errors.Length; i++)
        {
            errors[i] = ConsumerGroupSteps.FindLeaving(group, members[i].MemberId, members[i].InstanceId, out ConsumerMember? member);
            if (errors[i] == ErrorCode.None && !leaving.Add(member!))
                errors[i] = ErrorCode.UnknownMemberId; // named twice
        }
        if (leaving.Count > 0)
            Remove(shard, entry, group, leaving);
        Settle(shard, entry);
        return errors;
    }

    /// <summary>Takes members out; when none of the consumer protocol stays, the group goes back to the classic one.</summary>
    private void Remove(GroupShard shard, GroupEntry entry, ConsumerGroup group, IReadOnlyCollection<ConsumerMember> leaving)
    {
        StepContext context = ContextOf(shard);
        if (GroupMigration.MustDowngrade(group, leaving, _options))
        {
            Downgrade(shard, entry, GroupMigration.Downgrade(group, leaving, context));
            return;
        }
        List<GroupRecord> records = [];
        ConsumerGroupSteps.Remove(group, leaving, context, records);
        shard.Write(entry, records, []);
    }

    private void Downgrade(GroupShard shard, GroupEntry entry, List<GroupRecord> records)
    {
        shard.Write(entry, records, []);
        if (entry.Classic is not { } classic)
            return; // the write failed
        classic.Restore(NowMs);
        classic.CallToJoin(NowMs, entry.Answers);
    }

    // The instance of the last member of the consumer protocol came back with the classic one: the group goes back before it joins.
    private bool DowngradesFor(GroupShard shard, GroupEntry entry, ConsumerGroup group, JoinCommand join)
    {
        if (join.InstanceId is null || join.MemberId.Length > 0 || group.StaticMember(join.InstanceId) is not { IsClassic: false } replaced
            || !GroupMigration.MustDowngrade(group, [replaced], _options))
            return false;
        Downgrade(shard, entry, GroupMigration.Downgrade(group, [replaced], ContextOf(shard)));
        return entry.Classic is not null;
    }

    private void Touch(ConsumerGroup group, ConsumerMember member, long nowMs) =>
        member.SessionDeadlineMs = nowMs + SessionTimeoutMsOf(group, member);

    private int SessionTimeoutMsOf(ConsumerGroup group, ConsumerMember member) =>
        member.Classic?.SessionTimeoutMs ?? ConfigOf(group.Id, "consumer.session.timeout.ms");
}
