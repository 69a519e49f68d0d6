namespace StreamSQL.Storage.Files;

/// <summary>A simulated file: its durable bytes and the writes since, in order.</summary>
internal sealed class MemoryFile(MemoryFileSystem owner, string path)
{
    private const int SectorBytes = 512;
    private readonly Lock _gate = new();
    private readonly List<Change> _unflushed = [];
    private readonly Image _durable = new();
    private readonly Image _volatile = new();
    private bool _lost;

    public string Path { get; } = path;

    public long Length
    {
        get
        {
            lock (_gate)
                return _volatile.Length;
        }
    }

    public int Read(Span<byte> buffer, long offset)
    {
        owner.Check(FileOperation.Read, Path);
        lock (_gate)
        {
            if (offset >= _volatile.Length)
                return 0;
            var count = (int)Math.Min(buffer.Length, _volatile.Length - offset);
            _volatile.Bytes.Slice((int)offset, count).CopyTo(buffer);
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
            _volatile.Apply(change, change.Bytes!.Length);
        }
    }

    public void SetLength(long length)
    {
        owner.Check(FileOperation.Write, Path);
        lock (_gate)
        {
            var change = new Change(checked((int)length), null);
            _unflushed.Add(change);
            _volatile.Apply(change, 0);
        }
    }

    public void FlushData()
    {
        lock (_gate)
        {
#if PLANTED_BUGS
            if (Planted.IsAwake(PlantedBug.RetryFailedSync))
                _lost = false;
#endif
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
            // Only what changed is carried over: a file of many megabytes is often flushed after every few kilobytes.
            foreach (var change in _unflushed)
                _durable.Apply(change, change.Bytes?.Length ?? 0);
            _unflushed.Clear();
        }
    }

    public MemoryFile AfterPowerCut(MemoryFileSystem newOwner, string newPath, PowerCutRules rules)
    {
        lock (_gate)
        {
            var after = new MemoryFile(newOwner, newPath);
            after._volatile.Copy(rules.Data == Survival.All ? _volatile : _durable);
            if (rules.Data == Survival.Prefix)
                KeepPrefix(after._volatile, rules.Random!);
            else if (rules.Data == Survival.Any)
                KeepAny(after._volatile, rules.Random!);
            else if (rules.Data == Survival.LengthOnly)
                after._volatile.Apply(new Change(_volatile.Length, null), 0);
            after._durable.Copy(after._volatile);
            return after;
        }
    }

    private void KeepPrefix(Image image, Random random)
    {
        var kept = random.Next(_unflushed.Count + 1);
        for (var i = 0; i < kept; i++)
        {
            var whole = _unflushed[i].Bytes?.Length ?? 0;
            var sectors = random.Next((whole / SectorBytes) + 2);
            image.Apply(_unflushed[i], i == kept - 1 ? Math.Min(whole, sectors * SectorBytes) : whole);
        }
    }

    private void KeepAny(Image image, Random random)
    {
        foreach (var change in _unflushed)
        {
            if (change.Bytes is not { } bytes)
            {
                if (random.Next(2) == 0)
                    image.Apply(change, 0);
                continue;
            }

            // Sectors as the disk counts them, so that a small write is not torn within one.
            for (int from = 0, to; from < bytes.Length; from = to)
            {
                to = Math.Min(bytes.Length, ((change.Offset + from) / SectorBytes * SectorBytes) + SectorBytes - change.Offset);
                if (random.Next(2) == 0)
                    image.Apply(new Change(change.Offset + from, bytes[from..to]), to - from);
            }
        }
    }

    /// <summary>A write, or (without bytes) a new length.</summary>
    private readonly record struct Change(int Offset, byte[]? Bytes);

    /// <summary>The bytes of a file as one side sees them: the process, or the disk after a power cut.</summary>
    private sealed class Image
    {
        private byte[] _bytes = [];

        public int Length { get; private set; }

        public ReadOnlySpan<byte> Bytes => _bytes.AsSpan(0, Length);

        public void Copy(Image other)
        {
            _bytes = other.Bytes.ToArray();
            Length = _bytes.Length;
        }

        /// <summary>Applies the first bytes of a write, or a new length.</summary>
        public void Apply(Change change, int count)
        {
            var end = change.Offset + count;
            if (change.Bytes is null && end < Length)
            {
                _bytes.AsSpan(end, Length - end).Clear();
                Length = end;
                return;
            }

            if (end > _bytes.Length)
                Array.Resize(ref _bytes, Math.Max(end, _bytes.Length * 2));
            change.Bytes.AsSpan(0, count).CopyTo(_bytes.AsSpan(change.Offset));
            Length = Math.Max(Length, end);
        }
    }
}
