namespace StreamSQL.Storage.Files;

/// <summary>What is done to a file; named to <see cref="MemoryFileSystem.Fault"/>.</summary>
public enum FileOperation
{
    /// <summary>Opening or creating.</summary>
    Open,

    /// <summary>Reading.</summary>
    Read,

    /// <summary>Writing, extending or cutting.</summary>
    Write,

    /// <summary>Making a file's bytes durable.</summary>
    FlushData,

    /// <summary>Making a directory's names durable.</summary>
    FlushDirectory,

    /// <summary>Renaming.</summary>
    Rename,

    /// <summary>Deleting.</summary>
    Delete,
}

/// <summary>
/// A simulated disk: every file and directory has a volatile image (what the process sees) and a durable one (what a power cut leaves).
/// <see cref="PowerCut(PowerCutRules)"/> returns the disk as the next start would find it.
/// </summary>
public sealed class MemoryFileSystem : IFileSystem
{
    private readonly Lock _gate = new();
    private MemoryNames _names = new();
    private readonly HashSet<string> _locks = [];

    /// <summary>
    /// Called before every operation with the path; what it returns is thrown. For tests that fail the n-th write or fsync.
    /// </summary>
    public Func<FileOperation, string, IOException?>? Fault { get; set; }

    /// <summary>
    /// The disk after a power cut. Without <paramref name="random"/> only what was flushed is there; with it, each file keeps a random
    /// number of its unflushed writes, the last of them torn at a sector boundary (512 bytes), and some changes of names are there.
    /// </summary>
    public MemoryFileSystem PowerCut(Random? random = null) =>
        PowerCut(random is null
            ? new PowerCutRules(Survival.None, Survival.None)
            : new PowerCutRules(Survival.Prefix, Survival.Prefix, random));

    /// <summary>The disk after a power cut by rules.</summary>
    public MemoryFileSystem PowerCut(PowerCutRules rules)
    {
        var after = new MemoryFileSystem();
        lock (_gate)
            after._names = _names.AfterPowerCut(rules, (path, file) => file.AfterPowerCut(after, path, rules));
        return after;
    }

    /// <summary>The paths of all files.</summary>
    public IReadOnlyList<string> AllFiles
    {
        get
        {
            lock (_gate)
                return [.. _names.Files.Keys];
        }
    }

    /// <inheritdoc/>
    public IStorageFile Open(string path, FileOpening opening)
    {
        Check(FileOperation.Open, path);
        lock (_gate)
        {
            if (_names.Files.TryGetValue(path, out var file))
            {
                if (opening == FileOpening.CreateNew)
                    throw new IOException($"'{path}' exists.");
                return new Handle(file);
            }

            if (opening is FileOpening.Read or FileOpening.Write)
                throw new FileNotFoundException($"'{path}' does not exist.", path);
            var parent = MemoryNames.Parent(path);
            if (!_names.Directories.Contains(parent))
                throw new DirectoryNotFoundException($"'{parent}' does not exist.");
            file = new MemoryFile(this, path);
            _names.Add(path, file);
            return new Handle(file);
        }
    }

    /// <inheritdoc/>
    public bool FileExists(string path)
    {
        lock (_gate)
            return _names.Files.ContainsKey(path);
    }

    /// <inheritdoc/>
    public bool DirectoryExists(string path)
    {
        lock (_gate)
            return path is "" or "/" || _names.Directories.Contains(path);
    }

    /// <inheritdoc/>
    public void CreateDirectory(string path)
    {
        Check(FileOperation.Write, path);
        lock (_gate)
        {
            var missing = new Stack<string>();
            for (var at = path; at.Length > 0 && !_names.Directories.Contains(at); at = MemoryNames.Parent(at))
                missing.Push(at);
            foreach (var directory in missing)
                _names.AddDirectory(directory);
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> ListFiles(string directory)
    {
        lock (_gate)
            return Children(_names.Files.Keys, directory);
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> ListDirectories(string directory)
    {
        lock (_gate)
            return Children(_names.Directories, directory);
    }

    /// <inheritdoc/>
    public void Rename(string from, string to)
    {
        Check(FileOperation.Rename, from);
        lock (_gate)
        {
            if (!_names.Files.ContainsKey(from))
                throw new FileNotFoundException($"'{from}' does not exist.", from);
            _names.Rename(from, to);
        }
    }

    /// <inheritdoc/>
    public void DeleteFile(string path)
    {
        Check(FileOperation.Delete, path);
        lock (_gate)
        {
            if (_names.Files.ContainsKey(path))
                _names.Remove(path);
        }
    }

    /// <inheritdoc/>
    public void DeleteDirectory(string path)
    {
        Check(FileOperation.Delete, path);
        lock (_gate)
        {
            var below = path + "/";
            foreach (var file in _names.Files.Keys.Where(f => f.StartsWith(below, StringComparison.Ordinal)).ToList())
                _names.Remove(file);
            var directories = _names.Directories.Where(d => d == path || d.StartsWith(below, StringComparison.Ordinal));
            foreach (var directory in directories.OrderByDescending(d => d.Length).ToList())
                _names.RemoveDirectory(directory);
        }
    }

    /// <inheritdoc/>
    public void FlushDirectory(string path)
    {
        Check(FileOperation.FlushDirectory, path);
        lock (_gate)
        {
            _names.Flush(directory => directory == path.TrimEnd('/'));
        }
    }

    /// <inheritdoc/>
    public void FlushTree(string directory)
    {
        Check(FileOperation.FlushDirectory, directory);
        MemoryFile[] files;
        lock (_gate)
            files = [.. _names.Files.Values];
        foreach (var file in files)
            file.FlushData(); // under no lock: the fault that it asks may look at the whole disk, and wait for another that does so
        lock (_gate)
            _names.Flush(static _ => true);
    }

    /// <inheritdoc/>
    public StorageSpace SpaceOf(string directory) => new(-1, -1);

    /// <inheritdoc/>
    public IDisposable Lock(string path)
    {
        lock (_gate)
        {
            if (!_locks.Add(path))
                throw new DataDirectoryLockedException(path, Environment.ProcessId);
        }

        return new Unlock(this, path);
    }

    internal void Check(FileOperation operation, string path)
    {
        if (Fault?.Invoke(operation, path) is { } failure)
            throw failure;
    }

    private static string[] Children(IEnumerable<string> paths, string directory) =>
        [.. paths.Where(p => p.Length > directory.Length && MemoryNames.Parent(p) == directory).Select(p => p[(directory.Length + 1)..])];

    private sealed class Unlock(MemoryFileSystem owner, string path) : IDisposable
    {
        public void Dispose()
        {
            lock (owner._gate)
                owner._locks.Remove(path);
        }
    }

    private sealed class Handle(MemoryFile file) : IStorageFile
    {
        public string Path => file.Path;

        public long Length => file.Length;

        public int Read(Span<byte> buffer, long offset) => file.Read(buffer, offset);

        public void Write(ReadOnlySpan<byte> bytes, long offset) => file.Write(bytes, offset);

        public void SetLength(long length) => file.SetLength(length);

        public void Preallocate(long length)
        {
            if (length > file.Length)
                file.SetLength(length);
        }

        public void FlushData() => file.FlushData();

        public void Dispose()
        {
        }
    }
}
