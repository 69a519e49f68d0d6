using StreamSQL.UnitTests.Engine.Support;

namespace StreamSQL.UnitTests.Engine.Queries;

public class PersistentQueryTests
{
    private const string Orders = """
        CREATE STREAM orders (id VARCHAR KEY, item VARCHAR, amount INTEGER)
        WITH (KAFKA_TOPIC = 'orders', PARTITIONS = 3, KEY_FORMAT = 'KAFKA', VALUE_FORMAT = 'JSON');
        """;

    private const string ThreeOrders = """
        INSERT INTO orders (id, item, amount, rowtime) VALUES ('a', 'pen', 3, 1000);
        INSERT INTO orders (id, item, amount, rowtime) VALUES ('b', 'ink', 5, 2000), ('a', 'ink', 4, 61000);
        """;

    [Fact]
    public async Task A_filtered_stream_has_the_rows_that_pass()
    {
        await using var engine = await EngineHarness.StartAsync();
        await engine.RunAsync(Orders + "CREATE STREAM large AS SELECT id, item, amount FROM orders WHERE amount > 3 EMIT CHANGES;"
            + ThreeOrders);
        await engine.CaughtUpAsync();

        var rows = await engine.RunAsync("SELECT id, item, amount FROM large");

        rows.Order().ShouldBe(["a|ink|4", "b|ink|5"]);
    }

    [Fact]
    public async Task A_session_reads_its_own_writes_from_a_table()
    {
        await using var engine = await EngineHarness.StartAsync();
        await engine.RunAsync(Orders + """
            CREATE TABLE totals AS SELECT id, COUNT(*) AS n, SUM(amount) AS total FROM orders
            WINDOW TUMBLING (SIZE 1 MINUTE, RETENTION 1 DAY) GROUP BY id EMIT CHANGES;
            """ + ThreeOrders);

        var rows = await engine.RunAsync("SELECT id, windowstart, windowend, n, total FROM totals");

        rows.Order().ShouldBe(["a|0|60000|1|3", "a|60000|120000|1|4", "b|0|60000|1|5"]);
        (await engine.RunAsync("SELECT n FROM totals WHERE id = 'a' AND windowstart = 60000")).ShouldBe(["1"]);
    }

    [Fact]
    public async Task Rows_meet_under_another_key()
    {
        await using var engine = await EngineHarness.StartAsync();
        await engine.RunAsync(
            Orders + "CREATE TABLE items AS SELECT item, COUNT(*) AS n, SUM(amount) AS total FROM orders GROUP BY item EMIT CHANGES;"
                + ThreeOrders);

        var rows = await engine.RunAsync("SELECT item, n, total FROM items");

        rows.Order().ShouldBe(["ink|2|9", "pen|1|3"]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_restart_changes_no_answer(bool crash)
    {
        var before = await EngineHarness.StartAsync();
        await before.RunAsync(Orders + """
            CREATE TABLE items AS SELECT item, COUNT(*) AS n FROM orders GROUP BY item EMIT CHANGES;
            CREATE TABLE totals AS SELECT id, SUM(amount) AS total FROM orders GROUP BY id EMIT CHANGES;
            """ + ThreeOrders);
        await before.CaughtUpAsync();

        await using var after = crash ? await before.CrashAsync() : await before.RestartAsync();
        await after.CaughtUpAsync();
        (await after.RunAsync("SELECT item, n FROM items")).Order().ShouldBe(["ink|2", "pen|1"]);
        await after.RunAsync("INSERT INTO orders (id, item, amount) VALUES ('b', 'pen', 1)");

        (await after.RunAsync("SELECT item, n FROM items")).Order().ShouldBe(["ink|2", "pen|2"]);
        (await after.RunAsync("SELECT id, total FROM totals")).Order().ShouldBe(["a|7", "b|6"]);
        if (crash)
            await before.DisposeAsync();
    }

    [Fact]
    public async Task A_stream_is_joined_with_a_table()
    {
        await using var engine = await EngineHarness.StartAsync();
        await engine.RunAsync(Orders + """
            CREATE TABLE customers (id VARCHAR PRIMARY KEY, name VARCHAR, city VARCHAR)
                WITH (KAFKA_TOPIC = 'customers', PARTITIONS = 3, KEY_FORMAT = 'KAFKA', VALUE_FORMAT = 'DELIMITED');
            INSERT INTO customers (id, name, city) VALUES ('a', 'Ann', 'Ulm'), ('b', 'Bob', 'Bonn');
            CREATE TABLE cities AS SELECT c.city AS city, SUM(o.amount) AS total FROM orders o JOIN customers c ON o.id = c.id GROUP BY c.city EMIT CHANGES;
            """ + ThreeOrders);

        (await engine.RunAsync("SELECT city, total FROM cities")).Order().ShouldBe(["Bonn|5", "Ulm|7"]);
    }

    [Fact]
    public async Task A_bad_record_is_counted_and_left_out()
    {
        await using var engine = await EngineHarness.StartAsync();
        await engine.RunAsync(Orders + "CREATE TABLE totals AS SELECT id, SUM(amount) AS total FROM orders GROUP BY id EMIT CHANGES;");
        await engine.ProduceAsync("orders", 3,
            [("a", "{\"ITEM\":\"pen\",\"AMOUNT\":1}", 1), ("a", "{\"AMOUNT\":\"many\"}", 2), ("a", "{\"AMOUNT\":2}", 3)]);
        await engine.CaughtUpAsync();

        (await engine.RunAsync("SELECT id, total FROM totals")).ShouldBe(["a|3"]);
        engine.Engine.Queries.Single().BadRows.ShouldBe(1);
        engine.Engine.Queries.Single().LastError!.ShouldContain("orders partition");
    }

    [Fact]
    public async Task A_query_that_is_dropped_leaves_no_topics()
    {
        await using var engine = await EngineHarness.StartAsync();
        await engine.RunAsync(Orders + "CREATE TABLE items AS SELECT item, COUNT(*) AS n FROM orders GROUP BY item EMIT CHANGES;"
            + ThreeOrders);
        await engine.CaughtUpAsync();

        await engine.RunAsync("DROP TABLE items DELETE TOPIC");

        var topics = await engine.Broker.GetTopicsAsync(null, CancellationToken.None);
        topics.Select(static topic => topic.Name).Where(static name => name.Contains("ITEMS", StringComparison.Ordinal)).ShouldBeEmpty();
        engine.Engine.Catalog.Queries.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_record_without_a_time_ends_the_query_where_that_is_wanted()
    {
        await using var engine = await EngineHarness.StartAsync();
        await engine.RunAsync("""
            SET 'ksql.timestamp.throw.on.invalid' = 'true';
            CREATE STREAM timed (id VARCHAR KEY, t VARCHAR) WITH (KAFKA_TOPIC = 'timed', PARTITIONS = 1, VALUE_FORMAT = 'JSON', TIMESTAMP = 't', TIMESTAMP_FORMAT = 'yyyy-MM-dd');
            CREATE STREAM copied AS SELECT * FROM timed;
            INSERT INTO timed VALUES ('a', 'yesterday');
            """);
        await engine.CaughtUpAsync();

        var query = engine.Engine.Queries.Single();

        query.Status.ShouldBe(StreamSQL.Engine.Queries.QueryStatus.Error);
        query.LastError!.ShouldContain("TimestampExtractor");
    }
}
