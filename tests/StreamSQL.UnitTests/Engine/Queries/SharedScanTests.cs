using StreamSQL.Engine;
using StreamSQL.Engine.Queries;
using StreamSQL.UnitTests.Engine.Support;

namespace StreamSQL.UnitTests.Engine.Queries;

/// <summary>Queries that read one stream together give what each of them gives alone.</summary>
public class SharedScanTests
{
    private const string Orders = """
        CREATE STREAM orders (id VARCHAR KEY, item VARCHAR, amount INTEGER, price BIGINT)
        WITH (KAFKA_TOPIC = 'orders', PARTITIONS = 2, KEY_FORMAT = 'KAFKA', VALUE_FORMAT = 'JSON');
        """;

    private static readonly string[] s_queries =
    [
        "CREATE STREAM r0 AS SELECT id, amount FROM orders WHERE amount % 3 = 0 EMIT CHANGES;",
        "CREATE STREAM r1 AS SELECT id, item FROM orders WHERE item = 'pen' EMIT CHANGES;",
        "CREATE STREAM r2 AS SELECT id, price * 2 AS double_price FROM orders EMIT CHANGES;",
        "CREATE TABLE r3 AS SELECT id, COUNT(*) AS n, SUM(amount) AS total FROM orders GROUP BY id EMIT CHANGES;",
        "CREATE TABLE r4 AS SELECT item, COUNT(*) AS n FROM orders GROUP BY item EMIT CHANGES;",
        "CREATE STREAM r5 AS SELECT id, ROWTIME AS at, item FROM orders EMIT CHANGES;",
    ];

    [Fact]
    public async Task Results_do_not_depend_on_sharing()
    {
        var alone = await RunAsync(shared: false);
        var together = await RunAsync(shared: true);

        together.ShouldBe(alone);
        together.ShouldContain("r3: k1|");

        static async Task<string> RunAsync(bool shared)
        {
            await using var engine = await EngineHarness.StartAsync(options: new EngineOptions { ShareScans = shared });
            await engine.RunAsync(Orders + string.Concat(s_queries));
            for (var round = 0; round < 5; round++)
                await engine.ProduceAsync("orders", 2, Records(round * 3_000, 3_000));
            await engine.CaughtUpAsync();
            return await ResultsAsync(engine);
        }
    }

    [Fact]
    public async Task Queries_that_are_added_or_ended_while_others_run_change_nothing_for_them()
    {
        await using var engine = await EngineHarness.StartAsync();
        await engine.RunAsync(Orders + s_queries[0] + s_queries[1]);
        var producing = ProduceManyAsync(engine, 20);
        await engine.RunAsync(s_queries[2] + "CREATE STREAM gone WITH (KAFKA_TOPIC = 'gone') AS SELECT id, item FROM orders EMIT CHANGES;");
        await engine.RunAsync(s_queries[3]);
        await engine.RunAsync("DROP STREAM gone;");
        await engine.RunAsync(s_queries[4] + s_queries[5]);
        await producing;
        await engine.CaughtUpAsync();

        var queries = engine.Engine.Queries;
        queries.Count.ShouldBe(6);
        queries.ShouldAllBe(static query => query.Status == QueryStatus.Running && query.RowsIn == 40_000);
        (await ResultsAsync(engine)).ShouldBe(await ExpectedAsync(40_000));
    }

    [Fact]
    public async Task A_paused_query_stays_where_it_is_and_comes_back()
    {
        await using var engine = await EngineHarness.StartAsync();
        await engine.RunAsync(Orders + string.Concat(s_queries));
        await ProduceManyAsync(engine, 2);
        await engine.CaughtUpAsync();
        var id = engine.Engine.Queries.Single(static query => query.Sink == "R1").Id;
        await engine.RunAsync($"PAUSE {id};");
        await ProduceManyAsync(engine, 3, from: 4_000);
        await engine.CaughtUpAsync();
        engine.Engine.Queries.Single(query => query.Id == id).RowsIn.ShouldBe(4_000);

        await engine.RunAsync($"RESUME {id};");
        await engine.CaughtUpAsync();
        await ProduceManyAsync(engine, 1, from: 10_000);
        await engine.CaughtUpAsync();

        engine.Engine.Queries.ShouldAllBe(static query => query.RowsIn == 12_000);
        (await ResultsAsync(engine)).ShouldBe(await ExpectedAsync(12_000));
    }

    [Fact]
    public async Task A_query_that_fails_leaves_the_others_alone()
    {
        await using var engine = await EngineHarness.StartAsync(
            options: new EngineOptions { QueryMemoryLimitBytes = 200_000, Restarts = QueryRestartOptions.Never });
        await engine.RunAsync(Orders + s_queries[0]
            + "CREATE TABLE big AS SELECT price, COUNT(*) AS n FROM orders GROUP BY price EMIT CHANGES;" + s_queries[1]);
        await ProduceManyAsync(engine, 10);
        await engine.CaughtUpAsync();

        var queries = engine.Engine.Queries.ToDictionary(static query => query.Sink);
        queries["BIG"].Status.ShouldBe(QueryStatus.Error);
        queries["R0"].RowsIn.ShouldBe(20_000);
        queries["R1"].RowsIn.ShouldBe(20_000);
        (await engine.RunAsync("SELECT COUNT(*) FROM r0")).ShouldBe([$"{Enumerable.Range(0, 20_000).Count(static i => i % 7 % 3 == 0)}"]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task After_a_restart_they_go_on_together(bool crash)
    {
        var before = await EngineHarness.StartAsync();
        await before.RunAsync(Orders + string.Concat(s_queries));
        await ProduceManyAsync(before, 3);
        if (!crash)
            await before.CaughtUpAsync();
        await using var after = crash ? await before.CrashAsync() : await before.RestartAsync();
        await ProduceManyAsync(after, 2, from: 6_000);
        await after.CaughtUpAsync();

        (await ResultsAsync(after)).ShouldBe(await ExpectedAsync(10_000));
        if (crash)
            await before.DisposeAsync();
    }

    [Fact]
    public async Task A_bad_value_counts_only_for_those_who_read_its_column()
    {
        await using var engine = await EngineHarness.StartAsync();
        await engine.RunAsync(Orders + s_queries[0] + s_queries[1] + s_queries[3]);
        await engine.ProduceAsync("orders", 2,
        [
            ("a", """{"ITEM":"pen","AMOUNT":3,"PRICE":1}""", 1),
            ("a", """{"ITEM":"pen","AMOUNT":"many","PRICE":1}""", 2),
            ("a", """{"ITEM":"ink","AMOUNT":6,"PRICE":"dear"}""", 3),
            ("a", """{"ITEM":"pen","AMOUNT":9,""", 4),
            ("a", """{"ITEM":"pen","AMOUNT":9}""", 5),
        ]);
        await engine.CaughtUpAsync();

        (await engine.RunAsync("SELECT amount FROM r0")).ShouldBe(["3", "6", "9"]);
        (await engine.RunAsync("SELECT item, ROWTIME FROM r1")).ShouldBe(["pen|1", "pen|2", "pen|5"]);
        (await engine.RunAsync("SELECT n, total FROM r3")).ShouldBe(["3|18"]);
        var queries = engine.Engine.Queries.ToDictionary(static query => query.Sink);
        (queries["R0"].BadRows, queries["R1"].BadRows, queries["R3"].BadRows).ShouldBe((2, 1, 2));
        queries["R0"].LastError!.ShouldContain("AMOUNT");
        queries["R1"].LastError!.ShouldNotContain("AMOUNT");
        (queries["R0"].RowsIn, queries["R1"].RowsIn, queries["R3"].RowsIn).ShouldBe((5, 5, 5));
    }

    [Fact]
    public async Task Streams_of_one_topic_with_other_columns_read_for_themselves()
    {
        await using var engine = await EngineHarness.StartAsync();
        await engine.RunAsync(Orders + """
            CREATE STREAM texts (id VARCHAR KEY, amount VARCHAR) WITH (KAFKA_TOPIC = 'orders', KEY_FORMAT = 'KAFKA', VALUE_FORMAT = 'JSON');
            CREATE STREAM t AS SELECT id, amount FROM texts EMIT CHANGES;
            """ + s_queries[0]);
        await engine.ProduceAsync("orders", 2, [("a", """{"AMOUNT":3}""", 1), ("a", """{"AMOUNT":"many"}""", 2)]);
        await engine.CaughtUpAsync();

        (await engine.RunAsync("SELECT amount FROM t")).ShouldBe(["3", "many"]);
        (await engine.RunAsync("SELECT amount FROM r0")).ShouldBe(["3"]);
    }

    private static async Task ProduceManyAsync(EngineHarness engine, int batches, int from = 0)
    {
        for (var i = 0; i < batches; i++)
            await engine.ProduceAsync("orders", 2, Records(from + (i * 2_000), 2_000));
    }

    private static IEnumerable<(string Key, string Value, long Time)> Records(int from, int count) =>
        Enumerable.Range(from, count)
            .Select(static i => ($"k{i % 50}", $$"""{"ITEM":"{{(i % 5 == 0 ? "pen" : "ink")}}","AMOUNT":{{i % 7}},"PRICE":{{i}}}""",
                (long)i));

    /// <summary>What the six queries give over the first records, each on a worker of its own.</summary>
    private static async Task<string> ExpectedAsync(int records)
    {
        await using var engine = await EngineHarness.StartAsync(options: new EngineOptions { ShareScans = false });
        await engine.RunAsync(Orders + string.Concat(s_queries));
        await ProduceManyAsync(engine, records / 2_000);
        await engine.CaughtUpAsync();
        return await ResultsAsync(engine);
    }

    private static async Task<string> ResultsAsync(EngineHarness engine)
    {
        var lines = new List<string>();
        foreach (var sink in engine.Engine.Catalog.Sources.Keys.Where(static name => name.StartsWith('R')).Order())
        {
            foreach (var row in (await engine.RunAsync($"SELECT * FROM {sink}")).Order(StringComparer.Ordinal))
                lines.Add($"{sink.ToLowerInvariant()}: {row}");
        }

        return string.Join('\n', lines);
    }
}
