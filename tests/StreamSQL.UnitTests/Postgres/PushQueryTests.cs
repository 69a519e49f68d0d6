using StreamSQL.UnitTests.Broker;
using StreamSQL.UnitTests.Postgres.Support;

namespace StreamSQL.UnitTests.Postgres;

/// <summary>
/// Queries that do not end: rows go out when they come, and a cancel request, a closed connection or a cursor's count ends the waiting.
/// </summary>
public sealed class PushQueryTests
{
    private const string Notice = "N(00000 this query runs until it is cancelled)";

    private readonly ScriptedStatements _statements = new ScriptedStatements().Numbers("select 1", "n", 1);

    [Fact]
    public async Task Rows_are_sent_as_they_come_and_a_cancel_request_ends_the_query_and_not_the_connection()
    {
        var rows = _statements.Push("select live", "n");
        var handler = WireClient.Handler(_statements);
        await using var client = new WireClient(handler);
        client.Startup(3 << 16, ("user", "alice"));
        await client.ReadToReadyAsync();

        client.Query("select live");
        (await client.ReadAsync(2)).ShouldBe($"{Notice} T(n:20)");
        rows.Writer.TryWrite(1);
        (await client.ReadAsync(1)).ShouldBe("D(1)");
        rows.Writer.TryWrite(2);
        (await client.ReadAsync(1)).ShouldBe("D(2)");

        var wrong = (byte[])client.Key.Clone();
        wrong[^1] ^= 1;
        foreach (var key in new[] { wrong, client.Key })
        {
            await using var canceller = new WireClient(handler);
            canceller.Cancel(key);
            (await canceller.ReadToReadyAsync()).ShouldBe("EOF");
        }

        (await client.ReadToReadyAsync()).ShouldBe("E(57014 canceling statement due to user request) ZI");
        client.Query("select 1");
        (await client.ReadToReadyAsync()).ShouldBe("T(n:20) D(1) C:SELECT 1 ZI");
    }

    [Fact]
    public async Task A_cancel_request_between_statements_meets_none()
    {
        var handler = WireClient.Handler(_statements);
        await using var client = new WireClient(handler);
        client.Startup(3 << 16, ("user", "alice"));
        await client.ReadToReadyAsync();
        await using var canceller = new WireClient(handler);
        canceller.Cancel(client.Key);
        await canceller.ReadToReadyAsync();
        client.Query("select 1");
        (await client.ReadToReadyAsync()).ShouldBe("T(n:20) D(1) C:SELECT 1 ZI");
    }

    [Fact]
    public async Task A_closed_connection_ends_the_query()
    {
        _statements.Push("select live", "n");
        var client = await WireClient.ConnectAsync(_statements);
        client.Query("select live");
        (await client.ReadAsync(2)).ShouldBe($"{Notice} T(n:20)");
        await client.CloseAsync();
        await client.Server.WaitAsync(TimeSpan.FromSeconds(20));
    }

    [Fact]
    public async Task Fetch_waits_for_one_row_and_gives_what_is_ready()
    {
        var rows = _statements.Push("select live", "n");
        await using var client = await WireClient.ConnectAsync(_statements);
        client.Query("declare c cursor with hold for select live");
        (await client.ReadToReadyAsync()).ShouldBe("C:DECLARE CURSOR ZI");
        client.Query("fetch 10 from c");
        (await client.ReadAsync(1)).ShouldBe("T(n:20)");
        rows.Writer.TryWrite(1);
        (await client.ReadToReadyAsync()).ShouldBe("D(1) C:FETCH 1 ZI");
        rows.Writer.TryWrite(2);
        rows.Writer.TryWrite(3);
        client.Query("fetch 1 from c; fetch 1 from c");
        (await client.ReadToReadyAsync()).ShouldBe("T(n:20) D(2) C:FETCH 1 T(n:20) D(3) C:FETCH 1 ZI");
        client.Query("fetch 1 from c with (timeout = '10ms')");
        (await client.ReadToReadyAsync()).ShouldBe("T(n:20) C:FETCH 0 ZI");
        rows.Writer.TryWrite(4);
        client.Query("fetch 1 from c; close c");
        (await client.ReadToReadyAsync()).ShouldBe("T(n:20) D(4) C:FETCH 1 C:CLOSE CURSOR ZI");
    }

    [Fact]
    public async Task Psqls_own_cursor_waits_for_all_rows()
    {
        var rows = _statements.Push("select live", "n");
        await using var client = await WireClient.ConnectAsync(_statements);
        client.Query("declare _psql_cursor no scroll cursor with hold for select live");
        await client.ReadToReadyAsync();
        client.Query("fetch forward 2 from _psql_cursor");
        (await client.ReadAsync(1)).ShouldBe("T(n:20)");
        rows.Writer.TryWrite(1);
        (await client.ReadAsync(1)).ShouldBe("D(1)");
        rows.Writer.TryWrite(2);
        (await client.ReadToReadyAsync()).ShouldBe("D(2) C:FETCH 2 ZI");
    }

    [Fact]
    public async Task Copy_sends_each_row_at_once()
    {
        var rows = _statements.Push("select live", "n");
        await using var client = await WireClient.ConnectAsync(_statements);
        client.Query("copy (select live) to stdout");
        (await client.ReadAsync(1)).ShouldBe("H");
        rows.Writer.TryWrite(1);
        (await client.ReadAsync(1)).ShouldBe("d(1\\n)");
        rows.Writer.Complete();
        (await client.ReadToReadyAsync()).ShouldBe("c C:COPY 1 ZI");
    }

    [Fact]
    public async Task Extended_protocol_sends_each_row_at_once_up_to_the_limit()
    {
        var rows = _statements.Push("select live", "n");
        await using var client = await WireClient.ConnectAsync(_statements);
        client.Parse("", "select live");
        client.Bind("", "");
        client.Execute("", 1);
        client.Flush();
        (await client.ReadAsync(2)).ShouldBe("1 2");
        rows.Writer.TryWrite(1);
        (await client.ReadAsync(2)).ShouldBe("D(1) s");
        client.Execute("", 0);
        client.Flush();
        await client.SendAsync();
        rows.Writer.TryWrite(2);
        (await client.ReadAsync(1)).ShouldBe("D(2)");
        rows.Writer.Complete();
        client.Sync();
        (await client.ReadToReadyAsync()).ShouldBe("C:SELECT 1 ZI");
    }

    [Fact]
    public async Task A_slow_client_holds_up_its_query_instead_of_filling_memory()
    {
        const int BufferBytes = 4096;
        var rows = _statements.Push("select live", "n");
        await using var client = await WireClient.ConnectAsync(_statements, serverBufferBytes: BufferBytes);
        client.Query("select live");
        (await client.ReadAsync(2)).ShouldBe($"{Notice} T(n:20)");
        const int Written = 10_000;
        for (var i = 0; i < Written; i++)
            rows.Writer.TryWrite(i);
        var last = "";
        for (var i = 0; i < Written; i++)
            last = await client.ReadAsync(1);
        last.ShouldBe($"D({Written - 1})");
        client.MostBufferedBytes.ShouldBeLessThan(2 * BufferBytes);
    }

    [Fact]
    public async Task With_the_setting_full_a_fetch_waits_for_all_rows_or_for_its_time()
    {
        var rows = _statements.Push("select live", "n");
        await using var client = await ConnectAsync(TimeProvider.System, ("streamsql.fetch", "full"));
        client.Query("declare c cursor with hold for select live");
        await client.ReadToReadyAsync();
        rows.Writer.TryWrite(1);
        client.Query("fetch 2 from c");
        (await client.ReadAsync(2)).ShouldBe("T(n:20) D(1)");
        rows.Writer.TryWrite(2);
        (await client.ReadToReadyAsync()).ShouldBe("D(2) C:FETCH 2 ZI");
        rows.Writer.TryWrite(3);
        client.Query("fetch 2 from c with (timeout = '50ms')");
        (await client.ReadToReadyAsync()).ShouldBe("T(n:20) D(3) C:FETCH 1 ZI");
        client.Query("fetch 2 from c with (timeout = 0)");
        (await client.ReadToReadyAsync()).ShouldBe("T(n:20) C:FETCH 0 ZI");
        rows.Writer.TryWrite(4);
        rows.Writer.TryWrite(5);
        client.Query("fetch 2 from c");
        (await client.ReadToReadyAsync()).ShouldBe("T(n:20) D(4) D(5) C:FETCH 2 ZI");
    }

    [Fact]
    public async Task The_time_of_a_fetch_counts_from_its_start_however_many_rows_come()
    {
        var rows = _statements.Push("select live", "n");
        var time = new ManualTime();
        await using var client = await ConnectAsync(time, ("streamsql.fetch", "full"));
        client.Query("declare c cursor with hold for select live");
        await client.ReadToReadyAsync();
        client.Query("fetch 10 from c with (timeout = '10s')");
        await client.ReadAsync(1);
        for (var i = 0; i < 3; i++)
        {
            rows.Writer.TryWrite(i);
            (await client.ReadAsync(1)).ShouldBe($"D({i})");
            time.Advance(TimeSpan.FromSeconds(3));
        }

        rows.Writer.TryWrite(3);
        (await client.ReadAsync(1)).ShouldBe("D(3)");
        var ready = client.ReadToReadyAsync();
        while (!ready.IsCompleted)
        {
            time.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(1);
        }

        (await ready).ShouldBe("C:FETCH 4 ZI");
    }

    [Fact]
    public async Task Statement_timeout_ends_a_push_query_and_a_waiting_fetch()
    {
        _statements.Push("select live", "n");
        await using var client = await ConnectAsync(TimeProvider.System, ("statement_timeout", "50ms"));
        foreach (var statement in new[] { "copy (select live) to stdout", "declare c cursor with hold for select live; fetch 1 from c" })
        {
            client.Query(statement);
            (await client.ReadToReadyAsync()).ShouldEndWith("E(57014 canceling statement due to statement timeout) ZI");
        }

        client.Query("select live");
        (await client.ReadToReadyAsync()).ShouldBe($"{Notice} T(n:20) E(57014 canceling statement due to statement timeout) ZI");
    }

    [Fact]
    public async Task A_cancelled_query_has_ended_within_100_ms()
    {
        _statements.Push("select live", "n");
        var handler = WireClient.Handler(_statements);
        await using var client = new WireClient(handler);
        client.Startup(3 << 16, ("user", "alice"));
        await client.ReadToReadyAsync();
        var times = new List<TimeSpan>();
        for (var i = 0; i < 21; i++)
        {
            client.Query("select live");
            await client.ReadAsync(2);
            var start = TimeProvider.System.GetTimestamp();
            await using var canceller = new WireClient(handler);
            canceller.Cancel(client.Key);
            await canceller.SendAsync();
            (await client.ReadToReadyAsync()).ShouldBe("E(57014 canceling statement due to user request) ZI");
            times.Add(TimeProvider.System.GetElapsedTime(start));
        }

        times.Sort();
        times[times.Count / 2].ShouldBeLessThan(TimeSpan.FromMilliseconds(100)); // the median: the machine may be busy
    }

    private async Task<WireClient> ConnectAsync(TimeProvider time, (string Name, string Value) setting)
    {
        var client = new WireClient(WireClient.Handler(_statements, time: time));
        client.Startup(3 << 16, ("user", "alice"), setting);
        (await client.ReadToReadyAsync()).ShouldEndWith("ZI");
        return client;
    }
}
