using Microsoft.Extensions.Logging;
using StreamSQL.Engine;
using StreamSQL.Storage.Files;
using StreamSQL.UnitTests.Engine.Support;

namespace StreamSQL.UnitTests.Engine.Queries;

/// <summary>A start from snapshots, of whatever age or damage, gives the answers of a process that never ended.</summary>
public class SnapshotTests
{
    private const int Partitions = 3;

    private const string Setup = """
        CREATE STREAM orders (customer VARCHAR KEY, item VARCHAR, amount INTEGER, tags ARRAY<VARCHAR>)
            WITH (KAFKA_TOPIC = 'orders', PARTITIONS = 3, KEY_FORMAT = 'KAFKA', VALUE_FORMAT = 'JSON');
        CREATE TABLE customers (customer VARCHAR PRIMARY KEY, city VARCHAR, note MAP<VARCHAR, INTEGER>)
            WITH (KAFKA_TOPIC = 'customers', PARTITIONS = 3, KEY_FORMAT = 'KAFKA', VALUE_FORMAT = 'JSON');
        CREATE TABLE totals AS SELECT customer, COUNT(*) AS n, SUM(amount) AS total, AVG(amount) AS mean, MIN(item) AS least, MAX(amount) AS most,
            COLLECT_LIST(item) AS items, LATEST_BY_OFFSET(tags) AS tags FROM orders GROUP BY customer EMIT CHANGES;
        CREATE TABLE minutes AS SELECT customer, COUNT(*) AS n FROM orders WINDOW TUMBLING (SIZE 1 MINUTE, RETENTION 1 DAY, GRACE PERIOD 30 SECONDS)
            GROUP BY customer EMIT CHANGES;
        CREATE TABLE hops AS SELECT customer, SUM(amount) AS total FROM orders
            WINDOW HOPPING (SIZE 1 MINUTE, ADVANCE BY 20 SECONDS, RETENTION 10 MINUTES, GRACE PERIOD 30 SECONDS) GROUP BY customer EMIT CHANGES;
        CREATE TABLE visits AS SELECT customer, COUNT(*) AS n, COLLECT_SET(item) AS items FROM orders
            WINDOW SESSION (20 SECONDS, RETENTION 1 HOUR, GRACE PERIOD 30 SECONDS) GROUP BY customer EMIT CHANGES;
        CREATE TABLE finals AS SELECT customer, COUNT(*) AS n FROM orders WINDOW TUMBLING (SIZE 1 MINUTE, GRACE PERIOD 10 SECONDS)
            GROUP BY customer EMIT FINAL;
        CREATE TABLE items AS SELECT item, COUNT(*) AS n, SUM(amount) AS total FROM orders WINDOW TUMBLING (SIZE 1 MINUTE, RETENTION 1 DAY, GRACE PERIOD 5 MINUTES)
            GROUP BY item EMIT CHANGES;
        CREATE TABLE pairs AS SELECT item, amount, COUNT(*) AS n FROM orders GROUP BY item, amount EMIT CHANGES;
        CREATE TABLE cities AS SELECT city, COUNT(*) AS n FROM customers GROUP BY city EMIT CHANGES;
        CREATE STREAM placed AS SELECT o.customer AS customer, o.item AS item, c.city AS city FROM orders o JOIN customers c ON o.customer = c.customer EMIT CHANGES;
        """;

    private static readonly string[] Reads =
    [
        "SELECT customer, n, total, mean, least, most, items, tags FROM totals", "SELECT customer, windowstart, n FROM minutes",
        "SELECT customer, windowstart, total FROM hops", "SELECT customer, windowstart, windowend, n, items FROM visits",
        "SELECT customer, windowstart, n FROM finals", "SELECT item, windowstart, n, total FROM items", "SELECT item, amount, n FROM pairs",
        "SELECT city, n FROM cities", "SELECT customer, item, city FROM placed", "SELECT customer, city, note FROM customers",
    ];

    /// <summary>The answers of an engine that was never stopped.</summary>
    private static readonly Lazy<Task<List<string>>> Uninterrupted = new(UninterruptedAsync);

    private static readonly EngineOptions Quiet = new() { Snapshots = new() { Interval = TimeSpan.FromHours(1) } };

    [Theory]
    [InlineData("none")]
    [InlineData("fresh")]
    [InlineData("stale")]
    [InlineData("at rest")]
    public async Task Answers_do_not_depend_on_the_snapshots_that_a_start_finds(string snapshots)
    {
        var expected = await Uninterrupted.Value;
        var engine = await EngineHarness.StartAsync(options: Quiet);
        await engine.RunAsync(Setup);
        await ProduceAsync(engine, 0);
        if (snapshots == "stale")
            await engine.Engine.WriteSnapshotsAsync(default);
        await ProduceAsync(engine, 1);
        if (snapshots is "fresh" or "at rest")
            await engine.Engine.WriteSnapshotsAsync(default);
        if (snapshots == "fresh")
            await ProduceAsync(engine, 2);

        var log = new LogOfSnapshots();
        await using var after = await RestartAsync(engine, crash: snapshots != "at rest", log);
        if (snapshots != "fresh")
            await ProduceAsync(after, 2);
        await ProduceAsync(after, 3);

        Differences(expected, await AnswersAsync(after)).ShouldBeEmpty();
        log.Refused.ShouldBeEmpty();
        if (snapshots == "none")
            log.Loaded.ShouldBeEmpty();
        else
            log.Loaded.Count.ShouldBeGreaterThan(20);
    }

    [Fact]
    public async Task A_damaged_snapshot_is_thrown_away_once_and_the_state_comes_from_its_changelog()
    {
        var expected = await Uninterrupted.Value;
        var engine = await EngineHarness.StartAsync(options: Quiet);
        await engine.RunAsync(Setup);
        await ProduceAsync(engine, 0);
        await ProduceAsync(engine, 1);
        await engine.Engine.WriteSnapshotsAsync(default);
        await ProduceAsync(engine, 2);
        var files = SnapshotsOf(engine.Disk).ToArray();
        files.Length.ShouldBeGreaterThan(20);
        var cut = engine.Disk.PowerCut();
        await engine.DisposeAsync();
        foreach (var damage in Enum.GetValues<Damage>())
        {
            var disk = cut.PowerCut();
            foreach (var file in files)
                Apply(damage, disk, file);
            var log = new LogOfSnapshots();
            await using (var after = await EngineHarness.StartAsync(disk, Quiet, log))
            {
                await ProduceAsync(after, 3);
                Differences(expected, await AnswersAsync(after)).ShouldBeEmpty(damage.ToString());
                log.Refused.Order().ShouldBe(files.Order(), damage.ToString());
                log.Loaded.ShouldBeEmpty();
                SnapshotsOf(disk).ShouldBeEmpty();
            }
        }
    }

    [Fact]
    public async Task Snapshots_of_dropped_queries_and_tables_go_at_once_or_at_the_next_start()
    {
        await using var engine = await EngineHarness.StartAsync(options: Quiet);
        await engine.RunAsync(Setup);
        await ProduceAsync(engine, 0);
        await engine.Engine.WriteSnapshotsAsync(default);
        var before = SnapshotsOf(engine.Disk).ToHashSet();
        engine.Disk.CreateDirectory($"{EngineHarness.StateDirectory}/queries/GONE");
        engine.Disk.Open($"{EngineHarness.StateDirectory}/queries/GONE/0-0-state-0.snapshot", FileOpening.CreateNew).Dispose();
        engine.Disk.Open(before.First() + ".tmp", FileOpening.CreateNew).Dispose();

        await engine.RunAsync("DROP STREAM placed; DROP TABLE cities; DROP TABLE totals; DROP TABLE customers;");
        var left = SnapshotsOf(engine.Disk).ToHashSet();
        left.Count.ShouldBeLessThan(before.Count - 6);
        await using var after = await EngineHarness.StartAsync(engine.Disk.PowerCut(), Quiet);

        engine.Disk.ListDirectories($"{EngineHarness.StateDirectory}/tables").ShouldBeEmpty();
        after.Disk.ListDirectories($"{EngineHarness.StateDirectory}/queries").ShouldNotContain("GONE");
        SnapshotsOf(after.Disk).ShouldBeSubsetOf(left);
        after.Disk.FileExists(before.First() + ".tmp").ShouldBeFalse();
    }

    [Fact]
    public async Task A_query_of_an_old_name_does_not_begin_with_the_old_state()
    {
        await using var engine = await EngineHarness.StartAsync(options: Quiet);
        await engine.RunAsync("CREATE STREAM s (k VARCHAR KEY, v INTEGER) WITH (KAFKA_TOPIC = 's', PARTITIONS = 1, KEY_FORMAT = 'KAFKA', " +
            "VALUE_FORMAT = 'JSON');");
        const string counts =
            "CREATE TABLE counts WITH (KAFKA_TOPIC = 'counts') AS SELECT k, COUNT(*) AS n FROM s GROUP BY k EMIT CHANGES;";
        await engine.RunAsync(counts + "INSERT INTO s (k, v) VALUES ('a', 1), ('a', 2);");
        await engine.CaughtUpAsync();
        await engine.Engine.WriteSnapshotsAsync(default);
        await engine.RunAsync("DROP TABLE counts DELETE TOPIC;" + counts + "INSERT INTO s (k, v) VALUES ('b', 1);");
        await engine.CaughtUpAsync();

        await using var after = await engine.CrashAsync();
        await after.CaughtUpAsync();

        (await after.RunAsync("SELECT k, n FROM counts")).ShouldBe(await engine.RunAsync("SELECT k, n FROM counts"), ignoreOrder: true);
    }

    [Fact]
    public async Task Snapshots_are_written_while_the_queries_run_when_the_changelog_has_grown_enough()
    {
        var options = new EngineOptions
        {
            Snapshots = new() { Interval = TimeSpan.FromMilliseconds(5), MinGrowthBytes = 1000, Growth = 0.05, BytesPerSecond = 4_000_000 },
        };
        var expected = await Uninterrupted.Value;
        var engine = await EngineHarness.StartAsync(options: options);
        await engine.RunAsync(Setup);
        for (var part = 0; part < 3; part++)
            await ProduceAsync(engine, part);
        for (var attempt = 0; !SnapshotsOf(engine.Disk).Any() && attempt < 4000; attempt++)
            await Task.Delay(5);

        var log = new LogOfSnapshots();
        await using var after = await RestartAsync(engine, crash: true, log);
        await ProduceAsync(after, 3);
        Differences(expected, await AnswersAsync(after)).ShouldBeEmpty();
        log.Loaded.ShouldNotBeEmpty();
        log.Refused.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_disk_that_fails_costs_the_snapshot_and_nothing_else()
    {
        await using var engine = await EngineHarness.StartAsync(options: Quiet);
        await engine.RunAsync(Setup);
        await ProduceAsync(engine, 0);
        await engine.Engine.WriteSnapshotsAsync(default);
        var before = SnapshotsOf(engine.Disk).ToArray();
        await ProduceAsync(engine, 1);
        var failed = 0;
        engine.Disk.Fault = (operation, path) =>
            path.StartsWith(EngineHarness.StateDirectory, StringComparison.Ordinal) && operation == FileOperation.FlushData
                && Interlocked.Increment(ref failed) > 0
                ? new IOException("the disk is full") : null;
        await engine.Engine.WriteSnapshotsAsync(default);
        engine.Disk.Fault = null;
        failed.ShouldBeGreaterThan(10);
        SnapshotsOf(engine.Disk).ShouldBe(before);
        var answers = await AnswersAsync(engine);

        await using var after = await engine.CrashAsync();
        await after.CaughtUpAsync();
        Differences(answers, await AnswersAsync(after)).ShouldBeEmpty();
    }

    private static async Task<EngineHarness> RestartAsync(EngineHarness engine, bool crash, LogOfSnapshots log)
    {
        if (crash)
        {
            var disk = engine.Disk.PowerCut();
            var after = await EngineHarness.StartAsync(disk, Quiet, log);
            await engine.DisposeAsync();
            await after.CaughtUpAsync();
            return after;
        }

        await engine.DisposeAsync();
        return await EngineHarness.StartAsync(engine.Disk, Quiet, log);
    }

    private static async Task<List<string>> UninterruptedAsync()
    {
        await using var engine = await EngineHarness.StartAsync(options: Quiet);
        await engine.RunAsync(Setup);
        for (var part = 0; part < 4; part++)
            await ProduceAsync(engine, part);
        return await AnswersAsync(engine);
    }

    /// <summary>A part of the input: mostly in order, with late and very late rows; the table's rows come and go.</summary>
    private static async Task ProduceAsync(EngineHarness engine, int part)
    {
        var random = new Random(part);
        var customers = Enumerable.Range(0, 15)
            .Select(_ => ($"c{random.Next(25)}", $$"""{"NOTE":{"n":{{random.Next(9)}} },"CITY":"city{{random.Next(4)}}"}""", (long)part))
            .ToArray();
        await engine.ProduceAsync("customers", Partitions, customers);
        await engine.CaughtUpAsync();
        var orders = Enumerable.Range(0, 300).Select(i =>
        {
            var time = (part * 200_000L) + (i * 600) - (random.Next(10) == 0 ? random.Next(100_000) : 0);
            return ($"c{random.Next(30)}", $$"""{"ITEM":"i{{random.Next(6)}}","AMOUNT":{{random.Next(5)}},"TAGS":["t{{i}}",null]}""",
                Math.Max(0, time));
        });
        foreach (var chunk in orders.Chunk(60))
        {
            await engine.ProduceAsync("orders", Partitions, chunk);
            await engine.CaughtUpAsync();
        }
    }

    private static IEnumerable<string> Differences(List<string> expected, List<string> actual) =>
        expected.Except(actual).Select(static row => "missing: " + row)
            .Concat(actual.Except(expected).Select(static row => "not expected: " + row));

    private static async Task<List<string>> AnswersAsync(EngineHarness engine)
    {
        var answers = new List<string>();
        foreach (var read in Reads)
        {
            var rows = await engine.RunAsync(read);
            rows.ShouldNotBeEmpty(read);
            answers.AddRange(rows.GroupBy(static row => row).Select(row => $"{read}: {row.Key} ({row.Count()})"));
        }

        answers.AddRange(engine.Engine.Queries.Where(static query => query.LastError is not null)
            .Select(static query => $"{query.Id}: {query.LastError}"));
        return answers;
    }

    private static IEnumerable<string> SnapshotsOf(MemoryFileSystem disk)
    {
        foreach (var kind in new[] { "queries", "tables" })
        {
            foreach (var directory in disk.ListDirectories($"{EngineHarness.StateDirectory}/{kind}"))
            {
                foreach (var file in disk.ListFiles($"{EngineHarness.StateDirectory}/{kind}/{directory}"))
                {
                    if (file.EndsWith(".snapshot", StringComparison.Ordinal))
                        yield return $"{EngineHarness.StateDirectory}/{kind}/{directory}/{file}";
                }
            }
        }
    }

    private static void Apply(Damage damage, MemoryFileSystem disk, string path)
    {
        using var file = disk.Open(path, FileOpening.Write);
        var length = file.Length;
        switch (damage)
        {
            case Damage.Empty:
                file.SetLength(0);
                break;
            case Damage.HalfOfIt:
                file.SetLength(length / 2);
                break;
            case Damage.WithoutItsLastByte:
                file.SetLength(length - 1);
                break;
            case Damage.Longer:
                file.Write([0], length);
                break;
            case Damage.AnotherVersion:
                file.Write([99], 8);
                break;
            case Damage.FlippedMagic:
                Flip(file, 0);
                break;
            case Damage.FlippedHeader:
                Flip(file, 25);
                break;
            case Damage.FlippedLength:
                Flip(file, 12);
                break;
            case Damage.FlippedMiddle:
                Flip(file, length / 2);
                break;
            case Damage.FlippedEnd:
                Flip(file, length - 5);
                break;
        }
    }

    private static void Flip(IStorageFile file, long offset)
    {
        Span<byte> value = [0];
        file.Read(value, offset);
        value[0] ^= 0x40;
        file.Write(value, offset);
    }

    private enum Damage
    {
        Empty,
        HalfOfIt,
        WithoutItsLastByte,
        Longer,
        AnotherVersion,
        FlippedMagic,
        FlippedHeader,
        FlippedLength,
        FlippedMiddle,
        FlippedEnd,
    }

    /// <summary>Keeps the paths of the snapshots that were read and that were refused.</summary>
    private sealed class LogOfSnapshots : ILogger<StreamEngine>
    {
        private readonly Lock _sync = new();

        public List<string> Loaded { get; } = [];

        public List<string> Refused { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception,
            Func<TState, Exception?, string> formatter)
        {
            if (eventId.Name is not ("SnapshotLoaded" or "SnapshotRefused"))
                return;
            var path = formatter(state, exception).Split(' ')[1];
            lock (_sync)
                (eventId.Name == "SnapshotLoaded" ? Loaded : Refused).Add(path);
        }
    }
}
