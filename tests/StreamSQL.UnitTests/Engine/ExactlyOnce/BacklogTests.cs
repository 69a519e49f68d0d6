using System.Globalization;
using System.Text;
using StreamSQL.Kafka.Records;
using StreamSQL.UnitTests.Engine.Support;

namespace StreamSQL.UnitTests.Engine.ExactlyOnce;

/// <summary>
/// Queries that begin over much that is there already give what they would have given while it came, however fast each input is read.
/// </summary>
public class BacklogTests
{
    private const int Rows = 40_000;
    private const int Batch = 2_000;
    private const long StepMs = 1_000;

    [Fact]
    public async Task Windows_behind_a_repartition_wait_for_the_longer_partition()
    {
        await using var engine = await EngineHarness.StartAsync();
        await engine.RunAsync(Stream("s", partitions: 2));
        var (longer, shorter) = (KeyOf(0), KeyOf(1));
        await ProduceAsync(engine, "s", partitions: 2, Enumerable.Range(0, Rows).Select(i => (longer, i % 7, i * StepMs)));
        await ProduceAsync(engine, "s", partitions: 2, Enumerable.Range(0, Rows / 100).Select(i => (shorter, i % 7, 100 * i * StepMs)));
        await engine.RunAsync("""
            CREATE TABLE t WITH (KAFKA_TOPIC = 't', PARTITIONS = 1) AS SELECT v, COUNT(*) AS n FROM s
                WINDOW TUMBLING (SIZE 60 SECONDS, RETENTION 3650 DAYS, GRACE PERIOD 5 SECONDS) GROUP BY v EMIT CHANGES;
            CREATE TABLE f WITH (KAFKA_TOPIC = 'f', PARTITIONS = 1) AS SELECT v, COUNT(*) AS n FROM s
                WINDOW TUMBLING (SIZE 60 SECONDS, RETENTION 3650 DAYS, GRACE PERIOD 5 SECONDS) GROUP BY v EMIT FINAL;
            """);
        await engine.CaughtUpAsync();
        await ProduceAsync(engine, "s", partitions: 2, [(longer, 0, 2 * Rows * StepMs), (shorter, 0, 2 * Rows * StepMs)]);
        await engine.CaughtUpAsync();

        (await engine.RunAsync("SELECT SUM(n) FROM t")).ShouldBe([$"{Rows + (Rows / 100) + 2}"]);
        (await engine.RunAsync("SELECT SUM(n) FROM f")).ShouldBe([$"{Rows + (Rows / 100)}"]);
    }

    [Fact]
    public async Task A_stream_row_meets_the_table_as_it_was_when_the_row_is_read()
    {
        await using var engine = await EngineHarness.StartAsync();
        await engine.RunAsync(Stream("s", partitions: 1) + """
            CREATE TABLE people (id VARCHAR PRIMARY KEY, v INTEGER) WITH (KAFKA_TOPIC = 'people', PARTITIONS = 1, KEY_FORMAT = 'KAFKA', VALUE_FORMAT = 'JSON');
            """);
        await ProduceAsync(engine, "people", partitions: 1, Enumerable.Range(0, Rows).Select(static i => ("a", i, i * StepMs)));
        await ProduceAsync(engine, "s", partitions: 1, [("a", 1, 0)]);
        await engine.RunAsync("CREATE STREAM j WITH (KAFKA_TOPIC = 'j') AS SELECT s.id AS id, people.v AS v FROM s JOIN people ON s.id = " +
            "people.id EMIT CHANGES");
        await engine.CaughtUpAsync();

        (await engine.RunAsync("SELECT v FROM j")).ShouldBe([$"{Rows - 1}"]);
    }

    [Fact]
    public async Task Streams_are_joined_in_the_order_of_time_although_one_is_read_slowly()
    {
        await using var engine = await EngineHarness.StartAsync(
            through: static broker => new SlowBroker(broker, "r", TimeSpan.FromMilliseconds(10)));
        await engine.RunAsync(Stream("l", partitions: 1) + Stream("r", partitions: 1));
        foreach (var topic in new[] { "l", "r" })
            await ProduceAsync(engine, topic, partitions: 1, Enumerable.Range(0, Rows).Select(static i => ("a", i, i * StepMs)));
        await engine.RunAsync("""
            CREATE STREAM j WITH (KAFKA_TOPIC = 'j') AS SELECT l.id AS id, l.v AS lv, r.v AS rv FROM l
                LEFT JOIN r WITHIN 0 SECONDS GRACE PERIOD 2 SECONDS ON l.id = r.id EMIT CHANGES
            """);
        await engine.CaughtUpAsync();

        (await engine.RunAsync("SELECT COUNT(*), COUNT(rv), COUNT_DISTINCT(lv) FROM j")).ShouldBe([$"{Rows}|{Rows}|{Rows}"]);
    }

    private static string KeyOf(int partition) =>
        "abcdefgh".Select(static c => $"{c}").First(key => KeyPartitioner.PartitionOf(Encoding.UTF8.GetBytes(key), 2) == partition);

    private static string Stream(string name, int partitions) =>
        $"CREATE STREAM {name} (id VARCHAR KEY, v INTEGER) WITH (KAFKA_TOPIC = '{name}', PARTITIONS = {partitions}, KEY_FORMAT = " +
            "'KAFKA', VALUE_FORMAT = 'JSON');";

    private static async Task ProduceAsync(EngineHarness engine, string topic, int partitions,
        IEnumerable<(string Key, int Value, long Time)> rows)
    {
        foreach (var batch in rows.Chunk(Batch))
        {
            await engine.ProduceAsync(topic, partitions, batch.Select(static row =>
                (row.Key, string.Create(CultureInfo.InvariantCulture, $$"""{"V":{{row.Value}}}"""), row.Time)));
        }
    }
}
