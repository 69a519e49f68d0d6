using System.Globalization;
using System.Text;
using StreamSQL.Storage.Files;

namespace StreamSQL.Storage.Logs;

/// <summary>
/// A data directory, locked by this process: <c>format</c> (version), <c>lock</c>, <c>journal/</c>, <c>logs/TOPICID/PARTITION/</c>,
/// <c>meta/</c> (small snapshots).
/// </summary>
public sealed class DataDirectory : IDisposable
{
    /// <summary>The version of the directory's layout and of the file formats in it.</summary>
    public const int FormatVersion = 1;

    private readonly IDisposable _lock;

    private DataDirectory(IFileSystem fileSystem, string path, IDisposable heldLock)
    {
        FileSystem = fileSystem;
        Path = path;
        _lock = heldLock;
    }

    /// <summary>Where the files are.</summary>
    public IFileSystem FileSystem { get; }

    /// <summary>The directory.</summary>
    public string Path { get; }

    /// <summary>Where small snapshots are kept.</summary>
    public string MetaPath => Path + "/meta";

    /// <summary>Whether it holds files of logs.</summary>
    public bool HoldsLogs => FileSystem.ListDirectories(LogsPath).Count > 0;

    internal string JournalPath => Path + "/journal";

    internal string LogsPath => Path + "/logs";

    /// <summary>Opens a data directory, creating it when it is missing or empty.</summary>
    /// <exception cref="DataDirectoryLockedException">Another process uses it.</exception>
    /// <exception cref="UnknownFormatException">A newer version wrote it; nothing was changed.</exception>
    /// <exception cref="IOException">It cannot be created or written.</exception>
    public static DataDirectory Open(IFileSystem fileSystem, string path)
    {
        path = path.Length > 1 ? path.TrimEnd('/') : path;
        fileSystem.CreateDirectoryDurably(path);
        var heldLock = fileSystem.Lock(path + "/lock");
        try
        {
            CheckFormat(fileSystem, path);
            var directory = new DataDirectory(fileSystem, path, heldLock);
            fileSystem.CreateDirectory(directory.MetaPath);
            fileSystem.CreateDirectory(directory.JournalPath);
            fileSystem.CreateDirectory(directory.LogsPath);
            fileSystem.FlushDirectory(path);
            return directory;
        }
        catch
        {
            heldLock.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _lock.Dispose();

    private static void CheckFormat(IFileSystem fileSystem, string path)
    {
        var formatPath = path + "/format";
        if (!fileSystem.FileExists(formatPath))
        {
            WriteFormat(fileSystem, path, formatPath);
            return;
        }

        Span<byte> text = stackalloc byte[16];
        using var file = fileSystem.Open(formatPath, FileOpening.Read);
        var length = file.Read(text, 0);
        if (!int.TryParse(text[..length].TrimEnd((byte)'\n'), NumberStyles.None, CultureInfo.InvariantCulture, out var version))
            throw new CorruptDataException($"'{formatPath}' does not hold a format version.");
        if (version != FormatVersion)
            throw new UnknownFormatException(formatPath, version, FormatVersion);
    }

    private static void WriteFormat(IFileSystem fileSystem, string path, string formatPath)
    {
        if (fileSystem.ListDirectories(path).Count > 0)
            throw new CorruptDataException($"'{path}' is not a StreamSQL data directory: it is not empty and has no 'format' file.");
        var temporary = formatPath + ".tmp";
        fileSystem.DeleteFile(temporary);
        using (var file = fileSystem.Open(temporary, FileOpening.CreateNew))
        {
            file.Write(Encoding.ASCII.GetBytes(FormatVersion.ToString(CultureInfo.InvariantCulture) + "\n"), 0);
            file.FlushData();
        }

        fileSystem.Rename(temporary, formatPath);
        fileSystem.FlushDirectory(path);
    }
}
