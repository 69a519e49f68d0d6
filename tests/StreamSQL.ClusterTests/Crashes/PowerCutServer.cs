using System.Net;
using StreamSQL.ClusterTests.Support;

namespace StreamSQL.ClusterTests.Crashes;

/// <summary>
/// A server on a file system in a file, mounted through a loop device. The power cut is a copy of that file while the server stands still:
/// it holds what was flushed and, of the rest, what the kernel happened to have written. The next start finds the copy.
/// </summary>
internal sealed class PowerCutServer : KilledServer
{
    private const long ImageBytes = 2L * 1024 * 1024 * 1024; // sparse
    private readonly TemporaryDirectory _work = new();
    private readonly string _mount;
    private int _images;
    private bool _isMounted;

    public PowerCutServer() => _mount = Directory.CreateDirectory(Path.Combine(_work.Path, "mount")).FullName;

    /// <inheritdoc/>
    public override string DataDirectory => Path.Combine(_mount, "data");

    private string Image => Path.Combine(_work.Path, $"{_images}.img");

    /// <summary>Makes and mounts the first file system; what it wants and is not there, or null.</summary>
    public async Task<string?> PrepareAsync()
    {
        if (Environment.UserName != "root")
            return "it mounts file systems, so it must be run as root";
        await using (FileStream image = File.Create(Image))
            image.SetLength(ImageBytes);
        try
        {
            await RunAsync("mkfs.ext4", "-q", "-F", Image);
            await MountAsync();
            return null;
        }
        catch (Exception e) when (e is InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            return $"there are no loop mounts here: {e.Message}";
        }
    }

    /// <inheritdoc/>
    public override async Task EndAsync(ServerProcess server)
    {
        await RunAsync("kill", "-STOP", $"{server.Id}");
        string before = Image;
        _images++;
        await RunAsync("cp", "--sparse=always", before, Image);
        server.Kill();
        await UnmountAsync();
        File.Delete(before);
        await MountAsync();
    }

    /// <inheritdoc/>
    public override async Task EndWhileStartingAsync(IPEndPoint kafka, TimeSpan after)
    {
        await base.EndWhileStartingAsync(kafka, after);
        string before = Image;
        _images++;
        await RunAsync("cp", "--sparse=always", before, Image);
        await UnmountAsync();
        File.Delete(before);
        await MountAsync();
    }

    public override void Dispose()
    {
        if (_isMounted)
            UnmountAsync().GetAwaiter().GetResult();
        _work.Dispose();
        base.Dispose();
    }

    // Nothing is written back on its own for ten minutes: all that a cut leaves was flushed.
    private async Task MountAsync()
    {
        await RunAsync("mount", "-o", "loop,commit=600", Image, _mount);
        _isMounted = true;
    }

    private async Task UnmountAsync()
    {
        await RunAsync("umount", _mount);
        _isMounted = false;
    }

    private static async Task RunAsync(string command, params string[] arguments)
    {
        (int exitCode, string output) = await ClientProgram.RunAsync(command, arguments);
        if (exitCode != 0)
            throw new InvalidOperationException($"{command} {string.Join(' ', arguments)}: {output.Trim()}");
    }
}
