using System.Diagnostics;
using StreamSQL.ClusterTests.Support;

namespace StreamSQL.ClusterTests.Resources;

/// <summary>A small file system in memory, which a test can fill. As root, on Linux.</summary>
internal sealed class SmallVolume : IDisposable
{
    private const int Chunk = 1024 * 1024;
    private readonly TemporaryDirectory _mount = new();

    private SmallVolume(int mebibytes) => Run("mount", "-t", "tmpfs", "-o", $"size={mebibytes}m", "tmpfs", _mount.Path);

    public string Path => _mount.Path;

    private string Ballast => System.IO.Path.Combine(_mount.Path, "ballast");

    /// <summary>Mounts one; skips the test where that is not allowed.</summary>
    public static SmallVolume Mount(int mebibytes)
    {
        if (Environment.UserName != "root" || !OperatingSystem.IsLinux())
            Assert.Skip("mounting a file system needs root");
        try
        {
            return new SmallVolume(mebibytes);
        }
        catch (InvalidOperationException error)
        {
            Assert.Skip($"file systems cannot be mounted here: {error.Message}");
            throw;
        }
    }

    /// <summary>Takes all the room that is left.</summary>
    public void Fill()
    {
        using FileStream file = new(Ballast, FileMode.Append, FileAccess.Write, FileShare.None, bufferSize: 0);
        for (int size = Chunk; size > 0;)
        {
            try
            {
                file.Write(new byte[size]);
            }
            catch (IOException)
            {
                size /= 2; // full, but for less than that
            }
        }
    }

    /// <summary>Gives it back.</summary>
    public void Free() => File.Delete(Ballast);

    public void Dispose()
    {
        Run("umount", "-l", _mount.Path);
        _mount.Dispose();
    }

    private static void Run(string program, params string[] arguments)
    {
        using Process process = Process.Start(program, arguments);
        process.WaitForExit();
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"{program} ended with {process.ExitCode}");
    }
}
