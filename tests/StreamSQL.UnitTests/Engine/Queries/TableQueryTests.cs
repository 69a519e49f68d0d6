using StreamSQL.UnitTests.Engine.Support;

namespace StreamSQL.UnitTests.Engine.Queries;

/// <summary>Continuous queries over tables: changes, not events.</summary>
public class TableQueryTests
{
    private const string Accounts = """
        CREATE TABLE accounts (id VARCHAR PRIMARY KEY, city VARCHAR, balance INTEGER)
            WITH (KAFKA_TOPIC = 'accounts', PARTITIONS = 3, KEY_FORMAT = 'KAFKA', VALUE_FORMAT = 'JSON');
        """;

    [Fact]
    public async Task A_plain_table_shows_the_newest_row_of_each_key()
    {
        await using var engine = await EngineHarness.StartAsync();
        await engine.RunAsync(
            Accounts + "INSERT INTO accounts (id, city, balance) VALUES ('a', 'Ulm', 1), ('b', 'Bonn', 2), ('a', 'Ulm', 3);");

        (await engine.RunAsync("SELECT id, balance FROM accounts ORDER BY id")).ShouldBe(["a|3", "b|2"]);
        (await engine.RunAsync("SELECT balance FROM accounts WHERE id = 'b'")).ShouldBe(["2"]);
    }

    [Fact]
    public async Task A_row_that_stops_passing_is_gone_from_the_filtered_table()
    {
        await using var engine = await EngineHarness.StartAsync();
        await engine.RunAsync(Accounts + """
            CREATE TABLE rich AS SELECT id, city, balance FROM accounts WHERE balance > 10 EMIT CHANGES;
            INSERT INTO accounts (id, city, balance) VALUES ('a', 'Ulm', 20), ('b', 'Bonn', 30);
            """);
        await engine.CaughtUpAsync();
        (await engine.RunAsync("SELECT id FROM rich ORDER BY id")).ShouldBe(["a", "b"]);

        await engine.RunAsync("INSERT INTO accounts (id, city, balance) VALUES ('a', 'Ulm', 5)");
        await engine.CaughtUpAsync();

        (await engine.RunAsync("SELECT id FROM rich")).ShouldBe(["b"]);
    }

    [Fact]
    public async Task A_row_that_moves_leaves_its_old_group()
    {
        await using var engine = await EngineHarness.StartAsync();
        await engine.RunAsync(Accounts + """
            CREATE TABLE cities AS SELECT city, COUNT(*) AS n, SUM(balance) AS total FROM accounts GROUP BY city EMIT CHANGES;
            INSERT INTO accounts (id, city, balance) VALUES ('a', 'Ulm', 1), ('b', 'Ulm', 2);
            """);
        (await engine.RunAsync("SELECT city, n, total FROM cities")).ShouldBe(["Ulm|2|3"]);

        await engine.RunAsync("INSERT INTO accounts (id, city, balance) VALUES ('a', 'Bonn', 10)");

        (await engine.RunAsync("SELECT city, n, total FROM cities ORDER BY city")).ShouldBe(["Bonn|1|10", "Ulm|1|2"]);
    }

    [Fact]
    public async Task What_a_group_counts_and_sums_is_right_after_moves_and_a_crash()
    {
        var before = await EngineHarness.StartAsync();
        await before.RunAsync(Accounts + """
            CREATE TABLE cities AS SELECT city, HISTOGRAM(id) AS ids, ATTR(balance) AS same, SUM_LIST(ARRAY[balance, 1]) AS total FROM accounts GROUP BY city;
            INSERT INTO accounts (id, city, balance) VALUES ('a', 'Ulm', 1), ('b', 'Ulm', 2), ('c', 'Ulm', 1), ('b', 'Bonn', 5);
            """);
        await before.CaughtUpAsync();

        await using var engine = await before.CrashAsync();
        await engine.RunAsync("INSERT INTO accounts (id, city, balance) VALUES ('c', 'Bonn', 5)");
        (await engine.RunAsync("SELECT city, ids['a'], ids['b'], ids['c'], same, total FROM cities ORDER BY city"))
            .ShouldBe(["Bonn|null|1|1|5|12", "Ulm|1|null|null|1|2"]);
        await before.DisposeAsync();
    }

    [Fact]
    public async Task Queries_follow_queries()
    {
        await using var engine = await EngineHarness.StartAsync();
        await engine.RunAsync("""
            CREATE STREAM orders (id VARCHAR KEY, item VARCHAR, amount INTEGER)
                WITH (KAFKA_TOPIC = 'orders', PARTITIONS = 2, KEY_FORMAT = 'KAFKA', VALUE_FORMAT = 'JSON');
            CREATE STREAM large AS SELECT id, item, amount FROM orders WHERE amount > 1 EMIT CHANGES;
            CREATE TABLE items AS SELECT item, COUNT(*) AS n FROM large GROUP BY item EMIT CHANGES;
            INSERT INTO orders (id, item, amount) VALUES ('a', 'pen', 1), ('b', 'pen', 2), ('c', 'pen', 3);
            """);

        (await engine.RunAsync("SELECT n FROM items WHERE item = 'pen'")).ShouldBe(["2"]);
    }

    [Fact]
    public async Task Rows_whose_keys_are_partly_null_are_rows_like_others_also_after_a_crash()
    {
        var before = await EngineHarness.StartAsync();
        await before.RunAsync("""
            CREATE TABLE places (city VARCHAR PRIMARY KEY, street VARCHAR PRIMARY KEY, houses INT) WITH (KAFKA_TOPIC = 'places', PARTITIONS = 1, FORMAT = 'JSON');
            CREATE TABLE copies AS SELECT city, street, houses + 1 AS houses FROM places WHERE houses > 0 EMIT CHANGES;
            CREATE TABLE sizes AS SELECT houses, COUNT(*) AS n FROM places GROUP BY houses EMIT CHANGES;
            """);
        await before.ProduceRowsAsync("places", 1, [
            ("""{"CITY": "Ulm", "STREET": "Main"}""", """{"HOUSES": 1}""", 1),
            ("""{"CITY": null, "STREET": "Main"}""", """{"HOUSES": 1}""", 2),
            ("""{"CITY": "Ulm", "STREET": null}""", """{"HOUSES": 5}""", 3),
            ("""{"CITY": "Ulm", "STREET": null}""", """{"HOUSES": 1}""", 4),
        ]);
        await before.CaughtUpAsync();

        await using var engine = await before.CrashAsync();
        (await engine.RunAsync("SELECT city, street, houses FROM copies ORDER BY city, street")).ShouldBe(
            ["Ulm|Main|2", "Ulm|null|2", "null|Main|2"]);
        (await engine.RunAsync("SELECT houses, n FROM sizes WHERE n > 0")).ShouldBe(["1|3"]);
        (await engine.RunAsync("SELECT street FROM places WHERE city IS NULL")).ShouldBe(["Main"]);

        await engine.ProduceRowsAsync("places", 1,
            [("""{"CITY": "Ulm", "STREET": null}""", """{"HOUSES": 0}""", 5), ("""{"STREET": "Main"}""", null, 6)]);
        await engine.CaughtUpAsync();

        (await engine.RunAsync("SELECT city, street, houses FROM copies")).ShouldBe(["Ulm|Main|2"]);
        (await engine.RunAsync("SELECT houses, n FROM sizes WHERE n > 0 ORDER BY houses")).ShouldBe(["0|1", "1|1"]);
    }
}
