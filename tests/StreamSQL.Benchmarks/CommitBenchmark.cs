using System.Diagnostics;
using StreamSQL.Kafka.Client;
using StreamSQL.Storage.Files;
using StreamSQL.Storage.Logs;

namespace StreamSQL.Benchmarks;

/// <summary>
/// Commits/s, p50 and p99 of a transaction that writes 100 B to each of 1, 100 and 1,000 partitions and moves an offset, synced and (for
/// what the processor costs) unsynced; beside a bare write and fdatasync of a prewritten file, of as many bytes as the commit brings to the
/// journal, done in turn with the commits, since a disk is not the same from one minute to the next.
/// </summary>
internal static class CommitBenchmark
{
    private const int WarmUp = 200;
    private const int PartitionBytes = 345; // batch, marker and the journal's headers
    private const int CommitBytes = 700; // the transaction's states and the offset

    /// <summary>Runs it.</summary>
    public static async Task<int> RunAsync()
    {
        foreach (var (partitions, commits) in new[] { (1, 4000), (100, 3000), (1000, 1000) })
        {
            await MeasureAsync(FlushPolicy.Commit, partitions, commits);
            await MeasureAsync(FlushPolicy.OperatingSystem, partitions, commits);
        }

        return 0;
    }

    private static async Task MeasureAsync(FlushPolicy policy, int partitions, int commits)
    {
        await using var scratch = await StorageScratch.OpenAsync(policy);
        await scratch.CreateTopicAsync("t", partitions);
        await using var producer = await scratch.Broker.Client.OpenTransactionalProducerAsync("p", TimeSpan.FromMinutes(1), default);
        var batches = new PartitionBatch[partitions];
        for (var i = 0; i < partitions; i++)
            batches[i] = new PartitionBatch(new TopicPartition("t", i), StorageScratch.Batch(100, 250));
        using var raw = new RawFile(CommitBytes + (partitions * PartitionBytes));
        var times = new double[commits];
        var rawTimes = new double[commits];
        var allocated = 0L;
        for (var i = -WarmUp; i < commits; i++)
        {
            if (i == 0)
                allocated = GC.GetTotalAllocatedBytes();
            var content = new TransactionContent(batches, "g", [new(new TopicPartition("t", 0), i + WarmUp)]);
            var begin = Stopwatch.GetTimestamp();
            await producer.CommitAsync(content, default);
            var elapsed = Stopwatch.GetElapsedTime(begin).TotalMilliseconds;
            var rawElapsed = raw.WriteAndSync();
            if (i >= 0)
                (times[i], rawTimes[i]) = (elapsed, rawElapsed);
        }

        allocated = GC.GetTotalAllocatedBytes() - allocated;
        var seconds = times.Sum() / 1000;
        Array.Sort(times);
        Array.Sort(rawTimes);
        StorageScratch.Print(
            $"commit of {partitions,5} partitions, {(policy == FlushPolicy.Commit ? "synced" : "unsynced"),-8}: {commits / seconds,6:F0}/s, p50 {times[commits / 2]:F3} ms, p99 {times[commits * 99 / 100]:F3} ms, {allocated / commits,7} B allocated; bare write and sync p50 {rawTimes[commits / 2]:F3}, p99 {rawTimes[commits * 99 / 100]:F3} ms");
    }

    /// <summary>A prewritten file, overwritten piece by piece.</summary>
    private sealed class RawFile : IDisposable
    {
        private const int FileBytes = 32 * 1024 * 1024;
        private readonly IStorageFile _file;
        private readonly byte[] _block;
        private long _at;

        public RawFile(int blockBytes)
        {
            var path = Path.GetTempFileName();
            _file = new DiskFileSystem().Open(path, FileOpening.Write);
            File.Delete(path);
            _file.Write(new byte[FileBytes], 0);
            _file.FlushData();
            _block = new byte[blockBytes];
        }

        /// <summary>How long the next piece took, milliseconds.</summary>
        public double WriteAndSync()
        {
            var begin = Stopwatch.GetTimestamp();
            _file.Write(_block, _at);
            _file.FlushData();
            _at = (_at + _block.Length) % (FileBytes - _block.Length);
            return Stopwatch.GetElapsedTime(begin).TotalMilliseconds;
        }

        public void Dispose() => _file.Dispose();
    }
}
