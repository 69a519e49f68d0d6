using System.Diagnostics;
using StreamSQL.Kafka.Client;
using StreamSQL.Storage.Files;
using StreamSQL.Storage.Logs;

namespace StreamSQL.Benchmarks;

/// <summary>
/// Commits/s, p50 and p99 of a transaction that writes 100 B to each of 1, 100 and 1,000 partitions and moves an offset, synced and (for what the processor costs) unsynced; beside a bare
/// write and fdatasync of a prewritten file, of as many bytes as the commit brings to the journal.
/// </summary>
internal static class CommitBenchmark
{
    private const int WarmUp = 200;

    /// <summary>Runs it.</summary>
    public static async Task<int> RunAsync()
    {
        foreach (var (partitions, commits) in new[] { (1, 4000), (100, 3000), (1000, 1000) })
        {
            await MeasureAsync(Durability.Disk, partitions, commits);
            await MeasureAsync(Durability.OperatingSystem, partitions, commits);
        }

        return 0;
    }

    private static async Task MeasureAsync(Durability durability, int partitions, int commits)
    {
        await using var scratch = await StorageScratch.OpenAsync(durability);
        await scratch.CreateTopicAsync("t", partitions);
        await using var producer = await scratch.Broker.Client.OpenTransactionalProducerAsync("p", TimeSpan.FromMinutes(1), default);
        var batches = new PartitionBatch[partitions];
        for (var i = 0; i < partitions; i++)
            batches[i] = new PartitionBatch(new TopicPartition("t", i), StorageScratch.Batch(100, 250));
        var times = new double[commits];
        var allocated = 0L;
        var start = 0L;
        for (var i = -WarmUp; i < commits; i++)
        {
            if (i == 0)
            {
                allocated = GC.GetTotalAllocatedBytes();
                start = Stopwatch.GetTimestamp();
            }

            var content = new TransactionContent(batches, "g", [new(new TopicPartition("t", 0), i + WarmUp)]);
            var begin = Stopwatch.GetTimestamp();
            await producer.CommitAsync(content, default);
            if (i >= 0)
                times[i] = Stopwatch.GetElapsedTime(begin).TotalMilliseconds;
        }

        var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        allocated = GC.GetTotalAllocatedBytes() - allocated;
        var (rawMedian, rawTail) = Raw((partitions * 450) + 500, commits);
        Array.Sort(times);
        StorageScratch.Print(
            $"commit of {partitions,5} partitions, {(durability == Durability.Disk ? "synced" : "unsynced"),-8}: {commits / seconds,6:F0}/s, p50 {times[commits / 2]:F3} ms, p99 {times[commits * 99 / 100]:F3} ms, {allocated / commits,7} B allocated; bare write and sync p50 {rawMedian:F3}, p99 {rawTail:F3} ms");
    }

    private static (double Median, double Tail) Raw(int bytes, int count)
    {
        const int FileBytes = 32 * 1024 * 1024;
        var path = Path.GetTempFileName();
        using var file = new DiskFileSystem().Open(path, FileOpening.Write);
        File.Delete(path);
        file.Write(new byte[FileBytes], 0);
        file.FlushData();
        var block = new byte[bytes];
        var times = new double[count];
        for (var i = 0; i < count; i++)
        {
            var begin = Stopwatch.GetTimestamp();
            file.Write(block, (long)i * bytes % (FileBytes - bytes));
            file.FlushData();
            times[i] = Stopwatch.GetElapsedTime(begin).TotalMilliseconds;
        }

        Array.Sort(times);
        return (times[count / 2], times[count * 99 / 100]);
    }
}
