using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace StreamSQL.Storage.Files;

/// <summary>The real disk. Linux: durability goes through libc, see <see cref="NativeFiles"/>.</summary>
public sealed class DiskFileSystem : IFileSystem
{
    // The kernel reports write errors of a file system to descriptors that were open when they happened, so these stay open.
    private readonly ConcurrentDictionary<string, SafeFileHandle> _trees = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public IStorageFile Open(string path, FileOpening opening)
    {
        var (mode, access) = opening switch
        {
            FileOpening.Read => (FileMode.Open, FileAccess.Read),
            FileOpening.Write => (FileMode.Open, FileAccess.ReadWrite),
            FileOpening.CreateNew => (FileMode.CreateNew, FileAccess.ReadWrite),
            _ => (FileMode.OpenOrCreate, FileAccess.ReadWrite),
        };
        return new DiskFile(path, File.OpenHandle(path, mode, access, FileShare.ReadWrite | FileShare.Delete));
    }

    /// <inheritdoc/>
    public bool FileExists(string path) => File.Exists(path);

    /// <inheritdoc/>
    public bool DirectoryExists(string path) => Directory.Exists(path);

    /// <inheritdoc/>
    public void CreateDirectory(string path) => Directory.CreateDirectory(path);

    /// <inheritdoc/>
    public IReadOnlyList<string> ListFiles(string directory) =>
        Directory.Exists(directory) ? Names(Directory.GetFiles(directory)) : [];

    /// <inheritdoc/>
    public IReadOnlyList<string> ListDirectories(string directory) =>
        Directory.Exists(directory) ? Names(Directory.GetDirectories(directory)) : [];

    /// <inheritdoc/>
    public void Rename(string from, string to) => File.Move(from, to, overwrite: true);

    /// <inheritdoc/>
    public void DeleteFile(string path) => File.Delete(path);

    /// <inheritdoc/>
    public void DeleteDirectory(string path)
    {
        if (Directory.Exists(path))
            Directory.Delete(path, recursive: true);
    }

    /// <inheritdoc/>
    public void FlushDirectory(string path) => NativeFiles.FlushDirectory(path.Length == 0 ? "." : path);

    /// <inheritdoc/>
    public void FlushTree(string directory) => NativeFiles.FlushTree(_trees.GetOrAdd(directory, NativeFiles.OpenDirectory), directory);

    /// <inheritdoc/>
    public StorageSpace SpaceOf(string directory)
    {
        var volume = new DriveInfo(directory);
        return new StorageSpace(volume.TotalSize, volume.AvailableFreeSpace);
    }

    /// <inheritdoc/>
    public IDisposable Lock(string path)
    {
        var handle = NativeFiles.OpenForLock(path);
        if (!NativeFiles.TryLock(handle, path))
        {
            var holder = ReadProcessId(handle);
            handle.Dispose();
            throw new DataDirectoryLockedException(path, holder);
        }

        RandomAccess.SetLength(handle, 0);
        RandomAccess.Write(handle, Encoding.ASCII.GetBytes(Environment.ProcessId.ToString(CultureInfo.InvariantCulture)), 0);
        return handle;
    }

    private static int? ReadProcessId(SafeFileHandle handle)
    {
        Span<byte> text = stackalloc byte[16];
        var length = RandomAccess.Read(handle, text, 0);
        return int.TryParse(text[..length], NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : null;
    }

    private static string[] Names(string[] paths)
    {
        for (var i = 0; i < paths.Length; i++)
            paths[i] = Path.GetFileName(paths[i]);
        Array.Sort(paths, StringComparer.Ordinal);
        return paths;
    }
}
