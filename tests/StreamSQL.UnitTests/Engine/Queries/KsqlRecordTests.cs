using StreamSQL.Kafka.Client;
using StreamSQL.Kafka.Records;
using StreamSQL.UnitTests.Engine.Support;

namespace StreamSQL.UnitTests.Engine.Queries;

/// <summary>What Kafka Streams and ksqlDB do with headers and keys of records on their way.</summary>
public class KsqlRecordTests
{
    private const string Compatible = "SET 'ksql.compat' = 'true'; SET 'auto.offset.reset' = 'earliest';";

    [Theory]
    [InlineData("CREATE STREAM o AS SELECT * FROM i WHERE v > 0;")]
    [InlineData("CREATE TABLE o AS SELECT k, COUNT(*) AS n FROM i GROUP BY k;")]
    [InlineData("CREATE TABLE o AS SELECT v, COUNT(*) AS n FROM i GROUP BY v;")]
    [InlineData("CREATE TABLE o AS SELECT k, COUNT(*) AS n FROM i WINDOW HOPPING (SIZE 1 MINUTE, ADVANCE BY 1 MINUTE) GROUP BY k;")]
    [InlineData("CREATE TABLE o AS SELECT k, COUNT(*) AS n FROM i WINDOW SESSION (1 MINUTE) GROUP BY k;")]
    [InlineData("CREATE STREAM o AS SELECT i.k, i.v, j.v AS w FROM j JOIN i WITHIN 1 HOUR ON i.k = j.k;")]
    public async Task A_result_has_the_headers_of_the_record_that_made_it_come(string query)
    {
        await using var engine = await EngineHarness.StartAsync();
        await engine.RunAsync(Compatible + """
            CREATE STREAM i (k VARCHAR KEY, v INT) WITH (KAFKA_TOPIC = 'i', PARTITIONS = 1, VALUE_FORMAT = 'JSON');
            CREATE STREAM j (k VARCHAR KEY, v INT) WITH (KAFKA_TOPIC = 'j', PARTITIONS = 1, VALUE_FORMAT = 'JSON');
            """ + query + "INSERT INTO j (k, v, rowtime) VALUES ('a', 1, 1000);");
        await engine.CaughtUpAsync();
        await ProduceAsync(engine, "i", "a"u8.ToArray(), "{\"V\": 1}", "mark");
        await engine.CaughtUpAsync();

        await engine.RunAsync("CREATE STREAM seen (mark BYTES HEADER('trace')) WITH (KAFKA_TOPIC = 'O', VALUE_FORMAT = 'JSON');");

        (await engine.RunAsync("SELECT FROM_BYTES(mark, 'utf8') FROM seen")).ShouldBe(["mark"]);
    }

    [Fact]
    public async Task A_record_without_a_key_stays_without_one_and_a_key_whose_columns_are_null_stays_a_key()
    {
        await using var engine = await EngineHarness.StartAsync();
        await engine.RunAsync(Compatible + """
            CREATE STREAM i (a INT KEY, b INT KEY, v INT) WITH (KAFKA_TOPIC = 'i', PARTITIONS = 1, FORMAT = 'JSON');
            CREATE STREAM kept AS SELECT * FROM i;
            CREATE STREAM made AS SELECT * FROM i PARTITION BY v, ROWTIME;
            """);

        await ProduceAsync(engine, "i", null, "{\"V\": 1}", null);
        await ProduceAsync(engine, "i", null, null, null);
        await engine.CaughtUpAsync();
        await engine.RunAsync("""
            CREATE STREAM kept_keys (k VARCHAR KEY) WITH (KAFKA_TOPIC = 'KEPT', VALUE_FORMAT = 'JSON');
            CREATE STREAM made_keys (k VARCHAR KEY) WITH (KAFKA_TOPIC = 'MADE', VALUE_FORMAT = 'JSON');
            """);

        (await engine.RunAsync("SELECT k IS NULL FROM kept_keys")).ShouldBe(["t", "t"]);
        (await engine.RunAsync("SELECT k FROM made_keys")).ShouldBe(["{\"V\":1,\"ROWTIME\":1000}", "{\"V\":null,\"ROWTIME\":null}"]);
    }

    private static async Task ProduceAsync(EngineHarness engine, string topic, byte[]? key, string? value, string? trace)
    {
        var headers = new RecordHeaderWriter();
        if (trace is not null)
            headers.Add("trace"u8, System.Text.Encoding.UTF8.GetBytes(trace));
        using var builder = new RecordBatchBuilder();
        builder.Append(key, key is not null, value is null ? default : System.Text.Encoding.UTF8.GetBytes(value), value is not null, 1000,
            headers.Encoded, headers.Count);
        await engine.Broker.ProduceAsync(new TopicPartition(topic, 0), builder.Build(), CancellationToken.None);
    }
}
