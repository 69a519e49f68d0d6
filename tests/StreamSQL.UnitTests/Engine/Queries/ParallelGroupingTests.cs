using StreamSQL.Data.Batches;
using StreamSQL.Data.Errors;
using StreamSQL.Data.Functions;
using StreamSQL.Data.Types;
using StreamSQL.Engine;
using StreamSQL.Engine.Operators;
using StreamSQL.Engine.Queries.Bounded;
using StreamSQL.Engine.State;
using StreamSQL.Sql.Expressions;
using StreamSQL.Sql.Plans;
using StreamSQL.UnitTests.Engine.Support;

namespace StreamSQL.UnitTests.Engine.Queries;

/// <summary>A grouping that several processors share gives what one gives, and ends as one whatever happens to them.</summary>
public sealed class ParallelGroupingTests
{
    private const int BlockCount = 40;
    private static readonly SqlType[] s_types = [SqlType.Integer, SqlType.BigInt];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Every_lane_groups_blocks_of_its_own(int lanes)
    {
        var all = new Lanes(lanes);
        await using var grouping = all.Group();

        var rows = await ReadAsync(grouping);

        all.Opened.ShouldBe(lanes);
        all.BlocksOfEach.Count.ShouldBe(lanes);
        all.BlocksOfEach.ShouldAllBe(static blocks => blocks > 0);
        all.BlocksOfEach.Sum().ShouldBe(BlockCount);
        rows.ShouldBe(Enumerable.Range(0, 7).Select(static kind =>
        {
            var values = Enumerable.Range(0, BlockCount * 10).Where(n => n % 7 == kind).Select(static n => (long)n * n).ToArray();
            return $"{kind},{values.Length},{values.Sum()},{values.Max()} @0";
        }));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task A_lane_that_fails_ends_them_all(int failing)
    {
        var all = new Lanes(2) { Failing = failing };
        await using (var grouping = all.Group())
            (await Should.ThrowAsync<SqlException>(() => ReadAsync(grouping))).Message.ShouldBe("this lane fails");
        all.Running.ShouldBe(0);
        all.Blocks!.Take(all.Table).ShouldBe(int.MaxValue);
    }

    [Fact]
    public async Task A_small_table_is_read_by_one()
    {
        var all = new Lanes(2) { Slots = 199 };
        await using var grouping = all.Group();
        (await ReadAsync(grouping)).Count.ShouldBe(7);
        all.Opened.ShouldBe(1);
    }

    [Fact]
    public async Task A_statement_gives_the_same_by_any_number_of_lanes()
    {
        const string create = "CREATE TABLE t (id BIGINT PRIMARY KEY, k INTEGER, name VARCHAR, ts TIMESTAMP, v BIGINT) WITH (KAFKA_TOPIC " +
            "= 't', PARTITIONS = 2, VALUE_FORMAT = 'JSON');";
        string[] statements =
        [
            "SELECT k, count(*), sum(v), min(v), max(v), avg(v), count(name) FROM t WHERE v > 100 GROUP BY k ORDER BY k",
            "SELECT name, sum(k), max(name) FROM t GROUP BY name ORDER BY name",
            "SELECT count(*), sum(v) FROM t",
            "SELECT k % 3, name, count(*) FROM t GROUP BY ROLLUP (k % 3, name) ORDER BY 1, 2",
            "SELECT ts - TIMESTAMP '2024-01-01 00:00:00', count(*) FROM t GROUP BY 1 ORDER BY 1",
            "SELECT ROWTIME > 0, count(*) FROM t GROUP BY 1",
        ];
        var answers = new List<List<string>>();
        foreach (var lanes in new[] { 1, 3 })
        {
            var options = new EngineOptions { Restarts = QueryRestartOptions.Never, Lanes = new() { Max = lanes, MinRows = 1000 } };
            await using var engine = await EngineHarness.StartAsync(options: options);
            await engine.RunAsync(create);
            for (var from = 0; from < 20_000; from += 2000)
            {
                await engine.RunAsync("INSERT INTO t (id, k, name, ts, v) VALUES " + string.Join(", ",
                    Enumerable.Range(from, 2000).Select(static i =>
                        $"({i}, {(i % 11 == 0 ? "NULL" : i % 90)}, {(i % 13 == 0 ? "NULL" : $"'n{i % 5}'")}, '2024-01-0" +
                            $"{1 + (i % 4)}T00:00:00', {i * 7919L % 1003})")) + ";");
            }

            await engine.RunAsync("DELETE FROM t WHERE id % 17 = 0;");
            var rows = new List<string>();
            foreach (var sql in statements)
                rows.AddRange(await engine.RunAsync(sql + ";"));
            answers.Add(rows);
        }

        answers[0].Count.ShouldBeGreaterThan(100);
        answers[1].ShouldBe(answers[0]);
    }

    /// <summary>The states of results are shared like tables where they have no windows; else one lane reads them.</summary>
    [Theory]
    [InlineData("")]
    [InlineData("WINDOW TUMBLING (SIZE 10 SECONDS)")]
    [InlineData("WINDOW HOPPING (SIZE 10 SECONDS, ADVANCE BY 5 SECONDS)")]
    [InlineData("WINDOW SESSION (10 SECONDS)")]
    public async Task The_rows_of_a_querys_result_are_each_grouped_once(string window)
    {
        var options = new EngineOptions { Restarts = QueryRestartOptions.Never, Lanes = new() { Max = 3, MinRows = 1000 } };
        await using var engine = await EngineHarness.StartAsync(options: options);
        await engine.RunAsync($"""
            CREATE STREAM s (k BIGINT KEY, v BIGINT) WITH (KAFKA_TOPIC = 's', PARTITIONS = 1, VALUE_FORMAT = 'JSON');
            CREATE TABLE sums AS SELECT k, COUNT(*) AS n, SUM(v) AS total FROM s {window} GROUP BY k HAVING SUM(v) > 10 EMIT CHANGES;
            """);
        for (var from = 0; from < 10_000; from += 2000)
        {
            await engine.RunAsync("INSERT INTO s (ROWTIME, k, v) VALUES "
                + string.Join(", ", Enumerable.Range(from, 2000).Select(static i => $"(6000, {i}, {i % 100})")) + ";");
        }

        var windows = window.Contains("HOPPING", StringComparison.Ordinal) ? 2 : 1;
        var rows = await engine.RunAsync("SELECT n, count(*), sum(total) FROM sums WHERE total > 20 GROUP BY n;");

        rows.ShouldBe([$"1|{7900 * windows}|{100 * (4950 - 210) * windows}"]);
        (await engine.RunAsync("SELECT count(*) FROM sums;")).ShouldBe([$"{8900 * windows}"]);
    }

    private static async Task<List<string>> ReadAsync(ParallelGrouping grouping)
    {
        await grouping.OpenAsync(CancellationToken.None);
        var rows = new List<string>();
        while (await grouping.ReadAsync(CancellationToken.None) is { } batch)
            rows.AddRange(Rows.Texts(batch));
        rows.Sort(StringComparer.Ordinal);
        return rows;
    }

    /// <summary>The lanes of one grouping: none goes on before all have a block.</summary>
    private sealed class Lanes(int count)
    {
        private readonly TaskCompletionSource _allBegun = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _begun;

        public RowTable Table { get; } = new(
            "t", Contexts.Schema(RelationKind.Table, (s_types[0], ColumnRole.Key), (s_types[1], ColumnRole.Value)),
            new MemoryBudget("test", long.MaxValue, null));

        public int? Failing { get; init; }

        public int Slots { get; init; } = count * 100;

        public SlotBlocks? Blocks { get; private set; }

        public int Opened { get; private set; }

        public int Running { get; private set; }

        public List<int> BlocksOfEach { get; } = [];

        public ParallelGrouping Group()
        {
            var column = Contexts.Column(1, SqlType.BigInt);
            AggregateCall[] calls = [Call("COUNT"), Call("SUM", column), Call("MAX", column)];
            var schema = Contexts.Input(RelationKind.Rows, SqlType.Integer, calls[0].Binding.ResultType, calls[1].Binding.ResultType,
                SqlType.BigInt).Schema;
            var plan = new LogicalAggregate(new LogicalValues([], schema), [Contexts.Column(0, SqlType.Integer)], calls, null,
                false, schema);
            return new ParallelGrouping(plan, Open, Contexts.Create(rules: RuleSet.Postgres),
                new LaneOptions { Max = count, MinRows = 100 });
        }

        private static AggregateCall Call(string name, params BoundExpression[] arguments) => new(
            name, BuiltInFunctions.Registry.FindAggregate(name)!.Bind([.. arguments.Select(static argument => argument.Type)],
                RuleSet.Postgres)!, arguments);

        private Lane Open(SlotBlocks blocks)
        {
            lock (Table)
            {
                Blocks = blocks;
                BlocksOfEach.Add(0);
                return new Lane(this, blocks, Opened++);
            }
        }

        private Task BeginAsync()
        {
            if (Interlocked.Increment(ref _begun) == Math.Min(count, Slots / 100))
                _allBegun.SetResult();
            return _allBegun.Task;
        }

        private sealed class Lane(Lanes all, SlotBlocks blocks, int index) : RowSource
        {
            private bool _hasBegun;

            public override int EstimatedSlots => all.Slots;

            public override ValueTask OpenAsync(CancellationToken cancellation)
            {
                lock (all.Table)
                    all.Running++;
                return ValueTask.CompletedTask;
            }

            public override async ValueTask<ChangeBatch?> ReadAsync(CancellationToken cancellation)
            {
                var block = blocks.Take(all.Table) / SlotBlocks.Size;
                if (!_hasBegun)
                {
                    _hasBegun = true;
                    await all.BeginAsync();
                    if (index == all.Failing)
                        throw new SqlException("22012", "this lane fails");
                }

                if (block >= BlockCount)
                    return null;
                lock (all.Table)
                    all.BlocksOfEach[index]++;
                return Rows.Batch(s_types, [.. Enumerable.Range(block * 10, 10).Select(static n => Row.At(0, n % 7, (long)n * n))]);
            }

            public override ValueTask DisposeAsync()
            {
                lock (all.Table)
                    all.Running--;
                return base.DisposeAsync();
            }
        }
    }
}
