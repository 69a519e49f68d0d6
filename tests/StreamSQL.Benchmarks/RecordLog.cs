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
        return Create(Enumerable.Range(0, laps).SelectMany(_ => lines));
    }

    /// <summary>Nexmark bids as JSON, about 159 bytes each, the same for the same seed.</summary>
    public static RecordLog Bids(int count, int seed)
    {
        var random = new Random(seed);
        string[] channels = ["Google", "Facebook", "Baidu", "Apple"];
        return Create(Enumerable.Range(0, count).Select(i =>
        {
            var channel = random.Next(2) == 0 ? channels[random.Next(channels.Length)] : $"channel-{random.Next(10_000)}";
            var url = $"https://www.nexmark.com/{Letters(random, 5)}/item.htm?query=1";
            return $"{{\"auction\":{1000 + random.Next(100_000)},\"bidder\":{1000 + random.Next(50_000)},\"price\":{random.Next(100, 10_000_000)}"
                + $",\"channel\":\"{channel}\",\"url\":\"{url}\",\"ts\":{1_700_000_000_000 + (i / 100)},\"extra\":\"{Letters(random, 5)}\"}}";
        }));
    }

    private static RecordLog Create(IEnumerable<string> records)
    {
        var all = records.Select(Encoding.UTF8.GetBytes).ToList();
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
}
