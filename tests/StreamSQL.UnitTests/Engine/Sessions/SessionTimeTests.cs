using StreamSQL.Data.Errors;
using StreamSQL.UnitTests.Engine.Support;

namespace StreamSQL.UnitTests.Engine.Sessions;

/// <summary>The session's time zone in expressions, and instants that hold for a statement or a transaction.</summary>
public class SessionTimeTests
{
    [Fact]
    public async Task What_has_no_zone_is_meant_in_the_sessions()
    {
        await using var engine = await EngineHarness.StartAsync();
        await engine.RunAsync("SET TIME ZONE 'Europe/Berlin'");
        (await engine.RunAsync(
            "SELECT (timestamptz '2021-07-01 12:00')::text, (timestamptz '2021-07-01 12:00+00')::text, (timestamp '2021-01-01 " +
                "12:00')::timestamptz::text, (date '2021-07-01')::timestamptz::text"))
            .ShouldBe(["2021-07-01 12:00:00+02|2021-07-01 14:00:00+02|2021-01-01 12:00:00+01|2021-07-01 00:00:00+02"]);
        (await engine.RunAsync("SELECT extract(hour from timestamptz '2021-07-01 22:30+00')::int, (timestamptz '2021-07-01 " +
            "22:30+00')::date::text, date_trunc('day', timestamptz '2021-07-01 22:30+00')::text"))
            .ShouldBe(["0|2021-07-02|2021-07-02 00:00:00+02"]);
        (await engine.RunAsync("SELECT (timestamptz '2021-03-27 12:00' + interval '1 day')::text, (timestamptz '2021-03-27 12:00' + " +
            "interval '24 hours')::text"))
            .ShouldBe(["2021-03-28 12:00:00+02|2021-03-28 13:00:00+02"]);
        await engine.RunAsync("SET TIME ZONE DEFAULT");
        (await engine.RunAsync("SELECT (timestamptz '2021-07-01 12:00')::text")).ShouldBe(["2021-07-01 12:00:00+00"]);
    }

    [Fact]
    public async Task A_zone_that_is_unknown_is_refused()
    {
        await using var engine = await EngineHarness.StartAsync();
        var error = await Should.ThrowAsync<SqlException>(() => engine.RunAsync("SET TIME ZONE 'Nowhere/Else'"));
        (error.SqlState, error.Message).ShouldBe(("22023", "invalid value for parameter \"TimeZone\": \"Nowhere/Else\""));
    }

    [Fact]
    public async Task A_column_of_a_stream_is_an_instant_in_milliseconds()
    {
        await using var engine = await EngineHarness.StartAsync();
        await engine.RunAsync("""
            CREATE STREAM visits (id VARCHAR KEY, at TIMESTAMP) WITH (KAFKA_TOPIC = 'visits', PARTITIONS = 1, VALUE_FORMAT = 'JSON');
            INSERT INTO visits VALUES ('a', timestamp '2021-03-31 10:00:00.123456');
            INSERT INTO visits VALUES ('b', '2021-03-31 12:00:00+02');
            INSERT INTO visits VALUES ('c', timestamptz '2021-03-31 10:00+00' + interval '1 month');
            """);
        await engine.CaughtUpAsync();
        (await engine.RunAsync("SELECT id, at::text, (at - interval '1 month')::text FROM visits ORDER BY id")).ShouldBe(
        [
            "a|2021-03-31 10:00:00.123+00|2021-02-28 10:00:00.123+00", "b|2021-03-31 10:00:00+00|2021-02-28 10:00:00+00",
            "c|2021-04-30 10:00:00+00|2021-03-30 10:00:00+00",
        ]);
        (await engine.RunAsync("SELECT id FROM visits WHERE at > timestamp '2021-03-31 10:00' AND at < date '2021-04-01'")).ShouldBe(["a"]);
        (await engine.RunAsync("SELECT count(*) FROM visits WHERE at = '2021-03-31 10:00:00'")).ShouldBe(["1"]);
    }
}
