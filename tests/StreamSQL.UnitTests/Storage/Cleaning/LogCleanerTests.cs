using StreamSQL.Storage.Cleaning;
using StreamSQL.Storage.Files;
using StreamSQL.Storage.Journal;
using StreamSQL.Storage.Logs;

namespace StreamSQL.UnitTests.Storage.Cleaning;

/// <summary>The cleaner and its files on a simulated disk, driven without threads.</summary>
public class LogCleanerTests
{
    private const string LogPath = "data/logs/11111111111111111111111111111111/0";
    private static readonly LogId Id = new(new Guid("11111111-1111-1111-1111-111111111111"), 0);
    private static readonly LogConfig Config = new()
    {
        IsCompacted = true, SegmentBytes = 700, IndexIntervalBytes = 100, MinCleanableDirtyRatio = 0, DeleteRetentionMs = 1000,
    };

    private readonly ManualTime _time = new();

    [Fact]
    public void Each_key_keeps_its_last_record_at_its_offset()
    {
        var disk = new MemoryFileSystem();
        using var store = Open(disk);
        Fill(store, 60);
        Seal(store);
        var before = ReadAll(store);
        var filesBefore = SegmentFiles(disk).Count;

        CleanAll(store);

        var after = ReadAll(store);
        after.ShouldBe(before.GroupBy(r => r.Key).Select(g => g.Last()).OrderBy(r => r.Offset));
        Log(store).EndOffset.ShouldBe(60);
        Log(store).FirstDirtyOffset.ShouldBe(60);
        SegmentFiles(disk).Count.ShouldBeLessThan(filesBefore / 2);
        ReadAll(Reopen(disk)).ShouldBe(after);
    }

    [Fact]
    public void Whole_segments_are_cleaned_although_no_checkpoint_has_flushed_them()
    {
        var disk = new MemoryFileSystem();
        using var store = Open(disk);
        Fill(store, 60);
        Log(store).RollSegment();
        Log(store).FlushedOffset.ShouldBe(0);

        CleanAll(store);

        Log(store).FirstDirtyOffset.ShouldBe(60);
        ReadAll(store).Count.ShouldBeLessThan(60);
    }

    [Fact]
    public void A_small_map_takes_several_passes_to_the_same_end()
    {
        var disk = new MemoryFileSystem();
        using var store = Open(disk);
        Fill(store, 60);
        Seal(store);
        var expected = ReadAll(store).GroupBy(r => r.Key).Select(g => g.Last()).OrderBy(r => r.Offset).ToList();

        CleanAll(store, mapBytes: 24 * 4).ShouldBeGreaterThan(5);

        ReadAll(store).ShouldBe(expected);
    }

    [Fact]
    public void The_active_segment_and_undecided_records_stay()
    {
        var disk = new MemoryFileSystem();
        using var store = Open(disk);
        Fill(store, 20);
        Seal(store);
        Fill(store, 20);
        var log = Log(store);
        log.CleaningSource = log.CleaningSource! with { LastStableOffset = () => 10 };

        CleanAll(store);

        log.FirstDirtyOffset.ShouldBe(10);
        ReadAll(store).Select(r => r.Offset).ShouldBe([5, 6, 7, 8, 9, .. Enumerable.Range(10, 30).Select(o => (long)o)]);
    }

    [Fact]
    public void Records_younger_than_the_lag_stay_and_old_ones_are_cleaned_whatever_the_ratio()
    {
        var disk = new MemoryFileSystem();
        using var store = Open(disk);
        Fill(store, 20);
        Seal(store);
        var log = Log(store);
        log.Config = Config with { MinCompactionLagMs = 10_000 };
        CleanAll(store).ShouldBe(0);

        log.Config = Config with { MinCleanableDirtyRatio = 1 };
        CleanAll(store).ShouldBe(0);

        log.Config = Config with { MinCleanableDirtyRatio = 1, MaxCompactionLagMs = 5000 };
        _time.Advance(10_000);
        CleanAll(store).ShouldBe(1);
    }

    [Fact]
    public void A_log_that_is_cleaned_again_and_again_is_joined_into_few_segments()
    {
        var disk = new MemoryFileSystem();
        using var store = Open(disk);
        for (var i = 0; i < 30; i++)
        {
            Fill(store, 12);
            Seal(store);
            CleanAll(store);
        }

        SegmentFiles(disk).Count.ShouldBeLessThan(3);
        ReadAll(store).Count.ShouldBe(5);
        Log(store).SizeInBytes.ShouldBeLessThan(1500);
    }

    [Fact]
    public void A_log_whose_cleaned_part_is_empty_goes_on_where_it_ended()
    {
        var disk = new MemoryFileSystem();
        using var store = Open(disk);
        for (var i = 0; i < 10; i++)
            Append(store, TestBatches.Keyed(_time.NowMs, ("k", null)));
        Seal(store);
        CleanAll(store);
        _time.Advance(2000);
        Append(store, TestBatches.Keyed(_time.NowMs, ("k", null)));
        Seal(store);
        CleanAll(store);
        _time.Advance(2000);
        Append(store, TestBatches.Keyed(_time.NowMs, ("other", null)));
        Seal(store);
        CleanAll(store);
        ReadAll(store).Select(r => r.Offset).ShouldBe([11]);

        var copy = disk.PowerCut();
        using var again = Open(copy);
        Append(again, TestBatches.Keyed(_time.NowMs, ("k", "v")));

        ReadAll(again).Select(r => r.Offset).ShouldBe([11, 12]);
        ReadAll(Reopen(copy)).Select(r => r.Offset).ShouldBe([11, 12]);
    }

    [Fact]
    public void Readers_in_the_middle_of_a_replaced_segment_go_on()
    {
        var disk = new MemoryFileSystem();
        using var store = Open(disk, tailBytes: 0);
        Fill(store, 60);
        Seal(store);
        using var held = Log(store).Read(3, 1, 60);

        CleanAll(store);

        TestBatches.Records(held.Batches.Span).Single().Offset.ShouldBe(3);
        for (var offset = 0L; offset < 60; offset++)
        {
            using var read = Log(store).Read(offset, 1, 60);
            TestBatches.Records(read.Batches.Span)[0].Offset.ShouldBe(Math.Max(offset, 55));
        }

        Log(store).TryFindTimestamp(0, 60, out var first).ShouldBeTrue();
        first.Offset.ShouldBe(55);
    }

    [Fact]
    public async Task Retention_and_a_new_start_take_cleaned_segments_too()
    {
        var disk = new MemoryFileSystem();
        using var store = Open(disk);
        Fill(store, 200, keys: 100);
        Seal(store);
        CleanAll(store);
        var files = SegmentFiles(disk).Count;

        var advance = store.AdvanceStartAsync(Log(store), 180).AsTask();
        store.Commits.CommitOnce();
        await advance;

        SegmentFiles(disk).Count.ShouldBeLessThan(files);
        ReadAll(store).Select(r => r.Offset).ShouldBe(Enumerable.Range(180, 20).Select(o => (long)o));
        ReadAll(Reopen(disk)).Count.ShouldBe(20);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void A_power_cut_at_any_step_leaves_the_log_before_or_after_it(int seed)
    {
        var random = new Random(seed);
        var disk = new MemoryFileSystem();
        using var store = Open(disk);
        var appended = new List<TestRecord>();
        for (var round = 0; round < 4; round++)
        {
            Fill(store, 40, keys: 5 + (10 * round));
            if (round != 2)
                store.Checkpoint(); // else the journal replays over segments that were replaced
            Seal(store);
            Fill(store, 3);
            appended = [.. appended, .. ReadAll(store).Where(r => appended.All(a => a.Offset != r.Offset))];
            var cuts = new List<MemoryFileSystem>();
            disk.Fault = (operation, _) =>
            {
                if (operation is not (FileOperation.Read or FileOperation.Open))
                    cuts.Add(disk.PowerCut(cuts.Count % 2 == 0 ? random : null));
                return null;
            };
            CleanAll(store, mapBytes: 24 * 8);
            disk.Fault = null;

            cuts.Count.ShouldBeGreaterThan(20);
            foreach (var cut in cuts)
                CheckView(cut, appended);
        }
    }

    [Fact]
    public void A_failure_at_any_step_loses_nothing_and_a_full_disk_is_tried_again()
    {
        for (var step = 0; step < 60; step++)
        {
            foreach (var isFull in new[] { false, true })
            {
                var disk = new MemoryFileSystem();
                using var store = Open(disk);
                Fill(store, 40);
                Seal(store);
                var appended = ReadAll(store);
                var left = step;
                disk.Fault = (operation, _) => operation is not FileOperation.Read && left-- == 0
                    ? isFull ? new IOException("No space left on device", 28) : new IOException("bad disk")
                    : null;
                CleanAll(store);
                disk.Fault = null;

                View(ReadAll(store)).ShouldBe(View(appended));
                if (isFull)
                    CleanAll(store);
                if (isFull && store.Commits.Failure is null)
                    ReadAll(store).Count.ShouldBe(5);
                CheckView(disk.PowerCut(), appended);
            }
        }
    }

    [Fact]
    public void A_log_is_cleaned_up_to_its_first_damaged_segment_which_stays_as_it_is()
    {
        var disk = new MemoryFileSystem();
        using var store = Open(disk);
        Fill(store, 40);
        Seal(store);
        var files = SegmentFiles(disk);
        using (var file = disk.Open($"{LogPath}/{files[2]}", FileOpening.Write))
            file.Write([0xFF], 70);
        using var cleaner = new LogCleaner(store, new LogCleanerOptions(), _time);

        for (var passes = 0; cleaner.CleanOnce(); passes++)
            passes.ShouldBeLessThan(10);

        cleaner.Uncleanable.ShouldBeEmpty();
        Log(store).Damage.Single().File.ShouldEndWith(files[2]);
        SegmentFiles(disk).Where(f => f.Contains('-')).ShouldHaveSingleItem();
        SegmentFiles(disk).Where(f => !f.Contains('-')).ShouldBe(files[2..]);
    }

    private static void CheckView(MemoryFileSystem cut, List<TestRecord> appended)
    {
        using var after = Open(cut);
        var found = ReadAll(after);
        View(found).ShouldBe(View(appended));
        found.ShouldBeSubsetOf(appended);
        SegmentFiles(cut).Count.ShouldBeLessThan(40);
    }

    private static SortedDictionary<string, string?> View(IEnumerable<TestRecord> records)
    {
        var view = new SortedDictionary<string, string?>();
        foreach (var record in records)
            view[record.Key!] = record.Value;
        return view;
    }

    private static LogStore Open(MemoryFileSystem disk, long tailBytes = 1 << 20)
    {
        var options = new StorageOptions
        {
            HotTailBytes = tailBytes,
            Journal = new JournalOptions { FileBytes = 16 * 1024, FirstFileBytes = 4 * 1024 },
        };
        var store = LogStore.Open(DataDirectory.Open(disk, "data"), options, [new(Id, Config)], TimeProvider.System);
        Log(store).CleaningSource = new CleaningSource(
            () => Log(store).DurableEndOffset, static () => new CleaningState([], new Dictionary<long, ProducerTail>()), static _ => { });
        return store;
    }

    private static LogStore Reopen(MemoryFileSystem disk) => Open(disk.PowerCut());

    private int CleanAll(LogStore store, long mapBytes = 1 << 20)
    {
        using var cleaner = new LogCleaner(store, new LogCleanerOptions { DedupeBufferBytes = mapBytes }, _time);
        var passes = 0;
        while (store.Commits.Failure is null && cleaner.CleanOnce())
            passes++;
        return passes;
    }

    private void Fill(LogStore store, int records, int keys = 5)
    {
        var end = Log(store).EndOffset;
        for (var i = 0; i < records; i++)
            Append(store, TestBatches.Keyed(_time.NowMs, ($"key {(end + i) % keys}", $"value {end + i}")));
    }

    private static void Append(LogStore store, byte[] batch)
    {
        var log = Log(store);
        var group = store.Commits.Rent();
        lock (log.Gate)
        {
            log.Append(batch, 0, -1, group);
            store.Commits.Enqueue(group, Awaited.Nothing);
        }

        store.Commits.CommitOnce();
    }

    /// <summary>Makes all that is there cleanable.</summary>
    private static void Seal(LogStore store)
    {
        Log(store).RollSegment();
        Log(store).Flush();
    }

    private static PartitionLog Log(LogStore store) => store.TryGet(Id, out var log) ? log : throw new InvalidOperationException();

    private static List<string> SegmentFiles(MemoryFileSystem disk) =>
        [.. disk.ListFiles(LogPath).Where(f => f.EndsWith(".log", StringComparison.Ordinal))];

    private static List<TestRecord> ReadAll(LogStore store)
    {
        var log = Log(store);
        var records = new List<TestRecord>();
        for (var offset = log.StartOffset; ;)
        {
            using var read = log.Read(offset, 300, log.EndOffset);
            if (read.IsEmpty)
                return records;
            records.AddRange(TestBatches.Records(read.Batches.Span));
            offset = read.NextOffset;
        }
    }

    private sealed class ManualTime : TimeProvider
    {
        public long NowMs { get; private set; } = 1_000_000;

        public void Advance(long milliseconds) => NowMs += milliseconds;

        public override DateTimeOffset GetUtcNow() => DateTimeOffset.FromUnixTimeMilliseconds(NowMs);
    }
}
