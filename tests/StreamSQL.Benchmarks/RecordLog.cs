using System.IO.Compression;
using System.Text;
using StreamSQL.Data.Batches;

namespace StreamSQL.Benchmarks;

/// <summary>Records one after another in one buffer, as they lie in a log, and the slices of each batch of them.</summary>
internal sealed class RecordLog
{
    private RecordLog(byte[] buffer, List<SliceList> batches, int records, long bytes)
    {
        Buffer = buffer;
        Batches = batches;
        Records = records;
        Bytes = bytes;
    }

    /// <summary>The bytes of all records.</summary>
    public byte[] Buffer { get; }

    /// <summary>The slices, batch by batch.</summary>
    public IReadOnlyList<SliceList> Batches { get; }

    /// <summary>How many records there are.</summary>
    public int Records { get; }

    /// <summary>Bytes of all records.</summary>
    public long Bytes { get; }

    /// <summary>The sample of flights, several times over.</summary>
    public static RecordLog Flights(int laps)
    {
        var path = Path.Combine(RepositoryRoot(), "samples", "flights", "flights.ndjson.gz");
        using var file = new StreamReader(new GZipStream(File.OpenRead(path), CompressionMode.Decompress));
        var lines = file.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        return Create(Enumerable.Range(0, laps).SelectMany(_ => lines).Select(Encoding.UTF8.GetBytes));
    }

    /// <summary>Nexmark bids as JSON, about 159 bytes each, the same for the same seed.</summary>
    public static RecordLog Bids(int count, int seed) => Create(MakeBids(count, seed).Select(static bid => Encoding.UTF8.GetBytes(
        $"{{\"auction\":{bid.Auction},\"bidder\":{bid.Bidder},\"price\":{bid.Price},\"channel\":\"{bid.Channel}\",\"url\":\"{bid.Url}\",\"ts\":{bid.Time}"
        + $",\"extra\":\"{bid.Extra}\"}}")));

    /// <summary>The same bids in Avro's binary form, each field in a union of null and its type or without one.</summary>
    public static RecordLog AvroBids(int count, int seed, bool nullable) => Create(MakeBids(count, seed).Select(bid =>
    {
        var record = new List<byte>();
        Number(bid.Auction);
        Number(bid.Bidder);
        Number(bid.Price);
        Text(bid.Channel);
        Text(bid.Url);
        Number(bid.Time);
        Text(bid.Extra);
        return record.ToArray();

        void Branch() => record.AddRange(nullable ? [2] : []);

        void Varint(long value)
        {
            var bits = (ulong)(value << 1);
            for (; bits >= 0x80; bits >>= 7)
                record.Add((byte)(bits | 0x80));
            record.Add((byte)bits);
        }

        void Number(long value)
        {
            Branch();
            Varint(value);
        }

        void Text(string value)
        {
            Branch();
            Varint(value.Length);
            record.AddRange(Encoding.ASCII.GetBytes(value));
        }
    }));

    /// <summary>The same bids as Protobuf messages, fields 1 to 7 in the order of the JSON: int64 and string.</summary>
    public static RecordLog ProtobufBids(int count, int seed) => Create(MakeBids(count, seed).Select(static bid =>
    {
        var message = new List<byte>();
        Number(1, bid.Auction);
        Number(2, bid.Bidder);
        Number(3, bid.Price);
        Text(4, bid.Channel);
        Text(5, bid.Url);
        Number(6, bid.Time);
        Text(7, bid.Extra);
        return message.ToArray();

        void Varint(ulong value)
        {
            for (; value >= 0x80; value >>= 7)
                message.Add((byte)(value | 0x80));
            message.Add((byte)value);
        }

        void Number(int field, long value)
        {
            message.Add((byte)(field << 3));
            Varint((ulong)value);
        }

        void Text(int field, string value)
        {
            message.Add((byte)(field << 3 | 2));
            Varint((ulong)value.Length);
            message.AddRange(Encoding.ASCII.GetBytes(value));
        }
    }));

    private static IEnumerable<Bid> MakeBids(int count, int seed)
    {
        var random = new Random(seed);
        string[] channels = ["Google", "Facebook", "Baidu", "Apple"];
        for (var i = 0; i < count; i++)
        {
            var channel = random.Next(2) == 0 ? channels[random.Next(channels.Length)] : $"channel-{random.Next(10_000)}";
            var url = $"https://www.nexmark.com/{Letters(random, 5)}/item.htm?query=1";
            yield return new(
                1000 + random.Next(100_000), 1000 + random.Next(50_000), random.Next(100, 10_000_000), channel, url,
                1_700_000_000_000 + (i / 100), Letters(random, 5));
        }
    }

    private static RecordLog Create(IEnumerable<byte[]> records)
    {
        var all = records.ToList();
        var bytes = all.Sum(static r => (long)r.Length);
        var buffer = new byte[bytes + 64];
        var batches = new List<SliceList>();
        var at = 0;
        foreach (var chunk in all.Chunk(ChangeBatch.MaxRows))
        {
            var batch = new SliceList();
            batch.Reset(buffer);
            foreach (var record in chunk)
            {
                record.CopyTo(buffer, at);
                batch.Add(at, record.Length);
                at += record.Length;
            }

            batches.Add(batch);
        }

        return new RecordLog(buffer, batches, all.Count, bytes);
    }

    private static string Letters(Random random, int count) =>
        string.Create(count, random, static (span, r) =>
        {
            foreach (ref var c in span)
                c = (char)('a' + r.Next(26));
        });

    private static string RepositoryRoot()
    {
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            if (File.Exists(Path.Combine(directory.FullName, "StreamSQL.sln")))
                return directory.FullName;
        }

        throw new DirectoryNotFoundException("The benchmarks run inside the repository.");
    }

    private sealed record Bid(long Auction, long Bidder, long Price, string Channel, string Url, long Time, string Extra);
}
