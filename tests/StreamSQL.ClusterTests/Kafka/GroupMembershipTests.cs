using System.Net;
using System.Text;
using StreamSQL.Broker;
using StreamSQL.Kafka;
using StreamSQL.Kafka.Client;
using StreamSQL.Kafka.Client.Tcp;
using StreamSQL.Kafka.Records;

namespace StreamSQL.ClusterTests.Kafka;

/// <summary>Members of a consumer group through both of the engine's ways to a broker, and what their group lets them commit.</summary>
public sealed class GroupMembershipTests : IAsyncLifetime
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private static readonly TopicPartition A0 = new("a", 0);
    private static readonly GroupMembershipOptions Options = new("g", "consumer", "ours");

    private TestBroker _broker = null!;
    private TcpBrokerClient _tcp = null!;

    public async ValueTask InitializeAsync()
    {
        _broker = await TestBroker.StartAsync(new BrokerOptions { Storage = new() { MaxAtomicGroupBytes = 10_000 } });
        _tcp = new TcpBrokerClient(new TcpClientOptions { Bootstrap = [new DnsEndPoint("127.0.0.1", _broker.Port)] }, TimeProvider.System);
        await _tcp.CreateTopicAsync(new NewTopic("a", 2, 1, new Dictionary<string, string>()), default);
    }

    public async ValueTask DisposeAsync()
    {
        await _tcp.DisposeAsync();
        await _broker.DisposeAsync();
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(false, false)]
    [InlineData(true, false)]
    public async Task Two_members_divide_the_work_and_one_that_leaves_gives_its_part_back(bool isFirstTcp, bool isSecondTcp)
    {
        await using var first = ClientOf(isFirstTcp).OpenGroupMembership(Options);
        await using var second = ClientOf(isSecondTcp).OpenGroupMembership(Options);
        var alone = await JoinAsync(first, "one");
        alone.IsLeader.ShouldBeTrue();
        alone.Members.Select(Text).ShouldBe(["one"]);
        Text(await first.SyncAsync([new(alone.Member.MemberId, Bytes("all"))], default)).ShouldBe("all");
        (await first.HeartbeatAsync(default)).ShouldBeTrue();

        var joining = JoinAsync(second, "two");
        while (await first.HeartbeatAsync(default))
            await Task.Yield(); // until the second one has come
        var (leading, following) = (await JoinAsync(first, "one again"), await joining);
        leading.IsLeader.ShouldBeTrue();
        leading.Members.Select(Text).Order().ShouldBe(["one again", "two"]);
        leading.Member.Generation.ShouldBeGreaterThan(alone.Member.Generation);
        following.Members.ShouldBeEmpty();
        following.Member.Generation.ShouldBe(leading.Member.Generation);
        var told = second.SyncAsync([], default).AsTask();
        Text(await first.SyncAsync(
            [new(leading.Member.MemberId, Bytes("left")), new(following.Member.MemberId, Bytes("right"))], default)).ShouldBe("left");
        Text(await told.WaitAsync(Minute)).ShouldBe("right");

        await second.LeaveAsync(default);
        (await first.HeartbeatAsync(default)).ShouldBeFalse();
        (await JoinAsync(first, "alone")).Members.Select(Text).ShouldBe(["alone"]);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_member_that_is_taken_out_is_told_and_joins_as_a_new_one(bool isTcp)
    {
        await using var member = ClientOf(isTcp).OpenGroupMembership(Options);
        var before = await JoinAsync(member, "x");
        await _broker.Host.Groups.LeaveAsync("g", [(before.Member.MemberId, null)]);

        (await RefusalAsync(member.HeartbeatAsync(default).AsTask())).ShouldBe(ErrorCode.UnknownMemberId);
        (await JoinAsync(member, "x")).Member.MemberId.ShouldNotBe(before.Member.MemberId);
        await member.LeaveAsync(default);
        await member.LeaveAsync(default);
    }

    [Theory]
    [InlineData(true, 1)]
    [InlineData(false, 1)]
    [InlineData(false, 20_000)] // too large for one atomic write
    public async Task A_commit_of_an_older_generation_is_refused_whole_and_the_next_one_goes_through(bool isTcp, int size)
    {
        await using var member = ClientOf(isTcp).OpenGroupMembership(Options);
        await using var producer = await ClientOf(isTcp).OpenTransactionalProducerAsync("t", Minute, default);
        var old = (await JoinAsync(member, "x")).Member;
        await producer.CommitAsync(Content("one", 1, old), default);

        var now = (await JoinAsync(member, "x again")).Member;
        now.Generation.ShouldBe(old.Generation + 1);
        var late = Content(new string('x', size), 2, old);
        (await RefusalAsync(producer.CommitAsync(late, default).AsTask())).ShouldBe(ErrorCode.IllegalGeneration);
        (await producer.CommitAsync(Content("three", 3, now), default)).Length.ShouldBe(1);
        (await RefusalAsync(producer.CommitAsync(Content("four", 4, now with { MemberId = "stranger" }), default).AsTask()))
            .ShouldBe(ErrorCode.UnknownMemberId);
        await producer.CommitAsync(Content("five", 5, now), default);

        (await _tcp.GetCommittedOffsetsAsync("g", default))[A0].ShouldBe(5);
        (await ReadAsync()).ShouldBe(["one", "three", "five"]);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_member_commits_also_while_its_group_rebalances(bool isTcp)
    {
        await using var first = ClientOf(isTcp).OpenGroupMembership(Options);
        await using var second = ClientOf(isTcp).OpenGroupMembership(Options);
        await using var producer = await ClientOf(isTcp).OpenTransactionalProducerAsync("t", Minute, default);
        var alone = (await JoinAsync(first, "x")).Member;
        await first.SyncAsync([new(alone.MemberId, Bytes("all"))], default);
        var joining = JoinAsync(second, "y");
        while (await first.HeartbeatAsync(default))
            await Task.Yield();

        await producer.CommitAsync(Content("meanwhile", 1, alone), default);
        await JoinAsync(first, "x");
        await joining;
        (await ReadAsync()).ShouldBe(["meanwhile"]);
    }

    private static TransactionContent Content(string value, long offset, MemberGeneration member)
    {
        using var builder = new RecordBatchBuilder();
        builder.Append(default, false, Encoding.UTF8.GetBytes(value), true, 1);
        return new TransactionContent([new(A0, builder.Build().ToArray())], "g", [new(A0, offset)]) { Member = member };
    }

    private static Task<GroupGeneration> JoinAsync(IGroupMembership member, string metadata) =>
        member.JoinAsync(Bytes(metadata), default).AsTask().WaitAsync(Minute);

    private static ReadOnlyMemory<byte> Bytes(string text) => Encoding.UTF8.GetBytes(text);

    private static string Text(ReadOnlyMemory<byte> bytes) => Encoding.UTF8.GetString(bytes.Span);

    private static string Text(KeyValuePair<string, ReadOnlyMemory<byte>> member) => Text(member.Value);

    private static async Task<ErrorCode> RefusalAsync(Task refused) => (await Should.ThrowAsync<KafkaException>(refused)).Code;

    private IBrokerClient ClientOf(bool isTcp) => isTcp ? _tcp : _broker.Host.Client;

    private async Task<List<string>> ReadAsync()
    {
        List<string> values = [];
        var end = (await _tcp.GetOffsetsAsync(A0, default)).LastStable;
        for (long offset = 0; offset < end;)
        {
            using var fetched = await _tcp.FetchAsync(A0, offset, 1 << 20, Minute, IsolationLevel.ReadCommitted, default);
            offset = Read(fetched, values);
        }

        return values;
    }

    private static long Read(FetchedRecords fetched, List<string> values)
    {
        var end = -1L;
        var aborted = fetched.Aborted.Select(static transaction => transaction.FirstOffset).ToHashSet();
        for (var left = fetched.Batches.Span; RecordBatchHeader.TryRead(left, out var batch); left = left[batch.SizeInBytes..])
        {
            end = batch.NextOffset;
            if (batch.Attributes.IsControl || aborted.Contains(batch.BaseOffset))
                continue;
            for (var reader = new RecordBatchReader(batch); reader.MoveNext();)
                values.Add(Encoding.UTF8.GetString(reader.Value));
        }

        return end;
    }
}
