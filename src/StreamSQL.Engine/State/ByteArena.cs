namespace StreamSQL.Engine.State;

/// <summary>A slice of a <see cref="ByteArena"/>.</summary>
internal readonly struct ArenaSlice(int chunk, int start, int length)
{
    // The chunk's number plus one, so that a default slice is an unused one.
    private readonly int _chunk = chunk + 1;

    /// <summary>Whether it stands for something.</summary>
    public bool IsUsed => _chunk != 0;

    /// <summary>The chunk that it lies in.</summary>
    public int Chunk => _chunk - 1;

    /// <summary>Where it starts in the chunk.</summary>
    public int Start => start;

    /// <summary>Its bytes.</summary>
    public int Length => length;
}

/// <summary>
/// Holds many short byte strings in chunks that never move. Freed bytes are counted until the owner moves the rest together.
/// </summary>
internal sealed class ByteArena
{
    private const int MinChunkBytes = 256;
    private const int MaxChunkBytes = 1 << 20;

    private byte[][] _chunks = [];
    private int _chunkCount;
    private int _used;
    private long _freed;

    /// <summary>Bytes held.</summary>
    public long MemoryBytes { get; private set; }

    /// <summary>Whether so much was freed that moving the rest together pays.</summary>
    public bool IsWasteful => _freed > MaxChunkBytes && _freed > MemoryBytes / 2;

    /// <summary>The bytes of a slice.</summary>
    public ReadOnlySpan<byte> this[ArenaSlice slice] => _chunks[slice.Chunk].AsSpan(slice.Start, slice.Length);

    /// <summary>Copies bytes in.</summary>
    public ArenaSlice Add(ReadOnlySpan<byte> value)
    {
        if (_chunkCount == 0 || value.Length > _chunks[_chunkCount - 1].Length - _used)
            AddChunk(value.Length);
        value.CopyTo(_chunks[_chunkCount - 1].AsSpan(_used));
        var slice = new ArenaSlice(_chunkCount - 1, _used, value.Length);
        _used += value.Length;
        return slice;
    }

    /// <summary>Counts a slice as free.</summary>
    public void Free(ArenaSlice slice) => _freed += slice.Length;

    /// <summary>Empties the arena and hands over its chunks, from which the owner adds again what it still needs.</summary>
    public byte[][] BeginCompaction()
    {
        var chunks = _chunks;
        _chunks = [];
        _chunkCount = 0;
        _used = 0;
        _freed = 0;
        MemoryBytes = 0;
        return chunks;
    }

    private void AddChunk(int atLeast)
    {
        var size = Math.Max(atLeast, (int)Math.Clamp(MemoryBytes, MinChunkBytes, MaxChunkBytes));
        if (_chunkCount == _chunks.Length)
            Array.Resize(ref _chunks, Math.Max(4, _chunks.Length * 2));
        _chunks[_chunkCount++] = new byte[size];
        _used = 0;
        MemoryBytes += size;
    }
}
