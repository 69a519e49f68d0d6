using StreamSQL.Broker.Topics;
using StreamSQL.Kafka;
using StreamSQL.Kafka.Messages;
using StreamSQL.Kafka.Protocol;

namespace StreamSQL.UnitTests.Broker.Groups;

/// <summary>The consumer protocol (KIP-848) as clients see it, over the connection handler.</summary>
public class ConsumerProtocolTests
{
    [Fact]
    public async Task A_partition_changes_hands_only_when_its_owner_has_given_it_up()
    {
        await using GroupTestBroker broker = await GroupTestBroker.OpenAsync();
        Topic topic = await broker.Host.Topics.CreateAsync("t", 2, []);
        ConsumerGroupHeartbeatResponse first = await JoinAsync(broker, "first");
        Partitions(first).ShouldBe([0, 1]);
        ConsumerGroupHeartbeatResponse second = await JoinAsync(broker, "second");
        Partitions(second).ShouldBeEmpty();

        ConsumerGroupHeartbeatResponse revoke = await BeatAsync(broker, "first", first.MemberEpoch, topic.Id, 0, 1);
        int[] kept = Partitions(revoke);
        kept.Length.ShouldBe(1);
        revoke.MemberEpoch.ShouldBe(first.MemberEpoch);
        (await BeatAsync(broker, "second", second.MemberEpoch, topic.Id)).Assignment.ShouldBeNull();
        (await BeatAsync(broker, "first", revoke.MemberEpoch, topic.Id, kept)).MemberEpoch.ShouldBe(second.MemberEpoch);
        Partitions(await BeatAsync(broker, "second", second.MemberEpoch, topic.Id)).ShouldBe([1 - kept[0]]);

        await using GroupTestBroker after = await broker.AfterPowerCutAsync();
        ConsumerGroupDescribeResponse.Group group = (await after.Client.AskAsync(
            Apis.ConsumerGroupDescribe, 1, new ConsumerGroupDescribeRequest { GroupIds = ["g"] })).Groups.Single();
        (group.GroupState, group.Members.Count, group.AssignorName).ShouldBe(("Stable", 2, "uniform"));
        (await BeatAsync(after, "first", second.MemberEpoch, topic.Id, kept)).ErrorCode.ShouldBe(ErrorCode.None);
        (await after.CommitAsync(3, "first", second.MemberEpoch)).ShouldBe(ErrorCode.None);
        (await after.CommitAsync(3, "first", second.MemberEpoch - 1)).ShouldBe(ErrorCode.StaleMemberEpoch);
        (await after.StateAsync()).ShouldBe("Dead"); // it is no classic group
    }

    [Fact]
    public async Task A_pattern_follows_the_topics()
    {
        await using GroupTestBroker broker = await GroupTestBroker.OpenAsync();
        await broker.Host.Topics.CreateAsync("t.1", 1, []);
        ConsumerGroupHeartbeatResponse joined = await JoinAsync(broker, "m", regex: @"t\..*");
        joined.Assignment!.TopicPartitions.Count.ShouldBe(1);
        Guid second = (await broker.Host.Topics.CreateAsync("t.2", 1, [])).Id;
        broker.Time.Advance(TimeSpan.FromMilliseconds(joined.HeartbeatIntervalMs));

        ConsumerGroupHeartbeatResponse more = await BeatAsync(broker, "m", joined.MemberEpoch,
            joined.Assignment.TopicPartitions[0].TopicId, 0);
        more.Assignment!.TopicPartitions.Select(t => t.TopicId).ShouldContain(second); // with the next heartbeat
        (await JoinAsync(broker, "n", regex: "(a)\\1")).ErrorCode.ShouldBe(ErrorCode.InvalidRegularExpression);
    }

    [Fact]
    public async Task Who_is_silent_or_stale_is_fenced()
    {
        await using GroupTestBroker broker = await GroupTestBroker.OpenAsync();
        Topic topic = await broker.Host.Topics.CreateAsync("t", 1, []);
        ConsumerGroupHeartbeatResponse joined = await JoinAsync(broker, "m");
        (await BeatAsync(broker, "m", joined.MemberEpoch + 1, topic.Id, 0)).ErrorCode.ShouldBe(ErrorCode.FencedMemberEpoch);
        (await JoinAsync(broker, "n", assignor: "none")).ErrorCode.ShouldBe(ErrorCode.UnsupportedAssignor);

        broker.Time.Advance(TimeSpan.FromSeconds(46));
        (await BeatAsync(broker, "m", joined.MemberEpoch, topic.Id, 0)).ErrorCode.ShouldBe(ErrorCode.UnknownMemberId);
        (await broker.DeleteGroupAsync()).ShouldBe(ErrorCode.None);
    }

    private static Task<ConsumerGroupHeartbeatResponse> JoinAsync(
        GroupTestBroker broker, string member, string? regex = null, string? assignor = null) =>
        broker.Client.AskAsync(Apis.ConsumerGroupHeartbeat, 1, new ConsumerGroupHeartbeatRequest
        {
            GroupId = "g",
            MemberId = member,
            RebalanceTimeoutMs = 60_000,
            SubscribedTopicNames = regex is null ? ["t"] : null,
            SubscribedTopicRegex = regex,
            ServerAssignor = assignor,
            TopicPartitions = [],
        });

    private static Task<ConsumerGroupHeartbeatResponse> BeatAsync(
        GroupTestBroker broker, string member, int epoch, Guid topicId, params int[] owned) =>
        broker.Client.AskAsync(Apis.ConsumerGroupHeartbeat, 1, new ConsumerGroupHeartbeatRequest
        {
            GroupId = "g",
            MemberId = member,
            MemberEpoch = epoch,
            TopicPartitions = owned.Length == 0 ? [] : [new() { TopicId = topicId, Partitions = [.. owned] }],
        });

    private static int[] Partitions(ConsumerGroupHeartbeatResponse response) =>
        [.. response.Assignment!.TopicPartitions.SelectMany(t => t.Partitions)];
}
