using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Text.Json;

namespace StreamSQL.Server.Demo;

/// <summary>The flights sample as records: keys and values as the sample's statements declare them.</summary>
internal sealed class FlightData
{
    /// <summary>Days from the first flight's date to the day after the last one's: how far a lap is dated after the one before.</summary>
    public const int DaysPerLap = 90;

    private const string DateFormat = "yyyy/MM/dd";
    private static readonly byte[] DateField = "\"date\":\""u8.ToArray();

    private FlightData(IReadOnlyList<SampleRecord> flights, IReadOnlyList<SampleRecord> airports)
    {
        Flights = flights;
        Airports = airports;
    }

    /// <summary>Flights in order of departure; key: origin, value: JSON.</summary>
    public IReadOnlyList<SampleRecord> Flights { get; }

    /// <summary>Airports; key: IATA code, value: the rest of the CSV line.</summary>
    public IReadOnlyList<SampleRecord> Airports { get; }

    /// <summary>Reads the files of a folder.</summary>
    /// <exception cref="IOException">A file is missing or cannot be read.</exception>
    /// <exception cref="InvalidDataException">A line is not what the sample holds.</exception>
    public static FlightData Load(string folder) =>
        new(ReadFlights(Path.Combine(folder, "flights.ndjson.gz")), ReadAirports(Path.Combine(folder, "airports.csv")));

    /// <summary>The same flight in a later lap: its date moved on.</summary>
    public static SampleRecord InLap(SampleRecord flight, int lap)
    {
        if (lap == 0)
            return flight;
        var at = flight.Value.AsSpan().IndexOf(DateField) + DateField.Length;
        var date = DateOnly.ParseExact(Encoding.ASCII.GetString(flight.Value, at, DateFormat.Length), DateFormat,
            CultureInfo.InvariantCulture);
        var value = flight.Value.ToArray();
        Encoding.ASCII.GetBytes(date.AddDays(lap * DaysPerLap).ToString(DateFormat, CultureInfo.InvariantCulture), value.AsSpan(at));
        return flight with { Value = value };
    }

    private static List<SampleRecord> ReadFlights(string path)
    {
        using var reader = new StreamReader(new GZipStream(File.OpenRead(path), CompressionMode.Decompress));
        var flights = new List<SampleRecord>();
        while (reader.ReadLine() is { } line)
        {
            var value = Encoding.UTF8.GetBytes(line);
            flights.Add(new(ReadOrigin(value), value));
        }

        return flights;
    }

    private static byte[] ReadOrigin(byte[] value)
    {
        var reader = new Utf8JsonReader(value);
        while (reader.Read())
        {
            if (reader.TokenType == JsonTokenType.PropertyName && reader.ValueTextEquals("origin"u8) && reader.Read())
                return reader.ValueSpan.ToArray();
        }

        throw new InvalidDataException($"a flight without an origin: {Encoding.UTF8.GetString(value)}");
    }

    private static List<SampleRecord> ReadAirports(string path)
    {
        var airports = new List<SampleRecord>();
        foreach (var line in File.ReadLines(path).Skip(1))
        {
            var comma = line.IndexOf(',', StringComparison.Ordinal);
            if (comma <= 0)
                throw new InvalidDataException($"an airport without a code: {line}");
            airports.Add(new(Encoding.UTF8.GetBytes(line[..comma]), Encoding.UTF8.GetBytes(line[(comma + 1)..])));
        }

        return airports;
    }
}

/// <summary>A record to load.</summary>
internal sealed record SampleRecord(byte[] Key, byte[] Value);
