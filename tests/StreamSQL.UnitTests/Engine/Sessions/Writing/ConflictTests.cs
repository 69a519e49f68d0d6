using Npgsql;
using StreamSQL.Data.Errors;
using StreamSQL.Engine.Sessions;
using StreamSQL.UnitTests.Engine.Support;

namespace StreamSQL.UnitTests.Engine.Sessions.Writing;

/// <summary>INSERT ... ON CONFLICT, and clients that change the same rows at once.</summary>
public class ConflictTests
{
    private const string Counters = """
        CREATE TABLE counters (k INTEGER PRIMARY KEY, n INTEGER, by VARCHAR)
            WITH (KAFKA_TOPIC = 'counters', PARTITIONS = 4, KEY_FORMAT = 'KAFKA', VALUE_FORMAT = 'JSON');
        INSERT INTO counters VALUES (1, 10, 'a'), (2, 20, 'b');
        """;

    [Theory]
    [InlineData("INSERT INTO counters VALUES (1, 1, 'x'), (3, 3, 'x') ON CONFLICT (k) DO NOTHING RETURNING k", "3", "1|10|a",
        "2|20|b", "3|3|x")]
    [InlineData("INSERT INTO counters VALUES (3, 3, 'x'), (3, 4, 'y') ON CONFLICT DO NOTHING RETURNING n", "3", "1|10|a",
        "2|20|b", "3|3|x")]
    [InlineData("INSERT INTO counters VALUES (1, 1, 'x'), (3, 3, 'x') ON CONFLICT (k) DO UPDATE SET n = counters.n + EXCLUDED.n " +
        "RETURNING k, n", "1|11,3|3", "1|11|a", "2|20|b", "3|3|x")]
    [InlineData("INSERT INTO counters VALUES (1, 1, 'x'), (2, 2, 'y') ON CONFLICT (k) DO UPDATE SET by = EXCLUDED.by, n = DEFAULT WHERE " +
        "counters.n > 10 RETURNING k, by", "2|y", "1|10|a", "2|null|y")]
    [InlineData("INSERT INTO counters VALUES (1, 1, 'x') ON CONFLICT ON CONSTRAINT counters_pkey DO UPDATE SET (n, by) = (EXCLUDED.n, " +
        "'c') RETURNING n", "1", "1|1|c", "2|20|b")]
    [InlineData("INSERT INTO counters SELECT k, n, 'z' FROM counters ON CONFLICT (k) DO UPDATE SET by = EXCLUDED.by RETURNING k", "1,2",
        "1|10|z", "2|20|z")]
    [InlineData("INSERT INTO counters VALUES (1, 1, 'x') ON CONFLICT (k) DO UPDATE SET n = (SELECT MAX(n) FROM counters) RETURNING n", "20",
        "1|20|a", "2|20|b")]
    public async Task On_conflict(string statement, string returned, params string[] expected)
    {
        await using var engine = await EngineHarness.StartAsync();
        await engine.RunAsync(Counters);

        string.Join(',', (await engine.RunAsync(statement)).Order(StringComparer.Ordinal)).ShouldBe(returned);

        (await engine.RunAsync("SELECT k, n, by FROM counters ORDER BY k")).ShouldBe(expected);
    }

    [Theory]
    [InlineData("INSERT INTO counters VALUES (3, 1, 'x'), (3, 2, 'x') ON CONFLICT (k) DO UPDATE SET n = 1",
        PostgresErrorCodes.CardinalityViolation, "ON CONFLICT DO UPDATE command cannot affect row a second time")]
    [InlineData("INSERT INTO counters VALUES (1, 1, 'x') ON CONFLICT (n) DO NOTHING", PostgresErrorCodes.InvalidColumnReference,
        "there is no unique or exclusion constraint matching the ON CONFLICT specification")]
    [InlineData("INSERT INTO counters VALUES (1, 1, 'x') ON CONFLICT ON CONSTRAINT nope DO NOTHING", PostgresErrorCodes.UndefinedObject,
        "constraint \"nope\" for table \"counters\" does not exist")]
    [InlineData("INSERT INTO counters VALUES (1, 1, 'x') ON CONFLICT DO UPDATE SET n = 1", PostgresErrorCodes.SyntaxError,
        "ON CONFLICT DO UPDATE requires inference specification or constraint name")]
    [InlineData("INSERT INTO counters VALUES (1, 1, 'x') ON CONFLICT (k) DO UPDATE SET n = n + 1", PostgresErrorCodes.AmbiguousColumn,
        "column reference \"n\" is ambiguous")]
    [InlineData("INSERT INTO counters VALUES (1, 1, 'x') ON CONFLICT (k) DO UPDATE SET k = 3", PostgresErrorCodes.FeatureNotSupported,
        "the primary key K of a row cannot be changed")]
    [InlineData("INSERT INTO counters VALUES (1, 1, 'x') ON CONFLICT (nope) DO NOTHING", PostgresErrorCodes.UndefinedColumn,
        "column \"nope\" does not exist")]
    public async Task What_on_conflict_refuses(string statement, string sqlState, string message)
    {
        await using var engine = await EngineHarness.StartAsync();
        await engine.RunAsync(Counters);

        var error = await Should.ThrowAsync<SqlException>(() => engine.RunAsync(statement));

        (error.SqlState, error.Message).ShouldBe((sqlState, message));
    }

    [Theory]
    [InlineData("UPDATE counters SET n = n + 1 WHERE k = 1")]
    [InlineData("UPDATE counters SET n = n + 1")]
    [InlineData("INSERT INTO counters VALUES (1, 1, 'x') ON CONFLICT (k) DO UPDATE SET n = counters.n + EXCLUDED.n")]
    public async Task No_increment_of_many_clients_is_lost(string increment)
    {
        const int Clients = 8;
        const int Each = 25;
        await using var engine = await EngineHarness.StartAsync();
        await engine.RunAsync(Counters);

        await Task.WhenAll(Enumerable.Range(0, Clients).Select(_ => Task.Run(async () =>
        {
            await using var session = engine.Engine.CreateSession("tester", "streamsql");
            for (var i = 0; i < Each; i++)
                await EngineHarness.RunAsync(session, increment);
        })));

        (await engine.RunAsync("SELECT n FROM counters WHERE k = 1")).ShouldBe([$"{10 + (Clients * Each)}"]);
    }

    [Fact]
    public async Task Of_clients_that_insert_a_key_at_once_one_wins_and_the_others_know()
    {
        const int Clients = 8;
        const int Keys = 20;
        await using var engine = await EngineHarness.StartAsync();
        await engine.RunAsync(Counters);

        var won = await Task.WhenAll(Enumerable.Range(0, Clients).Select(client => Task.Run(async () =>
        {
            await using var session = engine.Engine.CreateSession("tester", "streamsql");
            var mine = new List<string>();
            for (var key = 100; key < 100 + Keys; key++)
                mine.AddRange(await EngineHarness.RunAsync(session,
                    $"INSERT INTO counters VALUES ({key}, {client}, 'c') ON CONFLICT (k) DO NOTHING RETURNING k, n"));
            return mine;
        })));

        won.SelectMany(static mine => mine).Order(StringComparer.Ordinal)
            .ShouldBe(await engine.RunAsync("SELECT k, n FROM counters WHERE k >= 100 ORDER BY k"));
    }

    [Fact]
    public async Task A_kafka_client_that_writes_in_between_is_not_overwritten()
    {
        await using var engine = await EngineHarness.StartAsync();
        await engine.RunAsync("""
            CREATE TABLE t (k VARCHAR PRIMARY KEY, n INTEGER) WITH (KAFKA_TOPIC = 't', PARTITIONS = 1, KEY_FORMAT = 'KAFKA', VALUE_FORMAT = 'JSON');
            INSERT INTO t VALUES ('a', 0), ('b', 0);
            """);

        // The producer writes other rows of the same partition as fast as it can: every one of them
        // refuses an append that expected another end.
        using var done = new CancellationTokenSource();
        var producer = Task.Run(async () =>
        {
            var written = 0;
            for (; !done.IsCancellationRequested; written++)
                await engine.ProduceAsync("t", 1, [("b", $"{{\"N\":{written}}}", 1)]);
            return written;
        });
        for (var i = 0; i < 50; i++)
            await engine.RunAsync("UPDATE t SET n = n + 1");
        await done.CancelAsync();
        (await producer).ShouldBeGreaterThan(0);

        (await engine.RunAsync("SELECT n FROM t WHERE k = 'a'")).ShouldBe(["50"]);
    }

    [Fact]
    public async Task A_conflict_at_commit_writes_nothing_and_says_so()
    {
        await using var engine = await EngineHarness.StartAsync();
        await engine.RunAsync(Counters);
        await using var other = engine.Engine.CreateSession("other", "streamsql");

        await engine.RunAsync("BEGIN; UPDATE counters SET n = n + 1 WHERE k = 1; INSERT INTO counters VALUES (5, 5, 'x')");
        await EngineHarness.RunAsync(other, "UPDATE counters SET n = n + 100 WHERE k = 1");
        var error = await Should.ThrowAsync<SqlException>(() => engine.RunAsync("COMMIT"));

        (error.SqlState, error.Message).ShouldBe(
            (PostgresErrorCodes.SerializationFailure, "could not serialize access due to concurrent update of COUNTERS"));
        engine.Session.TransactionStatus.ShouldBe(TransactionStatus.Idle);
        (await engine.RunAsync("SELECT k, n FROM counters ORDER BY k")).ShouldBe(["1|110", "2|20"]);
        await engine.RunAsync("BEGIN; UPDATE counters SET n = n + 1 WHERE k = 1; COMMIT");
        (await engine.RunAsync("SELECT n FROM counters WHERE k = 1")).ShouldBe(["111"]);
    }
}
