using System.Globalization;
using StreamSQL.UnitTests.Engine.Support;

namespace StreamSQL.UnitTests.Engine.Queries;

/// <summary>A day of event time at a constant rate: states end as large as one retention period makes them.</summary>
public class RetentionTests
{
    private const int Hours = 24;
    private const int RowsPerHour = 3600;
    private const int RetainedHours = 4;
    private const double Slack = 1.5;

    [Theory]
    [InlineData("CREATE TABLE q AS SELECT id, COUNT(*) AS n, SUM(v) AS total FROM s WINDOW TUMBLING (SIZE 1 MINUTE, RETENTION 1 HOUR, " +
        "GRACE PERIOD 1 MINUTE) GROUP BY id EMIT CHANGES")]
    [InlineData("CREATE TABLE q AS SELECT id, COUNT(*) AS n, SUM(v) AS total FROM s WINDOW TUMBLING (SIZE 1 MINUTE, RETENTION 1 HOUR, " +
        "GRACE PERIOD 1 MINUTE) GROUP BY id EMIT FINAL")]
    [InlineData("CREATE TABLE q AS SELECT id, COUNT(*) AS n, MAX(v) AS top FROM s WINDOW HOPPING (SIZE 5 MINUTES, ADVANCE BY 1 MINUTE, " +
        "RETENTION 1 HOUR, GRACE PERIOD 1 MINUTE) GROUP BY id EMIT CHANGES")]
    [InlineData("CREATE TABLE q AS SELECT id, COUNT(*) AS n, SUM(v) AS total FROM s WINDOW SESSION (1 MINUTE, RETENTION 1 HOUR, GRACE " +
        "PERIOD 1 MINUTE) GROUP BY id EMIT CHANGES")]
    [InlineData("CREATE TABLE q AS SELECT g, COUNT(*) AS n, SUM(v) AS total FROM s WINDOW TUMBLING (SIZE 1 MINUTE, RETENTION 3 HOURS, " +
        "GRACE PERIOD 2 HOURS) GROUP BY g EMIT CHANGES")]
    [InlineData("CREATE STREAM q AS SELECT s.id AS id, s.v AS v, r.v AS w FROM s LEFT JOIN r WITHIN 10 MINUTES GRACE PERIOD 40 MINUTES " +
        "ON s.id = r.id EMIT CHANGES")]
    public async Task A_day_leaves_what_one_retention_period_holds(string query)
    {
        await using var engine = await EngineHarness.StartAsync();
        foreach (var stream in new[] { "s", "r" })
        {
            await engine.RunAsync(
                $"CREATE STREAM {stream} (id VARCHAR KEY, g VARCHAR, v INTEGER) WITH (KAFKA_TOPIC = '{stream}', PARTITIONS = 2, " +
                    "KEY_FORMAT = 'KAFKA', VALUE_FORMAT = 'JSON')");
        }

        await engine.RunAsync(query);
        var bytes = new List<long>();
        for (var hour = 0; hour < Hours; hour++)
        {
            foreach (var stream in new[] { "s", "r" })
                await engine.ProduceAsync(stream, partitions: 2, Rows(hour));
            await engine.CaughtUpAsync();
            bytes.Add(engine.Engine.Queries.Single().StateBytes);
        }

        engine.Engine.Queries.Single().LateRows.ShouldBe(0);
        bytes.Skip(RetainedHours).Max().ShouldBeLessThanOrEqualTo((long)(bytes.Take(RetainedHours + 1).Max() * Slack),
            string.Join(' ', bytes));
    }

    /// <summary>
    /// Of a window with one group its query is charged what that takes, not what the commit held beside it until it was done.
    /// </summary>
    [Fact]
    public async Task A_window_is_charged_without_the_pre_images_of_the_commits_that_changed_it()
    {
        const int minutes = 60 * 3;
        await using var engine = await EngineHarness.StartAsync();
        await engine.RunAsync(
            "CREATE STREAM s (id VARCHAR KEY, g VARCHAR, v INTEGER) WITH (KAFKA_TOPIC = 's', PARTITIONS = 1, KEY_FORMAT = 'KAFKA', " +
                "VALUE_FORMAT = 'JSON')");
        await engine.RunAsync(
            "CREATE TABLE q AS SELECT g, COUNT(*) AS n FROM s WINDOW TUMBLING (SIZE 1 MINUTE, RETENTION 3 HOURS, GRACE PERIOD 2 HOURS) " +
                "GROUP BY g EMIT CHANGES");
        for (var hour = 0; hour < 3; hour++)
            await engine.ProduceAsync("s", partitions: 1, Rows(hour));
        await engine.CaughtUpAsync();

        engine.Engine.Queries.Single().StateBytes.ShouldBeInRange(minutes * 256, minutes * 8 * 1024);
    }

    /// <summary>A row a second; every key is there for a minute and never again.</summary>
    private static IEnumerable<(string Key, string Value, long Time)> Rows(int hour)
    {
        for (var i = 0; i < RowsPerHour; i++)
        {
            var second = (hour * (long)RowsPerHour) + i;
            var key = string.Create(CultureInfo.InvariantCulture, $"k{second / 60}-{second % 7}");
            yield return (key, string.Create(CultureInfo.InvariantCulture, $$"""{"G":"g{{second / 60}}","V":{{second % 100}}}"""),
                1_700_000_000_000 + (1000 * second));
        }
    }
}
