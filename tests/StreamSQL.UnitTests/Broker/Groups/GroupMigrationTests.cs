using StreamSQL.Broker.Groups;
using StreamSQL.Broker.Topics;
using StreamSQL.Kafka;
using StreamSQL.Kafka.Client;
using StreamSQL.Kafka.Messages;
using StreamSQL.Kafka.Protocol;

namespace StreamSQL.UnitTests.Broker.Groups;

/// <summary>Groups that go from the classic to the consumer protocol and back while they live, as clients see them.</summary>
public class GroupMigrationTests
{
    [Fact]
    public async Task Members_of_both_protocols_share_the_partitions_over_a_restart_and_back()
    {
        await using GroupTestBroker broker = await GroupTestBroker.OpenAsync();
        Topic topic = await broker.Host.Topics.CreateAsync("t", 4, []);
        JoinGroupResponse old = await broker.JoinDynamicAsync();
        (await SyncAsync(broker, old, 0, 1, 2, 3)).ErrorCode.ShouldBe(ErrorCode.None);
        (await broker.CommitAsync(5, old.MemberId, old.GenerationId)).ShouldBe(ErrorCode.None);

        ConsumerGroupHeartbeatResponse joined = await BeatAsync(broker, "new", 0, topic.Id);
        (joined.ErrorCode, joined.Assignment!.TopicPartitions.Count).ShouldBe((ErrorCode.None, 0));
        (await broker.HeartbeatAsync(old)).ShouldBe(ErrorCode.RebalanceInProgress);
        JoinGroupResponse again = await broker.JoinAsync(old.MemberId);
        (again.ErrorCode, again.GenerationId, again.Leader).ShouldBe((ErrorCode.None, joined.MemberEpoch, ""));
        (await broker.HeartbeatAsync(old)).ShouldBe(ErrorCode.IllegalGeneration);
        (await broker.CommitAsync(5, old.MemberId, old.GenerationId)).ShouldBe(ErrorCode.IllegalGeneration);
        SyncGroupResponse synced = await SyncAsync(broker, again);
        int[] kept = Partitions(synced);
        kept.Length.ShouldBe(2);
        int[] gained = [.. (await BeatAsync(broker, "new", joined.MemberEpoch, topic.Id)).Assignment!.TopicPartitions.SelectMany(
            t => t.Partitions)];
        kept.Concat(gained).Order().ShouldBe([0, 1, 2, 3]);
        (await broker.HeartbeatAsync(again)).ShouldBe(ErrorCode.None);

        await using GroupTestBroker after = await broker.AfterPowerCutAsync();
        (await after.HeartbeatAsync(again)).ShouldBe(ErrorCode.None);
        Partitions(await SyncAsync(after, again)).ShouldBe(kept);
        (await after.CommitAsync(6, again.MemberId, again.GenerationId, version: 8)).ShouldBe(ErrorCode.None);
        (await BeatAsync(after, "new", joined.MemberEpoch, topic.Id, gained)).ErrorCode.ShouldBe(ErrorCode.None);
        (await BeatAsync(after, "new", -1, topic.Id)).ErrorCode.ShouldBe(ErrorCode.None);
        (await after.StateAsync()).ShouldBe("PreparingRebalance");

        await using GroupTestBroker back = await after.AfterPowerCutAsync();
        (await back.StateAsync()).ShouldBe("Stable");
        (await back.HeartbeatAsync(again)).ShouldBe(ErrorCode.None);
        JoinGroupResponse alone = await back.JoinAsync(again.MemberId);
        (alone.ErrorCode, alone.Leader).ShouldBe((ErrorCode.None, again.MemberId));
        (await SyncAsync(back, alone, 0, 1, 2, 3)).ErrorCode.ShouldBe(ErrorCode.None);
        (await back.CommittedAsync()).ShouldBe(6);
    }

    [Fact]
    public async Task A_classic_member_that_does_not_join_again_in_time_loses_its_partitions()
    {
        await using GroupTestBroker broker = await GroupTestBroker.OpenAsync();
        Topic topic = await broker.Host.Topics.CreateAsync("t", 1, []);
        JoinGroupResponse old = await broker.JoinDynamicAsync();
        await SyncAsync(broker, old, 0);
        int epoch = (await BeatAsync(broker, "new", 0, topic.Id)).MemberEpoch;
        broker.Time.Advance(TimeSpan.FromMilliseconds(GroupTestBroker.SessionMs + 1));
        (await broker.HeartbeatAsync(old)).ShouldBe(ErrorCode.UnknownMemberId);
        ConsumerGroupHeartbeatResponse alone = await BeatAsync(broker, "new", epoch, topic.Id);
        alone.Assignment!.TopicPartitions.Single().Partitions.ShouldBe([0]);
    }

    [Fact]
    public async Task An_assignment_that_says_more_than_partitions_keeps_its_group_classic()
    {
        await using GroupTestBroker broker = await GroupTestBroker.OpenAsync();
        Topic topic = await broker.Host.Topics.CreateAsync("t", 1, []);
        JoinGroupResponse old = await broker.JoinDynamicAsync();
        await broker.SyncAsync(old, assignment: "\0\0\0\0\0\0\0\0\0\u0001x");
        (await BeatAsync(broker, "new", 0, topic.Id)).ErrorCode.ShouldBe(ErrorCode.UnsupportedVersion);
        (await broker.HeartbeatAsync(old)).ShouldBe(ErrorCode.None);
    }

    [Fact]
    public async Task A_classic_member_that_is_called_has_its_rebalance_timeout_to_join_again()
    {
        await using GroupTestBroker broker = await GroupTestBroker.OpenAsync();
        Topic topic = await broker.Host.Topics.CreateAsync("t", 1, []);
        JoinGroupResponse old = await broker.JoinDynamicAsync();
        await SyncAsync(broker, old, 0);
        int epoch = (await BeatAsync(broker, "new", 0, topic.Id)).MemberEpoch;
        for (int second = 0; second < 60; second += 5)
        {
            // It goes on reading and says that it is alive, and does not come.
            (await broker.HeartbeatAsync(old)).ShouldBe(ErrorCode.RebalanceInProgress);
            (await BeatAsync(broker, "new", epoch, topic.Id)).ErrorCode.ShouldBe(ErrorCode.None);
            broker.Time.Advance(TimeSpan.FromSeconds(5));
        }
        (await broker.HeartbeatAsync(old)).ShouldBe(ErrorCode.UnknownMemberId);
        (await BeatAsync(broker, "new", epoch, topic.Id)).Assignment!.TopicPartitions.Single().Partitions.ShouldBe([0]);
    }

    [Fact]
    public async Task The_migration_policy_can_keep_a_classic_group_classic()
    {
        await using GroupTestBroker broker = await OpenAsync(MigrationPolicy.Downgrade);
        Topic topic = await broker.Host.Topics.CreateAsync("t", 1, []);
        JoinGroupResponse old = await broker.JoinDynamicAsync();
        await SyncAsync(broker, old, 0);
        (await BeatAsync(broker, "new", 0, topic.Id)).ErrorCode.ShouldBe(ErrorCode.GroupIdNotFound);
        (await broker.HeartbeatAsync(old)).ShouldBe(ErrorCode.None);
        broker.Host.Configs.Broker.Value("group.consumer.migration.policy").ShouldBe("downgrade");
    }

    [Fact]
    public async Task The_migration_policy_can_keep_a_consumer_group_though_only_classic_members_are_left()
    {
        await using GroupTestBroker broker = await OpenAsync(MigrationPolicy.Upgrade);
        Topic topic = await broker.Host.Topics.CreateAsync("t", 1, []);
        JoinGroupResponse old = await broker.JoinDynamicAsync();
        await SyncAsync(broker, old, 0);
        await BeatAsync(broker, "new", 0, topic.Id);
        (await BeatAsync(broker, "new", -1, topic.Id)).ErrorCode.ShouldBe(ErrorCode.None);
        JoinGroupResponse again = await broker.JoinAsync(old.MemberId);
        (again.ErrorCode, again.Leader).ShouldBe((ErrorCode.None, "")); // the broker assigns, nobody leads
        Partitions(await SyncAsync(broker, again)).ShouldBe([0]);
    }

    [Fact]
    public async Task A_static_member_goes_to_the_consumer_protocol_and_comes_back()
    {
        await using GroupTestBroker broker = await GroupTestBroker.OpenAsync();
        Topic topic = await broker.Host.Topics.CreateAsync("t", 2, []);
        JoinGroupResponse other = await broker.JoinDynamicAsync();
        await SyncAsync(broker, other, 0, 1);
        Task<JoinGroupResponse> joining = broker.JoinAsync(instance: "i", client: broker.Connect());
        await broker.UntilStateAsync("PreparingRebalance");
        (await broker.HeartbeatAsync(other)).ShouldBe(ErrorCode.RebalanceInProgress);
        other = await broker.JoinAsync(other.MemberId);
        JoinGroupResponse old = await joining;
        await SyncAsync(broker, other, 0, 1);

        // With the other protocol it takes its own place; who held it is a member no more.
        ConsumerGroupHeartbeatResponse joined = await BeatAsync(broker, "new", 0, topic.Id, instance: "i");
        joined.ErrorCode.ShouldBe(ErrorCode.None);
        (await broker.HeartbeatAsync(old, instance: "i")).ShouldBe(ErrorCode.UnknownMemberId);
        (await BeatAsync(broker, "newer", 0, topic.Id, instance: "i")).ErrorCode.ShouldBe(ErrorCode.UnreleasedInstanceId);

        // Back with the classic protocol it replaces itself, and the group goes back with it.
        Task<JoinGroupResponse> back = broker.JoinAsync(instance: "i", client: broker.Connect());
        await broker.UntilStateAsync("PreparingRebalance");
        JoinGroupResponse leading = await broker.JoinAsync(other.MemberId);
        JoinGroupResponse rejoined = await back;
        (leading.ErrorCode, rejoined.ErrorCode, rejoined.GenerationId).ShouldBe((ErrorCode.None, ErrorCode.None, leading.GenerationId));
        (await BeatAsync(broker, "new", joined.MemberEpoch, topic.Id, instance: "i")).ErrorCode.ShouldBe(ErrorCode.GroupIdNotFound);
        (await broker.StateAsync()).ShouldBe("CompletingRebalance");
    }

    private static Task<GroupTestBroker> OpenAsync(MigrationPolicy policy) =>
        GroupTestBroker.OpenAsync(new GroupOptions { InitialRebalanceDelay = TimeSpan.Zero, MigrationPolicy = policy });

    private static Task<SyncGroupResponse> SyncAsync(GroupTestBroker broker, JoinGroupResponse joined, params int[] partitions) =>
        broker.Client.AskAsync(Apis.SyncGroup, 5, new SyncGroupRequest
        {
            GroupId = "g",
            GenerationId = joined.GenerationId,
            MemberId = joined.MemberId,
            ProtocolType = "consumer",
            ProtocolName = joined.ProtocolName,
            Assignments = [.. joined.Members.Select(m => new SyncGroupRequest.MemberAssignment
            {
                MemberId = m.MemberId,
                Assignment = ConsumerAssignment.Write(0, partitions.Select(p => new TopicPartition("t", p))),
            })],
        });

    private static int[] Partitions(SyncGroupResponse synced)
    {
        synced.ErrorCode.ShouldBe(ErrorCode.None);
        ConsumerAssignment.TryRead(synced.Assignment.ToArray(), out ConsumerAssignment? assignment).ShouldBeTrue();
        return [.. assignment!.Partitions.Select(p => p.Partition).Order()];
    }

    private static Task<ConsumerGroupHeartbeatResponse> BeatAsync(
        GroupTestBroker broker, string member, int epoch, Guid topicId, int[]? owned = null, string? instance = null) =>
        broker.Client.AskAsync(Apis.ConsumerGroupHeartbeat, 1, new ConsumerGroupHeartbeatRequest
        {
            GroupId = "g",
            MemberId = member,
            InstanceId = instance,
            MemberEpoch = epoch,
            RebalanceTimeoutMs = 60_000,
            SubscribedTopicNames = ["t"],
            TopicPartitions = owned is null ? [] : [new() { TopicId = topicId, Partitions = [.. owned] }],
        });
}
