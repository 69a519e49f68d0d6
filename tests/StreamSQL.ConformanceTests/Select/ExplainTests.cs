using Npgsql;
using StreamSQL.ConformanceTests.Support;
using StreamSQL.Data.Errors;
using StreamSQL.Engine;

namespace StreamSQL.ConformanceTests.Select;

public sealed class ExplainTests
{
    private const string Query = "SELECT g, sum(v), rank() OVER (ORDER BY sum(v)) FROM (VALUES ('a', 1), ('b', 2), ('a', 3)) AS t(g, v) " +
        "WHERE v > 1 GROUP BY g ORDER BY g LIMIT 5";

    private static readonly string[] Nodes =
    [
        "Limit 5 offset 0 -> (G VARCHAR, SUM BIGINT, RANK BIGINT)",
        "  Sort G#0 -> (G VARCHAR, SUM BIGINT, RANK BIGINT)",
        "    Project G#0, AGGREGATE_0#1, WINDOW_0#2 -> (G VARCHAR, SUM BIGINT, RANK BIGINT)",
        "      Window RANK() over (order by AGGREGATE_0#1) -> (G VARCHAR key, AGGREGATE_0 BIGINT, WINDOW_0 BIGINT)",
        "        Sort AGGREGATE_0#1 -> (G VARCHAR key, AGGREGATE_0 BIGINT)",
        "          Aggregate SUM(CAST(V#1 AS BIGINT)) by G#0 -> (G VARCHAR key, AGGREGATE_0 BIGINT)",
    ];

    [Fact]
    public async Task A_plan_is_shown_node_by_node()
    {
        await using var engine = await TestEngine.StartAsync();
        (await engine.QueryAsync($"EXPLAIN {Query}")).Take(Nodes.Length).ShouldBe(Nodes);
        (await engine.QueryAsync($"EXPLAIN (COSTS off, VERBOSE, BUFFERS false, SETTINGS, FORMAT text) {Query}")).Take(Nodes.Length)
            .ShouldBe(Nodes);
    }

    [Fact]
    public async Task Analyze_runs_it_and_counts_and_times_every_node()
    {
        // Every look at the clock is one millisecond later.
        await using var engine = await TestEngine.StartAsync(new EngineOptions(), new SteppingClock());
        var lines = await engine.QueryAsync($"EXPLAIN ANALYZE {Query}");
        lines[0].ShouldStartWith(Nodes[0] + " (actual time=");
        lines[0].ShouldEndWith(" rows=2 batches=1 loops=1)");
        lines.Single(static line => line.Contains("Aggregate SUM", StringComparison.Ordinal)).ShouldEndWith(" rows=2 batches=1 loops=1)");
        lines.Single(static line => line.Contains("Values", StringComparison.Ordinal)).ShouldEndWith(" rows=3 batches=1 loops=1)");
        lines.ShouldContain(static line => line.StartsWith("Planning Time: ", StringComparison.Ordinal));
        lines.ShouldContain(static line => line.StartsWith("Execution Time: ", StringComparison.Ordinal));

        var untimed = await engine.QueryAsync($"EXPLAIN (ANALYZE, TIMING off, SUMMARY off) {Query}");
        untimed.Take(Nodes.Length).ShouldBe(Nodes.Select(static node => node + " (actual rows=2 batches=1 loops=1)"));
        untimed.ShouldNotContain(static line => line.Contains("Time", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Json_has_a_node_for_each_operator()
    {
        await using var engine = await TestEngine.StartAsync();
        var text = (await engine.QueryAsync($"EXPLAIN (ANALYZE, FORMAT JSON) {Query}")).Single();
        var root = System.Text.Json.JsonDocument.Parse(text).RootElement[0];
        var node = root.GetProperty("Plan");
        var types = new List<string>();
        while (true)
        {
            types.Add(node.GetProperty("Node Type").GetString()!);
            node.GetProperty("Actual Total Time").GetDouble().ShouldBeGreaterThanOrEqualTo(0);
            if (!node.TryGetProperty("Plans", out var inputs))
                break;
            node = inputs[0];
        }

        types.ShouldBe(["Limit", "Sort", "Project", "Window", "Sort", "Aggregate", "Project", "Filter", "Values"], ignoreOrder: false);
        node.GetProperty("Actual Rows").GetInt64().ShouldBe(3);
        root.GetProperty("Execution Time").GetDouble().ShouldBeGreaterThan(0);
    }

    [Theory]
    [InlineData("EXPLAIN (NONSENSE) SELECT 1", PostgresErrorCodes.SyntaxError)]
    [InlineData("EXPLAIN (ANALYZE maybe) SELECT 1", PostgresErrorCodes.InvalidParameterValue)]
    [InlineData("EXPLAIN (FORMAT XML) SELECT 1", PostgresErrorCodes.FeatureNotSupported)]
    [InlineData("EXPLAIN (FORMAT poem) SELECT 1", PostgresErrorCodes.InvalidParameterValue)]
    [InlineData("EXPLAIN (TIMING) SELECT 1", PostgresErrorCodes.InvalidParameterValue)]
    public async Task Wrong_options_are_refused(string statement, string state)
    {
        await using var engine = await TestEngine.StartAsync();
        (await Should.ThrowAsync<SqlException>(() => engine.QueryAsync(statement))).SqlState.ShouldBe(state);
    }

    [Fact]
    public async Task A_query_over_the_memory_setting_says_what_was_too_large_and_what_to_do()
    {
        await using var engine = await TestEngine.StartAsync();
        await engine.ExecuteAsync("SET 'streamsql.query.memory.bytes' = '100000';");
        var error = await Should.ThrowAsync<SqlException>(
            () => engine.QueryAsync("SELECT i FROM generate_series(1, 100000) AS g(i) ORDER BY i DESC"));
        error.SqlState.ShouldBe(PostgresErrorCodes.OutOfMemory);
        error.Message.ShouldBe("a sort in this query is over its memory budget of 100000 bytes");
        error.Hint!.ShouldContain("streamsql.query.memory.bytes");
        await engine.ExecuteAsync("SET 'streamsql.query.memory.bytes' = 'much';");
        (await Should.ThrowAsync<SqlException>(() => engine.QueryAsync("SELECT 1"))).SqlState.ShouldBe(
            PostgresErrorCodes.InvalidParameterValue);
    }

    private sealed class SteppingClock : TimeProvider
    {
        private long _looks;

        public override long TimestampFrequency => 1000;

        public override long GetTimestamp() => Interlocked.Increment(ref _looks);
    }
}
