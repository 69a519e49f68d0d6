namespace StreamSQL.ConformanceTests.Flights;

/// <summary>The oracle itself, held to the figures that the sample is known for.</summary>
public class FlightOracleTests
{
    private static FlightOracle Oracle => FlightOracle.Instance;

    [Fact]
    public void Departures_by_day()
    {
        var rows = FlightOracle.DelayByWindow(Oracle.Flights, static flight => flight.Origin, FlightOracle.DayMs).ToArray();

        rows.Length.ShouldBe(6901);
        rows.ShouldContain(row => row.StartsWith("ORD|978307200000|12|16.8333", StringComparison.Ordinal)
            && row.EndsWith("|79", StringComparison.Ordinal));
    }

    [Fact]
    public void Arrivals_by_day() =>
        FlightOracle.CountByWindow(Oracle.Flights, static flight => flight.Destination, FlightOracle.DayMs).Count().ShouldBe(6961);

    [Fact]
    public void Departures_by_hour() =>
        FlightOracle.CountByWindow(Oracle.Flights, static flight => flight.Origin, FlightOracle.HourMs).Count().ShouldBe(17473);

    [Fact]
    public void Departure_sessions() =>
        FlightOracle.CountBySession(Oracle.Flights, static flight => flight.Origin, 2 * FlightOracle.HourMs).Count().ShouldBe(12863);

    [Fact]
    public void Departures_by_state()
    {
        var rows = FlightOracle.DelayBy(Oracle.Flights, static flight => Oracle.StateOfAirport[flight.Origin]).ToArray();

        rows.Length.ShouldBe(51);
        rows.ShouldContain("TX|2400|17639");
        rows.ShouldContain("CA|2380|21109");
        rows.ShouldContain("FL|1413|13287");
    }

    [Fact]
    public void Departures_by_state_and_day() =>
        FlightOracle.CountByWindow(Oracle.Flights, static flight => Oracle.StateOfAirport[flight.Origin], FlightOracle.DayMs).Count()
            .ShouldBe(3340);
}
