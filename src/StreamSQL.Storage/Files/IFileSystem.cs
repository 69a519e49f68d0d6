namespace StreamSQL.Storage.Files;

/// <summary>
/// The file seam: all that storage asks of an operating system. Two implementations: <see cref="DiskFileSystem"/> and the simulated
/// <see cref="MemoryFileSystem"/>, which knows what a power cut would leave. Paths use '/'. Failures throw <see cref="IOException"/>.
/// </summary>
public interface IFileSystem
{
    /// <summary>Opens a file.</summary>
    IStorageFile Open(string path, FileOpening opening);

    /// <summary>Whether the file is there.</summary>
    bool FileExists(string path);

    /// <summary>Whether the directory is there.</summary>
    bool DirectoryExists(string path);

    /// <summary>Creates a directory and the ones above it. Durable once the parent's <see cref="FlushDirectory"/> has returned.</summary>
    void CreateDirectory(string path);

    /// <summary>The names (not paths) of the files in a directory; empty when there is no such directory. In ordinal order.</summary>
    IReadOnlyList<string> ListFiles(string directory);

    /// <summary>The names of the directories in a directory; empty when there is no such directory. In ordinal order.</summary>
    IReadOnlyList<string> ListDirectories(string directory);

    /// <summary>Renames a file, replacing the target. Durable once the directory has been flushed.</summary>
    void Rename(string from, string to);

    /// <summary>Deletes a file; nothing happens when it is not there.</summary>
    void DeleteFile(string path);

    /// <summary>Deletes a directory with all that it holds; nothing happens when it is not there.</summary>
    void DeleteDirectory(string path);

    /// <summary>Makes the names in a directory durable (fsync of the directory).</summary>
    void FlushDirectory(string path);

    /// <summary>
    /// Makes all that was written below a directory durable at once (syncfs), names too. For very many files it costs much less than
    /// flushing
    /// each. It fails when any write since the last call, or since the directory was first used so, failed.
    /// </summary>
    void FlushTree(string directory);

    /// <summary>The volume that holds a directory.</summary>
    StorageSpace SpaceOf(string directory);

    /// <summary>
    /// Takes an exclusive lock that ends with the process. <see cref="DataDirectoryLockedException"/> when another holds it.
    /// </summary>
    IDisposable Lock(string path);
}

/// <summary>A volume's size, and what is free of it for this process, in bytes; -1 when that is not known.</summary>
public readonly record struct StorageSpace(long TotalBytes, long UsableBytes);

/// <summary>How a file is opened.</summary>
public enum FileOpening
{
    /// <summary>The file must be there; it is only read.</summary>
    Read,

    /// <summary>The file must be there; it is read and written.</summary>
    Write,

    /// <summary>The file must not be there.</summary>
    CreateNew,

    /// <summary>Opened as it is, or created empty.</summary>
    OpenOrCreate,
}

/// <summary>An open file with positioned reads and writes. Reads and writes may come from several threads at once.</summary>
public interface IStorageFile : IDisposable
{
    /// <summary>The path that it was opened by.</summary>
    string Path { get; }

    /// <summary>Its length in bytes.</summary>
    long Length { get; }

    /// <summary>Reads until the buffer is full or the file ends; returns the bytes read.</summary>
    int Read(Span<byte> buffer, long offset);

    /// <summary>Writes all bytes at an offset; the file grows as needed.</summary>
    void Write(ReadOnlySpan<byte> bytes, long offset);

    /// <summary>Cuts or extends the file to a length.</summary>
    void SetLength(long length);

    /// <summary>Reserves space up to a length, so that later writes below it cannot fail for lack of space.</summary>
    void Preallocate(long length);

    /// <summary>
    /// Makes all written bytes durable (fdatasync). When it fails the file is lost for good: every later flush fails too, since the kernel
    /// may have dropped the dirty pages and would report a success that means nothing.
    /// </summary>
    void FlushData();
}
