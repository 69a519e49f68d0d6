using StreamSQL.Storage.Files;
using StreamSQL.Storage.Logs;

namespace StreamSQL.UnitTests.Storage.Logs;

public class DataDirectoryTests
{
    private readonly MemoryFileSystem _disk = new();

    [Fact]
    public void An_unknown_version_is_refused_before_anything_is_written()
    {
        _disk.CreateDirectory("data");
        using (var format = _disk.Open("data/format", FileOpening.CreateNew))
            format.Write("2\n"u8, 0);

        Should.Throw<UnknownFormatException>(() => DataDirectory.Open(_disk, "data")).Message.ShouldContain("version 2");

        _disk.ListFiles("data").ShouldBe(["format"]);
        _disk.ListDirectories("data").ShouldBeEmpty();
    }

    [Fact]
    public void A_directory_with_other_things_in_it_is_refused()
    {
        _disk.CreateDirectory("data/photos");

        Should.Throw<CorruptDataException>(() => DataDirectory.Open(_disk, "data"));
    }

    [Fact]
    public void A_new_directory_survives_a_power_cut_with_all_above_it()
    {
        DataDirectory.Open(_disk, "srv/streamsql/data").Dispose();

        MemoryFileSystem after = _disk.PowerCut();

        after.FileExists("srv/streamsql/data/format").ShouldBeTrue();
        after.DirectoryExists("srv/streamsql/data/logs").ShouldBeTrue();
    }

    [Fact]
    public void One_process_at_a_time()
    {
        using var first = DataDirectory.Open(_disk, "data");

        Should.Throw<DataDirectoryLockedException>(() => DataDirectory.Open(_disk, "data"));
    }
}
