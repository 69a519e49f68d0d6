using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using StreamSQL.Kafka.Records;

namespace StreamSQL.Benchmarks.Pipes;

/// <summary>
/// Nexmark bids as record batches, as producers send them: key: auction as 8 bytes, value: about 159 bytes of JSON, event time 100,000 a
/// second. The same for the same seed.
/// </summary>
internal sealed class BidLog
{
    public const int Keys = 100_000;
    public const int EventsPerSecond = 100_000;
    private const int RecordsPerBatch = 5_000;
    private const long FirstEventMs = 1_700_000_000_000;

    private BidLog(IReadOnlyList<byte[]> batches, int records)
    {
        Batches = batches;
        Records = records;
        Bytes = batches.Sum(static batch => (long)batch.Length);
    }

    public IReadOnlyList<byte[]> Batches { get; }

    public int Records { get; }

    public long Bytes { get; }

    public static BidLog Create(int records, int seed)
    {
        var random = new Random(seed);
        var batches = new List<byte[]>(records / RecordsPerBatch);
        using var builder = new RecordBatchBuilder();
        Span<byte> key = stackalloc byte[sizeof(long)];
        var value = new StringBuilder();
        for (var i = 0; i < records; i++)
        {
            var auction = 1000 + random.Next(Keys);
            var ts = FirstEventMs + (i * 1000L / EventsPerSecond);
            BinaryPrimitives.WriteInt64BigEndian(key, auction);
            value.Clear().Append(CultureInfo.InvariantCulture,
                $"{{\"auction\":{auction},\"bidder\":{1000 + random.Next(50_000)},\"price\":{random.Next(100, 10_000_000)},\"channel\":\"channel-{random.Next(10_000)}\",\"url\":\"https://www.nexmark.com/{random.Next(100_000):x5}/item.htm?query=1\",\"ts\":{ts},\"extra\":\"{random.Next(1_000_000):x6}\"}}");
            builder.Append(key, hasKey: true, Encoding.ASCII.GetBytes(value.ToString()), hasValue: true, ts);
            if (builder.Count == RecordsPerBatch || i == records - 1)
            {
                batches.Add(builder.Build().ToArray());
                builder.Reset();
            }
        }

        return new(batches, records);
    }
}
