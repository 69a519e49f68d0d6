using StreamSQL.Storage.Files;

namespace StreamSQL.Storage.Logs;

/// <summary>Keeps a bounded number of files open; the one used longest ago is closed first, once nobody holds it.</summary>
internal sealed class FileCache(IFileSystem fileSystem, int capacity) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, LinkedListNode<OpenFile>> _byPath = new(StringComparer.Ordinal);
    private readonly LinkedList<OpenFile> _byUse = new();

    /// <summary>Opens a file or takes the open one; dispose the lease after use.</summary>
    public Lease Open(string path, FileOpening opening)
    {
        OpenFile? evicted = null;
        OpenFile open;
        lock (_gate)
        {
            if (_byPath.TryGetValue(path, out var node))
            {
                _byUse.Remove(node);
                _byUse.AddFirst(node);
            }
            else
            {
                node = _byUse.AddFirst(new OpenFile(fileSystem.Open(path, opening)));
                _byPath.Add(path, node);
                if (_byUse.Count > capacity)
                    evicted = RemoveOldest();
            }

            open = node.Value;
            open.Acquire();
        }

        evicted?.Release();
        return new Lease(open);
    }

    /// <summary>Closes a file that was deleted or renamed; readers that hold it go on.</summary>
    public void Forget(string path)
    {
        OpenFile? open = null;
        lock (_gate)
        {
            if (_byPath.Remove(path, out var node))
            {
                _byUse.Remove(node);
                open = node.Value;
            }
        }

        open?.Release();
    }

    public void Dispose()
    {
        lock (_gate)
        {
            foreach (var open in _byUse)
                open.Release();
            _byUse.Clear();
            _byPath.Clear();
        }
    }

    private OpenFile RemoveOldest()
    {
        var oldest = _byUse.Last!;
        _byUse.RemoveLast();
        _byPath.Remove(oldest.Value.File.Path);
        return oldest.Value;
    }

    /// <summary>Holds an open file.</summary>
    internal readonly struct Lease(OpenFile open) : IDisposable
    {
        public IStorageFile File => open.File;

        public void Dispose() => open.Release();
    }

    /// <summary>An open file and the number of its holders, the cache being one.</summary>
    internal sealed class OpenFile(IStorageFile file)
    {
        private int _holders = 1;

        public IStorageFile File { get; } = file;

        public void Acquire() => Interlocked.Increment(ref _holders);

        public void Release()
        {
            if (Interlocked.Decrement(ref _holders) == 0)
                File.Dispose();
        }
    }
}
