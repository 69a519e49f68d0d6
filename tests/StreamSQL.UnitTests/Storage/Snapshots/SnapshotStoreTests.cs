using StreamSQL.Storage.Files;
using StreamSQL.Storage.Snapshots;

namespace StreamSQL.UnitTests.Storage.Snapshots;

public class SnapshotStoreTests
{
    private readonly MemoryFileSystem _disk = new();

    [Fact]
    public void The_newest_version_survives_a_power_cut_and_old_ones_go()
    {
        var store = new SnapshotStore(_disk, "meta", "things", 1);
        store.ReadNewest().ShouldBeNull();
        for (byte i = 1; i <= 5; i++)
            store.Write([i]);

        var after = _disk.PowerCut();

        new SnapshotStore(after, "meta", "things", 1).ReadNewest().ShouldBe([5]);
        after.ListFiles("meta").Count.ShouldBeLessThanOrEqualTo(3);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void A_power_cut_at_any_step_of_a_write_leaves_the_old_or_the_new_version(int seed)
    {
        var random = new Random(seed);
        for (var failAt = 1; failAt < 8; failAt++)
        {
            var disk = new MemoryFileSystem();
            var store = new SnapshotStore(disk, "meta", "things", 1);
            store.Write([1]);
            var operations = 0;
            disk.Fault = (_, _) => ++operations == failAt ? new IOException("stopped here") : null;
            try
            {
                store.Write([2]);
            }
            catch (IOException)
            {
                // the process ends here
            }

            new SnapshotStore(disk.PowerCut(random), "meta", "things", 1).ReadNewest()![0].ShouldBeOneOf((byte)1, (byte)2);
        }
    }

    [Fact]
    public void A_damaged_version_is_refused_or_passed_over()
    {
        var store = new SnapshotStore(_disk, "meta", "things", 1);
        store.Write([1]);
        store.Write([2]);
        using (var file = _disk.Open("meta/things-00000000000000000002.snapshot", FileOpening.Write))
            file.Write([9], 32);

        Should.Throw<CorruptDataException>(() => store.ReadNewest());
        store.ReadNewestValid().ShouldBe([1]);
    }

    [Fact]
    public void Content_of_a_newer_version_is_refused()
    {
        new SnapshotStore(_disk, "meta", "things", 2).Write([1]);

        Should.Throw<UnknownFormatException>(() => new SnapshotStore(_disk, "meta", "things", 1).ReadNewest());
    }
}
