using Npgsql;
using StreamSQL.Data.Errors;
using StreamSQL.UnitTests.Engine.Support;

namespace StreamSQL.UnitTests.Engine.Sessions;

/// <summary>UPDATE and DELETE of the rows of tables that clients write.</summary>
public class ChangeRowsTests
{
    private const string Accounts = """
        CREATE TABLE accounts (id VARCHAR PRIMARY KEY, city VARCHAR, balance INTEGER)
            WITH (KAFKA_TOPIC = 'accounts', PARTITIONS = 3, KEY_FORMAT = 'KAFKA', VALUE_FORMAT = 'JSON');
        CREATE TABLE cities AS SELECT city, COUNT(*) AS n, SUM(balance) AS total FROM accounts GROUP BY city EMIT CHANGES;
        INSERT INTO accounts (id, city, balance) VALUES ('a', 'Ulm', 1), ('b', 'Ulm', 2), ('c', 'Bonn', 4);
        """;

    [Fact]
    public async Task An_update_writes_the_rows_that_are_meant_and_what_follows_from_them()
    {
        await using var engine = await EngineHarness.StartAsync();
        await engine.RunAsync(Accounts);

        await engine.RunAsync("UPDATE accounts SET balance = balance + 10, city = upper(city) WHERE city = 'Ulm'");

        (await engine.RunAsync("SELECT id, city, balance FROM accounts ORDER BY id")).ShouldBe(["a|ULM|11", "b|ULM|12", "c|Bonn|4"]);
        (await engine.RunAsync("SELECT city, n, total FROM cities WHERE n > 0 ORDER BY city")).ShouldBe(["Bonn|1|4", "ULM|2|23"]);
    }

    [Fact]
    public async Task An_update_with_an_alias_a_sub_query_and_nulls()
    {
        await using var engine = await EngineHarness.StartAsync();
        await engine.RunAsync(Accounts);

        await engine.RunAsync(
            "UPDATE accounts AS t SET balance = (SELECT MAX(balance) FROM accounts), city = NULL WHERE t.id IN ('a', 'b')");
        await engine.RunAsync("UPDATE accounts SET balance = DEFAULT WHERE id = 'b'");

        (await engine.RunAsync("SELECT id, city, balance FROM accounts ORDER BY id")).ShouldBe(["a|null|4", "b|null|null", "c|Bonn|4"]);
    }

    [Fact]
    public async Task A_delete_takes_rows_out_of_the_table_and_of_what_follows_from_it()
    {
        await using var engine = await EngineHarness.StartAsync();
        await engine.RunAsync(Accounts);

        await engine.RunAsync("DELETE FROM accounts WHERE balance >= 2");

        (await engine.RunAsync("SELECT id FROM accounts")).ShouldBe(["a"]);
        (await engine.RunAsync("SELECT city, n, total FROM cities WHERE n > 0")).ShouldBe(["Ulm|1|1"]);

        await engine.RunAsync("DELETE FROM accounts");
        (await engine.RunAsync("SELECT id FROM accounts")).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("UPDATE events SET v = 1", PostgresErrorCodes.FeatureNotSupported, "UPDATE is not supported on stream EVENTS")]
    [InlineData("DELETE FROM cities WHERE n = 0", PostgresErrorCodes.FeatureNotSupported,
        "DELETE is not supported on table CITIES: its rows are the result of a query")]
    [InlineData("UPDATE accounts SET id = 'x'", PostgresErrorCodes.FeatureNotSupported, "the primary key ID of a row cannot be changed")]
    [InlineData("UPDATE accounts SET nope = 1", PostgresErrorCodes.UndefinedColumn, "column \"nope\" does not exist")]
    [InlineData("UPDATE accounts SET balance = 1, balance = 2", PostgresErrorCodes.SyntaxError,
        "multiple assignments to same column \"balance\"")]
    [InlineData("UPDATE accounts SET balance = 'many'", PostgresErrorCodes.InvalidTextRepresentation,
        "invalid input syntax for type integer: \"many\"")]
    [InlineData("DELETE FROM nope", PostgresErrorCodes.UndefinedTable, "relation \"nope\" does not exist")]
    public async Task What_cannot_be_changed(string statement, string sqlState, string message)
    {
        await using var engine = await EngineHarness.StartAsync();
        await engine.RunAsync(Accounts + "CREATE STREAM events (k VARCHAR KEY, v INTEGER) WITH (KAFKA_TOPIC = 'events', PARTITIONS = 1, " +
            "KEY_FORMAT = 'KAFKA', VALUE_FORMAT = 'JSON');");

        var error = await Should.ThrowAsync<SqlException>(() => engine.RunAsync(statement));

        (error.SqlState, error.Message).ShouldBe((sqlState, message));
    }
}
