using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Formats;
using StreamSQL.Data.Formats.Json;
using StreamSQL.Data.Types;

namespace StreamSQL.Benchmarks;

/// <summary>
/// JSON records from log bytes into columns, one core: the general decoder and the one that speculates on the records' shape, between a
/// bare Utf8JsonReader loop and a loop written by hand for the layout.
/// </summary>
internal static class DecodeBenchmark
{
    private const int Laps = 20;

    private static readonly FormatField[] Bid =
    [
        new("AUCTION", SqlType.BigInt), new("BIDDER", SqlType.BigInt), new("PRICE", SqlType.BigInt), new("CHANNEL", SqlType.Varchar),
        new("URL", SqlType.Varchar), new("TS", SqlType.BigInt), new("EXTRA", SqlType.Varchar),
    ];

    private static readonly FormatField[] Flight =
    [
        new("DATE", SqlType.Varchar), new("DELAY", SqlType.Integer), new("DISTANCE", SqlType.Integer), new("ORIGIN", SqlType.Varchar),
        new("DESTINATION", SqlType.Varchar),
    ];

    /// <summary>Runs it; 0 unless a decoder failed on a record.</summary>
    public static int Run()
    {
        var bids = RecordLog.Bids(200_000, seed: 1);
        Measurement.Print($"bids: {bids.Records} records of {bids.Bytes / bids.Records} bytes, 3 of 7 fields", [
            Take("Utf8JsonReader loop", bids, Limit((long[] a, long[] b, long[] c) => batch => DecodeLimits.ReadBids(batch, a, b, c))),
            Take("general decoder", bids, Decode(new JsonDecoder(Bid, wrapped: true), Bid, "AUCTION", "PRICE", "TS")),
            Take("shape decoder", bids, Decode(FormatFactory.CreateDecoder("JSON", Bid, FormatOptions.Default), Bid, "AUCTION",
                "PRICE", "TS")),
            Take("loop by hand for this layout", bids,
                Limit((long[] a, long[] b, long[] c) => batch => Check(DecodeLimits.ScanBids(batch, a, b, c)))),
        ]);
        var flights = RecordLog.Flights(laps: 10);
        var lengths = new int[ChangeBatch.MaxRows];
        Measurement.Print($"flights: {flights.Records} records of {flights.Bytes / flights.Records} bytes, 3 of 5 fields, 2 of them text", [
            Take("Utf8JsonReader loop", flights, Limit((int[] a, int[] b, int[] c) => batch => DecodeLimits.ReadFlights(batch, a, b, c))),
            Take("general decoder", flights, Decode(new JsonDecoder(Flight, wrapped: true), Flight, "DATE", "DELAY", "ORIGIN")),
            Take("shape decoder", flights,
                Decode(FormatFactory.CreateDecoder("JSON", Flight, FormatOptions.Default), Flight, "DATE", "DELAY", "ORIGIN")),
            Take("loop by hand for this layout", flights,
                Limit((int[] a, int[] b, int[] c) => batch => Check(DecodeLimits.ScanFlights(batch, a, b, c, lengths)))),
        ]);
        return 0;
    }

    private static Measurement Take(string name, RecordLog log, Action<SliceList> decode) =>
        Measurement.Take(name, Laps * log.Records, Laps * log.Bytes, () =>
        {
            for (var lap = 0; lap < Laps; lap++)
            {
                foreach (var batch in log.Batches)
                    decode(batch);
            }
        });

    private static Action<SliceList> Decode(RecordDecoder decoder, FormatField[] fields, params string[] wanted)
    {
        var columns = fields.Select(f => wanted.Contains(f.Name) ? Column.Create(f.Type) : null).ToArray();
        var errors = new DecodeErrors();
        return batch =>
        {
            foreach (var column in columns)
                column?.Reset(batch.Count);
            decoder.Decode(batch, columns, errors);
            Check(errors.Count);
        };
    }

    private static Action<SliceList> Limit<T>(Func<T[], T[], T[], Action<SliceList>> create) =>
        create(new T[ChangeBatch.MaxRows], new T[ChangeBatch.MaxRows], new T[ChangeBatch.MaxRows]);

    private static void Check(int bad)
    {
        if (bad != 0)
            throw new InvalidDataException($"{bad} records were not decoded.");
    }
}
