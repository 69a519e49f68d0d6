namespace StreamSQL.Data.Batches;

/// <summary>
/// Byte strings, some of them null, as slices of one buffer: record keys or values before decoding or after encoding. Reusable.
/// </summary>
public sealed class SliceList
{
    private byte[] _own = [];
    private int _used;

    /// <summary>The buffer that the slices lie in.</summary>
    public byte[] Buffer { get; private set; } = [];

    /// <summary>Where each slice starts.</summary>
    public int[] Starts { get; private set; } = [];

    /// <summary>How many bytes each slice has; -1 for null.</summary>
    public int[] Lengths { get; private set; } = [];

    /// <summary>How many slices there are.</summary>
    public int Count { get; private set; }

    /// <summary>The bytes of a slice; empty when null.</summary>
    public ReadOnlySpan<byte> this[int index] => Lengths[index] < 0 ? default : Buffer.AsSpan(Starts[index], Lengths[index]);

    /// <summary>Whether a slice is null.</summary>
    public bool IsNull(int index) => Lengths[index] < 0;

    /// <summary>Empties the list; slices added with <see cref="Add(int, int)"/> lie in <paramref name="buffer"/>.</summary>
    public void Reset(byte[] buffer)
    {
        Buffer = buffer;
        Count = 0;
    }

    /// <summary>Empties the list; slices are appended to a buffer of its own.</summary>
    public void Reset()
    {
        Buffer = _own;
        _used = 0;
        Count = 0;
    }

    /// <summary>Adds a slice of the buffer; length -1 adds a null.</summary>
    public void Add(int start, int length)
    {
        if (Count == Starts.Length)
            GrowList();
        Starts[Count] = start;
        Lengths[Count++] = length;
    }

    /// <summary>Adds a null.</summary>
    public void AddNull() => Add(0, -1);

    /// <summary>Copies bytes to the own buffer and adds them.</summary>
    public void Append(ReadOnlySpan<byte> value)
    {
        value.CopyTo(Reserve(value.Length));
        Commit(value.Length);
    }

    /// <summary>Room for at least <paramref name="size"/> bytes at the end of the own buffer, for an encoder to write to.</summary>
    public Span<byte> Reserve(int size)
    {
        if (size > _own.Length - _used)
        {
            Array.Resize(ref _own, Math.Max(checked(_used + size), Math.Max(4096, (int)Math.Min(2L * _own.Length, Array.MaxLength))));
            Buffer = _own;
        }

        return _own.AsSpan(_used);
    }

    /// <summary>Adds the first <paramref name="length"/> bytes of the room last reserved as a slice.</summary>
    public void Commit(int length)
    {
        Add(_used, length);
        _used += length;
    }

    private void GrowList()
    {
        var size = Math.Max(64, Starts.Length * 2);
        var starts = Starts;
        var lengths = Lengths;
        Array.Resize(ref starts, size);
        Array.Resize(ref lengths, size);
        Starts = starts;
        Lengths = lengths;
    }
}
