using System.Globalization;
using StreamSQL.Kafka;
using StreamSQL.Kafka.Messages;

namespace StreamSQL.Broker.Groups;

/// <content>Requests of the consumer protocol (KIP-848).</content>
public sealed partial class GroupCoordinator
{
    private readonly Lock _topicsGate = new();
    private object? _viewedTopics;
    private TopicsView _topicsView = new(new Dictionary<string, TopicShape>());

    /// <summary>A member joins, says that it is alive, or leaves.</summary>
    internal async ValueTask<ConsumerGroupHeartbeatResponse> HeartbeatAsync(
        ConsumerGroupHeartbeatRequest request, short version, string clientId, string clientHost)
    {
        (ErrorCode invalid, string? message) = ConsumerGroupSteps.Check(request, version);
        if (invalid != ErrorCode.None)
            return new ConsumerGroupHeartbeatResponse { ErrorCode = invalid, ErrorMessage = message };
        if (_commits.IsDiskFull)
            return new ConsumerGroupHeartbeatResponse { ErrorCode = ErrorCode.CoordinatorNotAvailable };
        if (request.MemberId.Length == 0)
            request.MemberId = _newId().ToString();
        var context = new StepContext(ViewTopics(), NowMs, _time.GetUtcNow().ToUnixTimeMilliseconds(), _options.ConsumerMaxSize);
        if (await Shards.GetAsync(request.GroupId) is not { } shard)
            return new ConsumerGroupHeartbeatResponse { ErrorCode = ErrorCode.CoordinatorNotAvailable };
        ValueTask<ConsumerGroupHeartbeatResponse> answer;
        lock (shard.Gate)
            answer = Step(shard, request, clientId, clientHost, context);
        return await answer;
    }

    /// <summary>A group under the consumer protocol as administrators see it.</summary>
    internal ConsumerGroupDescribeResponse.Group DescribeConsumer(string groupId)
    {
        TopicsView topics = ViewTopics();
        if (Shards.Find(groupId) is { } shard)
        {
            lock (shard.Gate)
            {
                if (shard.Find(groupId)?.Consumer is { } group)
                    return ConsumerGroupDescriber.Describe(group, topics);
            }
        }
        return new ConsumerGroupDescribeResponse.Group
        {
            GroupId = groupId,
            ErrorCode = groupId.Length == 0 ? ErrorCode.InvalidGroupId : ErrorCode.GroupIdNotFound,
            ErrorMessage = $"There is no group '{groupId}' under the consumer protocol.",
        };
    }

    private ValueTask<ConsumerGroupHeartbeatResponse> Step(
        GroupShard shard, ConsumerGroupHeartbeatRequest request, string clientId, string clientHost, StepContext context)
    {
        GroupEntry? entry = shard.Find(request.GroupId);
        List<GroupRecord> records = [];
        if (entry?.Consumer is null)
        {
            // A group without members, or with those of the other protocol, can only be joined.
            if (request.MemberEpoch != 0)
                return new(new ConsumerGroupHeartbeatResponse { ErrorCode = ErrorCode.GroupIdNotFound });
            if (entry is null && shard.Entries.Count >= _options.MaxGroups)
                return new(new ConsumerGroupHeartbeatResponse { ErrorCode = ErrorCode.PolicyViolation });
            ErrorCode refused = TakeOver(entry, context, records);
            if (refused != ErrorCode.None)
            {
                const string Message = "The group cannot go over from the classic protocol.";
                return new(new ConsumerGroupHeartbeatResponse { ErrorCode = refused, ErrorMessage = Message });
            }
            entry ??= shard.GetOrAdd(request.GroupId);
        }
        ConsumerGroup group = entry.Consumer ?? Replayed(request.GroupId, records);
        ConsumerGroupHeartbeatResponse response = request.MemberEpoch < 0
            ? ConsumerGroupSteps.Leave(group, request, context, records)
            : ConsumerGroupSteps.Heartbeat(group, request, clientId, clientHost, context, records);
        if (response.ErrorCode != ErrorCode.None)
            return new(response);
        response.HeartbeatIntervalMs = ConfigOf(request.GroupId, "consumer.heartbeat.interval.ms");
        ConsumerMember[] leaving = request.MemberEpoch == ConsumerGroupSteps.LeaveEpoch ? [group.Members[request.MemberId]] : [];
        if (leaving.Length > 0 && GroupMigration.MustDowngrade(group, leaving, _options))
            Downgrade(shard, entry, GroupMigration.Downgrade(group, leaving, context));
        else
            Write(shard, entry, records);
        if (entry.Consumer is { } changed && request.MemberEpoch >= 0)
            Watch(changed, response.MemberId!, context);
        if (records.Count > 0)
            Settle(shard, entry);
        return WhenDurable(entry, response, new ConsumerGroupHeartbeatResponse { ErrorCode = ErrorCode.CoordinatorNotAvailable });
    }

    // What is kept of the group goes, or becomes what a consumer group keeps.
    private ErrorCode TakeOver(GroupEntry? entry, StepContext context, List<GroupRecord> records)
    {
        if (entry?.Classic is { Members.Count: > 0 } classic)
        {
            return _options.MigrationPolicy.HasFlag(MigrationPolicy.Upgrade)
                ? GroupMigration.Upgrade(classic, context, records)
                : ErrorCode.GroupIdNotFound;
        }
        records.AddRange(entry?.Tombstones() ?? []);
        return ErrorCode.None;
    }

    private static ConsumerGroup Replayed(string groupId, List<GroupRecord> records)
    {
        var group = new ConsumerGroup(groupId);
        foreach (GroupRecord record in records)
            group.Replay(record);
        return group;
    }

    private void Write(GroupShard shard, GroupEntry entry, List<GroupRecord> records)
    {
        if (entry.Classic is not { } classic)
        {
            shard.Write(entry, records, []);
            return;
        }
        classic.TurnAway(entry.Answers);
        shard.Write(entry, records, []);
        if (entry.Consumer is not { } upgraded)
            return; // the write failed
        entry.Classic = null; // also one of which nothing was kept yet
        WatchAll(upgraded);
    }

    // What is not kept: when the member must be heard of again, and which topics it was compared with.
    private void Watch(ConsumerGroup group, string memberId, StepContext context)
    {
        SeeTopics(group, context);
        if (!group.Members.TryGetValue(memberId, out ConsumerMember? member))
            return;
        Touch(group, member, context.NowMs);
        if (member.Current.State != ConsumerMemberState.UnrevokedPartitions)
            member.RebalanceDeadlineMs = long.MaxValue;
        else if (member.RebalanceDeadlineMs == long.MaxValue)
            member.RebalanceDeadlineMs = context.NowMs + member.Metadata.RebalanceTimeoutMs;
    }

    private static void SeeTopics(ConsumerGroup group, StepContext context)
    {
        if (ReferenceEquals(group.SeenTopics, context.Topics)
            || (group.Patterns.Count > 0 && context.NowMs - group.PatternsRefreshedMs < ConsumerGroupSteps.PatternRefreshMs))
            return;
        group.SeenTopics = context.Topics;
        group.PatternsRefreshedMs = context.NowMs;
    }

    private void WatchAll(ConsumerGroup group)
    {
        foreach (ConsumerMember member in group.Members.Values)
        {
            Touch(group, member, NowMs);
            if (member.Current.State == ConsumerMemberState.UnrevokedPartitions)
                member.RebalanceDeadlineMs = NowMs + member.Metadata.RebalanceTimeoutMs;
        }
    }

    private void RemoveSilent(GroupShard shard, GroupEntry entry, ConsumerGroup group)
    {
        long nowMs = NowMs;
        List<ConsumerMember> silent =
            [.. group.Members.Values.Where(m => m.SessionDeadlineMs <= nowMs || m.RebalanceDeadlineMs <= nowMs)];
        if (silent.Count > 0)
            Remove(shard, entry, group, silent);
    }

    private int ConfigOf(string groupId, string name) => int.Parse(_configs.OfGroup(groupId, name), CultureInfo.InvariantCulture);

    private TopicsView ViewTopics()
    {
        lock (_topicsGate)
        {
            var all = _topics.All;
            if (!ReferenceEquals(all, _viewedTopics))
            {
                _topicsView = new TopicsView(all.Values.Where(t => !_guard.Hides(t.Name))
                    .ToDictionary(static t => t.Name, static t => new TopicShape(t.Id, t.Partitions.Count)));
                _viewedTopics = all;
            }
            return _topicsView;
        }
    }
}
