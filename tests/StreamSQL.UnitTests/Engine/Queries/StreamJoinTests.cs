using StreamSQL.Engine;
using StreamSQL.UnitTests.Engine.Support;

namespace StreamSQL.UnitTests.Engine.Queries;

/// <summary>Continuous joins of two streams.</summary>
public class StreamJoinTests
{
    [Theory]
    [InlineData("JOIN", "a|1|10", 1)]
    [InlineData("LEFT JOIN", "a|1|10,b|2|null,b|3|null", 1)]
    [InlineData("RIGHT JOIN", "a|1|10,b|null|20,c|null|30", 3)]
    [InlineData("FULL JOIN", "a|1|10,b|2|null,b|3|null,b|null|20,c|null|30", 3)]
    public async Task Rows_near_each_other_in_time_join(string kind, string expected, int partitions)
    {
        await using var engine = await EngineHarness.StartAsync();
        await engine.RunAsync(Streams(partitions) + Joined(kind, "WITHIN 10 SECONDS GRACE PERIOD 60 SECONDS"));
        await Produce(engine, partitions);
        await engine.CaughtUpAsync();

        (await ReadAsync(engine)).ShouldBe(expected.Split(','));
    }

    [Fact]
    public async Task Without_a_grace_period_unmatched_rows_come_at_once()
    {
        await using var engine = await EngineHarness.StartAsync();
        await engine.RunAsync(Streams(1) + Joined("LEFT JOIN", "WITHIN 10 SECONDS"));
        await engine.RunAsync("INSERT INTO l (id, v, ROWTIME) VALUES ('a', 1, 1000)");
        await engine.CaughtUpAsync();
        (await ReadAsync(engine)).ShouldBe(["a|1|null"]);

        await engine.RunAsync("INSERT INTO r (id, w, ROWTIME) VALUES ('a', 10, 2000)");
        await engine.CaughtUpAsync();

        (await ReadAsync(engine)).ShouldBe(["a|1|10", "a|1|null"]);
    }

    [Fact]
    public async Task A_row_that_comes_late_but_within_the_grace_period_is_held_too()
    {
        await using var engine = await EngineHarness.StartAsync();
        await engine.RunAsync(Streams(1) + Joined("LEFT JOIN", "WITHIN 10 SECONDS GRACE PERIOD 60 SECONDS"));
        foreach (var row in new[] { "l (id, v, ROWTIME) VALUES ('end', 0, 50000)", "l (id, v, ROWTIME) VALUES ('a', 1, 1000)",
            "r (id, w, ROWTIME) VALUES ('a', 10, 2000)" })
        {
            await engine.RunAsync("INSERT INTO " + row);
            await engine.CaughtUpAsync();
        }

        (await ReadAsync(engine)).ShouldBe(["a|1|10"]);
    }

    [Fact]
    public async Task Before_and_after_are_told_apart()
    {
        await using var engine = await EngineHarness.StartAsync();
        await engine.RunAsync(Streams(1) + Joined("JOIN", "WITHIN (1 SECOND, 5 SECONDS)") + """
            INSERT INTO l (id, v, ROWTIME) VALUES ('a', 1, 10000);
            INSERT INTO r (id, w, ROWTIME) VALUES ('a', 8999, 8999), ('a', 9000, 9000), ('a', 15000, 15000), ('a', 15001, 15001);
            """);
        await engine.CaughtUpAsync();

        (await ReadAsync(engine)).ShouldBe(["a|1|15000", "a|1|9000"]);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4096)]
    public async Task The_order_of_reading_does_not_matter(int rowsPerProduce)
    {
        await using var engine = await EngineHarness.StartAsync();
        await engine.RunAsync(Streams(2));

        // One side is read long before the other one, and all of it would be forgotten by then if time did not put them in order.
        for (var from = 0; from < 400; from += rowsPerProduce)
            await engine.ProduceAsync("l", 2, Enumerable.Range(from, Math.Min(rowsPerProduce, 400 - from))
                .Select(static i => ($"k{i % 7}", $"{{\"V\":{i}}}", i * 60_000L)));
        await engine.ProduceAsync("r", 2, Enumerable.Range(0, 400).Select(static i => ($"k{i % 7}", $"{{\"W\":{i}}}", i * 60_000L)));
        await engine.RunAsync(Joined("LEFT JOIN", "WITHIN 1 SECOND GRACE PERIOD 1 SECOND"));
        await engine.CaughtUpAsync();

        var rows = await engine.RunAsync("SELECT COUNT(*), SUM(lv), SUM(rw), COUNT(rw) FROM joined");
        rows.ShouldBe(["400|79800|79800|400"]);
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(3, 0)]
    [InlineData(3, 1)]
    public async Task Joins_go_on_after_a_crash(int partitions, int snapshotBytes)
    {
        var options = new EngineOptions
        {
            Snapshots = new SnapshotOptions { MinGrowthBytes = snapshotBytes == 0 ? long.MaxValue : snapshotBytes,
                Interval = TimeSpan.FromMilliseconds(5) },
        };
        var engine = await EngineHarness.StartAsync(options: options);
        await engine.RunAsync(Streams(partitions) + Joined("FULL JOIN", "WITHIN 10 SECONDS GRACE PERIOD 60 SECONDS"));
        var expected = new List<string>();
        var random = new Random(partitions);
        for (var round = 0; round < 12; round++)
        {
            var time = round * 1_000_000L;
            var left = Enumerable.Range(0, 40).Select(i => (Key: $"k{random.Next(9)}", Value: (round * 100) + i, Time: time + (i * 1000L)))
                .ToArray();
            var right = Enumerable.Range(0, 40)
                .Select(i => (Key: $"k{random.Next(9)}", Value: (round * 100) + i, Time: time + (i * 1000L))).ToArray();
            expected.AddRange(Model(left, right));
            foreach (var half in new[] { 0, 20 })
            {
                await engine.ProduceAsync("l", partitions,
                    left.Skip(half).Take(20).Select(static row => (row.Key, $"{{\"V\":{row.Value}}}", row.Time)));
                await engine.ProduceAsync("r", partitions,
                    right.Skip(half).Take(20).Select(static row => (row.Key, $"{{\"W\":{row.Value}}}", row.Time)));
                await engine.CaughtUpAsync();
                if ((round + half) % 3 == 0)
                    engine = await engine.CrashAsync();
            }
        }

        // What is still held comes when time goes on in every partition.
        await engine.ProduceAsync("l", partitions, Enumerable.Range(0, 50).Select(static i => ($"end{i}", """{"V":0}""", 100_000_000L)));
        await engine.ProduceAsync("r", partitions, Enumerable.Range(0, 50).Select(static i => ($"end{i}", """{"W":0}""", 100_000_000L)));
        await engine.CaughtUpAsync();

        (await ReadAsync(engine)).ShouldBe(expected.Order(StringComparer.Ordinal));
        await engine.DisposeAsync();
    }

    [Fact]
    public async Task Both_sides_are_moved_to_the_key_of_the_join()
    {
        await using var engine = await EngineHarness.StartAsync();
        await engine.RunAsync("""
            CREATE STREAM a (id VARCHAR KEY, x INTEGER, n INTEGER) WITH (KAFKA_TOPIC = 'a', PARTITIONS = 3, KEY_FORMAT = 'KAFKA', VALUE_FORMAT = 'JSON');
            CREATE STREAM b (id VARCHAR KEY, y INTEGER, m INTEGER) WITH (KAFKA_TOPIC = 'b', PARTITIONS = 2, KEY_FORMAT = 'KAFKA', VALUE_FORMAT = 'JSON');
            CREATE TABLE t (x INTEGER PRIMARY KEY, name VARCHAR) WITH (KAFKA_TOPIC = 't', PARTITIONS = 3, KEY_FORMAT = 'KAFKA', VALUE_FORMAT = 'JSON');
            CREATE STREAM joined AS SELECT a.x AS x, n, m, name FROM a JOIN b WITHIN 1 DAY ON a.x = b.y LEFT JOIN t ON a.x = t.x EMIT CHANGES;
            CREATE TABLE counts AS SELECT a.x AS x, COUNT(*) AS c FROM a JOIN b WITHIN 1 DAY ON a.x = b.y GROUP BY a.x EMIT CHANGES;
            INSERT INTO t (x, name) VALUES (1, 'one');
            INSERT INTO a (id, x, n, ROWTIME) VALUES ('p', 1, 1, 1000), ('q', 2, 2, 1000), ('r', 1, 3, 1000), ('s', NULL, 4, 1000);
            INSERT INTO b (id, y, m, ROWTIME) VALUES ('u', 1, 10, 1000), ('v', 2, 20, 1000), ('w', 3, 30, 1000);
            """);
        await engine.CaughtUpAsync();

        (await engine.RunAsync("SELECT x, n, m, name FROM joined ORDER BY x, n")).ShouldBe(["1|1|10|one", "1|3|10|one", "2|2|20|null"]);
        (await engine.RunAsync("SELECT x, c FROM counts ORDER BY x")).ShouldBe(["1|2", "2|1"]);
    }

    [Fact]
    public async Task State_is_charged_and_forgotten()
    {
        await using var engine = await EngineHarness.StartAsync(options: new EngineOptions { QueryMemoryLimitBytes = 5_000_000 });
        await engine.RunAsync(Streams(1) + Joined("JOIN", "WITHIN 1 SECOND GRACE PERIOD 200 SECONDS"));

        // All of it at once would be over the budget.
        for (var round = 0; round < 40; round++)
        {
            var first = round * 1000;
            await engine.ProduceAsync("l", 1,
                Enumerable.Range(first, 1000).Select(static i => ($"key number {i}", $"{{\"V\":{i}}}", i * 100L)));
            await engine.ProduceAsync("r", 1,
                Enumerable.Range(first, 1000).Select(static i => ($"key number {i}", $"{{\"W\":{i}}}", i * 100L)));
            await engine.CaughtUpAsync();
        }

        (await engine.RunAsync("SELECT COUNT(*) FROM joined")).ShouldBe(["40000"]);
    }

    [Fact]
    public async Task A_push_query_joins_what_comes()
    {
        await using var engine = await EngineHarness.StartAsync();
        await engine.RunAsync(Streams(2) + """
            CREATE TABLE t (id VARCHAR PRIMARY KEY, x INTEGER) WITH (KAFKA_TOPIC = 't', PARTITIONS = 2, KEY_FORMAT = 'KAFKA', VALUE_FORMAT = 'JSON');
            CREATE TABLE u (id VARCHAR PRIMARY KEY, y INTEGER) WITH (KAFKA_TOPIC = 'u', PARTITIONS = 2, KEY_FORMAT = 'KAFKA', VALUE_FORMAT = 'JSON');
            INSERT INTO t (id, x) VALUES ('a', 1), ('b', 2);
            INSERT INTO u (id, y) VALUES ('a', 10), ('b', 20);
            INSERT INTO l (id, v, ROWTIME) VALUES ('a', 0, 1000);
            """);
        await using var streams = await engine.OpenAsync(
            "SELECT l.id, v, w, l.ROWTIME AS lt, r.ROWTIME AS rt FROM l JOIN r WITHIN 10 SECONDS ON l.id = r.id EMIT CHANGES");
        await using var tables = await engine.OpenAsync("SELECT t.id, x, y FROM t JOIN u ON t.id = u.id EMIT CHANGES");
        await engine.RunAsync("""
            INSERT INTO l (id, v, ROWTIME) VALUES ('a', 1, 1001), ('b', 2, 1002);
            INSERT INTO r (id, w, ROWTIME) VALUES ('b', 3, 1003);
            INSERT INTO u (id, y) VALUES ('b', 21);
            """);

        (await EngineHarness.TakeAsync(streams, 1)).ShouldBe(["b|2|3|1002|1003"]);
        (await EngineHarness.TakeAsync(tables, 1)).ShouldBe(["b|2|21"]);
    }

    private static string Streams(int partitions) => $"""
        CREATE STREAM l (id VARCHAR KEY, v INTEGER) WITH (KAFKA_TOPIC = 'l', PARTITIONS = {partitions}, KEY_FORMAT = 'KAFKA', VALUE_FORMAT = 'JSON');
        CREATE STREAM r (id VARCHAR KEY, w INTEGER) WITH (KAFKA_TOPIC = 'r', PARTITIONS = {partitions}, KEY_FORMAT = 'KAFKA', VALUE_FORMAT = 'JSON');

        """;

    private static string Joined(string kind, string within) => $"""
        CREATE STREAM joined AS SELECT {(kind == "FULL JOIN" ? "ROWKEY AS id" : "l.id AS id")}, l.v AS lv, r.w AS rw FROM l {kind} r {within} ON l.id = r.id EMIT CHANGES;

        """;

    private static async Task<List<string>> ReadAsync(EngineHarness engine) =>
        [.. (await engine.RunAsync("SELECT id, lv, rw FROM joined WHERE id NOT LIKE 'end%'")).Order(StringComparer.Ordinal)];

    private static async Task Produce(EngineHarness engine, int partitions)
    {
        await engine.ProduceAsync("l", partitions, [("a", """{"V":1}""", 1000), ("b", """{"V":2}""", 2000), ("b", """{"V":3}""", 20_000)]);
        await engine.ProduceAsync("r", partitions,
            [("a", """{"W":10}""", 5000), ("b", """{"W":20}""", 40_000), ("c", """{"W":30}""", 40_000)]);

        // Held rows come once time is past them, in every partition.
        var end = Enumerable.Range(0, 20).Select(static i => $"end{i}").ToArray();
        await engine.ProduceAsync("l", partitions, end.Select(static key => (key, """{"V":0}""", 1_000_000L)));
        await engine.ProduceAsync("r", partitions, end.Select(static key => (key, """{"W":0}""", 1_000_000L)));
    }

    private static IEnumerable<string> Model((string Key, int Value, long Time)[] left, (string Key, int Value, long Time)[] right)
    {
        foreach (var l in left)
        {
            var matches = right.Where(r => r.Key == l.Key && Math.Abs(r.Time - l.Time) <= 10_000).ToArray();
            foreach (var r in matches)
                yield return $"{l.Key}|{l.Value}|{r.Value}";
            if (matches.Length == 0)
                yield return $"{l.Key}|{l.Value}|null";
        }

        foreach (var r in right.Where(r => !left.Any(l => l.Key == r.Key && Math.Abs(r.Time - l.Time) <= 10_000)))
            yield return $"{r.Key}|null|{r.Value}";
    }
}
