using System.Text;
using StreamSQL.Kafka.Client;
using StreamSQL.Kafka.Records;
using StreamSQL.UnitTests.Engine.Support;

namespace StreamSQL.UnitTests.Engine.Queries;

/// <summary>Continuous joins of a table's column with another table's primary key.</summary>
public class ForeignKeyJoinTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(3, 2)]
    public async Task Left_rows_follow_the_rows_that_they_refer_to(int left, int right)
    {
        await using var engine = await EngineHarness.StartAsync();
        await engine.RunAsync(Tables(left, right) + """
            INSERT INTO customers (id, name) VALUES (1, 'Ann'), (2, 'Bob');
            INSERT INTO orders (id, customer, amount) VALUES ('a', 1, 10), ('b', 1, 20), ('c', 2, 30), ('d', 9, 40), ('e', NULL, 50);
            """);
        await engine.CaughtUpAsync();
        (await InnerAsync(engine)).ShouldBe(["a|10|Ann", "b|20|Ann", "c|30|Bob"]);
        (await OuterAsync(engine)).ShouldBe(["a|10|Ann", "b|20|Ann", "c|30|Bob", "d|40|null", "e|50|null"]);

        // A right row changes, a left row refers to another one, or to none any more; a reference becomes good.
        await engine.RunAsync("""
            INSERT INTO customers (id, name) VALUES (1, 'Anna'), (9, 'Nina');
            INSERT INTO orders (id, customer, amount) VALUES ('b', 2, 21), ('c', NULL, 31);
            """);
        await engine.CaughtUpAsync();

        (await InnerAsync(engine)).ShouldBe(["a|10|Anna", "b|21|Bob", "d|40|Nina"]);
        (await OuterAsync(engine)).ShouldBe(["a|10|Anna", "b|21|Bob", "c|31|null", "d|40|Nina", "e|50|null"]);
    }

    [Fact]
    public async Task Rows_that_are_deleted_on_either_side_are_gone()
    {
        await using var engine = await EngineHarness.StartAsync();
        await engine.RunAsync(Tables(2, 2) + """
            CREATE TABLE good AS SELECT id, customer, amount FROM orders WHERE amount > 0 EMIT CHANGES;
            CREATE TABLE known AS SELECT id, name FROM customers WHERE name <> 'gone' EMIT CHANGES;
            CREATE TABLE both AS SELECT o.id AS id, amount, name FROM good o LEFT JOIN known c ON o.customer = c.id EMIT CHANGES;
            INSERT INTO customers (id, name) VALUES (1, 'Ann'), (2, 'Bob');
            INSERT INTO orders (id, customer, amount) VALUES ('a', 1, 10), ('b', 2, 20);
            """);
        await engine.CaughtUpAsync();
        (await engine.RunAsync("SELECT id, amount, name FROM both ORDER BY id")).ShouldBe(["a|10|Ann", "b|20|Bob"]);

        await engine.RunAsync(
            "INSERT INTO customers (id, name) VALUES (2, 'gone'); INSERT INTO orders (id, customer, amount) VALUES ('a', 1, 0);");
        await engine.CaughtUpAsync();

        (await engine.RunAsync("SELECT id, amount, name FROM both ORDER BY id")).ShouldBe(["b|20|null"]);
    }

    [Fact]
    public async Task Joins_go_on_after_crashes_and_end_as_the_tables_do()
    {
        var engine = await EngineHarness.StartAsync();
        await engine.RunAsync(Tables(3, 2));
        var random = new Random(5);
        var (customers, orders) = (new Dictionary<int, string>(), new Dictionary<string, (int Customer, int Amount)>());
        for (var round = 0; round < 12; round++)
        {
            for (var i = 0; i < 15; i++)
            {
                var (order, customer) = ($"o{random.Next(25)}", random.Next(8));
                orders[order] = (customer, (round * 100) + i);
                await engine.RunAsync($"INSERT INTO orders (id, customer, amount) VALUES ('{order}', {customer}, {(round * 100) + i})");
            }

            var changed = random.Next(7);
            customers[changed] = $"n{round}";
            await engine.RunAsync($"INSERT INTO customers (id, name) VALUES ({changed}, 'n{round}')");
            if (round % 4 == 3)
                engine = await engine.CrashAsync();
        }

        await engine.CaughtUpAsync();
        var expected = orders.OrderBy(static pair => pair.Key, StringComparer.Ordinal)
            .Select(pair => (Row: $"{pair.Key}|{pair.Value.Amount}", Name: customers.GetValueOrDefault(pair.Value.Customer))).ToArray();
        (await InnerAsync(engine)).ShouldBe(expected.Where(static row => row.Name is not null)
            .Select(static row => $"{row.Row}|{row.Name}"));
        (await OuterAsync(engine)).ShouldBe(expected.Select(static row => $"{row.Row}|{row.Name ?? "null"}"));
        await engine.DisposeAsync();
    }

    [Theory]
    [InlineData("9")]
    [InlineData("null")]
    public async Task A_row_that_is_deleted_and_comes_back_without_a_match_has_no_result(string customer)
    {
        await using var engine = await EngineHarness.StartAsync();
        await engine.RunAsync(Tables(1,
            1) + "INSERT INTO customers (id, name) VALUES (1, 'Ann'); INSERT INTO orders (id, customer, amount) VALUES ('a', 1, 10);");
        await engine.CaughtUpAsync();

        // In one batch: the new row is there before the answer to the deletion comes, which is then out of date.
        using var records = new RecordBatchBuilder();
        records.Append("a"u8, true, default, false, 1000);
        records.Append("a"u8, true, Encoding.UTF8.GetBytes($$"""{"CUSTOMER":{{customer}},"AMOUNT":20}"""), true, 2000);
        await engine.Broker.ProduceAsync(new TopicPartition("orders", 0), records.Build(), CancellationToken.None);
        await engine.CaughtUpAsync();

        (await InnerAsync(engine)).ShouldBeEmpty();
        (await OuterAsync(engine)).ShouldBe(["a|20|null"]);
    }

    [Fact]
    public async Task One_change_reaches_any_number_of_rows_and_their_groups()
    {
        await using var engine = await EngineHarness.StartAsync();
        await engine.RunAsync(Tables(2, 1) + """
            CREATE TABLE names AS SELECT name, COUNT(*) AS n, SUM(amount) AS total FROM orders o JOIN customers c ON o.customer = c.id GROUP BY name EMIT CHANGES;
            INSERT INTO customers (id, name) VALUES (1, 'Ann');
            """);
        await engine.ProduceAsync("orders", 2,
            Enumerable.Range(0, 10_000).Select(static i => ($"o{i}", """{"CUSTOMER":1,"AMOUNT":2}""", 1000L)));
        await engine.CaughtUpAsync();
        (await engine.RunAsync("SELECT name, n, total FROM names")).ShouldBe(["Ann|10000|20000"]);

        await engine.RunAsync("INSERT INTO customers (id, name) VALUES (1, 'Anna')");
        await engine.CaughtUpAsync();

        (await engine.RunAsync("SELECT name, n, total FROM names WHERE n > 0")).ShouldBe(["Anna|10000|20000"]);
        (await engine.RunAsync("SELECT COUNT(*) FROM inner_join WHERE name = 'Anna'")).ShouldBe(["10000"]);
    }

    [Theory]
    [InlineData("AVRO")]
    [InlineData("JSON_SR")]
    [InlineData("PROTOBUF")]
    public async Task Keys_with_schema_ids_meet_over_several_partitions(string format)
    {
        await using var engine = await EngineHarness.StartAsync();
        await engine.RunAsync(Tables(3, 2).Replace("'KAFKA'", $"'{format}'", StringComparison.Ordinal) + """
            INSERT INTO customers (id, name) VALUES (1, 'Ann'), (2, 'Bob'), (3, 'Cid'), (4, 'Dan');
            INSERT INTO orders (id, customer, amount) VALUES ('a', 1, 10), ('b', 2, 20), ('c', 3, 30), ('d', 4, 40), ('e', 1, 50);
            """);
        await engine.CaughtUpAsync();
        (await InnerAsync(engine)).ShouldBe(["a|10|Ann", "b|20|Bob", "c|30|Cid", "d|40|Dan", "e|50|Ann"]);

        await DeleteAsync(engine, "customers", "3");
        await DeleteAsync(engine, "orders", "'e'");

        (await InnerAsync(engine)).ShouldBe(["a|10|Ann", "b|20|Bob", "d|40|Dan"]);
        (await OuterAsync(engine)).ShouldBe(["a|10|Ann", "b|20|Bob", "c|30|null", "d|40|Dan"]);
    }

    [Fact]
    public async Task A_push_query_joins_by_a_foreign_key()
    {
        await using var engine = await EngineHarness.StartAsync();
        await engine.RunAsync(Tables(2, 3) + """
            INSERT INTO customers (id, name) VALUES (1, 'Ann');
            INSERT INTO orders (id, customer, amount) VALUES ('a', 1, 10);
            """);
        await using var result = await engine.OpenAsync(
            "SELECT o.id, amount, name FROM orders o LEFT JOIN customers c ON o.customer = c.id EMIT CHANGES");

        await engine.RunAsync("INSERT INTO customers (id, name) VALUES (1, 'Anna')");
        (await EngineHarness.TakeAsync(result, 1)).ShouldBe(["a|10|Anna"]);
        await engine.RunAsync("INSERT INTO orders (id, customer, amount) VALUES ('b', 9, 20)");
        (await EngineHarness.TakeAsync(result, 1)).ShouldBe(["b|20|null"]);
        await engine.RunAsync("INSERT INTO customers (id, name) VALUES (9, 'Nina')");
        (await EngineHarness.TakeAsync(result, 1)).ShouldBe(["b|20|Nina"]);
    }

    private static async Task DeleteAsync(EngineHarness engine, string table, string id)
    {
        await engine.RunAsync($"DELETE FROM {table} WHERE id = {id}");
        await engine.CaughtUpAsync();
    }

    private static Task<List<string>> InnerAsync(EngineHarness engine) =>
        engine.RunAsync("SELECT id, amount, name FROM inner_join ORDER BY id");

    private static Task<List<string>> OuterAsync(EngineHarness engine) =>
        engine.RunAsync("SELECT id, amount, name FROM outer_join ORDER BY id");

    private static string Tables(int left, int right) => $"""
        CREATE TABLE orders (id VARCHAR PRIMARY KEY, customer INTEGER, amount INTEGER)
            WITH (KAFKA_TOPIC = 'orders', PARTITIONS = {left}, KEY_FORMAT = 'KAFKA', VALUE_FORMAT = 'JSON');
        CREATE TABLE customers (id INTEGER PRIMARY KEY, name VARCHAR)
            WITH (KAFKA_TOPIC = 'customers', PARTITIONS = {right}, KEY_FORMAT = 'KAFKA', VALUE_FORMAT = 'JSON');
        CREATE TABLE inner_join AS SELECT o.id AS id, amount, name FROM orders o JOIN customers c ON o.customer = c.id EMIT CHANGES;
        CREATE TABLE outer_join AS SELECT o.id AS id, amount, name FROM orders o LEFT JOIN customers c ON o.customer = c.id EMIT CHANGES;

        """;
}
