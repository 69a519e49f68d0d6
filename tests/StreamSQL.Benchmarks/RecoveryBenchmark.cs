using System.Diagnostics;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using StreamSQL.Broker;
using StreamSQL.Broker.Partitions;
using StreamSQL.Kafka;
using StreamSQL.Kafka.Client;
using StreamSQL.Storage.Files;

namespace StreamSQL.Benchmarks;

/// <summary>
/// How long a broker takes to open 1 GiB of log: after an end in which nothing was closed and no checkpoint had been made, so that every
/// byte is verified; without its checkpoint, which is then rebuilt; and after a clean end. Beside it, reading the same files. The files are
/// in the page cache; the unclean start is then done once more with files that are not (where the system can be told to forget them).
/// </summary>
internal static partial class RecoveryBenchmark
{
    private const int Partitions = 4;
    private const long TotalBytes = 1024L * 1024 * 1024;
    private const int DontNeed = 4; // POSIX_FADV_DONTNEED
    private static readonly (int RecordBytes, int BatchBytes)[] Loads = [(1000, 1_000_000), (100, 16_000)];

    /// <summary>Runs it.</summary>
    public static async Task<int> RunAsync()
    {
        foreach (var (recordBytes, batchBytes) in Loads)
        {
            await InScratchAsync(directory => MeasureAsync(directory, recordBytes, batchBytes));
            if (OperatingSystem.IsLinux())
                await InScratchAsync(directory => MeasureColdAsync(directory, recordBytes, batchBytes));
        }

        return 0;
    }

    private static async Task InScratchAsync(Func<string, Task> measure)
    {
        var directory = Directory.CreateTempSubdirectory("streamsql-bench-");
        try
        {
            await measure(directory.FullName);
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    private static async Task MeasureColdAsync(string directory, int recordBytes, int batchBytes)
    {
        await FillAndFailAsync(directory, StorageScratch.Batch(recordBytes, batchBytes));
        DropFromCache(directory);
        var unclean = await TimeAsync(directory);
        DropFromCache(directory);
        var read = TimeReading(directory);
        StorageScratch.Print(
            $"the same, not in the page cache, {batchBytes / 1000,4} KB of {recordBytes,4} B records: unclean {unclean:F2} s; reading alone {read:F2} s");
    }

    private static async Task FillAndFailAsync(string directory, byte[] batch)
    {
        var broker = await OpenAsync(directory);
        await FillAsync(broker, batch);
        broker.Store.Commits.Fail(new IOException("the power is gone")); // nothing is closed in order then
        await broker.DisposeAsync();
    }

    /// <summary>Lets the page cache forget the files, so that they are read from the disk.</summary>
    private static void DropFromCache(string directory)
    {
        foreach (var path in Directory.EnumerateFiles(directory, "*", SearchOption.AllDirectories))
        {
            using var file = File.OpenHandle(path, access: FileAccess.ReadWrite);
            RandomAccess.FlushToDisk(file);
            if (Advise(file, 0, 0, DontNeed) is var error and not 0)
                throw new IOException($"posix_fadvise of '{path}' failed with error {error}.");
        }
    }

    [LibraryImport("libc", EntryPoint = "posix_fadvise")]
    private static partial int Advise(SafeFileHandle file, long offset, long length, int advice);

    private static async Task MeasureAsync(string directory, int recordBytes, int batchBytes)
    {
        await FillAndFailAsync(directory, StorageScratch.Batch(recordBytes, batchBytes));
        var unclean = await TimeAsync(directory);
        foreach (var file in Directory.GetFiles(directory + "/meta", "checkpoint-*"))
            File.Delete(file);
        var rebuilt = await TimeAsync(directory);
        var clean = await TimeAsync(directory);
        var read = TimeReading(directory);
        StorageScratch.Print(
            $"1 GiB, {Partitions} partitions, batches of {batchBytes / 1000,4} KB of {recordBytes,4} B records: unclean {unclean:F2} s, checkpoint lost {rebuilt:F2} s, clean {clean:F2} s; reading alone {read:F2} s");
    }

    private static async Task FillAsync(BrokerHost broker, byte[] batch)
    {
        await broker.Client.CreateTopicAsync(new NewTopic("t", Partitions, 1, new Dictionary<string, string>()), default);
        var partitions = broker.Topics.All["t"].Partitions;
        var waiting = new Queue<Task<AppendResult>>();
        for (var i = 0L; i * batch.Length < TotalBytes; i++)
        {
            waiting.Enqueue(partitions[(int)(i % Partitions)].AppendAsync(batch, RequiredAcks.All).AsTask());
            if (waiting.Count > 64)
                Check(await waiting.Dequeue());
        }

        while (waiting.TryDequeue(out var append))
            Check(await append);
    }

    private static void Check(AppendResult result)
    {
        if (result.Error != ErrorCode.None)
            throw new InvalidOperationException($"An append was refused: {result.Error}.");
    }

    private static async Task<double> TimeAsync(string directory)
    {
        var started = Stopwatch.GetTimestamp();
        var broker = await OpenAsync(directory);
        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        await broker.DisposeAsync();
        return seconds;
    }

    private static double TimeReading(string directory)
    {
        var started = Stopwatch.GetTimestamp();
        var buffer = new byte[1024 * 1024];
        foreach (var path in Directory.EnumerateFiles(directory + "/logs", "*.log", SearchOption.AllDirectories))
        {
            using var file = File.OpenHandle(path);
            for (long at = 0, count; (count = RandomAccess.Read(file, buffer, at)) > 0; at += count)
            {
                // only read
            }
        }

        return Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    private static Task<BrokerHost> OpenAsync(string directory) =>
        BrokerHost.OpenAsync(directory, new BrokerOptions(), new DiskFileSystem(), TimeProvider.System);
}
