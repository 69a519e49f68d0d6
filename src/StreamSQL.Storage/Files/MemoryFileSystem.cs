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
/// <see cref="PowerCut"/> returns the disk as the next start would find it.
/// </summary>
public sealed class MemoryFileSystem : IFileSystem
{
    private readonly Lock _gate = new();
    private readonly SortedDictionary<string, MemoryFile> _files = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, MemoryFile> _durableFiles = new(StringComparer.Ordinal);
    private readonly SortedSet<string> _directories = new(StringComparer.Ordinal);
    private readonly HashSet<string> _locks = [];

    /// <summary>
    /// Called before every operation with the path; what it returns is thrown. For tests that fail the n-th write or fsync.
    /// </summary>
    public Func<FileOperation, string, IOException?>? Fault { get; set; }

    /// <summary>
    /// The disk after a power cut. Without <paramref name="random"/> only what was flushed is there; with it, each file keeps a random
    /// number of its unflushed writes, the last of them torn at a sector boundary (512 bytes).
    /// </summary>
    public MemoryFileSystem PowerCut(Random? random = null)
    {
        var after = new MemoryFileSystem();
        lock (_gate)
        {
            after._directories.UnionWith(_directories);
            foreach (var (path, file) in _durableFiles)
            {
                var survivor = file.AfterPowerCut(after, path, random);
                after._files.Add(path, survivor);
                after._durableFiles.Add(path, survivor);
            }
        }

        return after;
    }

    /// <inheritdoc/>
    public IStorageFile Open(string path, FileOpening opening)
    {
        Check(FileOperation.Open, path);
        lock (_gate)
        {
            if (_files.TryGetValue(path, out var file))
            {
                if (opening == FileOpening.CreateNew)
                    throw new IOException($"'{path}' exists.");
                return new Handle(file);
            }

            if (opening is FileOpening.Read or FileOpening.Write)
                throw new FileNotFoundException($"'{path}' does not exist.", path);
            if (!_directories.Contains(Parent(path)))
                throw new DirectoryNotFoundException($"'{Parent(path)}' does not exist.");
            file = new MemoryFile(this, path);
            _files.Add(path, file);
            return new Handle(file);
        }
    }

    /// <inheritdoc/>
    public bool FileExists(string path)
    {
        lock (_gate)
            return _files.ContainsKey(path);
    }

    /// <inheritdoc/>
    public void CreateDirectory(string path)
    {
        Check(FileOperation.Write, path);
        lock (_gate)
        {
            for (var at = path; at.Length > 0 && _directories.Add(at);)
                at = Parent(at);
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> ListFiles(string directory)
    {
        lock (_gate)
            return Children(_files.Keys, directory);
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> ListDirectories(string directory)
    {
        lock (_gate)
            return Children(_directories, directory);
    }

    /// <inheritdoc/>
    public void Rename(string from, string to)
    {
        Check(FileOperation.Rename, from);
        lock (_gate)
        {
            if (!_files.Remove(from, out var file))
                throw new FileNotFoundException($"'{from}' does not exist.", from);
            _files[to] = file;
        }
    }

    /// <inheritdoc/>
    public void DeleteFile(string path)
    {
        Check(FileOperation.Delete, path);
        lock (_gate)
            _files.Remove(path);
    }

    /// <inheritdoc/>
    public void DeleteDirectory(string path)
    {
        Check(FileOperation.Delete, path);
        lock (_gate)
        {
            var below = path + "/";
            _directories.RemoveWhere(d => d == path || d.StartsWith(below, StringComparison.Ordinal));
            foreach (var file in _files.Keys.Where(f => f.StartsWith(below, StringComparison.Ordinal)).ToList())
                _files.Remove(file);
        }
    }

    /// <inheritdoc/>
    public void FlushDirectory(string path)
    {
        Check(FileOperation.FlushDirectory, path);
        lock (_gate)
        {
            foreach (var gone in _durableFiles.Keys.Where(f => Parent(f) == path && !_files.ContainsKey(f)).ToList())
                _durableFiles.Remove(gone);
            foreach (var (name, file) in _files)
            {
                if (Parent(name) == path)
                    _durableFiles[name] = file;
            }
        }
    }

    /// <inheritdoc/>
    public void FlushTree(string directory)
    {
        Check(FileOperation.FlushDirectory, directory);
        lock (_gate)
        {
            var below = directory + "/";
            var names = _durableFiles.Keys.Where(f => f.StartsWith(below, StringComparison.Ordinal));
            foreach (var gone in names.Where(f => !_files.ContainsKey(f)).ToList())
                _durableFiles.Remove(gone);
            foreach (var (name, file) in _files.Where(f => f.Key.StartsWith(below, StringComparison.Ordinal)))
            {
                file.FlushData();
                _durableFiles[name] = file;
            }
        }
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

    private static string Parent(string path)
    {
        var slash = path.LastIndexOf('/');
        return slash < 0 ? "" : path[..slash];
    }

    private static string[] Children(IEnumerable<string> paths, string directory) =>
        [.. paths.Where(p => p.Length > directory.Length && Parent(p) == directory).Select(p => p[(directory.Length + 1)..])];

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
