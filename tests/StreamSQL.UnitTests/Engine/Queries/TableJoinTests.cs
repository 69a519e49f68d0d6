using StreamSQL.UnitTests.Engine.Support;

namespace StreamSQL.UnitTests.Engine.Queries;

/// <summary>Continuous joins of two tables by their primary keys.</summary>
public class TableJoinTests
{
    [Theory]
    [InlineData("JOIN", 1, "a|1|1|10")]
    [InlineData("LEFT JOIN", 1, "a|1|1|10,b|2|null|null")]
    [InlineData("RIGHT JOIN", 3, "a|1|1|10,c|null|3|30")]
    [InlineData("FULL JOIN", 3, "a|1|1|10,b|2|null|null,c|null|3|30")]
    public async Task Tables_join_by_their_keys(string kind, int partitions, string expected)
    {
        await using var engine = await EngineHarness.StartAsync();
        await engine.RunAsync(Tables(partitions) + $"""
            CREATE TABLE joined AS SELECT {(kind == "FULL JOIN" ? "ROWKEY AS id" : "l.id AS id")}, l.v AS lv, r.w AS rw, r.w * 10 AS ten
                FROM l {kind} r ON l.id = r.id EMIT CHANGES;
            INSERT INTO l (id, v) VALUES ('a', 1), ('b', 2);
            INSERT INTO r (id, w) VALUES ('a', 1), ('c', 3);
            """);
        await engine.CaughtUpAsync();

        (await engine.RunAsync("SELECT id, lv, rw, ten FROM joined ORDER BY id")).ShouldBe(expected.Split(','));
    }

    [Fact]
    public async Task Joins_go_on_after_a_crash()
    {
        var engine = await EngineHarness.StartAsync();
        await engine.RunAsync(Tables(2) + """
            CREATE TABLE joined AS SELECT ROWKEY AS id, l.v AS lv, r.w AS rw FROM l FULL JOIN r ON l.id = r.id EMIT CHANGES;
            INSERT INTO l (id, v) VALUES ('a', 1), ('b', 2), ('c', 3);
            INSERT INTO r (id, w) VALUES ('a', 10);
            """);
        await engine.CaughtUpAsync();
        await using var after = await engine.CrashAsync();
        await after.RunAsync("INSERT INTO r (id, w) VALUES ('b', 20), ('a', 11); INSERT INTO l (id, v) VALUES ('c', 4);");
        await after.CaughtUpAsync();

        (await after.RunAsync("SELECT id, lv, rw FROM joined ORDER BY id")).ShouldBe(["a|1|11", "b|2|20", "c|4|null"]);
    }

    [Fact]
    public async Task Three_tables_join_from_left_to_right()
    {
        await using var engine = await EngineHarness.StartAsync();
        await engine.RunAsync(Tables(2) + """
            CREATE TABLE m (id VARCHAR PRIMARY KEY, x INTEGER) WITH (KAFKA_TOPIC = 'm', PARTITIONS = 2, KEY_FORMAT = 'KAFKA', VALUE_FORMAT = 'JSON');
            CREATE TABLE joined AS SELECT l.id AS id, v, w, x FROM l JOIN r ON l.id = r.id LEFT JOIN m ON l.id = m.id EMIT CHANGES;
            CREATE TABLE sums AS SELECT v, COUNT(*) AS n, SUM(w) AS total FROM l JOIN r ON l.id = r.id GROUP BY v EMIT CHANGES;
            INSERT INTO l (id, v) VALUES ('a', 1), ('b', 1), ('c', 3);
            INSERT INTO r (id, w) VALUES ('a', 10), ('b', 20);
            INSERT INTO m (id, x) VALUES ('b', 100);
            INSERT INTO r (id, w) VALUES ('a', 11);
            """);
        await engine.CaughtUpAsync();

        (await engine.RunAsync("SELECT id, v, w, x FROM joined ORDER BY id")).ShouldBe(["a|1|11|null", "b|1|20|100"]);
        (await engine.RunAsync("SELECT v, n, total FROM sums ORDER BY v")).ShouldBe(["1|2|31"]);
    }

    [Fact]
    public async Task A_joined_row_that_stops_passing_is_gone()
    {
        await using var engine = await EngineHarness.StartAsync();
        await engine.RunAsync(Tables(1) + """
            CREATE TABLE joined AS SELECT l.id AS id, v, w FROM l JOIN r ON l.id = r.id WHERE v + w > 10 EMIT CHANGES;
            INSERT INTO l (id, v) VALUES ('a', 1), ('b', 5);
            INSERT INTO r (id, w) VALUES ('a', 10), ('b', 6);
            """);
        await engine.CaughtUpAsync();
        (await engine.RunAsync("SELECT id, v, w FROM joined ORDER BY id")).ShouldBe(["a|1|10", "b|5|6"]);

        await engine.RunAsync("INSERT INTO r (id, w) VALUES ('a', 2)");
        await engine.CaughtUpAsync();

        (await engine.RunAsync("SELECT id, v, w FROM joined")).ShouldBe(["b|5|6"]);
    }

    [Fact]
    public async Task Tables_with_different_numbers_of_partitions_are_refused()
    {
        await using var engine = await EngineHarness.StartAsync();
        await engine.RunAsync("""
            CREATE TABLE l (id VARCHAR PRIMARY KEY, v INTEGER) WITH (KAFKA_TOPIC = 'l', PARTITIONS = 1, VALUE_FORMAT = 'JSON');
            CREATE TABLE r (id VARCHAR PRIMARY KEY, w INTEGER) WITH (KAFKA_TOPIC = 'r', PARTITIONS = 2, VALUE_FORMAT = 'JSON');
            """);

        var error = await Should.ThrowAsync<StreamSQL.Data.Errors.SqlException>(
            engine.RunAsync("CREATE TABLE joined AS SELECT l.id, v, w FROM l JOIN r ON l.id = r.id EMIT CHANGES;"));

        error.Message.ShouldContain("Can't join `L` with `R` since the number of partitions don't match.");
    }

    private static string Tables(int partitions) => $"""
        CREATE TABLE l (id VARCHAR PRIMARY KEY, v INTEGER) WITH (KAFKA_TOPIC = 'l', PARTITIONS = {partitions}, KEY_FORMAT = 'KAFKA', VALUE_FORMAT = 'JSON');
        CREATE TABLE r (id VARCHAR PRIMARY KEY, w INTEGER) WITH (KAFKA_TOPIC = 'r', PARTITIONS = {partitions}, KEY_FORMAT = 'KAFKA', VALUE_FORMAT = 'JSON');

        """;
}
