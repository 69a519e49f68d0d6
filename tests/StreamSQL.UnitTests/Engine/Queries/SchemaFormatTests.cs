using System.Text;
using StreamSQL.Connect.Schemas;
using StreamSQL.Data.Errors;
using StreamSQL.Data.Schemas;
using StreamSQL.Kafka.Client;
using StreamSQL.Kafka.Records;
using StreamSQL.UnitTests.Engine.Support;

namespace StreamSQL.UnitTests.Engine.Queries;

/// <summary>
/// Streams and tables whose records name their schema: what is registered, what is read from the registry, what is refused.
/// </summary>
public sealed class SchemaFormatTests : IAsyncLifetime
{
    private EngineHarness _engine = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _engine = await EngineHarness.StartAsync();

    public ValueTask DisposeAsync() => _engine.DisposeAsync();

    [Fact]
    public async Task What_a_statement_makes_is_registered_and_written_with()
    {
        await _engine.RunAsync("CREATE STREAM s (k INT KEY, v VARCHAR) WITH (KAFKA_TOPIC = 't', PARTITIONS = 1, FORMAT = 'JSON_SR');");
        _engine.Registry.Version("t-key", null, deleted: false).Schema.Schema.Text.ShouldBe(
            """{"oneOf":[{"type":"null"},{"type":"integer","connect.type":"int32"}]}""");
        _engine.Registry.Version("t-value", null, deleted: false).Schema.Schema.Text.ShouldContain("\"V\"");
        await _engine.RunAsync("CREATE STREAM u WITH (KAFKA_TOPIC = 'u') AS SELECT k, UCASE(v) AS w FROM s;");
        _engine.Registry.Subjects("", deleted: false, deletedOnly: false).ShouldBe(["t-key", "t-value", "u-key", "u-value"]);
        _engine.Registry.Version("u-key", null, deleted: false).Schema.Id.ShouldBe(
            _engine.Registry.Version("t-key", null, deleted: false).Schema.Id, "equal schemas have one id");

        await _engine.RunAsync("INSERT INTO s (k, v) VALUES (1, 'one'), (2, 'two');");
        await _engine.Engine.WaitUntilCaughtUpAsync(Cancellation);

        (await _engine.RunAsync("SELECT k, w FROM u;")).ShouldBe(["1|ONE", "2|TWO"]);
    }

    [Fact]
    public async Task Queries_go_on_with_the_same_schemas_after_a_restart()
    {
        await _engine.RunAsync(
            """
            CREATE STREAM s (k INT KEY, v VARCHAR) WITH (KAFKA_TOPIC = 't', PARTITIONS = 1, FORMAT = 'JSON_SR');
            CREATE TABLE c WITH (KAFKA_TOPIC = 'c') AS SELECT k, COUNT(*) AS n FROM s GROUP BY k;
            INSERT INTO s (k, v) VALUES (1, 'a');
            """);
        await _engine.Engine.WaitUntilCaughtUpAsync(Cancellation);
        var before = _engine.Registry.Version("c-value", null, deleted: false).Schema.Id;

        _engine = await _engine.RestartAsync();

        await _engine.RunAsync("INSERT INTO s (k, v) VALUES (1, 'b');");
        await _engine.Engine.WaitUntilCaughtUpAsync(Cancellation);
        (await _engine.RunAsync("SELECT k, n FROM c;")).ShouldBe(["1|2"]);
        _engine.Engine.Catalog.Sources["C"].ValueFormat.SchemaId.ShouldBe(before);
        _engine.Registry.Versions("c-value", deleted: false, deletedOnly: false).ShouldBe([1]);
    }

    [Fact]
    public async Task Columns_that_are_not_named_come_from_the_schema()
    {
        await RegisterAsync("t-key", """{"type":"integer","connect.type":"int32"}""");
        var id = await RegisterAsync("t-value",
            """{"type":"object","properties":{"name":{"type":"string"},"inner":{"type":"object","properties":{"x":{"type":"number"}}}}}""");
        await _engine.RunAsync("CREATE STREAM s WITH (KAFKA_TOPIC = 't', PARTITIONS = 1, FORMAT = 'JSON_SR');");
        _engine.Engine.Catalog.Sources["S"].Columns.Select(static column => $"{column.Name} {column.Type}{(column.IsKey ? " KEY" : "")}")
            .ShouldBe(["ROWKEY INTEGER KEY", "NAME VARCHAR", "INNER STRUCT<`X` DOUBLE>"]);

        await _engine.RunAsync("CREATE TABLE named (id INT PRIMARY KEY) WITH (KAFKA_TOPIC = 't', VALUE_FORMAT = 'JSON_SR', KEY_FORMAT = " +
            $"'JSON_SR', VALUE_SCHEMA_ID = {id});");
        _engine.Engine.Catalog.Sources["NAMED"].Columns.Select(static column => column.Name)
            .ShouldBe(["ID", "name", "inner"], "a schema by id keeps its names");

        await ProduceAsync("t", 2, """{"name":"a","inner":{"x":1.5}}""");
        await ProduceAsync("t", 2, """{"name":"b"}""");
        (await _engine.RunAsync("SELECT name, `INNER`->x FROM s;")).ShouldBe(["a|1.5", "b|null"]);
    }

    [Fact]
    public async Task A_value_that_is_not_wrapped_is_one_column()
    {
        await RegisterAsync("t-value", """{"type":"integer"}""");
        (await ErrorOfAsync(
            "CREATE STREAM s (k INT KEY) WITH (KAFKA_TOPIC = 't', PARTITIONS = 1, VALUE_FORMAT = 'JSON_SR');")).Hint!.ShouldContain(
                "WRAP_SINGLE_VALUE");
        await _engine.RunAsync(
            "CREATE STREAM s (k INT KEY) WITH (KAFKA_TOPIC = 't', PARTITIONS = 1, VALUE_FORMAT = 'JSON_SR', WRAP_SINGLE_VALUE = false);");
        _engine.Engine.Catalog.Sources["S"].Columns.Select(static column => column.Name).ShouldBe(["K", "ROWVAL"]);
    }

    [Theory]
    [InlineData("CREATE STREAM s WITH (KAFKA_TOPIC = 't', PARTITIONS = 1, VALUE_FORMAT = 'JSON_SR');", "42704",
        "does not exist in the Schema Registry. Subject: t-value")]
    [InlineData("CREATE STREAM s WITH (KAFKA_TOPIC = 't', PARTITIONS = 1, VALUE_FORMAT = 'JSON');", "42601", "No columns supplied")]
    [InlineData("CREATE STREAM s (a INT) WITH (KAFKA_TOPIC = 't', PARTITIONS = 1, VALUE_FORMAT = 'JSON_SR', VALUE_SCHEMA_ID = 1);", "42601",
        "cannot both exist")]
    [InlineData("CREATE STREAM s WITH (KAFKA_TOPIC = 't', PARTITIONS = 1, VALUE_FORMAT = 'JSON', VALUE_SCHEMA_ID = 1);", "22023",
        "JSON doesn't support registering")]
    [InlineData("CREATE STREAM s WITH (KAFKA_TOPIC = 't', PARTITIONS = 1, VALUE_FORMAT = 'JSON_SR', VALUE_SCHEMA_ID = 99);", "42704",
        "Schema Id: 99")]
    [InlineData("CREATE STREAM s (a INT) WITH (KAFKA_TOPIC = 't', PARTITIONS = 1, VALUE_FORMAT = 'JSON', VALUE_SCHEMA_FULL_NAME = 'x');",
        "22023", "JSON does not support the following configs: [fullSchemaName]")]
    [InlineData("CREATE STREAM s (a INT) WITH (KAFKA_TOPIC = 't', PARTITIONS = 1, VALUE_FORMAT = 'JSON_SR', VALUE_SCHEMA_FULL_NAME = ' ');",
        "22023", "fullSchemaName cannot be empty")]
    [InlineData("CREATE STREAM s (a INT) WITH (KAFKA_TOPIC = 't', PARTITIONS = 1, VALUE_FORMAT = 'JSON_SR', " +
        "VALUE_PROTOBUF_NULLABLE_REPRESENTATION = 'OPTIONAL');", "22023", "nullableRepresentation")]
    [InlineData("CREATE STREAM s (a MAP<INT, INT>) WITH (KAFKA_TOPIC = 't', PARTITIONS = 1, VALUE_FORMAT = 'JSON_SR');", "42P16",
        "MAP types with STRING keys")]
    public async Task What_cannot_be_is_refused(string statement, string state, string words)
    {
        await RegisterAsync("other-value", """{"type":"object","properties":{"a":{"type":"integer"}}}""");
        var error = await ErrorOfAsync(statement);
        error.SqlState.ShouldBe(state);
        error.Message.ShouldContain(words);
    }

    [Fact]
    public async Task A_result_must_have_the_columns_of_the_schema_that_it_names()
    {
        var id = await RegisterAsync("any-value",
            """{"type":"object","properties":{"B":{"type":"integer"},"A":{"type":"integer"},"C":{"type":"string"}}}""");
        await _engine.RunAsync("CREATE STREAM s (A BIGINT, B BIGINT) WITH (KAFKA_TOPIC = 't', PARTITIONS = 1, VALUE_FORMAT = 'JSON');");
        (await ErrorOfAsync(
            $"CREATE STREAM u WITH (VALUE_FORMAT = 'JSON_SR', VALUE_SCHEMA_ID = {id}) AS SELECT A, B FROM s;")).Message.ShouldBe(
                "The following value columns are changed, missing or reordered: [`A` BIGINT, `B` BIGINT]. Schema from schema registry is " +
                    "[`B` BIGINT, `A` BIGINT, `C` STRING]");
        await _engine.RunAsync($"CREATE STREAM u WITH (VALUE_FORMAT = 'JSON_SR', VALUE_SCHEMA_ID = {id}) AS SELECT B, A FROM s;");
        _engine.Registry.Version("U-value", null, deleted: false).Schema.Id.ShouldBe(id);
        _engine.Engine.Catalog.Sources["U"].ValueFormat.SchemaId.ShouldBe(id);
    }

    [Fact]
    public async Task A_result_that_its_topic_s_schema_does_not_allow_is_refused()
    {
        await RegisterAsync("u-value", """{"type":"object","properties":{"A":{"type":"string"}},"additionalProperties":false}""");
        await _engine.RunAsync("CREATE STREAM s (A BIGINT) WITH (KAFKA_TOPIC = 't', PARTITIONS = 1, VALUE_FORMAT = 'JSON');");
        var error = await ErrorOfAsync("CREATE STREAM u WITH (KAFKA_TOPIC = 'u', VALUE_FORMAT = 'JSON_SR') AS SELECT A FROM s;");
        error.SqlState.ShouldBe("22023");
        error.Message.ShouldContain("incompatible");
        _engine.Engine.Catalog.Sources.Keys.ShouldBe(["S"]);
    }

    [Fact]
    public async Task A_stream_over_a_topic_with_a_schema_leaves_it_and_registers_its_own_when_it_is_written()
    {
        await RegisterAsync("t-value", """{"type":"object","properties":{"A":{"type":"integer"},"Z":{"type":"string"}}}""");
        await _engine.Registry.SetLevelAsync("t-value", CompatibilityLevel.None, Cancellation);
        await _engine.RunAsync("CREATE STREAM s (A BIGINT) WITH (KAFKA_TOPIC = 't', PARTITIONS = 1, VALUE_FORMAT = 'JSON_SR');");
        _engine.Registry.Versions("t-value", deleted: false, deletedOnly: false).ShouldBe([1]);
        await _engine.RunAsync("INSERT INTO s (A) VALUES (5);");
        _engine.Registry.Versions("t-value", deleted: false, deletedOnly: false).ShouldBe([1, 2]);
        (await _engine.RunAsync("SELECT A FROM s;")).ShouldBe(["5"]);
    }

    [Fact]
    public async Task A_value_that_must_not_be_null_has_the_default_of_the_schema()
    {
        const string text =
            """{"type":"record","name":"r","fields":[{"name":"N","type":"long","default":10},{"name":"S","type":{"type":"record","name":"s","fields":[{"name":"X","type":"int","default":7},{"name":"Y","type":"string"}]}}]}""";
        var id = (await _engine.Registry.RegisterAsync("t-value", new(SchemaType.Avro, text), normalize: false, null, null,
            Cancellation)).Schema.Id;
        await _engine.RunAsync($"CREATE STREAM s WITH (KAFKA_TOPIC = 't', PARTITIONS = 1, VALUE_FORMAT = 'AVRO', VALUE_SCHEMA_ID = {id});");
        await _engine.RunAsync("INSERT INTO s (S) VALUES (STRUCT(Y := 'y'));");
        (await _engine.RunAsync("SELECT N, S->X, S->Y FROM s;")).ShouldBe(["10|7|y"]);
    }

    [Theory]
    [InlineData("CREATE STREAM u AS SELECT * FROM s PARTITION BY d;", "schema: Persistence{columns=[`D` DECIMAL(4, 2) KEY], features=[]}")]
    [InlineData("CREATE STREAM u AS SELECT * FROM s PARTITION BY k, v;", "The 'KAFKA' format only supports a single field")]
    [InlineData("CREATE TABLE u AS SELECT d, COUNT(*) AS n FROM s GROUP BY d;", "The 'KAFKA' format does not support type 'DECIMAL'")]
    public async Task A_key_that_its_format_cannot_hold_is_refused(string statement, string words)
    {
        await _engine.RunAsync(
            "CREATE STREAM s (k INT KEY, v INT, d DECIMAL(4, 2)) WITH (KAFKA_TOPIC = 't', PARTITIONS = 1, VALUE_FORMAT = 'JSON');");
        var error = await ErrorOfAsync(statement);
        error.SqlState.ShouldBe("42P16");
        error.Message.ShouldStartWith("Key format does not support schema.");
        error.Message.ShouldContain(words);
        await _engine.RunAsync("CREATE TABLE u AS SELECT k, v, COUNT(*) AS n FROM s GROUP BY k, v;");
        _engine.Engine.Catalog.Sources["U"].KeyFormat.Name.ShouldBe("JSON", "a group's key of several columns");
    }

    [Fact]
    public async Task Dropping_the_topic_deletes_its_schemas()
    {
        await _engine.RunAsync("CREATE STREAM s (k INT KEY, v VARCHAR) WITH (KAFKA_TOPIC = 't', PARTITIONS = 1, FORMAT = 'JSON_SR');");
        await _engine.RunAsync("DROP STREAM s DELETE TOPIC;");
        _engine.Registry.Subjects("", deleted: false, deletedOnly: false).ShouldBeEmpty();
    }

    private async Task<int> RegisterAsync(string subject, string text) =>
        (await _engine.Registry.RegisterAsync(subject, new(SchemaType.Json, text), normalize: false, null, null, Cancellation)).Schema.Id;

    private Task<SqlException> ErrorOfAsync(string statement) => Should.ThrowAsync<SqlException>(() => _engine.RunAsync(statement));

    private async Task ProduceAsync(string topic, int id, string value)
    {
        using var builder = new RecordBatchBuilder();
        byte[] bytes = [.. SchemaFrame.Of(id), .. Encoding.UTF8.GetBytes(value)];
        builder.Append(default, hasKey: false, bytes, hasValue: true, 0);
        await _engine.Broker.ProduceAsync(new TopicPartition(topic, 0), builder.Build(), Cancellation);
    }
}
