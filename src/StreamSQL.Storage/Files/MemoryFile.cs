namespace StreamSQL.Storage.Files;

/// <summary>A simulated file: its durable bytes and the writes since, in order.</summary>
internal sealed class MemoryFile(MemoryFileSystem owner, string path)
{
    private const int SectorBytes = 512;
    private readonly Lock _gate = new();
    private readonly List<Change> _unflushed = [];
    private byte[] _durable = [];
    private byte[] _bytes = [];
    private int _length;
    private bool _lost;

    public string Path { get; } = path;

    public long Length
    {
        get
        {
            lock (_gate)
                return _length;
        }
    }

    public int Read(Span<byte> buffer, long offset)
    {
        owner.Check(FileOperation.Read, Path);
        lock (_gate)
        {
            if (offset >= _length)
                return 0;
            var count = (int)Math.Min(buffer.Length, _length - offset);
            _bytes.AsSpan((int)offset, count).CopyTo(buffer);
            return count;
        }
    }

    public void Write(ReadOnlySpan<byte> bytes, long offset)
    {
        owner.Check(FileOperation.Write, Path);
        lock (_gate)
        {
            var change = new Change(checked((int)offset), bytes.ToArray());
            _unflushed.Add(change);
            Apply(change, change.Bytes!.Length);
        }
    }

    public void SetLength(long length)
    {
        owner.Check(FileOperation.Write, Path);
        lock (_gate)
        {
            var change = new Change(checked((int)length), null);
            _unflushed.Add(change);
            Apply(change, 0);
        }
    }

    public void FlushData()
    {
        lock (_gate)
        {
            if (_lost)
                throw new StorageFailedException($"'{Path}' was lost by an earlier failed flush.", null);
        }

        try
        {
            owner.Check(FileOperation.FlushData, Path);
        }
        catch (IOException)
        {
            lock (_gate)
                _lost = true;
            throw;
        }

        lock (_gate)
        {
            _durable = _bytes.AsSpan(0, _length).ToArray();
            _unflushed.Clear();
        }
    }

    public MemoryFile AfterPowerCut(MemoryFileSystem newOwner, string newPath, Random? random)
    {
        lock (_gate)
        {
            var after = new MemoryFile(newOwner, newPath) { _bytes = _durable.ToArray(), _length = _durable.Length };
            var kept = random?.Next(_unflushed.Count + 1) ?? 0;
            for (var i = 0; i < kept; i++)
            {
                var whole = _unflushed[i].Bytes?.Length ?? 0;
                var sectors = random!.Next((whole / SectorBytes) + 2);
                after.Apply(_unflushed[i], i == kept - 1 ? Math.Min(whole, sectors * SectorBytes) : whole);
            }

            after._durable = after._bytes.AsSpan(0, after._length).ToArray();
            return after;
        }
    }

    private void Apply(Change change, int count)
    {
        var end = change.Offset + count;
        if (change.Bytes is null && end < _length)
        {
            _bytes.AsSpan(end, _length - end).Clear();
            _length = end;
            return;
        }

        if (end > _bytes.Length)
            Array.Resize(ref _bytes, Math.Max(end, _bytes.Length * 2));
        change.Bytes.AsSpan(0, count).CopyTo(_bytes.AsSpan(change.Offset));
        _length = Math.Max(_length, end);
    }

    /// <summary>A write, or (without bytes) a new length.</summary>
    private readonly record struct Change(int Offset, byte[]? Bytes);
}
