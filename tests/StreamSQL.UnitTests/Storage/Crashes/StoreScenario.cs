using StreamSQL.Storage.Cleaning;
using StreamSQL.Storage.Files;
using StreamSQL.Storage.Journal;
using StreamSQL.Storage.Logs;

namespace StreamSQL.UnitTests.Storage.Crashes;

/// <summary>How a <see cref="StoreScenario"/> works.</summary>
internal sealed record StoreWorkload(string Name)
{
    public int Steps { get; init; } = 30;
    public int DirectBytes { get; init; } = 1 << 20;
    public int MaxValueBytes { get; init; } = 200;
    public int AtomicPercent { get; init; }
    public int RetentionPercent { get; init; }
    public int CleanPercent { get; init; }
    public int ReopenPercent { get; init; } = 4;
    public FlushPolicy FlushPolicy { get; init; }
    public LogConfig Config { get; init; } = new() { SegmentBytes = 1500, IndexIntervalBytes = 300 };
}

/// <summary>
/// Appends to two logs of a store, with commits, checkpoints, rolls, new starts, compaction and clean restarts, driven without threads.
/// </summary>
internal sealed class StoreScenario(StoreWorkload workload) : CrashScenario
{
    private static readonly LogId[] Ids =
    [
        new(new Guid("11111111-1111-1111-1111-111111111111"), 0), new(new Guid("22222222-2222-2222-2222-222222222222"), 3),
    ];

    private readonly LogBook[] _books = [new(), new()];
    private readonly List<(CommitGroup Group, int[] Counts)> _waiting = [];
    private int _groups;
    private int _values;

    public override string Name => workload.Name;

    /// <summary>Whether the work was cut off by a failure of the disk, as opposed to having come to its end.</summary>
    public Exception? Failure { get; private set; }

    public override void Run(MemoryFileSystem disk, Random random)
    {
        DataDirectory? directory = null;
        LogStore? store = null;
        try
        {
            (directory, store) = Open(disk, workload);
            for (var step = 0; step < workload.Steps && store.Commits.Failure is null; step++)
            {
                if (random.Next(100) < workload.ReopenPercent)
                    Reopen(disk, ref directory, ref store);
                Step(store, random);
            }

            Failure = store.Commits.Failure;
        }
        catch (IOException e)
        {
            Failure = e;
        }
    }

    public override IExpectation Expect() => new Expectation(workload, [.. _books.Select(book => book.Now())]);

    private void Reopen(MemoryFileSystem disk, ref DataDirectory directory, ref LogStore store)
    {
        Commit(store);
        store.Dispose();
        directory.Dispose();
        (directory, store) = Open(disk, workload);
        for (var i = 0; i < Ids.Length; i++)
            _books[i].CutTo((int)Log(store, i).EndOffset); // when the disk had failed, what was not acknowledged may be gone
    }

    private void Step(LogStore store, Random random)
    {
        var choice = random.Next(100);
        if ((choice -= workload.AtomicPercent) < 0)
            AppendTogether(store, random);
        else if ((choice -= workload.RetentionPercent) < 0)
            AdvanceStart(store, random);
        else if ((choice -= workload.CleanPercent) < 0)
            Clean(store);
        else
            Append(store, random.Next(3) == 0 ? 1 : 0, random);
        switch (random.Next(8))
        {
            case 0 or 1:
                Commit(store);
                break;
            case 2:
                store.Commits.WriteOut();
                break;
            case 3:
                Commit(store);
                store.Checkpoint();
                break;
        }
    }

    private void Commit(LogStore store)
    {
        store.Commits.CommitOnce();
        if (store.Commits.IsDiskFull)
            return;
        foreach (var (group, counts) in _waiting)
        {
            if (!group.Completion.IsCompletedSuccessfully)
                continue;
            for (var i = 0; i < counts.Length; i++)
                _books[i].Acknowledge(counts[i]);
        }

        _waiting.Clear();
    }

    private void Append(LogStore store, int to, Random random)
    {
        var log = Log(store, to);
        var group = store.Commits.Rent();
        lock (log.Gate)
        {
            log.Append(Batch(to, random, group: 0), log.Epochs.Current, -1, group);
            store.Commits.Enqueue(group);
        }

        Await(group);
    }

    private void AppendTogether(LogStore store, Random random)
    {
        var group = store.Commits.Rent();
        var number = ++_groups;
        lock (Log(store, 0).Gate)
        lock (Log(store, 1).Gate)
        {
            for (var i = 0; i < Ids.Length; i++)
                Log(store, i).Append(Batch(i, random, number), Log(store, i).Epochs.Current, -1, group);
            store.Commits.Enqueue(group);
        }

        Await(group);
    }

    // Relaxed policies acknowledge what a power cut may take: then nothing is booked as acknowledged.
    private void Await(CommitGroup group)
    {
        if (workload.FlushPolicy == FlushPolicy.Commit)
            _waiting.Add((group, [.. _books.Select(book => book.Count)]));
    }

    private void AdvanceStart(LogStore store, Random random)
    {
        Commit(store);
        if (store.Commits.Failure is not null || store.Commits.IsDiskFull)
            return;
        var log = Log(store, 0);
        var start = log.StartOffset + random.Next((int)(log.DurableEndOffset - log.StartOffset) + 1);
        _books[0].MaxStart = start;
        if (random.Next(3) == 0)
            log.RollSegment();
        var advance = store.AdvanceStartAsync(log, start).AsTask();
        store.Commits.CommitOnce();
        if (store.Commits.IsDiskFull || store.Commits.Failure is not null)
            return;
        advance.GetAwaiter().GetResult();
        _books[0].Start = start;
    }

    private void Clean(LogStore store)
    {
        Commit(store);
        if (store.Commits.Failure is not null || store.Commits.IsDiskFull)
            return;
        Log(store, 0).RollSegment();
        store.Checkpoint();
        using var cleaner = new LogCleaner(store, new LogCleanerOptions { DedupeBufferBytes = 24 * 64 }, TimeProvider.System);
        cleaner.CleanOnce();
    }

    private byte[] Batch(int to, Random random, int group)
    {
        var records = new (string Key, string? Value)[random.Next(1, 4)];
        for (var i = 0; i < records.Length; i++)
        {
            var key = $"k{random.Next(6)}";
            var value = $"{++_values}:{new string((char)('a' + random.Next(26)), random.Next(workload.MaxValueBytes))}";
            records[i] = (key, value);
            _books[to].Add(new BookedRecord(value, key, group));
        }

        return TestBatches.Keyed(1000, records);
    }

    private static PartitionLog Log(LogStore store, int index) =>
        store.TryGet(Ids[index], out var log) ? log : throw new InvalidOperationException($"Log {index} is not there.");

    private static (DataDirectory Directory, LogStore Store) Open(MemoryFileSystem disk, StoreWorkload workload)
    {
        var options = new StorageOptions
        {
            DirectWriteBytes = workload.DirectBytes,
            HotTailBytes = 0,
            MaxUnsyncedBytes = 3000,
            Journal = new JournalOptions { FileBytes = 4 * 1024, FirstFileBytes = 2 * 1024, CheckpointBytes = 6000, MaxLiveBytes = 9000 },
        };
        var config = workload.Config with { FlushPolicy = workload.FlushPolicy };
        var directory = DataDirectory.Open(disk, "data");
        try
        {
            var store = LogStore.Open(directory, options, [.. Ids.Select(id => KeyValuePair.Create(id, config))], TimeProvider.System);
            foreach (var id in Ids)
            {
                if (store.TryGet(id, out var log))
                    log.CleaningSource = new CleaningSource(() => log.DurableEndOffset,
                        static () => new CleaningState([], new Dictionary<long, ProducerTail>()), static _ => { });
            }

            return (directory, store);
        }
        catch
        {
            directory.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Opens a damaged disk. It may be refused; if not, nothing is read that was not appended, and what is missing is quarantined, or (when
    /// the journal was damaged, whose end cannot be told from a torn write) the logs' ends.
    /// </summary>
    /// <returns>Whether it was opened.</returns>
    public bool OpensDamaged(MemoryFileSystem disk, bool mayLoseEnds)
    {
        DataDirectory directory;
        LogStore store;
        try
        {
            (directory, store) = Open(disk, workload);
        }
        catch (Exception e) when (e is CorruptDataException or UnknownFormatException)
        {
            return false;
        }

        using (directory)
        using (store)
        {
            for (var i = 0; i < Ids.Length; i++)
                _books[i].Now().CheckDamaged(Log(store, i), mayLoseEnds, workload.Config.IsCompacted);
        }

        return true;
    }

    /// <summary>What recovery must find, with a few more appends and a clean restart afterwards.</summary>
    private sealed class Expectation(StoreWorkload workload, BookSnapshot[] books) : IExpectation
    {
        private readonly StoreWorkload _workload = workload;

        public long Acknowledged => books.Sum(book => book.Acknowledged + (book.Start << 32));

        public void Check(MemoryFileSystem disk)
        {
            var (directory, store) = Open(disk, _workload);
            using (directory)
            using (store)
                CheckLogs(store);
        }

        public void CheckAndGoOn(MemoryFileSystem disk)
        {
            long[] ends;
            var (directory, store) = Open(disk, _workload);
            using (directory)
            {
                using (store)
                {
                    CheckLogs(store);
                    ends = GoOn(store);
                    if (_workload.FlushPolicy == FlushPolicy.Commit)
                        CheckEnds(disk.PowerCut(), ends);
                }
            }

            CheckEnds(disk, ends);
        }

        /// <summary>What was appended after the recovery is there too.</summary>
        private void CheckEnds(MemoryFileSystem disk, long[] ends)
        {
            var (directory, store) = Open(disk, _workload);
            using (directory)
            using (store)
            {
                for (var i = 0; i < Ids.Length; i++)
                {
                    if (Log(store, i).EndOffset != ends[i])
                        throw new InvalidOperationException(
                            $"Log {i} ended at {ends[i]}, and after another start at {Log(store, i).EndOffset}.");
                    using var last = Log(store, i).Read(ends[i] - 1, 1000, ends[i]);
                    if (TestBatches.Values(last.Batches.Span) is not ["after"])
                        throw new InvalidOperationException($"What was appended to log {i} after the recovery cannot be read.");
                }
            }
        }

        private void CheckLogs(LogStore store)
        {
            for (var i = 0; i < Ids.Length; i++)
            {
                if (_workload.Config.IsCompacted)
                    books[i].CheckCompacted(Log(store, i));
                else
                    books[i].CheckPlain(Log(store, i));
            }

            CheckGroups(store);
        }

        /// <summary>Of each group, all records are within the logs' ends or none.</summary>
        private void CheckGroups(LogStore store)
        {
            if (_workload.FlushPolicy == FlushPolicy.OperatingSystem)
                return;
            var whole = books.Select((book, i) => book.Records.Take((int)Log(store, i).EndOffset).Where(r => r.Group > 0)
                .GroupBy(r => r.Group)
                .Select(g => (g.Key, Count: g.Count() == book.Records.Count(r => r.Group == g.Key))).ToList()).ToArray();
            if (whole.Any(groups => groups.Any(g => !g.Count)) || !whole[0].Select(g => g.Key).SequenceEqual(whole[1].Select(g => g.Key)))
                throw new InvalidOperationException("An atomic group is torn.");
        }

        private static long[] GoOn(LogStore store)
        {
            for (var i = 0; i < Ids.Length; i++)
            {
                var log = Log(store, i);
                var group = store.Commits.Rent();
                lock (log.Gate)
                {
                    log.Append(TestBatches.Of(1000, "after"), log.Epochs.Current, -1, group);
                    store.Commits.Enqueue(group, Awaited.Nothing);
                }
            }

            store.Commits.CommitOnce();
            return store.Commits.Failure is null
                ? [.. Ids.Select((_, i) => Log(store, i).EndOffset)]
                : throw new InvalidOperationException("Storage failed after the recovery.", store.Commits.Failure);
        }
    }
}
