using StreamSQL.UnitTests.Engine.Support;

namespace StreamSQL.UnitTests.Engine.Sessions;

/// <summary>No value of a sequence comes twice: over power cuts, and of sessions that count at once.</summary>
public sealed class SequenceTests
{
    [Fact]
    public async Task A_power_cut_leaves_values_out_but_gives_none_twice()
    {
        var engine = await EngineHarness.StartAsync(withCatalog: true);
        await engine.RunAsync("CREATE SEQUENCE s; CREATE TABLE t (id SERIAL PRIMARY KEY, n INTEGER); INSERT INTO t (n) VALUES (1), (2);");
        var before = await ValuesAsync(engine, 100);
        before.ShouldBe(Enumerable.Range(1, 100).Select(static value => (long)value));

        var disk = engine.Disk.PowerCut();
        await engine.DisposeAsync();
        await using var again = await EngineHarness.StartAsync(disk, withCatalog: true);
        var after = await ValuesAsync(again, 10);
        after.Min().ShouldBeGreaterThan(100);
        after.Distinct().Count().ShouldBe(10);
        await again.RunAsync("INSERT INTO t (n) VALUES (3)");
        (await again.RunAsync("SELECT COUNT(*), COUNT(DISTINCT id) FROM t")).ShouldBe(["3|3"]);
    }

    [Fact]
    public async Task Sessions_that_count_at_once_get_values_of_their_own()
    {
        await using var engine = await EngineHarness.StartAsync(withCatalog: true);
        await engine.RunAsync("CREATE SEQUENCE s");
        var sessions = Enumerable.Range(0, 4).Select(_ => engine.Engine.CreateSession("tester", "streamsql")).ToArray();
        var values = await Task.WhenAll(sessions.Select(static session =>
            Task.Run(() => EngineHarness.RunAsync(session, "SELECT nextval('s') FROM generate_series(1, 500)"))));
        values.SelectMany(static rows => rows).Distinct().Count().ShouldBe(2000);
        foreach (var session in sessions)
            await session.DisposeAsync();
    }

    [Fact]
    public async Task What_is_restarted_or_made_anew_begins_anew()
    {
        await using var engine = await EngineHarness.StartAsync(withCatalog: true);
        await engine.RunAsync("CREATE SEQUENCE s");
        (await ValuesAsync(engine, 3)).ShouldBe([1, 2, 3]);
        await engine.RunAsync("ALTER SEQUENCE s RESTART WITH 70 INCREMENT BY 10");
        (await ValuesAsync(engine, 2)).ShouldBe([70, 80]);
        await engine.RunAsync("DROP SEQUENCE s; CREATE SEQUENCE s");
        (await ValuesAsync(engine, 2)).ShouldBe([1, 2]);
    }

    private static async Task<List<long>> ValuesAsync(EngineHarness engine, int count) =>
        [.. (await engine.RunAsync($"SELECT nextval('s') FROM generate_series(1, {count})")).Select(long.Parse)];
}
