using System.Globalization;
using System.Text;
using StreamSQL.ConformanceTests.Support;
using StreamSQL.Kafka.Records;

namespace StreamSQL.ConformanceTests.Flights;

/// <summary>
/// Flights out of order: within the grace period nothing changes; beyond it the late rows are left out, counted and shown.
/// </summary>
public class LateFlightTests
{
    private const int Partitions = 4;
    private const int Seed = 2001;
    private const long HalfHourMs = FlightOracle.HourMs / 2;

    private static FlightOracle Oracle => FlightOracle.Instance;

    [Fact]
    public async Task Shuffled_within_each_half_hour_nothing_is_late() =>
        await CheckAsync(Shuffle(HalfHourMs), "30 MINUTES", HalfHourMs, expectLate: false);

    [Fact]
    public async Task Shuffled_within_each_day_nothing_is_late_with_a_day_of_grace() =>
        await CheckAsync(Shuffle(FlightOracle.DayMs), "24 HOURS", FlightOracle.DayMs, expectLate: false);

    [Fact]
    public async Task Shuffled_within_each_day_rows_beyond_the_grace_period_are_counted_and_shown() =>
        await CheckAsync(Shuffle(FlightOracle.DayMs), "30 MINUTES", HalfHourMs, expectLate: true);

    private static async Task CheckAsync(IReadOnlyList<Flight> flights, string grace, long graceMs, bool expectLate)
    {
        await using var engine = await TestEngine.StartAsync();
        await engine.ExecuteAsync(await File.ReadAllTextAsync(Path.Combine(Repository.Root, "samples", "flights", "sources.sql")));
        await engine.ExecuteAsync(
            $"""
            CREATE TABLE hourly AS SELECT origin, COUNT(*) AS flights
            FROM flights WINDOW TUMBLING (SIZE 1 HOUR, RETENTION 365 DAYS, GRACE PERIOD {grace}) GROUP BY origin EMIT CHANGES;
            """);
        await using (var producer = await engine.Broker.OpenTransactionalProducerAsync("flights", TimeSpan.FromMinutes(1),
            CancellationToken.None))
            await TestEngine.ProduceAsync(producer, "flights", Partitions, flights.Select(static flight => (flight.Origin, flight.Json)));
        await engine.Engine.WaitUntilCaughtUpAsync(CancellationToken.None);

        var (accepted, late) = Judge(flights, graceMs);
        late.ShouldBe(expectLate ? late : 0);
        (late > 0).ShouldBe(expectLate);
        var rows = await engine.QueryAsync("SELECT origin, windowstart, flights FROM hourly");
        rows.Order(StringComparer.Ordinal).ShouldBe(
            FlightOracle.CountByWindow(accepted, static flight => flight.Origin, FlightOracle.HourMs).Order(StringComparer.Ordinal));
        engine.Engine.Queries.Single().LateRows.ShouldBe(late);
        (await engine.QueryAsync("SHOW QUERIES")).Single().Split('|').ShouldContain(late.ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>
    /// What an engine has to accept, flight by flight: a window is closed when the partition's stream
    /// time has passed its end by the grace period.
    /// </summary>
    private static (List<Flight> Accepted, long Late) Judge(IReadOnlyList<Flight> flights, long graceMs)
    {
        var streamTime = new long[Partitions];
        var accepted = new List<Flight>();
        foreach (var flight in flights)
        {
            ref var time = ref streamTime[KeyPartitioner.PartitionOf(Encoding.UTF8.GetBytes(flight.Origin), Partitions)];
            time = Math.Max(time, flight.AtMs);
            var windowEnd = flight.AtMs - (flight.AtMs % FlightOracle.HourMs) + FlightOracle.HourMs;
            if (windowEnd + graceMs > time)
                accepted.Add(flight);
        }

        return (accepted, flights.Count - accepted.Count);
    }

    private static List<Flight> Shuffle(long blockMs)
    {
        var random = new Random(Seed);
        return Oracle.Flights.GroupBy(flight => flight.AtMs / blockMs).SelectMany(block => block.OrderBy(_ => random.Next())).ToList();
    }
}
