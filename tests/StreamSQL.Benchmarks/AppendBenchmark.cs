using System.Diagnostics;
using System.Globalization;
using StreamSQL.Broker.Partitions;
using StreamSQL.Storage.Files;
using StreamSQL.Storage.Logs;

namespace StreamSQL.Benchmarks;

/// <summary>
/// MB/s of produced batches through a partition (validation, offsets, journal or segment, sync), beside a raw write of the same bytes with
/// as many syncs as the group commit made.
/// </summary>
internal static class AppendBenchmark
{
    private const int Runs = 5;
    private const long TotalBytes = 512L * 1024 * 1024;
    private const int WindowBytes = 8 * 1024 * 1024;

    /// <summary>
    /// Runs it: all of it, or one flush policy (<c>commit</c>, <c>interval</c>, <c>os</c>), or of that one size of batches in KiB.
    /// </summary>
    public static async Task<int> RunAsync(string[] args)
    {
        foreach (var policy in Enum.GetValues<FlushPolicy>())
        {
            if (args is [var only, ..] && only != Name(policy))
                continue;
            foreach (var batchBytes in new[] { 16 * 1024, 64 * 1024, 1024 * 1024 })
            {
                if (args is [_, var size] && int.Parse(size, CultureInfo.InvariantCulture) * 1024 != batchBytes)
                    continue;
                foreach (var recordBytes in new[] { 100, 1000 })
                    await CompareAsync(policy, recordBytes, batchBytes);
            }
        }

        return 0;
    }

    private static async Task CompareAsync(FlushPolicy policy, int recordBytes, int batchBytes)
    {
        var batch = StorageScratch.Batch(recordBytes, batchBytes);
        var log = new double[Runs];
        var raw = new double[Runs];
        await using var scratch = await StorageScratch.OpenAsync(policy);
        var partition = (await scratch.CreateTopicAsync("t", 1))[0];
        for (var run = -1; run < Runs; run++)
        {
            var syncs = scratch.Broker.Store.Commits.Commits;
            var logRate = await LogAsync(partition, RequiredAcks.All, batch);
            syncs = scratch.Broker.Store.Commits.Commits - syncs;
            partition.Log.RollSegment();
            await partition.DeleteRecordsAsync(-1);
            var rawRate = Raw(policy, batch, Math.Max(1, syncs));
            if (run >= 0)
                (raw[run], log[run]) = (rawRate, logRate);
        }

        Array.Sort(log);
        Array.Sort(raw);
        var (logMedian, rawMedian) = (log[Runs / 2], raw[Runs / 2]);
        StorageScratch.Print(
            $"append {Name(policy),-9} {recordBytes,5} B records, {batchBytes / 1024,5} KiB batches: {logMedian,7:F0} MB/s, raw {rawMedian,7:F0} MB/s, ratio {logMedian / rawMedian:F2}");
    }

    private static async Task<double> LogAsync(Partition partition, RequiredAcks acks, byte[] batch)
    {
        var window = new Queue<Task<AppendResult>>();
        var inFlight = Math.Max(1, WindowBytes / batch.Length);
        var start = Stopwatch.GetTimestamp();
        for (long written = 0; written < TotalBytes; written += batch.Length)
        {
            if (window.Count == inFlight)
                Check(await window.Dequeue());
            window.Enqueue(partition.AppendAsync(batch, acks).AsTask());
        }

        while (window.TryDequeue(out var last))
            Check(await last);
        return Rate(start);
    }

    private static double Raw(FlushPolicy policy, byte[] batch, long syncs)
    {
        var directory = Directory.CreateTempSubdirectory("streamsql-bench-");
        try
        {
            using var file = new DiskFileSystem().Open(directory.FullName + "/raw", FileOpening.CreateNew);
            var start = Stopwatch.GetTimestamp();
            long written = 0, synced = 0;
            while (written < TotalBytes)
            {
                file.Write(batch, written);
                written += batch.Length;
                if (policy != FlushPolicy.Commit || written - synced < TotalBytes / syncs)
                    continue;
                file.FlushData();
                synced = written;
            }

            return Rate(start);
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    private static string Name(FlushPolicy policy) => policy switch
    {
        FlushPolicy.Commit => "commit",
        FlushPolicy.Interval => "interval",
        _ => "os",
    };

    private static double Rate(long start) => TotalBytes / 1e6 / Stopwatch.GetElapsedTime(start).TotalSeconds;

    private static void Check(AppendResult result)
    {
        if (result.Error != Kafka.ErrorCode.None)
            throw new InvalidOperationException($"The append was refused: {result.Error}.");
    }
}
