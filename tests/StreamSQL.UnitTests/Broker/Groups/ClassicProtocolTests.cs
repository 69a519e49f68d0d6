using StreamSQL.Broker.Groups;
using StreamSQL.Kafka;
using StreamSQL.Kafka.Messages;
using StreamSQL.Kafka.Protocol;
using StreamSQL.UnitTests.Broker.Network;

namespace StreamSQL.UnitTests.Broker.Groups;

/// <summary>The classic protocol and offsets as clients see them, over the connection handler.</summary>
public class ClassicProtocolTests
{
    [Fact]
    public async Task After_a_restart_members_go_on_in_their_generation()
    {
        await using GroupTestBroker broker = await GroupTestBroker.OpenAsync();
        await broker.Host.Topics.CreateAsync("t", 1, []);
        JoinGroupResponse member = await broker.JoinDynamicAsync();
        (await broker.SyncAsync(member)).ErrorCode.ShouldBe(ErrorCode.None);
        (await broker.CommitAsync(7, member.MemberId, member.GenerationId)).ShouldBe(ErrorCode.None);

        await using GroupTestBroker after = await broker.AfterPowerCutAsync();
        (await after.StateAsync()).ShouldBe("Stable");
        (await after.HeartbeatAsync(member)).ShouldBe(ErrorCode.None);
        (await after.CommitAsync(8, member.MemberId, member.GenerationId)).ShouldBe(ErrorCode.None);
        (await after.CommitAsync(8, member.MemberId, member.GenerationId - 1)).ShouldBe(ErrorCode.IllegalGeneration);
        (await after.CommittedAsync()).ShouldBe(8);
        (await after.SyncAsync(member)).Assignment.ToArray().ShouldBe("all"u8.ToArray());

        after.Time.Advance(TimeSpan.FromMilliseconds(GroupTestBroker.SessionMs + 1)); // the session began anew, and ends
        (await after.HeartbeatAsync(member)).ShouldBe(ErrorCode.UnknownMemberId);
        (await after.StateAsync()).ShouldBe("Empty");
        await using GroupTestBroker again = await after.AfterPowerCutAsync();
        (await again.StateAsync()).ShouldBe("Empty");
        (await again.CommittedAsync()).ShouldBe(8);
    }

    [Fact]
    public async Task A_static_member_keeps_its_place_over_a_restart_of_both()
    {
        await using GroupTestBroker broker = await GroupTestBroker.OpenAsync();
        JoinGroupResponse first = await broker.JoinAsync(instance: "i");
        await broker.SyncAsync(first, instance: "i");
        JoinGroupResponse second = await broker.JoinAsync(instance: "i");
        second.GenerationId.ShouldBe(first.GenerationId);
        second.SkipAssignment.ShouldBeTrue();

        await using GroupTestBroker after = await broker.AfterPowerCutAsync();
        (await after.HeartbeatAsync(first, instance: "i")).ShouldBe(ErrorCode.FencedInstanceId);
        (await after.HeartbeatAsync(second, instance: "i")).ShouldBe(ErrorCode.None);
        (await after.JoinAsync(instance: "i")).GenerationId.ShouldBe(first.GenerationId);
    }

    [Fact]
    public async Task Who_is_unknown_hears_so()
    {
        await using GroupTestBroker broker = await GroupTestBroker.OpenAsync();
        await broker.Host.Topics.CreateAsync("t", 1, []);
        (await broker.JoinAsync("stranger")).ErrorCode.ShouldBe(ErrorCode.UnknownMemberId);
        (await broker.JoinAsync(group: "")).ErrorCode.ShouldBe(ErrorCode.InvalidGroupId);
        (await broker.HeartbeatAsync(new() { MemberId = "stranger", GenerationId = 1 })).ShouldBe(ErrorCode.UnknownMemberId);
        (await broker.CommitAsync(1, "stranger", 1, version: 8)).ShouldBe(ErrorCode.IllegalGeneration);
        (await broker.CommitAsync(1, "stranger", 1, version: 9)).ShouldBe(ErrorCode.GroupIdNotFound);
        (await broker.DeleteGroupAsync()).ShouldBe(ErrorCode.GroupIdNotFound);
        (await broker.StateAsync()).ShouldBe("Dead");
        DescribeGroupsResponse.Group missing =
            (await broker.Client.AskAsync(Apis.DescribeGroups, 6, new DescribeGroupsRequest { Groups = ["g"] })).Groups.Single();
        missing.ErrorCode.ShouldBe(ErrorCode.GroupIdNotFound);
        (await broker.Client.AskAsync(Apis.LeaveGroup, 5,
            new LeaveGroupRequest { GroupId = "g", Members = [new() { MemberId = "stranger" }] }))
            .ErrorCode.ShouldBe(ErrorCode.UnknownMemberId);
    }

    [Fact]
    public async Task Members_leave_in_batches_and_each_hears_what_became_of_it()
    {
        await using GroupTestBroker broker = await GroupTestBroker.OpenAsync();
        JoinGroupResponse member = await broker.JoinAsync(instance: "i");
        await broker.SyncAsync(member, instance: "i");
        LeaveGroupResponse left = await broker.Client.AskAsync(Apis.LeaveGroup, 5, new LeaveGroupRequest
        {
            GroupId = "g",
            Members = [new() { GroupInstanceId = "i", Reason = "done" }, new() { GroupInstanceId = "j" }],
        });

        left.ErrorCode.ShouldBe(ErrorCode.None);
        left.Members.Select(m => m.ErrorCode).ShouldBe([ErrorCode.None, ErrorCode.UnknownMemberId]);
        (await broker.StateAsync()).ShouldBe("Empty");
        (await broker.DeleteGroupAsync()).ShouldBe(ErrorCode.None);
        await using GroupTestBroker after = await broker.AfterPowerCutAsync();
        (await after.StateAsync()).ShouldBe("Dead");
    }

    [Fact]
    public async Task Groups_are_listed_by_state_and_type()
    {
        await using GroupTestBroker broker = await GroupTestBroker.OpenAsync();
        await broker.Host.Topics.CreateAsync("t", 1, []);
        await broker.SyncAsync(await broker.JoinDynamicAsync("with members"), "with members");
        await broker.CommitAsync(1, group: "simple");

        (await ListAsync(broker, [], [])).Groups.Select(g => (g.GroupId, g.ProtocolType, g.GroupState, g.GroupType)).Order()
            .ShouldBe([("simple", "", "Empty", "classic"), ("with members", "consumer", "Stable", "classic")]);
        (await ListAsync(broker, ["stable"], ["Classic"])).Groups.Single().GroupId.ShouldBe("with members");
        (await ListAsync(broker, [], ["consumer"])).Groups.ShouldBeEmpty();
    }

    [Fact]
    public async Task Offsets_of_topics_that_consumers_read_are_not_deleted()
    {
        await using GroupTestBroker broker = await GroupTestBroker.OpenAsync();
        await broker.Host.Topics.CreateAsync("t", 1, []);
        await broker.Host.Topics.CreateAsync("other", 1, []);
        JoinGroupResponse member = await broker.JoinDynamicAsync();
        await broker.SyncAsync(member);
        await broker.CommitAsync(1, member.MemberId, member.GenerationId);
        await broker.CommitAsync(2, member.MemberId, member.GenerationId, topic: "other");

        OffsetDeleteResponse deleted = await broker.Client.AskAsync(Apis.OffsetDelete, 0, new OffsetDeleteRequest
        {
            GroupId = "g",
            Topics = [Asked("t"), Asked("other"), Asked("missing")],
        });
        deleted.Topics.Select(t => t.Partitions[0].ErrorCode)
            .ShouldBe([ErrorCode.GroupSubscribedToTopic, ErrorCode.None, ErrorCode.UnknownTopicOrPartition]);
        (await broker.CommittedAsync()).ShouldBe(1);
        (await broker.CommittedAsync(topic: "other")).ShouldBe(-1);
        (await broker.DeleteGroupAsync()).ShouldBe(ErrorCode.NonEmptyGroup);
        await using GroupTestBroker after = await broker.AfterPowerCutAsync();
        (await after.CommittedAsync(topic: "other")).ShouldBe(-1);

        static OffsetDeleteRequest.Topic Asked(string name) => new() { Name = name, Partitions = [new() { PartitionIndex = 0 }] };
    }

    [Fact]
    public async Task Offsets_outlive_their_group_by_the_retention_and_no_longer()
    {
        var options = new GroupOptions { InitialRebalanceDelay = TimeSpan.Zero, OffsetsRetention = TimeSpan.FromMinutes(1) };
        await using GroupTestBroker broker = await GroupTestBroker.OpenAsync(options);
        await broker.Host.Topics.CreateAsync("t", 1, []);
        await broker.Host.Topics.CreateAsync("unread", 1, []);
        JoinGroupResponse member = await broker.JoinAsync(instance: "i");
        await broker.SyncAsync(member, instance: "i");
        await CommitStaticAsync(broker, member, "t");
        await CommitStaticAsync(broker, member, "unread");
        for (int beats = 0; beats < 120 / 9; beats++)
        {
            broker.Time.Advance(TimeSpan.FromSeconds(9));
            (await broker.HeartbeatAsync(member, instance: "i")).ShouldBe(ErrorCode.None);
        }
        broker.Host.Groups.Expire();
        (await broker.CommittedAsync()).ShouldBe(5); // a member reads it
        (await broker.CommittedAsync(topic: "unread")).ShouldBe(-1);

        broker.Time.Advance(TimeSpan.FromSeconds(65)); // the member's session ends at the beginning
        broker.Host.Groups.Expire();
        (await broker.CommittedAsync()).ShouldBe(5);
        broker.Time.Advance(TimeSpan.FromSeconds(10));
        broker.Host.Groups.Expire();
        (await broker.CommittedAsync()).ShouldBe(-1);
        (await broker.StateAsync()).ShouldBe("Dead");
        await broker.Host.Store.Commits.FlushAsync(); // nobody waits for what expiry writes
        await using GroupTestBroker after = await broker.AfterPowerCutAsync();
        (await after.StateAsync()).ShouldBe("Dead");
    }

    [Fact]
    public async Task A_deleted_topic_takes_its_offsets_along()
    {
        await using GroupTestBroker broker = await GroupTestBroker.OpenAsync();
        await broker.Host.Topics.CreateAsync("t", 1, []);
        await broker.Host.Topics.CreateAsync("kept", 1, []);
        await broker.CommitAsync(5);
        await broker.CommitAsync(6, topic: "kept");
        await broker.Host.Topics.DeleteAsync("t");
        await broker.Host.Topics.CreateAsync("t", 1, []);

        (await broker.CommittedAsync()).ShouldBe(-1);
        (await broker.CommittedAsync(topic: "kept")).ShouldBe(6);
    }

    [Fact]
    public async Task Offsets_are_committed_and_fetched_by_topic_id()
    {
        await using GroupTestBroker broker = await GroupTestBroker.OpenAsync();
        Guid id = (await broker.Host.Topics.CreateAsync("t", 1, [])).Id;
        var unknown = Guid.NewGuid();
        OffsetCommitResponse committed = await broker.Client.AskAsync(Apis.OffsetCommit, 10, new OffsetCommitRequest
        {
            GroupId = "g",
            GenerationIdOrMemberEpoch = -1,
            Topics = [Commit(id), Commit(unknown)],
        });
        committed.Topics.Select(t => (t.TopicId, t.Partitions[0].ErrorCode))
            .ShouldBe([(id, ErrorCode.None), (unknown, ErrorCode.UnknownTopicId)]);

        OffsetFetchResponse.Group fetched = (await broker.Client.AskAsync(Apis.OffsetFetch, 10, new OffsetFetchRequest
        {
            Groups = [new() { GroupId = "g",
                Topics = [new() { TopicId = id, PartitionIndexes = [0] }, new() { TopicId = unknown, PartitionIndexes = [0] }] }],
        })).Groups.Single();
        fetched.Topics.Select(t => (t.TopicId, t.Partitions[0].CommittedOffset, t.Partitions[0].ErrorCode)).ShouldBe(
            [(unknown, -1, ErrorCode.UnknownTopicId), (id, 9, ErrorCode.None)]);
        OffsetFetchResponse.Group all = (await broker.Client.AskAsync(
            Apis.OffsetFetch, 10, new OffsetFetchRequest
                { Groups = [new() { GroupId = "g", Topics = null }, new() { GroupId = "h" }] })).Groups[0];
        all.Topics.Single().TopicId.ShouldBe(id);

        static OffsetCommitRequest.Topic Commit(Guid id) => new() { TopicId = id, Partitions = [new() { CommittedOffset = 9 }] };
    }

    [Fact]
    public async Task Metadata_beside_an_offset_has_a_limit()
    {
        await using GroupTestBroker broker = await GroupTestBroker.OpenAsync();
        await broker.Host.Topics.CreateAsync("t", 1, []);

        (await broker.CommitAsync(5, metadata: new string('m', 4096))).ShouldBe(ErrorCode.None);
        (await broker.CommitAsync(6, metadata: new string('m', 4097))).ShouldBe(ErrorCode.OffsetMetadataTooLarge);
        (await broker.CommittedAsync()).ShouldBe(5);
    }

    [Fact]
    public async Task A_hundred_members_come_to_a_stable_assignment_in_one_round()
    {
        await using GroupTestBroker broker =
            await GroupTestBroker.OpenAsync(new GroupOptions { InitialRebalanceDelay = TimeSpan.FromSeconds(1) });
        InMemoryKafkaClient[] clients = [.. Enumerable.Range(0, 100).Select(_ => broker.Connect())];
        JoinGroupResponse[] named = await Task.WhenAll(clients.Select(c => broker.JoinAsync(client: c)));
        Task<JoinGroupResponse>[] joins = [.. clients.Zip(named, (c, n) => broker.JoinAsync(n.MemberId, client: c))];
        while (broker.Host.Groups.DescribeClassic("g")?.Members.Count < clients.Length)
            await Task.Yield();
        for (int i = 0; i < 2; i++)
            broker.Time.Advance(TimeSpan.FromSeconds(1));
        JoinGroupResponse[] joined = await Task.WhenAll(joins);

        joined.Select(j => j.GenerationId).Distinct().ShouldBe([1]);
        JoinGroupResponse leader = joined.Single(j => j.Members.Count > 0);
        leader.Members.Count.ShouldBe(100);
        await broker.SyncAsync(leader);
        foreach (JoinGroupResponse member in joined)
            (await broker.SyncAsync(member)).Assignment.ToArray().ShouldBe("all"u8.ToArray());
        (await broker.StateAsync()).ShouldBe("Stable");
        foreach (InMemoryKafkaClient client in clients)
            await client.DisposeAsync();
    }

    private static async Task CommitStaticAsync(GroupTestBroker broker, JoinGroupResponse member, string topic) =>
        (await broker.Client.AskAsync(Apis.OffsetCommit, 9, new OffsetCommitRequest
        {
            GroupId = "g",
            MemberId = member.MemberId,
            GroupInstanceId = "i",
            GenerationIdOrMemberEpoch = member.GenerationId,
            Topics = [new() { Name = topic, Partitions = [new() { CommittedOffset = 5 }] }],
        })).Topics[0].Partitions[0].ErrorCode.ShouldBe(ErrorCode.None);

    private static Task<ListGroupsResponse> ListAsync(GroupTestBroker broker, List<string> states, List<string> types) =>
        broker.Client.AskAsync(Apis.ListGroups, 5, new ListGroupsRequest { StatesFilter = states, TypesFilter = types });
}
