using StreamSQL.Data.Batches;

namespace StreamSQL.Data.Formats;

/// <summary>
/// The end of a slice list's buffer, being written to: room is reserved, filled, and taken; at last it becomes one slice.
/// </summary>
internal ref struct SliceOutput
{
    private readonly SliceList _target;
    private Span<byte> _room;
    private int _written;

    /// <summary>Starts a slice.</summary>
    public SliceOutput(SliceList target)
    {
        _target = target;
        _room = target.Reserve(0);
    }

    /// <summary>Room for at least <paramref name="size"/> bytes at the place of writing.</summary>
    public Span<byte> Reserve(int size)
    {
        // What was written so far survives: the list copies its whole buffer when it grows.
        if (size > _room.Length - _written)
            _room = _target.Reserve(checked(_written + size));
        return _room[_written..];
    }

    /// <summary>Goes on by what was written to the room.</summary>
    public void Advance(int count) => _written += count;

    /// <summary>Appends bytes.</summary>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(Reserve(bytes.Length));
        _written += bytes.Length;
    }

    /// <summary>Ends the slice.</summary>
    public readonly void Commit() => _target.Commit(_written);
}
