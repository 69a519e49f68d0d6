using StreamSQL.Storage.Files;
using StreamSQL.Storage.Snapshots;

namespace StreamSQL.UnitTests.Storage.Snapshots;

public class ChangeLogTests
{
    private const string First = "meta/things-00000000000000000007.changes";
    private const string Second = First + "-copy";
    private const int HeaderBytes = 32;

    [Fact]
    public void What_was_appended_survives_a_power_cut_and_more_can_follow()
    {
        var disk = new MemoryFileSystem();
        Fill(disk, 3);
        var after = disk.PowerCut();
        using (var log = new ChangeLog(after, "meta", "things", 1))
        {
            Values(log).ShouldBe([1, 2, 3]);
            log.CanAppend.ShouldBeTrue();
            log.Append([4, 4]);
        }

        using var again = new ChangeLog(after.PowerCut(), "meta", "things", 1);
        Values(again).ShouldBe([1, 2, 3, 4]);
        again.Repairs.ShouldBeEmpty();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void A_power_cut_at_any_operation_leaves_what_was_acknowledged_and_perhaps_the_change_under_way(int seed)
    {
        var random = new Random(seed);
        for (var failAt = 1; failAt < 30; failAt++)
        {
            var disk = new MemoryFileSystem();
            Fill(disk, 0);
            var (operations, acknowledged) = (0, 0);
            disk.Fault = (_, _) => ++operations >= failAt ? new IOException("stopped here") : null;
            try
            {
                using var log = new ChangeLog(disk, "meta", "things", 1);
                log.BeginAfter(7);
                for (byte i = 1; i <= 5; i++)
                {
                    log.Append([i, i]);
                    acknowledged = i;
                }
            }
            catch (IOException)
            {
                // the process ends here
            }

            disk.Fault = null;
            using var after = new ChangeLog(disk.PowerCut(random), "meta", "things", 1);
            var left = Values(after);
            left.Count.ShouldBeInRange(acknowledged, acknowledged + 1, $"operation {failAt}");
            left.ShouldBe(Enumerable.Range(1, left.Count));
            after.Repairs.ShouldBeEmpty();
        }
    }

    [Theory]
    [InlineData(First)]
    [InlineData(Second)]
    public void Whichever_byte_of_one_file_rots_everything_is_there(string file)
    {
        var disk = new MemoryFileSystem();
        Fill(disk, 4);
        var length = Length(disk, file);
        for (long at = 0; at < length; at++)
        {
            var rotten = disk.PowerCut();
            Flip(rotten, file, at);
            using var log = new ChangeLog(rotten, "meta", "things", 1);

            Values(log).ShouldBe([1, 2, 3, 4], $"byte {at}");
            log.CanAppend.ShouldBeFalse($"byte {at}");
            if (at < length - 10) // as though the last change had been under way
                log.Repairs.ShouldHaveSingleItem().ShouldContain(file);
        }
    }

    [Fact]
    public void A_change_that_verifies_in_neither_file_and_has_others_behind_it_is_not_passed_over()
    {
        var disk = new MemoryFileSystem();
        Fill(disk, 4);
        Flip(disk, First, HeaderBytes + 9);
        Flip(disk, Second, HeaderBytes + 9);

        using var log = new ChangeLog(disk, "meta", "things", 1);
        Should.Throw<CorruptDataException>(() => log.Read(7)).Message.ShouldContain("32");
    }

    [Fact]
    public void After_an_append_that_failed_the_next_one_needs_a_snapshot_and_the_refused_one_is_gone()
    {
        var disk = new MemoryFileSystem();
        using var log = Fill(disk, 2);
        var flushes = 0;
        disk.Fault = (operation, path) => path == Second && ++flushes == 2 ? new IOException("no room") : null;

        Should.Throw<IOException>(() => log.Append([3, 3])).Message.ShouldBe("no room");

        disk.Fault = null;
        log.CanAppend.ShouldBeFalse();
        Should.Throw<InvalidOperationException>(() => log.Append([4, 4]));
        using (var other = new ChangeLog(disk, "meta", "things", 1))
            Values(other).ShouldBe([1, 2]);
        log.BeginAfter(8);
        log.Append([5, 5]);
        disk.ListFiles("meta").ShouldBe(["things-00000000000000000008.changes", "things-00000000000000000008.changes-copy"]);
    }

    [Fact]
    public void Content_of_a_newer_version_is_refused()
    {
        var disk = new MemoryFileSystem();
        Fill(disk, 1, contentVersion: 2).Dispose();
        using var log = new ChangeLog(disk, "meta", "things", 1);

        Should.Throw<UnknownFormatException>(() => log.Read(7));
    }

    private static ChangeLog Fill(MemoryFileSystem disk, int changes, int contentVersion = 1)
    {
        disk.CreateDirectoryDurably("meta");
        var log = new ChangeLog(disk, "meta", "things", contentVersion);
        log.BeginAfter(7);
        for (byte i = 1; i <= changes; i++)
            log.Append([i, i]);
        return log;
    }

    private static List<int> Values(ChangeLog log) => [.. log.Read(7).Select(static change => (int)change.Span[0])];

    private static long Length(MemoryFileSystem disk, string name)
    {
        using var file = disk.Open(name, FileOpening.Read);
        return file.Length;
    }

    private static void Flip(MemoryFileSystem disk, string name, long at)
    {
        using var file = disk.Open(name, FileOpening.Write);
        Span<byte> one = stackalloc byte[1];
        file.Read(one, at);
        one[0] ^= 4;
        file.Write(one, at);
        file.FlushData();
    }
}
