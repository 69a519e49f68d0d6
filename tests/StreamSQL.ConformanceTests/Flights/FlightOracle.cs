using System.Globalization;
using System.IO.Compression;
using System.Text.Json;

namespace StreamSQL.ConformanceTests.Flights;

/// <summary>One flight of the sample, read independently of the product's own decoder.</summary>
internal sealed record Flight(string Origin, string Destination, int Delay, int Distance, DateTime At, string Json)
{
    public long AtMs => new DateTimeOffset(At, TimeSpan.Zero).ToUnixTimeMilliseconds();
}

/// <summary>Batch computations over the whole file: what the continuous queries must come to.</summary>
internal sealed class FlightOracle
{
    public const long HourMs = 3_600_000;
    public const long DayMs = 24 * HourMs;

    private FlightOracle(IReadOnlyList<Flight> flights, IReadOnlyDictionary<string, string> stateOfAirport,
        IReadOnlyList<(string Key, string Line)> airports)
    {
        Flights = flights;
        StateOfAirport = stateOfAirport;
        Airports = airports;
    }

    public static FlightOracle Instance { get; } = Load();

    public IReadOnlyList<Flight> Flights { get; }

    public IReadOnlyDictionary<string, string> StateOfAirport { get; }

    public IReadOnlyList<(string Key, string Line)> Airports { get; }

    /// <summary>Rows <c>key|window start|count|average|maximum</c> per key and window of a size; average as <c>R</c>.</summary>
    public static IEnumerable<string> DelayByWindow(IEnumerable<Flight> flights, Func<Flight, string> key, long sizeMs) =>
        flights.GroupBy(flight => (Key: key(flight), Start: flight.AtMs - (flight.AtMs % sizeMs)))
            .Select(static group => string.Create(CultureInfo.InvariantCulture,
                $"{group.Key.Key}|{group.Key.Start}|{group.Count()}|{(double)group.Sum(static f => (long)f.Delay) / group.Count():R}|" +
                    $"{group.Max(static f => f.Delay)}"));

    /// <summary>Rows <c>key|window start|count</c> per key and window of a size.</summary>
    public static IEnumerable<string> CountByWindow(IEnumerable<Flight> flights, Func<Flight, string> key, long sizeMs) =>
        flights.GroupBy(flight => (Key: key(flight), Start: flight.AtMs - (flight.AtMs % sizeMs)))
            .Select(static group => $"{group.Key.Key}|{group.Key.Start}|{group.Count()}");

    /// <summary>Rows <c>key|window start|window end|count</c> per period of activity, ended by a gap.</summary>
    public static IEnumerable<string> CountBySession(IEnumerable<Flight> flights, Func<Flight, string> key, long gapMs)
    {
        foreach (var group in flights.GroupBy(key))
        {
            var times = group.Select(static flight => flight.AtMs).Order().ToArray();
            var first = 0;
            for (var i = 1; i <= times.Length; i++)
            {
                if (i < times.Length && times[i] - times[i - 1] <= gapMs)
                    continue;
                yield return $"{group.Key}|{times[first]}|{times[i - 1]}|{i - first}";
                first = i;
            }
        }
    }

    /// <summary>Rows <c>key|count|sum of delays</c>.</summary>
    public static IEnumerable<string> DelayBy(IEnumerable<Flight> flights, Func<Flight, string> key) =>
        flights.GroupBy(key).Select(static group => $"{group.Key}|{group.Count()}|{group.Sum(static flight => (long)flight.Delay)}");

    private static FlightOracle Load()
    {
        var folder = Path.Combine(Support.Repository.Root, "samples", "flights");
        using var lines = new StreamReader(new GZipStream(File.OpenRead(Path.Combine(folder, "flights.ndjson.gz")),
            CompressionMode.Decompress));
        var flights = new List<Flight>();
        while (lines.ReadLine() is { } line)
            flights.Add(ReadFlight(line));

        var airports = File.ReadLines(Path.Combine(folder, "airports.csv")).Skip(1).ToArray();
        return new(
            flights,
            airports.Select(SplitCsv).ToDictionary(static fields => fields[0], static fields => fields[3]),
            airports.Select(static line => (line[..line.IndexOf(',')], line[(line.IndexOf(',') + 1)..])).ToArray());
    }

    private static Flight ReadFlight(string line)
    {
        using var document = JsonDocument.Parse(line);
        var root = document.RootElement;
        return new(
            root.GetProperty("origin").GetString()!, root.GetProperty("destination").GetString()!, root.GetProperty("delay").GetInt32(),
            root.GetProperty("distance").GetInt32(),
            DateTime.ParseExact(root.GetProperty("date").GetString()!, "yyyy/MM/dd HH:mm", CultureInfo.InvariantCulture), line);
    }

    private static List<string> SplitCsv(string line)
    {
        var fields = new List<string> { "" };
        var quoted = false;
        foreach (var c in line)
        {
            if (c == '"')
                quoted = !quoted;
            else if (c == ',' && !quoted)
                fields.Add("");
            else
                fields[^1] += c;
        }

        return fields;
    }
}
