using StreamSQL.ConformanceTests.Support;

namespace StreamSQL.ConformanceTests.Flights;

/// <summary>
/// The sample's queries over the real flights equal batch computations over the file, whatever the number of partitions, the size of the
/// chunks that the flights come in, and pauses between partitions.
/// </summary>
public class FlightTests
{
    private static readonly string Folder = Path.Combine(Repository.Root, "samples", "flights");

    private static FlightOracle Oracle => FlightOracle.Instance;

    [Theory]
    [InlineData(1, 20_000)]
    [InlineData(4, 20_000)]
    [InlineData(4, 333)]
    [InlineData(7, 5_000)]
    public async Task Tables_equal_the_batch_computations(int partitions, int chunk)
    {
        await using var engine = await StartAsync(partitions);
        await using (var producer = await engine.Broker.OpenTransactionalProducerAsync("flights", TimeSpan.FromMinutes(1),
            CancellationToken.None))
        {
            foreach (var flights in Oracle.Flights.Chunk(chunk))
                await TestEngine.ProduceAsync(producer, "flights", partitions,
                    flights.Select(static flight => (flight.Origin, flight.Json)));
        }

        await engine.Engine.WaitUntilCaughtUpAsync(CancellationToken.None);
        await CheckAsync(engine);
    }

    [Theory]
    [InlineData(4)]
    [InlineData(7)]
    public async Task A_pause_between_partitions_changes_nothing(int partitions)
    {
        await using var engine = await StartAsync(partitions);
        await using (var producer = await engine.Broker.OpenTransactionalProducerAsync("flights", TimeSpan.FromMinutes(1),
            CancellationToken.None))
        {
            foreach (var flights in Oracle.Flights.GroupBy(flight => PartitionOf(flight.Origin, partitions))
                .OrderBy(static group => group.Key))
            {
                await TestEngine.ProduceAsync(producer, "flights", partitions,
                    flights.Select(static flight => (flight.Origin, flight.Json)));
                await engine.Engine.WaitUntilCaughtUpAsync(CancellationToken.None);
            }
        }

        await CheckAsync(engine);
    }

    [Fact]
    public async Task A_restart_half_way_changes_nothing()
    {
        const int partitions = 4;
        var engine = await StartAsync(partitions);
        try
        {
            await ProduceAsync(engine, Oracle.Flights.Take(11_111), partitions);
            engine = await engine.RestartAsync();
            await ProduceAsync(engine, Oracle.Flights.Skip(11_111), partitions);
            await engine.Engine.WaitUntilCaughtUpAsync(CancellationToken.None);
            await CheckAsync(engine);
        }
        finally
        {
            await engine.DisposeAsync();
        }
    }

    private static int PartitionOf(string key, int partitions) =>
        StreamSQL.Kafka.Records.KeyPartitioner.PartitionOf(System.Text.Encoding.UTF8.GetBytes(key), partitions);

    private static async Task ProduceAsync(TestEngine engine, IEnumerable<Flight> flights, int partitions)
    {
        await using var producer = await engine.Broker.OpenTransactionalProducerAsync("flights", TimeSpan.FromMinutes(1),
            CancellationToken.None);
        await TestEngine.ProduceAsync(producer, "flights", partitions, flights.Select(static flight => (flight.Origin, flight.Json)));
    }

    private static async Task<TestEngine> StartAsync(int partitions)
    {
        var engine = await TestEngine.StartAsync();
        var sources = await File.ReadAllTextAsync(Path.Combine(Folder, "sources.sql"));
        await engine.ExecuteAsync(sources.Replace("PARTITIONS = 4", $"PARTITIONS = {partitions}", StringComparison.Ordinal));
        await using (var producer = await engine.Broker.OpenTransactionalProducerAsync("airports", TimeSpan.FromMinutes(1),
            CancellationToken.None))
            await TestEngine.ProduceAsync(producer, "airports", partitions,
                Oracle.Airports.Select(static airport => (airport.Key, airport.Line)));
        await engine.ExecuteAsync(await File.ReadAllTextAsync(Path.Combine(Folder, "queries.sql")));
        return engine;
    }

    private static async Task CheckAsync(TestEngine engine)
    {
        await EqualAsync(engine, "SELECT origin, windowstart, flights, average_delay, max_delay FROM departures",
            FlightOracle.DelayByWindow(Oracle.Flights, static flight => flight.Origin, FlightOracle.DayMs), 6901);
        await EqualAsync(engine, "SELECT destination, windowstart, flights FROM arrivals",
            FlightOracle.CountByWindow(Oracle.Flights, static flight => flight.Destination, FlightOracle.DayMs), 6961);
        await EqualAsync(engine, "SELECT origin, windowstart, flights FROM departures_hourly",
            FlightOracle.CountByWindow(Oracle.Flights, static flight => flight.Origin, FlightOracle.HourMs), 17473);
        await EqualAsync(engine, "SELECT origin, windowstart, windowend, flights FROM departure_sessions",
            FlightOracle.CountBySession(Oracle.Flights, static flight => flight.Origin, 2 * FlightOracle.HourMs), 12863);
        await EqualAsync(engine, "SELECT state, flights, total_delay FROM departures_by_state",
            FlightOracle.DelayBy(Oracle.Flights, static flight => Oracle.StateOfAirport[flight.Origin]), 51);
        await EqualAsync(engine, "SELECT state, windowstart, flights FROM departures_by_state_daily",
            FlightOracle.CountByWindow(Oracle.Flights, static flight => Oracle.StateOfAirport[flight.Origin], FlightOracle.DayMs), 3340);
        await EqualAsync(engine, "SELECT origin, delay FROM delayed_flights",
            Oracle.Flights.Where(static flight => flight.Delay > 60).Select(static flight => $"{flight.Origin}|{flight.Delay}"), 1089);
    }

    private static async Task EqualAsync(TestEngine engine, string query, IEnumerable<string> expected, int count)
    {
        var rows = await engine.QueryAsync(query);
        rows.Length.ShouldBe(count, query);
        var (actual, wanted) = (rows.Order(StringComparer.Ordinal).ToArray(), expected.Order(StringComparer.Ordinal).ToArray());
        actual.Except(wanted).Take(5).ShouldBeEmpty(query);
        actual.SequenceEqual(wanted).ShouldBeTrue(query);
    }
}
