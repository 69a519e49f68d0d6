using StreamSQL.Storage.Files;
using StreamSQL.Storage.Journal;
using StreamSQL.Storage.Logs;
using StreamSQL.UnitTests.Broker;

namespace StreamSQL.UnitTests.Storage.Logs;

/// <summary>When appends are acknowledged and synced, by policy; driven without threads.</summary>
public class FlushPolicyTests
{
    private static readonly LogId Id = new(new Guid("11111111-1111-1111-1111-111111111111"), 0);
    private static readonly LogId Other = new(new Guid("22222222-2222-2222-2222-222222222222"), 0);
    private readonly ManualTime _time = new();
    private readonly MemoryFileSystem _disk = new();
    private int _syncs;

    [Theory]
    [InlineData(FlushPolicy.Commit, false)]
    [InlineData(FlushPolicy.Interval, true)]
    [InlineData(FlushPolicy.OperatingSystem, true)]
    public void An_append_is_answered_and_visible_when_its_policy_says(FlushPolicy policy, bool whenWritten)
    {
        using var store = Open(new LogConfig { FlushPolicy = policy });
        var append = Append(store, Id, "a");

        store.Commits.WriteOut();

        append.Completion.IsCompletedSuccessfully.ShouldBe(whenWritten);
        Log(store, Id).DurableEndOffset.ShouldBe(whenWritten ? 1 : 0);
        Survivors().ShouldBe(0);
        store.Commits.CommitOnce();
        append.Completion.IsCompletedSuccessfully.ShouldBeTrue();
        Survivors().ShouldBe(policy == FlushPolicy.Commit ? 1 : 0);
    }

    [Theory]
    [InlineData(FlushPolicy.Interval, long.MaxValue, 1000)]
    [InlineData(FlushPolicy.Interval, 50, 50)]
    [InlineData(FlushPolicy.OperatingSystem, 70, 70)]
    public void It_is_synced_after_so_long(FlushPolicy policy, long flushMs, int dueMs)
    {
        using var store = Open(new LogConfig { FlushPolicy = policy, FlushMs = flushMs });
        Append(store, Id, "a");
        store.Commits.CommitOnce();
        _time.Advance(TimeSpan.FromMilliseconds(dueMs - 1));
        store.Commits.CommitOnce();
        Survivors().ShouldBe(0);

        _time.Advance(TimeSpan.FromMilliseconds(1));
        store.Commits.CommitOnce();

        Survivors().ShouldBe(1);
    }

    [Fact]
    public void It_is_synced_after_so_many_records()
    {
        using var store = Open(new LogConfig { FlushPolicy = FlushPolicy.OperatingSystem, FlushMessages = 3 });
        Append(store, Id, "a");
        Append(store, Id, "b");
        store.Commits.CommitOnce();
        Survivors().ShouldBe(0);

        Append(store, Id, "c");
        store.Commits.CommitOnce();

        Survivors().ShouldBe(3);
        Append(store, Id, "d");
        Append(store, Id, "e");
        store.Commits.CommitOnce();
        Survivors().ShouldBe(3);
    }

    [Fact]
    public void Left_to_the_operating_system_nothing_is_synced_until_much_is_held()
    {
        using var store = Open(new LogConfig { FlushPolicy = FlushPolicy.OperatingSystem });
        CountSyncs();
        for (var i = 0; i < 20; i++)
        {
            Append(store, Id, new string('x', 1000));
            store.Commits.CommitOnce();
            _time.Advance(TimeSpan.FromHours(1));
        }

        _syncs.ShouldBe(0);
        for (var i = 0; i < 100; i++)
            Append(store, Id, new string('x', 1000));
        store.Commits.CommitOnce();
        _syncs.ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task Large_appends_left_to_the_operating_system_are_synced_by_the_checkpoint_and_not_before()
    {
        using var store = Open(new LogConfig { FlushPolicy = FlushPolicy.OperatingSystem }, directBytes: 100);
        CountSyncs();
        for (var i = 0; i < 200; i++)
        {
            Append(store, Id, new string('x', 1000));
            store.Commits.CommitOnce();
        }

        _syncs.ShouldBe(0);
        var barrier = store.Commits.FlushAsync().AsTask();
        store.Commits.CommitOnce();
        await barrier;
        store.Checkpoint();
        Survivors().ShouldBe(200);
    }

    [Fact]
    public void A_group_is_as_strict_as_its_strictest_log()
    {
        using var store = Open(new LogConfig { FlushPolicy = FlushPolicy.OperatingSystem }, other: LogConfig.Default);
        var group = store.Commits.Rent();
        lock (Log(store, Id).Gate)
        lock (Log(store, Other).Gate)
        {
            Log(store, Id).Append(TestBatches.Of(1000, "a"), 0, -1, group);
            Log(store, Other).Append(TestBatches.Of(1000, "b"), 0, -1, group);
            store.Commits.Enqueue(group);
        }

        store.Commits.WriteOut();
        group.Completion.IsCompleted.ShouldBeFalse();
        Log(store, Other).DurableEndOffset.ShouldBe(0);

        store.Commits.CommitOnce();
        group.Completion.IsCompletedSuccessfully.ShouldBeTrue();
        Survivors().ShouldBe(1);
    }

    [Theory]
    [InlineData(FlushPolicy.Interval)]
    [InlineData(FlushPolicy.OperatingSystem)]
    public void A_store_that_is_closed_has_synced_everything(FlushPolicy policy)
    {
        var store = Open(new LogConfig { FlushPolicy = policy });
        Append(store, Id, "a", "b");

        store.Dispose();

        Survivors().ShouldBe(2);
    }

    [Theory]
    [InlineData(FlushPolicy.Interval)]
    [InlineData(FlushPolicy.OperatingSystem)]
    public async Task The_flusher_answers_without_a_sync_and_wakes_for_the_interval(FlushPolicy policy)
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var store = Open(new LogConfig { FlushPolicy = policy, FlushMs = 30 }, time: TimeProvider.System);
        store.Start();
        _disk.Fault = (operation, path) =>
        {
            if (operation == FileOperation.FlushData && path.Contains("/journal/", StringComparison.Ordinal))
                gate.TrySetResult();
            return null;
        };

        var append = Append(store, Id, "a");
        await append.Completion.AsTask().WaitAsync(TimeSpan.FromSeconds(20));
        await gate.Task.WaitAsync(TimeSpan.FromSeconds(20));
        _disk.Fault = null;
    }

    /// <summary>Records that a power cut would leave now.</summary>
    private long Survivors()
    {
        using var after = Open(LogConfig.Default, disk: _disk.PowerCut());
        return Log(after, Id).EndOffset;
    }

    private void CountSyncs() => _disk.Fault = (operation, _) =>
    {
        _syncs += operation == FileOperation.FlushData ? 1 : 0;
        return null;
    };

    private LogStore Open(
        LogConfig config, int directBytes = 1 << 20, LogConfig? other = null, MemoryFileSystem? disk = null, TimeProvider? time = null)
    {
        var options = new StorageOptions
        {
            DirectWriteBytes = directBytes,
            MaxUnsyncedBytes = 50_000,
            Journal = new JournalOptions { FileBytes = 1024 * 1024, FirstFileBytes = 1024 * 1024 },
        };
        return LogStore.Open(DataDirectory.Open(disk ?? _disk, "data"), options, [new(Id, config), new(Other, other ?? config)],
            time ?? _time);
    }

    private static PartitionLog Log(LogStore store, LogId id) =>
        store.TryGet(id, out var log) ? log : throw new InvalidOperationException();

    private static CommitGroup Append(LogStore store, LogId id, params string[] values)
    {
        var log = Log(store, id);
        var group = store.Commits.Rent();
        lock (log.Gate)
        {
            log.Append(TestBatches.Of(1000, values), 0, -1, group);
            store.Commits.Enqueue(group);
        }

        return group;
    }
}
