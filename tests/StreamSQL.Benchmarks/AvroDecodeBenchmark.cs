using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Formats;
using StreamSQL.Data.Formats.Avro.Reading;
using StreamSQL.Data.Formats.Avro.Schemas;
using StreamSQL.Data.Types;

namespace StreamSQL.Benchmarks;

/// <summary>Avro records from log bytes into columns, one core, beside a loop written by hand for the schema.</summary>
internal static class AvroDecodeBenchmark
{
    private const int Laps = 20;

    private static readonly FormatField[] Bid =
    [
        new("AUCTION", SqlType.BigInt), new("BIDDER", SqlType.BigInt), new("PRICE", SqlType.BigInt), new("CHANNEL", SqlType.Varchar),
        new("URL", SqlType.Varchar), new("TS", SqlType.BigInt), new("EXTRA", SqlType.Varchar),
    ];

    /// <summary>Runs it; 0 unless a decoder failed on a record.</summary>
    public static int Run()
    {
        foreach (var nullable in new[] { true, false })
        {
            var bids = RecordLog.AvroBids(200_000, seed: 1, nullable);
            var what = nullable ? "fields nullable, as ksqlDB writes them" : "fields not nullable";
            Measurement.Print($"bids, {what}: {bids.Records} records of {bids.Bytes / bids.Records} bytes, 3 of 7 fields", [
                Take("loop by hand for this schema", bids, ByHand(nullable, texts: false)),
                Take("Avro decoder", bids, Decode(nullable, "AUCTION", "PRICE", "TS")),
            ]);
            Measurement.Print($"the same, 7 of 7 fields, 3 of them text", [
                Take("loop by hand for this schema", bids, ByHand(nullable, texts: true)),
                Take("Avro decoder", bids, Decode(nullable, [.. Bid.Select(static f => f.Name)])),
            ]);
        }

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

    private static Action<SliceList> Decode(bool nullable, params string[] wanted)
    {
        var decoder = new AvroDecoder(Bid, wrapped: true, AvroSchema.Parse(SchemaOf(nullable)), null);
        var columns = Bid.Select(f => wanted.Contains(f.Name) ? Column.Create(f.Type) : null).ToArray();
        var errors = new DecodeErrors();
        return batch =>
        {
            foreach (var column in columns)
                column?.Reset(batch.Count);
            decoder.Attach(batch.Buffer, columns);
            decoder.Decode(batch, 0, batch.Count, columns, errors);
            Check(errors.Count);
        };
    }

    private static string SchemaOf(bool nullable)
    {
        var fields = Bid.Select(f => (f.Name, Type: f.Type == SqlType.BigInt ? "\"long\"" : "\"string\""))
            .Select(f => $"{{\"name\":\"{f.Name}\",\"type\":{(nullable ? $"[\"null\",{f.Type}]" : f.Type)}}}");
        return $"{{\"type\":\"record\",\"name\":\"Bid\",\"fields\":[{string.Join(',', fields)}]}}";
    }

    private static Action<SliceList> ByHand(bool nullable, bool texts)
    {
        var limit = new AvroLimits();
        return (nullable, texts) switch
        {
            (true, false) => batch => Check(limit.ReadNullable(batch)),
            (true, true) => batch => Check(limit.ReadAllNullable(batch)),
            (false, false) => batch => Check(limit.Read(batch)),
            _ => batch => Check(limit.ReadAll(batch)),
        };
    }

    private static void Check(int bad)
    {
        if (bad != 0)
            throw new InvalidDataException($"{bad} records were not decoded.");
    }
}
