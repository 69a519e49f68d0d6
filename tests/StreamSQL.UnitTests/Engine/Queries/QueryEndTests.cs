using StreamSQL.Engine.Planning;
using StreamSQL.Engine.Queries;
using StreamSQL.Kafka.Client;
using StreamSQL.UnitTests.Engine.Support;

namespace StreamSQL.UnitTests.Engine.Queries;

/// <summary>What goes with a query that is ended, and what stays.</summary>
public class QueryEndTests
{
    private const string Statements = """
        CREATE STREAM s (k VARCHAR KEY, v BIGINT) WITH (KAFKA_TOPIC = 's', PARTITIONS = 2, KEY_FORMAT = 'KAFKA', VALUE_FORMAT = 'JSON');
        CREATE TABLE first AS SELECT v, COUNT(*) AS n FROM s GROUP BY v EMIT CHANGES;
        CREATE TABLE second AS SELECT v, COUNT(*) AS n FROM s GROUP BY v EMIT CHANGES;
        INSERT INTO s VALUES ('a', 1), ('b', 1), ('c', 2);
        """;

    [Fact]
    public async Task A_dropped_query_takes_its_topics_and_its_snapshots_and_nothing_of_another()
    {
        await using var engine = await StartAsync();
        await engine.Engine.WriteSnapshotsAsync(CancellationToken.None);
        var (first, second) = (IdOf(engine, "FIRST"), IdOf(engine, "SECOND"));
        var before = await TopicsAsync(engine);
        Snapshots(engine).Order().ShouldBe(new[] { first, second }.Order());

        await engine.RunAsync("DROP TABLE first DELETE TOPIC");

        var gone = before.Except(await TopicsAsync(engine)).ToArray();
        gone.Length.ShouldBe(4, string.Join(' ', gone)); // result, repartition, changelogs of the groups and of the producers' times
        gone.ShouldAllBe(name => name == "FIRST" || name.Contains(first, StringComparison.Ordinal));
        Snapshots(engine).ShouldBe([second]);
        (await OffsetsAsync(engine, first)).ShouldBeEmpty();
        (await OffsetsAsync(engine, second)).ShouldNotBeEmpty();
        await GoesOnAsync(engine);
    }

    [Fact]
    public async Task What_a_crash_left_of_the_offsets_of_a_query_is_nothing_to_a_later_one_of_its_id()
    {
        const string Insert = "INSERT INTO copy WITH (QUERY_ID = 'again') SELECT * FROM s";
        await using var engine = await StartAsync();
        await engine.RunAsync("""
            CREATE STREAM copy (k VARCHAR KEY, v BIGINT) WITH (KAFKA_TOPIC = 'copy', PARTITIONS = 2, KEY_FORMAT = 'KAFKA', VALUE_FORMAT = 'JSON');
            SET 'auto.offset.reset' = 'earliest';
            """ + Insert);
        await engine.CaughtUpAsync();
        (await OffsetsAsync(engine, "AGAIN")).ShouldNotBeEmpty();
        await engine.RunAsync("TERMINATE again");
        (await OffsetsAsync(engine, "AGAIN")).ShouldBeEmpty();
        var leftOver = new TopicPartition("COPY", 0);
        await using (var producer = await engine.Broker.OpenTransactionalProducerAsync("left", TimeSpan.FromSeconds(60),
            CancellationToken.None))
            await producer.CommitAsync(new TransactionContent([], InternalTopics.ConsumerGroup("AGAIN"), [new(leftOver, 3)]),
                CancellationToken.None);
        (await OffsetsAsync(engine, "AGAIN")).Keys.ShouldContain(leftOver);

        await engine.RunAsync(Insert);
        await engine.CaughtUpAsync();

        (await engine.RunAsync("SELECT COUNT(*) FROM copy")).ShouldBe(["6"]);
        (await OffsetsAsync(engine, "AGAIN")).Keys.ShouldAllBe(static partition => partition.Topic == "s");
    }

    [Fact]
    public async Task A_terminated_query_leaves_its_result_as_it_is()
    {
        await using var engine = await StartAsync();
        var first = IdOf(engine, "FIRST");
        var before = await TopicsAsync(engine);

        await engine.RunAsync($"TERMINATE {first}");
        await GoesOnAsync(engine);

        var gone = before.Except(await TopicsAsync(engine)).ToArray();
        gone.Length.ShouldBe(3, string.Join(' ', gone));
        gone.ShouldAllBe(name => name.Contains(first, StringComparison.Ordinal));
        engine.Engine.Queries.Select(static query => query.Sink).ShouldBe(["SECOND"]);
        (await engine.RunAsync("SELECT v, n FROM first ORDER BY v")).ShouldBe(["1|2", "2|1"]);
    }

    [Fact]
    public async Task What_a_crash_left_of_a_dropped_query_goes_with_the_next_start()
    {
        var before = await StartAsync();
        var orphan = (await TopicsAsync(before)).Single(name => name.Contains(IdOf(before, "FIRST"), StringComparison.Ordinal)
            && name.EndsWith("-repartition", StringComparison.Ordinal));
        await before.RunAsync("DROP TABLE first DELETE TOPIC");
        await before.Broker.CreateTopicAsync(new NewTopic(orphan, 2, 1, new Dictionary<string, string>()), CancellationToken.None);

        await using var after = await before.RestartAsync();

        (await TopicsAsync(after)).ShouldNotContain(orphan);
        await GoesOnAsync(after);
    }

    [Fact]
    public async Task A_sum_that_overflows_stops_its_query_alone_with_the_error_in_the_catalog()
    {
        await using var engine = await EngineHarness.StartAsync();
        await engine.RunAsync("""
            CREATE STREAM s (k VARCHAR KEY, v BIGINT) WITH (KAFKA_TOPIC = 's', PARTITIONS = 2, KEY_FORMAT = 'KAFKA', VALUE_FORMAT = 'JSON');
            CREATE TABLE sums AS SELECT k, SUM(v) AS total FROM s GROUP BY k EMIT CHANGES;
            CREATE TABLE counts AS SELECT k, COUNT(*) AS n FROM s GROUP BY k EMIT CHANGES;
            INSERT INTO s VALUES ('a', 9223372036854775807);
            """);
        await engine.CaughtUpAsync();
        await engine.RunAsync("INSERT INTO s VALUES ('a', 1), ('a', -5)");
        await engine.CaughtUpAsync();

        var queries = engine.Engine.Queries.ToDictionary(static query => query.Sink);
        queries["SUMS"].Status.ShouldBe(QueryStatus.Error);
        queries["SUMS"].LastError!.ShouldContain("out of range");
        queries["COUNTS"].Status.ShouldBe(QueryStatus.Running);
        (await engine.RunAsync("SELECT n FROM counts WHERE k = 'a'")).ShouldBe(["3"]);
        (await engine.RunAsync("SELECT total FROM sums WHERE k = 'a'")).ShouldBe(["9223372036854775807"]);
    }

    private static async Task<EngineHarness> StartAsync()
    {
        var engine = await EngineHarness.StartAsync();
        await engine.RunAsync(Statements);
        await engine.CaughtUpAsync();
        return engine;
    }

    private static async Task GoesOnAsync(EngineHarness engine)
    {
        await engine.RunAsync("INSERT INTO s VALUES ('d', 2)");
        await engine.CaughtUpAsync();
        (await engine.RunAsync("SELECT v, n FROM second ORDER BY v")).ShouldBe(["1|2", "2|2"]);
    }

    private static async Task<IReadOnlyDictionary<TopicPartition, long>> OffsetsAsync(EngineHarness engine, string query) =>
        await engine.Broker.GetCommittedOffsetsAsync(InternalTopics.ConsumerGroup(query), CancellationToken.None);

    private static string IdOf(EngineHarness engine, string sink) => engine.Engine.Queries.Single(query => query.Sink == sink).Id;

    private static async Task<IReadOnlyList<string>> TopicsAsync(EngineHarness engine) =>
        [.. (await engine.Broker.GetTopicsAsync(null, CancellationToken.None)).Select(static topic => topic.Name)];

    private static IReadOnlyList<string> Snapshots(EngineHarness engine) =>
        engine.Disk.ListDirectories($"{EngineHarness.StateDirectory}/queries");
}
