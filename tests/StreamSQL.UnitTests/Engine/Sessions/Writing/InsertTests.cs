using Npgsql;
using StreamSQL.Data.Errors;
using StreamSQL.Data.Types;
using StreamSQL.UnitTests.Engine.Support;

namespace StreamSQL.UnitTests.Engine.Sessions.Writing;

/// <summary>INSERT in all its forms, and RETURNING.</summary>
public class InsertTests
{
    private const string Tables = """
        CREATE TABLE items (id VARCHAR PRIMARY KEY, n INTEGER, price DOUBLE)
            WITH (KAFKA_TOPIC = 'items', PARTITIONS = 3, KEY_FORMAT = 'KAFKA', VALUE_FORMAT = 'JSON');
        CREATE STREAM events (k VARCHAR KEY, v INTEGER, note VARCHAR)
            WITH (KAFKA_TOPIC = 'events', PARTITIONS = 1, KEY_FORMAT = 'KAFKA', VALUE_FORMAT = 'JSON');
        """;

    [Theory]
    [InlineData("INSERT INTO items VALUES ('a', 1, 1.5), ('b', 2, DEFAULT), ('c', DEFAULT, 2 * 2)", "SELECT * FROM items ORDER BY id",
        "a|1|1.5", "b|2|null", "c|null|4")]
    [InlineData("INSERT INTO items (price, id) VALUES (1, 'a')", "SELECT * FROM items", "a|null|1")]
    [InlineData("INSERT INTO items VALUES ('a', 1, 1); INSERT INTO items VALUES ('a', 2, NULL)", "SELECT * FROM items", "a|2|null")]
    [InlineData("INSERT INTO events DEFAULT VALUES", "SELECT k, v, note FROM events", "null|null|null")]
    [InlineData("INSERT INTO items VALUES ('a', 1, 1); INSERT INTO items VALUES ('b', (SELECT MAX(n) + 1 FROM items), 1)",
        "SELECT id, n FROM items ORDER BY id", "a|1", "b|2")]
    [InlineData("INSERT INTO items VALUES ('a', 1, 1), ('b', 2, 2); INSERT INTO items SELECT id || '2', n * 10, NULL FROM items",
        "SELECT * FROM items ORDER BY id", "a|1|1", "a2|10|null", "b|2|2", "b2|20|null")]
    [InlineData("INSERT INTO items VALUES ('a', 1, 1), ('b', 2, 2); INSERT INTO events (v, k) SELECT n, id FROM items ORDER BY n DESC " +
        "LIMIT 1", "SELECT k, v, note FROM events", "b|2|null")]
    [InlineData("INSERT INTO events VALUES ('x', 1, 'one'), ('y', 2, 'two'); INSERT INTO items (id, n) SELECT k, v FROM events WHERE v > 1",
        "SELECT * FROM items", "y|2|null")]
    [InlineData("INSERT INTO items SELECT 'k' || CAST(i AS VARCHAR), i, i FROM generate_series(1, 3) AS g(i)",
        "SELECT id, n FROM items ORDER BY id", "k1|1", "k2|2", "k3|3")]
    [InlineData("INSERT INTO items WITH w AS (SELECT 'w' AS id, 7 AS n) SELECT id, n FROM w", "SELECT id, n, price FROM items", "w|7|null")]
    [InlineData("INSERT INTO events (ROWTIME, k, v) SELECT 1234, 'a', 1", "SELECT k, v, ROWTIME FROM events", "a|1|1234")]
    public async Task Rows_are_there_afterwards(string statements, string query, params string[] expected)
    {
        await using var engine = await EngineHarness.StartAsync();
        await engine.RunAsync(Tables + statements);

        (await engine.RunAsync(query)).ShouldBe(expected);
    }

    [Theory]
    [InlineData("INSERT INTO items VALUES ('a', 1, 1.5), ('b', 2, 3) RETURNING *", "a|1|1.5", "b|2|3")]
    [InlineData("INSERT INTO items VALUES ('a', 1, 1.5) RETURNING id || '!', n + 1 AS next, items.price, (SELECT COUNT(*) FROM events)",
        "a!|2|1.5|0")]
    [InlineData("INSERT INTO events SELECT 'a', 1, 'x' RETURNING note, k", "x|a")]
    [InlineData("INSERT INTO items VALUES ('a', 1, 1), ('b', 2, 1); UPDATE items SET n = n + 10 RETURNING id, n", "a|11", "b|12")]
    [InlineData("INSERT INTO items VALUES ('a', 1, 1); UPDATE items AS t SET n = 5 WHERE id = 'a' RETURNING t.*", "a|5|1")]
    [InlineData("INSERT INTO items VALUES ('a', 1, 1), ('b', 2, 1); DELETE FROM items WHERE n > 1 RETURNING *", "b|2|1")]
    [InlineData("INSERT INTO items VALUES ('a', 1, 1); DELETE FROM items WHERE n > 1 RETURNING *")]
    public async Task Returning(string statements, params string[] expected)
    {
        await using var engine = await EngineHarness.StartAsync();

        var rows = await engine.RunAsync(Tables + statements);

        rows.Order(StringComparer.Ordinal).ShouldBe(expected);
    }

    [Fact]
    public async Task Returning_has_the_names_and_types_of_its_columns_and_parameters_are_inferred()
    {
        await using var engine = await EngineHarness.StartAsync();
        await engine.RunAsync(Tables);

        var prepared = engine.Session.Prepare(engine.Session.Parse(
            "INSERT INTO items VALUES ($1, $2, $3) ON CONFLICT (id) DO UPDATE SET n = EXCLUDED.n + $4 RETURNING id, n + 1 AS \"Next\", " +
                "price").Single(), []);

        prepared.ParameterTypes.ShouldBe([SqlType.Varchar, SqlType.Integer, SqlType.Double, SqlType.Integer]);
        prepared.Columns!.Select(static c => (c.Name, c.Type))
            .ShouldBe([("id", SqlType.Varchar), ("Next", SqlType.Integer), ("price", SqlType.Double)]);
    }

    [Fact]
    public async Task Update_and_delete_with_other_tables()
    {
        await using var engine = await EngineHarness.StartAsync();
        await engine.RunAsync(Tables + """
            INSERT INTO items VALUES ('a', 1, 1), ('b', 2, 2), ('c', 3, 3);
            INSERT INTO events VALUES ('a', 10, 'x'), ('b', 20, 'y'), ('b', 20, 'y');
            """);

        (await engine.RunAsync("UPDATE items SET n = e.v FROM events AS e WHERE e.k = id RETURNING id, n, e.note")).Order(
            StringComparer.Ordinal).ShouldBe(["a|10|x", "b|20|y"]);
        (await engine.RunAsync("DELETE FROM items USING events AS e WHERE e.k = id AND e.v > 10 RETURNING id, e.v")).ShouldBe(["b|20"]);
        (await engine.RunAsync("SELECT id, n FROM items ORDER BY id")).ShouldBe(["a|10", "c|3"]);
    }

    [Theory]
    [InlineData("INSERT INTO items DEFAULT VALUES", PostgresErrorCodes.NotNullViolation,
        "Failed to insert values into 'ITEMS'. Value for primary key column(s) `ID` is required for tables")]
    [InlineData("INSERT INTO items SELECT NULL, 1", PostgresErrorCodes.NotNullViolation,
        "null value in primary key column ID of table ITEMS")]
    [InlineData("INSERT INTO items SELECT 'a', 1, 1, 1", PostgresErrorCodes.SyntaxError, "INSERT has more expressions than target columns")]
    [InlineData("INSERT INTO items (id, n, price) SELECT 'a', 1", PostgresErrorCodes.SyntaxError,
        "INSERT has more target columns than expressions")]
    [InlineData("INSERT INTO items SELECT 'a', 'b' || 'c', 1", PostgresErrorCodes.DatatypeMismatch,
        "Expected type INTEGER for field `N` but got STRING")]
    [InlineData("INSERT INTO items VALUES ('a', 1, 1) RETURNING nope", PostgresErrorCodes.UndefinedColumn,
        "column \"nope\" does not exist")]
    [InlineData("INSERT INTO items VALUES ('a', 1 / 0, 1)", PostgresErrorCodes.DivisionByZero, "division by zero")]
    public async Task What_cannot_be_inserted(string statement, string sqlState, string message)
    {
        await using var engine = await EngineHarness.StartAsync();
        await engine.RunAsync(Tables);

        var error = await Should.ThrowAsync<SqlException>(() => engine.RunAsync(statement));

        (error.SqlState, error.Message).ShouldBe((sqlState, message));
        (await engine.RunAsync("SELECT * FROM items")).ShouldBeEmpty();
    }

    [Fact]
    public async Task Insert_select_with_emit_changes_goes_on_and_without_it_copies_once()
    {
        await using var engine = await EngineHarness.StartAsync();
        await engine.RunAsync(Tables + """
            CREATE STREAM copied (k VARCHAR KEY, v INTEGER, note VARCHAR) WITH (KAFKA_TOPIC = 'copied', PARTITIONS = 1, KEY_FORMAT = 'KAFKA', VALUE_FORMAT = 'JSON');
            CREATE STREAM followed (k VARCHAR KEY, v INTEGER, note VARCHAR) WITH (KAFKA_TOPIC = 'followed', PARTITIONS = 1, KEY_FORMAT = 'KAFKA', VALUE_FORMAT = 'JSON');
            INSERT INTO events VALUES ('a', 1, 'x');
            INSERT INTO copied SELECT * FROM events;
            INSERT INTO followed SELECT * FROM events EMIT CHANGES;
            INSERT INTO events VALUES ('b', 2, 'y');
            """);
        await engine.CaughtUpAsync();

        (await engine.RunAsync("SELECT k FROM copied")).ShouldBe(["a"]);
        (await engine.RunAsync("SELECT k FROM followed")).ShouldBe(["a", "b"]);
        engine.Engine.Queries.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Under_compat_insert_select_is_a_query_as_in_ksqldb()
    {
        await using var engine = await EngineHarness.StartAsync();
        await engine.RunAsync(Tables + """
            CREATE STREAM copied (k VARCHAR KEY, v INTEGER, note VARCHAR) WITH (KAFKA_TOPIC = 'copied', PARTITIONS = 1, KEY_FORMAT = 'KAFKA', VALUE_FORMAT = 'JSON');
            SET 'ksql.compat' = 'true';
            INSERT INTO copied SELECT * FROM events;
            """);

        engine.Engine.Queries.Count.ShouldBe(1);
    }
}
