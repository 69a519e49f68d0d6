using StreamSQL.Storage.Files;
using StreamSQL.Storage.Logs;

namespace StreamSQL.UnitTests.Storage.Logs;

/// <summary>Who appends faster than the disk takes is told to wait, before it runs into the bound.</summary>
public sealed class ThrottleTests
{
    private static readonly LogId Id = new(new Guid("11111111-1111-1111-1111-111111111111"), 0);

    [Fact]
    public void The_fuller_the_queue_the_longer_the_wait()
    {
        using LogStore store = LogStore.Open(
            DataDirectory.Open(new MemoryFileSystem(), "data"), new StorageOptions { MaxQueuedBytes = 10_000 }, [new(Id, new LogConfig())],
            TimeProvider.System);
        store.Commits.ThrottleMs.ShouldBe(0);

        Append(store, 4_000);
        store.Commits.ThrottleMs.ShouldBe(0);
        Append(store, 3_000);
        int some = store.Commits.ThrottleMs;
        some.ShouldBeInRange(100, 400);
        Append(store, 2_000);
        store.Commits.ThrottleMs.ShouldBeGreaterThan(some);
        Append(store, 9_000);
        store.Commits.ThrottleMs.ShouldBe(500);

        store.Commits.CommitOnce();
        store.Commits.ThrottleMs.ShouldBe(0);
    }

    [Fact]
    public void On_a_full_disk_it_is_as_long_as_until_the_next_attempt()
    {
        var disk = new MemoryFileSystem();
        using LogStore store = LogStore.Open(
            DataDirectory.Open(disk, "data"), new StorageOptions(), [new(Id, new LogConfig())], TimeProvider.System);
        disk.Fault = static (operation, _) => operation == FileOperation.Write ? new IOException("no space left", 28) : null;
        Append(store, 100);
        store.Commits.CommitOnce();

        store.Commits.ThrottleMs.ShouldBeGreaterThan(0);

        disk.Fault = null;
        store.Commits.CommitOnce();
        store.Commits.ThrottleMs.ShouldBe(0);
    }

    private static void Append(LogStore store, int bytes)
    {
        store.TryGet(Id, out PartitionLog? log).ShouldBeTrue();
        CommitGroup group = store.Commits.Rent();
        lock (log!.Gate)
        {
            log.Append(TestBatches.Sized(bytes), 0, -1, group);
            store.Commits.Enqueue(group, Awaited.Nothing);
        }
    }
}
