using StreamSQL.Storage.Files;

namespace StreamSQL.UnitTests.Storage.Files;

public sealed class DiskFileSystemTests : IDisposable
{
    private readonly DiskFileSystem _disk = new();
    private readonly string _path = Directory.CreateTempSubdirectory("streamsql-test-").FullName;

    [Fact]
    public void A_failing_sync_throws_and_the_file_stays_lost()
    {
        // The kernel refuses to sync this device (EINVAL); .NET's own flush reports success.
        using var file = _disk.Open("/dev/null", FileOpening.Write);

        Should.Throw<IOException>(file.FlushData).Message.ShouldContain("fdatasync");
        Should.Throw<StorageFailedException>(file.FlushData);
    }

    [Fact]
    public void Files_are_written_read_and_synced()
    {
        _disk.CreateDirectory(_path + "/a/b");
        using (var file = _disk.Open(_path + "/a/b/f", FileOpening.CreateNew))
        {
            file.Preallocate(100);
            file.Write("hello"u8, 95);
            file.FlushData();
            file.Length.ShouldBe(100);
        }

        _disk.Rename(_path + "/a/b/f", _path + "/a/b/g");
        _disk.FlushDirectory(_path + "/a/b");
        _disk.FlushTree(_path);
        using var again = _disk.Open(_path + "/a/b/g", FileOpening.Read);
        var buffer = new byte[10];
        again.Read(buffer, 95).ShouldBe(5);
        _disk.ListFiles(_path + "/a/b").ShouldBe(["g"]);
        _disk.ListDirectories(_path).ShouldBe(["a"]);
    }

    [Fact]
    public void A_second_holder_of_the_lock_is_told_of_the_first()
    {
        using var first = _disk.Lock(_path + "/lock");

        Should.Throw<DataDirectoryLockedException>(() => _disk.Lock(_path + "/lock")).ProcessId.ShouldBe(Environment.ProcessId);

        first.Dispose();
        _disk.Lock(_path + "/lock").Dispose();
    }

    [Fact]
    public void A_directory_that_is_not_there_cannot_be_synced() =>
        Should.Throw<IOException>(() => _disk.FlushDirectory(_path + "/none"));

    [Fact]
    public void The_volume_of_a_directory_has_a_size()
    {
        StorageSpace space = _disk.SpaceOf(_path);

        space.TotalBytes.ShouldBeGreaterThan(0);
        space.UsableBytes.ShouldBeInRange(0, space.TotalBytes);
    }

    public void Dispose() => Directory.Delete(_path, recursive: true);
}
