using System.Diagnostics;
using StreamSQL.Broker.Partitions;
using StreamSQL.Kafka.Client;
using StreamSQL.Storage.Files;
using StreamSQL.Storage.Logs;

namespace StreamSQL.Benchmarks;

/// <summary>
/// MB/s of fetches of 1 MiB through a partition, from segments and from the hot tail, beside raw reads of the same bytes.
/// </summary>
internal static class ReadBenchmark
{
    private const int Runs = 5;
    private const int FetchBytes = 1024 * 1024;
    private const long SegmentBytes = 512L * 1024 * 1024;
    private const long TailBytes = 24L * 1024 * 1024;

    /// <summary>Runs it.</summary>
    public static async Task<int> RunAsync()
    {
        foreach (var recordBytes in new[] { 100, 1000 })
        {
            await CompareAsync("segments", recordBytes, SegmentBytes, skipTail: true);
            await CompareAsync("hot tail", recordBytes, TailBytes, skipTail: false);
        }

        return 0;
    }

    private static async Task CompareAsync(string what, int recordBytes, long bytes, bool skipTail)
    {
        var batch = StorageScratch.Batch(recordBytes, 64 * 1024);
        await using var scratch = await StorageScratch.OpenAsync(FlushPolicy.OperatingSystem);
        var partition = (await scratch.CreateTopicAsync("t", 1))[0];
        for (long written = 0; written < bytes + (skipTail ? 2 * TailBytes : 0); written += batch.Length)
            await partition.AppendAsync(batch, RequiredAcks.All);
        var rates = new double[Runs];
        var raws = new double[Runs];
        using var file = RawFile(bytes, batch.Length);
        for (var run = -1; run < Runs; run++)
        {
            var raw = Raw(file, bytes);
            var rate = Read(partition, bytes);
            if (run >= 0)
                (raws[run], rates[run]) = (raw, rate);
        }

        Array.Sort(rates);
        Array.Sort(raws);
        StorageScratch.Print(
            $"read {what}, {recordBytes,5} B records: {rates[Runs / 2],7:F0} MB/s, raw {raws[Runs / 2],7:F0} MB/s, ratio {rates[Runs / 2] / raws[Runs / 2]:F2}");
    }

    private static double Read(Partition partition, long bytes)
    {
        var start = Stopwatch.GetTimestamp();
        long total = 0;
        for (long offset = 0; total < bytes;)
        {
            var read = partition.Read(offset, FetchBytes, IsolationLevel.ReadCommitted);
            if (read.Records.IsEmpty)
                break;
            total += read.Records.Batches.Length;
            offset = read.Records.NextOffset;
            read.Records.Dispose();
        }

        return total / 1e6 / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private static double Raw(IStorageFile file, long bytes)
    {
        var buffer = new byte[FetchBytes];
        var start = Stopwatch.GetTimestamp();
        for (long at = 0; at < bytes; at += FetchBytes)
            file.Read(buffer, at);
        return bytes / 1e6 / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    /// <summary>
    /// A file of so many bytes that vanishes when it is closed, written in blocks as large as the batches: the page cache is read faster
    /// the larger the blocks were that filled it.
    /// </summary>
    private static IStorageFile RawFile(long bytes, int blockBytes)
    {
        var path = Path.GetTempFileName();
        var file = new DiskFileSystem().Open(path, FileOpening.Write);
        File.Delete(path);
        var block = new byte[blockBytes];
        for (long at = 0; at < bytes; at += blockBytes)
            file.Write(block, at);
        return file;
    }
}
