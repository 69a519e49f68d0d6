using StreamSQL.Data.Errors;
using StreamSQL.Engine.Sessions;
using StreamSQL.UnitTests.Engine.Support;

namespace StreamSQL.UnitTests.Engine.Sessions;

/// <summary>Advisory locks that have to be waited for. What does not wait stands in the transcript <c>locks.txt</c>.</summary>
public sealed class AdvisoryLockTests : IAsyncLifetime
{
    private EngineHarness _engine = null!;
    private Session _a = null!;
    private Session _b = null!;
    private Session _c = null!;

    public async ValueTask InitializeAsync()
    {
        _engine = await EngineHarness.StartAsync();
        (_a, _b, _c) = (NewSession(1), NewSession(2), NewSession(3));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var session in new[] { _a, _b, _c })
            await session.DisposeAsync();
        await _engine.DisposeAsync();
    }

    [Fact]
    public async Task Who_waits_gets_the_lock_when_it_is_given_back_in_the_order_of_asking()
    {
        await RunAsync(_a, "SELECT pg_advisory_lock(1)");
        var second = RunAsync(_b, "SELECT pg_advisory_lock(1)");
        await WaitingAsync(1);
        var third = RunAsync(_c, "SELECT pg_advisory_lock_shared(1)");
        await WaitingAsync(2);
        _engine.Session.Snapshot.BlockersOf(3).Order().ShouldBe([1, 2]);

        (await RunAsync(_a, "SELECT pg_advisory_unlock(1)")).ShouldBe(["t"]);
        await second;
        third.IsCompleted.ShouldBeFalse();
        (await RunAsync(_b, "SELECT pg_advisory_unlock(1)")).ShouldBe(["t"]);
        await third;
        Held().ShouldBe(["3 shared"]);
    }

    [Fact]
    public async Task Sharers_do_not_pass_one_who_waits_for_all()
    {
        await RunAsync(_a, "SELECT pg_advisory_lock_shared(1)");
        var all = RunAsync(_b, "SELECT pg_advisory_lock(1)");
        await WaitingAsync(1);
        (await RunAsync(_c, "SELECT pg_try_advisory_lock_shared(1)")).ShouldBe(["f"]);
        (await RunAsync(_a, "SELECT pg_try_advisory_lock_shared(1), pg_advisory_unlock_shared(1), pg_advisory_unlock_shared(1)")).ShouldBe(
            ["t|t|t"]);
        await all;
        Held().ShouldBe(["2"]);
    }

    [Fact]
    public async Task The_end_of_a_session_gives_its_locks_to_those_who_wait()
    {
        await RunAsync(_a, "SELECT pg_advisory_lock(1), pg_advisory_lock(2)");
        var waits = RunAsync(_b, "SELECT pg_advisory_lock(2)");
        await WaitingAsync(1);
        await _a.DisposeAsync();
        await waits;
        Held().ShouldBe(["2"]);
    }

    [Fact]
    public async Task A_cancelled_wait_leaves_nothing_behind()
    {
        await RunAsync(_a, "SELECT pg_advisory_lock(1)");
        using var cancel = new CancellationTokenSource();
        await using (var result = await EngineHarness.OpenAsync(_b, "SELECT pg_advisory_lock(1)"))
        {
            var read = result.ReadAsync(cancel.Token).AsTask();
            await WaitingAsync(1);
            await cancel.CancelAsync();
            await Should.ThrowAsync<OperationCanceledException>(() => read);
        }

        Held().ShouldBe(["1"]);
        await RunAsync(_a, "SELECT pg_advisory_unlock_all()");
        Held().ShouldBeEmpty();
    }

    [Fact]
    public async Task A_wait_ends_after_lock_timeout()
    {
        await RunAsync(_a, "SELECT pg_advisory_lock(1)");
        await RunAsync(_b, "SET lock_timeout = '20ms'");
        var error = await Should.ThrowAsync<SqlException>(() => RunAsync(_b, "SELECT pg_advisory_lock(1)"));
        (error.SqlState, error.Message).ShouldBe(("55P03", "canceling statement due to lock timeout"));
        Held().ShouldBe(["1"]);
    }

    [Fact]
    public async Task Who_would_wait_for_itself_is_told_of_a_deadlock()
    {
        await RunAsync(_a, "SELECT pg_advisory_lock(1)");
        await RunAsync(_b, "SELECT pg_advisory_lock(2)");
        var first = RunAsync(_a, "SELECT pg_advisory_lock(2)");
        await WaitingAsync(1);
        (await Should.ThrowAsync<SqlException>(() => RunAsync(_b, "SELECT pg_advisory_lock(1)"))).SqlState.ShouldBe("40P01");
        await RunAsync(_b, "SELECT pg_advisory_unlock(2)");
        await first;
        Held().ShouldBe(["1", "1"]);
    }

    [Fact]
    public async Task A_write_waits_for_the_lock_that_it_asks_for()
    {
        await _engine.RunAsync(
            "CREATE TABLE t (k INTEGER PRIMARY KEY, v VARCHAR) WITH (KAFKA_TOPIC = 't', PARTITIONS = 1, VALUE_FORMAT = 'JSON')");
        await RunAsync(_a, "SELECT pg_advisory_lock(1)");
        var write = RunAsync(_b, "INSERT INTO t SELECT 1, pg_advisory_lock(1)::varchar");
        await WaitingAsync(1);
        (await RunAsync(_c, "SELECT COUNT(*) FROM t")).ShouldBe(["0"]);
        await RunAsync(_a, "SELECT pg_advisory_unlock(1)");
        await write;
        (await RunAsync(_c, "SELECT COUNT(*) FROM t")).ShouldBe(["1"]);
    }

    [Fact]
    public async Task Many_sessions_never_hold_one_lock_together()
    {
        var (inside, most) = (0, 0);
        var sessions = Enumerable.Range(10, 8).Select(NewSession).ToArray();
        await Task.WhenAll(sessions.Select(session => Task.Run(async () =>
        {
            for (var i = 0; i < 50; i++)
            {
                await RunAsync(session, "SELECT pg_advisory_lock(7)");
                most = Math.Max(most, Interlocked.Increment(ref inside));
                await Task.Yield();
                Interlocked.Decrement(ref inside);
                await RunAsync(session, "SELECT pg_advisory_unlock(7)");
            }
        })));
        most.ShouldBe(1);
        Held().ShouldBeEmpty();
        foreach (var session in sessions)
            await session.DisposeAsync();
    }

    private static Task<List<string>> RunAsync(Session session, string sql) => EngineHarness.RunAsync(session, sql);

    private Session NewSession(int processId)
    {
        var session = _engine.Engine.CreateSession("alice", "streamsql");
        session.ProcessId = processId;
        return session;
    }

    private IEnumerable<string> Held() => _engine.Session.Snapshot.Locks().Where(static held => held.WaitsSince is null)
        .Select(static held => held.IsShared ? $"{held.ProcessId} shared" : $"{held.ProcessId}").Order();

    private async Task WaitingAsync(int count)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (_engine.Session.Snapshot.Locks().Count(static held => held.WaitsSince is not null) != count)
            await Task.Delay(1, patience.Token);
    }
}
