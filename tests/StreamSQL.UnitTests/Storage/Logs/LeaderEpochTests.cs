using StreamSQL.Storage.Files;
using StreamSQL.Storage.Journal;
using StreamSQL.Storage.Logs;

namespace StreamSQL.UnitTests.Storage.Logs;

/// <summary>Leader epochs: what they answer, and that they outlive crashes and damage.</summary>
public class LeaderEpochTests
{
    private static readonly LogId Id = new(new Guid("11111111-1111-1111-1111-111111111111"), 0);
    private static readonly LogId Empty = new(new Guid("22222222-2222-2222-2222-222222222222"), 0);

    [Theory]
    [InlineData(-1, -1, -1)]
    [InlineData(0, 0, 10)] // older than all that are known: ends where they begin
    [InlineData(1, 1, 20)]
    [InlineData(2, 1, 20)] // left no record
    [InlineData(4, 4, 50)]
    [InlineData(5, -1, -1)]
    public void An_epoch_ends_where_the_next_one_begins(int epoch, int foundEpoch, long endOffset)
    {
        var epochs = new LeaderEpochs([new(1, 10), new(3, 20), new(4, 30)]);

        epochs.EndOf(epoch, 50).ShouldBe(new EpochStart(foundEpoch, endOffset));
    }

    [Fact]
    public void Epochs_go_with_the_ends_of_the_log()
    {
        var epochs = new LeaderEpochs([new(1, 10), new(3, 20), new(4, 30)]);

        epochs.From(25).Starts.ShouldBe([new(3, 25), new(4, 30)]);
        epochs.From(20).Starts.ShouldBe([new(3, 20), new(4, 30)]);
        epochs.From(99).Starts.ShouldBe([new(4, 99)]);
        epochs.From(10).ShouldBeSameAs(epochs);
        epochs.To(30).Starts.ShouldBe([new(1, 10), new(3, 20)]);
        epochs.To(31).ShouldBeSameAs(epochs);
        epochs.With(5, 30).Starts.ShouldBe([new(1, 10), new(3, 20), new(5, 30)]);
        epochs.EpochOf(29).ShouldBe(3);
        epochs.EpochOf(9).ShouldBe(-1);
    }

    [Fact]
    public void An_epoch_begins_with_every_start_after_an_unclean_end_and_with_no_other()
    {
        var disk = new MemoryFileSystem();
        Append(Open(disk), 3);

        disk = disk.PowerCut();
        Append(Open(disk), 2);
        disk = disk.PowerCut();
        var store = Open(disk);

        store.LeaderEpoch.ShouldBe(2);
        EpochsOf(store, Id).ShouldBe([new(0, 0), new(1, 3), new(2, 5)]);
        EpochsOf(store, Empty).ShouldBe([new(2, 0)]);
        Append(store, 1);
        store.Dispose();

        using var again = Open(disk.PowerCut());
        again.LeaderEpoch.ShouldBe(2);
        EpochsOf(again, Id).ShouldBe([new(0, 0), new(1, 3), new(2, 5)]);
        EpochsOf(again, Empty).ShouldBe([new(2, 0)]);
    }

    [Theory]
    [InlineData("missing", false)]
    [InlineData("flipped", false)]
    [InlineData("missing", true)]
    [InlineData("flipped", true)]
    public void Damaged_epochs_are_found_in_the_batches(string damage, bool clean)
    {
        var disk = new MemoryFileSystem();
        Append(Open(disk), 40);
        disk = disk.PowerCut();
        Append(Open(disk), 30);
        disk = disk.PowerCut();
        Open(disk); // an epoch without a record
        disk = disk.PowerCut();
        var store = Open(disk);
        Append(store, 20);
        if (clean)
            store.Dispose();
        disk = disk.PowerCut();
        foreach (var name in disk.ListFiles("data/meta").Where(f => f.StartsWith("leader-epochs", StringComparison.Ordinal)))
            Damage(disk, $"data/meta/{name}", damage);

        using var after = Open(disk);

        var expected = new List<EpochStart> { new(0, 0), new(1, 40), new(3, 70) };
        EpochsOf(after, Id).ShouldBe(clean ? expected : [.. expected, new(4, 90)]);
        EpochsOf(after, Empty).ShouldBe([new(clean ? 3 : 4, 0)]);
    }

    [Fact]
    public async Task The_first_epoch_begins_where_the_log_starts()
    {
        var disk = new MemoryFileSystem();
        Append(Open(disk), 10);
        disk = disk.PowerCut();
        var store = Open(disk);
        Append(store, 10);
        store.TryGet(Id, out var log).ShouldBeTrue();

        var advance = store.AdvanceStartAsync(log!, 12).AsTask();
        store.Commits.CommitOnce();
        await advance;

        EpochsOf(store, Id).ShouldBe([new(1, 12)]);
        using var after = Open(disk.PowerCut());
        EpochsOf(after, Id).ShouldBe([new(1, 12), new(2, 20)]);
    }

    [Fact]
    public void Whatever_the_power_cut_leaves_no_epoch_is_served_twice()
    {
        var random = new Random(1);
        for (var round = 0; round < 20; round++)
        {
            var disk = new MemoryFileSystem();
            var served = -1;
            for (var start = 0; start < 5; start++)
            {
                var failing = disk.PowerCut(random);
                var operations = random.Next(1, 60);
                failing.Fault = (_, _) => --operations < 0 ? new IOException("power is out") : null;
                try
                {
                    var store = Open(failing);
                    store.LeaderEpoch.ShouldBeGreaterThan(served);
                    served = store.LeaderEpoch;
                    Append(store, 2);
                }
                catch (IOException)
                {
                    // it did not come up
                }

                failing.Fault = null;
                disk = failing;
            }
        }
    }

    private static LogStore Open(MemoryFileSystem disk)
    {
        var config = new LogConfig { SegmentBytes = 1000 };
        var options = new StorageOptions { Journal = new JournalOptions { FileBytes = 16 * 1024, FirstFileBytes = 4 * 1024 } };
        return LogStore.Open(DataDirectory.Open(disk, "data"), options, [new(Id, config), new(Empty, config)], TimeProvider.System);
    }

    private static IReadOnlyList<EpochStart> EpochsOf(LogStore store, LogId id)
    {
        store.TryGet(id, out var log).ShouldBeTrue();
        return log!.Epochs.Starts;
    }

    private static void Append(LogStore store, int records)
    {
        store.TryGet(Id, out var log).ShouldBeTrue();
        for (var i = 0; i < records; i++)
        {
            var group = store.Commits.Rent();
            lock (log!.Gate)
            {
                log.Append(TestBatches.Of(1000, "value"), log.Epochs.Current, -1, group);
                store.Commits.Enqueue(group, Awaited.Nothing);
            }
        }

        store.Commits.CommitOnce();
    }

    private static void Damage(MemoryFileSystem disk, string path, string damage)
    {
        if (damage == "missing")
        {
            disk.DeleteFile(path);
            return;
        }

        using var file = disk.Open(path, FileOpening.Write);
        Span<byte> one = stackalloc byte[1];
        file.Read(one, file.Length - 1);
        one[0] ^= 1;
        file.Write(one, file.Length - 1);
    }
}
