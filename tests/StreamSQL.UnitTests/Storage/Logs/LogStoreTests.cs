using StreamSQL.Storage.Files;
using StreamSQL.Storage.Journal;
using StreamSQL.Storage.Logs;

namespace StreamSQL.UnitTests.Storage.Logs;

/// <summary>The store on a simulated disk, driven without threads: commits happen when the test says so.</summary>
public class LogStoreTests
{
    private static readonly LogId First = new(new Guid("11111111-1111-1111-1111-111111111111"), 0);
    private static readonly LogId Second = new(new Guid("22222222-2222-2222-2222-222222222222"), 3);

    [Fact]
    public void An_append_is_durable_after_the_commit_and_not_before()
    {
        var disk = new MemoryFileSystem();
        using var store = Open(disk);
        var append = Append(store, First, "a", "b");

        append.Completion.IsCompleted.ShouldBeFalse();
        Log(store, First).DurableEndOffset.ShouldBe(0);
        store.Commits.CommitOnce();

        append.Completion.IsCompletedSuccessfully.ShouldBeTrue();
        Log(store, First).DurableEndOffset.ShouldBe(2);
    }

    [Fact]
    public void Committed_appends_survive_a_power_cut_and_others_do_not()
    {
        var disk = new MemoryFileSystem();
        using var store = Open(disk);
        Append(store, First, "a", "b");
        Append(store, Second, "c");
        store.Commits.CommitOnce();
        Append(store, First, "lost");

        using var after = Open(disk.PowerCut());

        ReadAll(after, First).ShouldBe(["a", "b"]);
        ReadAll(after, Second).ShouldBe(["c"]);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Any_mix_of_surviving_writes_recovers_to_a_prefix_that_holds_all_committed_appends(int seed)
    {
        var random = new Random(seed);
        for (var round = 0; round < 30; round++)
        {
            var disk = new MemoryFileSystem();
            using var store = Open(disk, directBytes: 300);
            var appended = new List<string>();
            var committed = 0;
            for (var i = 0; i < 40; i++)
            {
                var value = new string((char)('a' + (i % 26)), random.Next(1, 400));
                appended.Add(value);
                Append(store, First, value);
                if (random.Next(3) == 0)
                    store.Commits.WriteOut();
                if (random.Next(3) == 0)
                {
                    store.Commits.CommitOnce();
                    committed = appended.Count;
                }

                if (random.Next(12) == 0)
                    store.Checkpoint();
            }

            using var after = Open(disk.PowerCut(random), directBytes: 300);
            var found = ReadAll(after, First);

            found.Count.ShouldBeGreaterThanOrEqualTo(committed);
            found.ShouldBe(appended.Take(found.Count));
        }
    }

    [Theory]
    [InlineData(5)]
    [InlineData(6)]
    public void A_group_over_several_logs_is_there_whole_or_not_at_all(int seed)
    {
        var random = new Random(seed);
        for (var round = 0; round < 40; round++)
        {
            var disk = new MemoryFileSystem();
            using var store = Open(disk, directBytes: 200);
            var groups = random.Next(1, 20);
            for (var i = 0; i < groups; i++)
            {
                AppendTogether(store, $"{i}");
                if (random.Next(2) == 0)
                    store.Commits.WriteOut();
                if (random.Next(4) == 0)
                    store.Commits.CommitOnce();
                if (random.Next(8) == 0)
                    store.Checkpoint();
            }

            using var after = Open(disk.PowerCut(random), directBytes: 200);

            ReadAll(after, First).ShouldBe(ReadAll(after, Second));
        }
    }

    [Fact]
    public void Records_are_read_from_the_tail_and_from_segments_alike()
    {
        var disk = new MemoryFileSystem();
        using var store = Open(disk, tailBytes: 0, config: new LogConfig { SegmentBytes = 2000, IndexIntervalBytes = 100 });
        var expected = new List<string>();
        for (var i = 0; i < 200; i++)
        {
            expected.Add($"value {i}");
            Append(store, First, $"value {i}");
            store.Commits.CommitOnce();
            if (i % 7 == 0)
                store.Checkpoint();
        }

        var log = Log(store, First);
        for (var offset = 0; offset < 200; offset++)
        {
            using var read = log.Read(offset, 1, log.EndOffset);
            TestBatches.Values(read.Batches.Span).ShouldBe([expected[offset]]);
            read.NextOffset.ShouldBe(offset + 1);
        }

        ReadAll(store, First).ShouldBe(expected);
        disk.ListFiles("data/logs/11111111111111111111111111111111/0").Count(f => f.EndsWith(".log")).ShouldBeGreaterThan(5);
    }

    [Fact]
    public void A_closed_store_opens_with_everything_and_replays_nothing()
    {
        var disk = new MemoryFileSystem();
        using (var directory = DataDirectory.Open(disk, "data"))
        {
            using var store = Open(directory);
            Append(store, First, "a");
            Append(store, Second, "b", "c");
            store.Commits.CommitOnce();
        }

        using var again = Open(disk.PowerCut());

        ReadAll(again, First).ShouldBe(["a"]);
        ReadAll(again, Second).ShouldBe(["b", "c"]);
        Log(again, First).RecoveredBytes.ShouldBe(0);
    }

    [Theory]
    [InlineData(7)]
    [InlineData(8)]
    public void Large_appends_that_skip_the_journal_tear_no_group_and_leave_no_hole(int seed)
    {
        var random = new Random(seed);
        for (var round = 0; round < 60; round++)
        {
            var disk = new MemoryFileSystem();
            using var store = Open(disk, directBytes: 200);
            var (appended, committed) = (new List<string>(), 0);
            for (var i = 0; i < 30; i++)
            {
                if (random.Next(3) == 0)
                {
                    AppendTogether(store, $"both {i}");
                    appended.Add($"both {i}");
                }
                else
                {
                    appended.Add(new string((char)('a' + (i % 26)), random.Next(1, 400)));
                    Append(store, First, appended[^1]);
                }

                if (random.Next(3) == 0)
                    store.Commits.WriteOut();
                if (random.Next(4) != 0)
                    continue;
                store.Commits.CommitOnce();
                committed = appended.Count;
            }

            using var after = Open(disk.PowerCut(random), directBytes: 200);
            var found = ReadAll(after, First);

            found.Count.ShouldBeGreaterThanOrEqualTo(committed);
            found.ShouldBe(appended.Take(found.Count));
            ReadAll(after, Second).ShouldBe(found.Where(static value => value.StartsWith("both", StringComparison.Ordinal)));
        }
    }

    [Fact]
    public void An_append_is_written_before_it_is_durable()
    {
        var disk = new MemoryFileSystem();
        using var store = Open(disk);
        var append = Append(store, First, Awaited.Written, "a");
        append.Completion.IsCompleted.ShouldBeFalse();

        store.Commits.StartWriting();

        append.Completion.IsCompletedSuccessfully.ShouldBeTrue();
        Log(store, First).DurableEndOffset.ShouldBe(0);
        store.Commits.CommitOnce();
        Log(store, First).DurableEndOffset.ShouldBe(1);
    }

    [Fact]
    public void Without_syncs_whoever_writes_completes()
    {
        var disk = new MemoryFileSystem();
        using var store = Open(disk, config: new LogConfig { FlushPolicy = FlushPolicy.OperatingSystem });
        var append = Append(store, First, Awaited.Written, "a");

        store.Commits.StartWriting();

        append.Completion.IsCompletedSuccessfully.ShouldBeTrue();
        Log(store, First).DurableEndOffset.ShouldBe(1);
    }

    [Fact]
    public void Appends_that_find_the_writer_busy_are_written_by_it()
    {
        var disk = new MemoryFileSystem();
        using var store = Open(disk);
        CommitGroup? second = null;
        var first = Append(store, First, Awaited.Written, "a");
        disk.Fault = (operation, _) =>
        {
            if (operation != FileOperation.Write || second is not null)
                return null;
            second = Append(store, First, Awaited.Written, "b");
            var other = new Thread(store.Commits.StartWriting);
            other.Start();
            other.Join();
            return null;
        };

        store.Commits.StartWriting();

        first.Completion.IsCompletedSuccessfully.ShouldBeTrue();
        second!.Completion.IsCompletedSuccessfully.ShouldBeTrue();
    }

    [Fact]
    public void A_failed_sync_fails_the_append_and_everything_after_it()
    {
        var disk = new MemoryFileSystem();
        using var store = Open(disk);
        var append = Append(store, First, "a");
        disk.Fault = (operation, _) => operation == FileOperation.FlushData ? new IOException("the disk is gone") : null;

        store.Commits.CommitOnce();
        disk.Fault = null;

        Should.Throw<StorageFailedException>(() => append.Completion.GetAwaiter().GetResult());
        store.Commits.Failure.ShouldNotBeNull();
        Should.Throw<StorageFailedException>(() => Append(store, First, "b"));
        Log(store, First).DurableEndOffset.ShouldBe(0);
    }

    [Fact]
    public void A_full_disk_delays_commits_and_loses_nothing()
    {
        var disk = new MemoryFileSystem();
        using var store = Open(disk, directBytes: 10);
        disk.Fault = (operation, path) =>
            operation == FileOperation.Write && path.Contains("/logs/") ? new IOException("No space left on device", 28) : null;
        var append = Append(store, First, "a");

        store.Commits.CommitOnce();
        append.Completion.IsCompleted.ShouldBeFalse();
        store.Commits.IsDiskFull.ShouldBeTrue();

        disk.Fault = null;
        store.Commits.CommitOnce();
        append.Completion.IsCompletedSuccessfully.ShouldBeTrue();
        store.Commits.IsDiskFull.ShouldBeFalse();
        ReadAll(store, First).ShouldBe(["a"]);
    }

    [Fact]
    public void A_checkpoint_that_meets_a_full_disk_forgets_no_log()
    {
        var disk = new MemoryFileSystem();
        using var store = Open(disk);
        Append(store, First, "a");
        Append(store, Second, "b");
        store.Commits.CommitOnce();
        disk.Fault = (operation, path) =>
            operation == FileOperation.Write && path.Contains("/logs/") ? new IOException("No space left on device", 28) : null;
        Should.Throw<IOException>(store.Checkpoint);
        disk.Fault = null;

        store.Checkpoint();

        using var after = Open(disk.PowerCut());
        ReadAll(after, First).ShouldBe(["a"]);
        ReadAll(after, Second).ShouldBe(["b"]);
    }

    [Fact]
    public void A_segment_that_recovery_cut_off_does_not_come_back()
    {
        const string log = "data/logs/11111111111111111111111111111111/0";
        var config = new LogConfig { SegmentBytes = 100 };
        var disk = new MemoryFileSystem();
        using var store = Open(disk, directBytes: 10, config: config);
        Append(store, First, "first");
        Append(store, First, "second");
        store.Commits.WriteOut();
        disk = disk.PowerCut(new PowerCutRules(Survival.All, Survival.All));
        using (var file = disk.Open($"{log}/00000000000000000000.log", FileOpening.Write))
        {
            file.SetLength(0); // only the second segment had reached the disk
            file.FlushData();
        }

        var recovered = Open(disk, config: config);
        Append(recovered, First, "other");
        recovered.Commits.CommitOnce();

        using var after = Open(disk.PowerCut(), config: config);
        ReadAll(after, First).ShouldBe(["other"]);
    }

    [Fact]
    public async Task A_new_log_start_survives_a_power_cut_and_old_segments_go()
    {
        var disk = new MemoryFileSystem();
        using var store = Open(disk, config: new LogConfig { SegmentBytes = 200 });
        for (var i = 0; i < 10; i++)
            Append(store, First, $"value {i}");
        store.Commits.CommitOnce();
        store.Checkpoint();

        var advance = store.AdvanceStartAsync(Log(store, First), 7).AsTask();
        store.Commits.CommitOnce();
        await advance;

        using var after = Open(disk.PowerCut());
        Log(after, First).StartOffset.ShouldBe(7);
        ReadAll(after, First).ShouldBe(["value 7", "value 8", "value 9"]);
    }

    [Fact]
    public void The_checkpoint_frees_journal_files_and_recovery_needs_only_the_rest()
    {
        var disk = new MemoryFileSystem();
        var expected = new List<string>();
        using var store = Open(disk);
        for (var i = 0; i < 100; i++)
        {
            expected.Add(new string('x', 1000));
            Append(store, First, expected[^1]);
            store.Commits.CommitOnce();
            if (i % 10 == 0)
                store.Checkpoint();
        }

        disk.ListFiles("data/journal").Count.ShouldBeLessThan(8);
        using var after = Open(disk.PowerCut());
        ReadAll(after, First).ShouldBe(expected);
    }

    private static LogStore Open(
        MemoryFileSystem disk, int directBytes = 1 << 20, long tailBytes = 1 << 20, LogConfig? config = null) =>
        Open(DataDirectory.Open(disk, "data"), directBytes, tailBytes, config);

    private static LogStore Open(
        DataDirectory directory, int directBytes = 1 << 20, long tailBytes = 1 << 20, LogConfig? config = null)
    {
        var options = new StorageOptions
        {
            DirectWriteBytes = directBytes,
            HotTailBytes = tailBytes,
            Journal = new JournalOptions { FileBytes = 16 * 1024, FirstFileBytes = 4 * 1024 },
        };
        return LogStore.Open(directory, options, [new(First, config ?? LogConfig.Default), new(Second, config ?? LogConfig.Default)],
            TimeProvider.System);
    }

    private static PartitionLog Log(LogStore store, LogId id) =>
        store.TryGet(id, out var log) ? log : throw new InvalidOperationException();

    private static CommitGroup Append(LogStore store, LogId id, params string[] values) => Append(store, id, Awaited.Durable, values);

    private static CommitGroup Append(LogStore store, LogId id, Awaited awaited, params string[] values)
    {
        var log = Log(store, id);
        var group = store.Commits.Rent();
        lock (log.Gate)
        {
            log.Append(TestBatches.Of(1000, values), 0, -1, group);
            store.Commits.Enqueue(group, awaited);
        }

        return group;
    }

    private static void AppendTogether(LogStore store, string value)
    {
        var (first, second) = (Log(store, First), Log(store, Second));
        var group = store.Commits.Rent();
        lock (first.Gate)
        {
            lock (second.Gate)
            {
                first.Append(TestBatches.Of(1000, value), 0, -1, group);
                second.Append(TestBatches.Of(1000, value), 0, -1, group);
                store.Commits.Enqueue(group, Awaited.Nothing);
            }
        }
    }

    private static List<string> ReadAll(LogStore store, LogId id)
    {
        var log = Log(store, id);
        var values = new List<string>();
        for (var offset = log.StartOffset; offset < log.EndOffset;)
        {
            using var read = log.Read(offset, 4096, log.EndOffset);
            read.IsEmpty.ShouldBeFalse($"nothing at {offset}");
            values.AddRange(TestBatches.Values(read.Batches.Span));
            offset = read.NextOffset;
        }

        return values;
    }
}
