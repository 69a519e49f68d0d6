using Npgsql;
using StreamSQL.Data.Errors;
using StreamSQL.UnitTests.Engine.Support;

namespace StreamSQL.UnitTests.Engine.Sessions;

public class AssertTests
{
    private const string Sources = """
        CREATE TABLE a (id INT PRIMARY KEY, v INT, tags ARRAY<VARCHAR>) WITH (KAFKA_TOPIC = 'a', PARTITIONS = 1, VALUE_FORMAT = 'JSON');
        CREATE TABLE b AS SELECT * FROM a WHERE v > 0;
        """;

    private const string WithSchema =
        "CREATE STREAM c (id INT KEY, v INT) WITH (KAFKA_TOPIC = 'c', PARTITIONS = 1, VALUE_FORMAT = 'AVRO');";

    [Fact]
    public async Task Each_assertion_takes_the_next_record()
    {
        await using var engine = await EngineHarness.StartAsync();
        await engine.RunAsync(Sources);

        await engine.RunAsync("""
            INSERT INTO a (id, v, tags, rowtime) VALUES (1, 2, ARRAY['x', NULL], 5);
            ASSERT VALUES b (id, v, tags, rowtime) VALUES (1, 2, ARRAY['x', NULL], 5);
            INSERT INTO a (id, v) VALUES (1, 0);
            ASSERT NULL VALUES b (id) KEY (1);
            ASSERT VALUES a (id, v, tags) VALUES (1, 2, ARRAY['x', NULL]);
            """);
    }

    [Theory]
    [InlineData("ASSERT VALUES b (id, v) VALUES (1, 3)")]
    [InlineData("ASSERT VALUES b (id, v, rowtime) VALUES (1, 2, 6)")]
    [InlineData("ASSERT NULL VALUES b KEY (1)")]
    [InlineData("ASSERT STREAM b (id INT KEY)")]
    [InlineData("ASSERT TABLE b (id INT PRIMARY KEY, v BIGINT, tags ARRAY<VARCHAR>)")]
    [InlineData("ASSERT TABLE b WITH (KAFKA_TOPIC = 'x')")]
    [InlineData("ASSERT TOPIC nowhere TIMEOUT 1 MILLISECONDS")]
    [InlineData("ASSERT TOPIC a WITH (PARTITIONS = 2) TIMEOUT 1 MILLISECONDS")]
    [InlineData("ASSERT NOT EXISTS TOPIC a TIMEOUT 1 MILLISECONDS")]
    public async Task What_is_not_so_fails(string assertion)
    {
        await using var engine = await EngineHarness.StartAsync();
        await engine.RunAsync(Sources + "INSERT INTO a (id, v, rowtime) VALUES (1, 2, 5);");

        var error = await Should.ThrowAsync<SqlException>(() => engine.RunAsync(assertion));

        error.SqlState.ShouldBe(PostgresErrorCodes.AssertFailure);
    }

    [Theory]
    [InlineData("ASSERT TABLE b (id INT PRIMARY KEY, v INT, tags ARRAY<VARCHAR>) WITH (KAFKA_TOPIC = 'B', VALUE_FORMAT = 'JSON')")]
    [InlineData("ASSERT TOPIC a WITH (PARTITIONS = 1)")]
    [InlineData("ASSERT NOT EXISTS TOPIC nowhere")]
    public async Task What_is_so_passes(string assertion)
    {
        await using var engine = await EngineHarness.StartAsync();

        await engine.RunAsync(Sources + assertion);
    }

    [Theory]
    [InlineData("ASSERT SCHEMA SUBJECT 'c-value'", null)]
    [InlineData("ASSERT SCHEMA ID 1", null)]
    [InlineData("ASSERT SCHEMA SUBJECT 'c-value' ID 1", null)]
    [InlineData("ASSERT NOT EXISTS SCHEMA SUBJECT 'd-value'", null)]
    [InlineData("ASSERT NOT EXISTS SCHEMA ID 9", null)]
    [InlineData("ASSERT NOT EXISTS SCHEMA SUBJECT 'c-value' ID 9", null)]
    [InlineData("ASSERT SCHEMA SUBJECT 'd-value' TIMEOUT 1 MILLISECONDS", PostgresErrorCodes.AssertFailure)]
    [InlineData("ASSERT SCHEMA SUBJECT 'c-value' ID 9 TIMEOUT 1 MILLISECONDS", PostgresErrorCodes.AssertFailure)]
    [InlineData("ASSERT NOT EXISTS SCHEMA ID 1 TIMEOUT 1 MILLISECONDS", PostgresErrorCodes.AssertFailure)]
    [InlineData("ASSERT SCHEMA TIMEOUT 1 MILLISECONDS", PostgresErrorCodes.SyntaxError)]
    public async Task Schemas_are_found_by_subject_and_id(string assertion, string? sqlState)
    {
        await using var engine = await EngineHarness.StartAsync();
        await engine.RunAsync(WithSchema + "INSERT INTO c VALUES (1, 2);");

        var error = await Record.ExceptionAsync(() => engine.RunAsync(assertion));

        (error as SqlException)?.SqlState.ShouldBe(sqlState);
        (error is null).ShouldBe(sqlState is null);
    }

    [Fact]
    public async Task No_record_is_not_the_expected_record()
    {
        await using var engine = await EngineHarness.StartAsync();

        var error = await Should.ThrowAsync<SqlException>(() => engine.RunAsync(Sources + "ASSERT VALUES b (id, v) VALUES (1, 1)"));

        error.Message.ShouldContain("no more records");
    }
}
