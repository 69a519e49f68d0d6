using System.Buffers.Binary;

namespace StreamSQL.Data.Formats.Protobuf.Writing;

/// <summary>
/// A message being written from its end to its start: so the length of a sub-message is known when it is put before it, and nothing is
/// measured or moved. Reused.
/// </summary>
internal sealed class WireOutput
{
    private byte[] _buffer = new byte[1024];
    private int _start = 1024;

    /// <summary>The bytes written so far, in the order of the wire.</summary>
    public ReadOnlySpan<byte> Written => _buffer.AsSpan(_start);

    /// <summary>How many bytes are written.</summary>
    public int Length => _buffer.Length - _start;

    /// <summary>Forgets all bytes.</summary>
    public void Clear() => _start = _buffer.Length;

    /// <summary>Puts a varint before what is written.</summary>
    public void Varint(ulong value)
    {
        var room = Reserve(WireFormat.VarintLength(value));
        var at = 0;
        for (; value >= 0x80; value >>= 7)
            room[at++] = (byte)(value | 0x80);
        room[at] = (byte)value;
    }

    /// <summary>Puts 4 bytes before what is written.</summary>
    public void Fixed32(uint value) => BinaryPrimitives.WriteUInt32LittleEndian(Reserve(sizeof(uint)), value);

    /// <summary>Puts 8 bytes before what is written.</summary>
    public void Fixed64(ulong value) => BinaryPrimitives.WriteUInt64LittleEndian(Reserve(sizeof(ulong)), value);

    /// <summary>Puts bytes before what is written.</summary>
    public void Bytes(ReadOnlySpan<byte> value) => value.CopyTo(Reserve(value.Length));

    /// <summary>Puts bytes with their length before what is written.</summary>
    public void Delimited(ReadOnlySpan<byte> value)
    {
        Bytes(value);
        Varint((uint)value.Length);
    }

    /// <summary>Puts the length of what was written since <see cref="Length"/> was <paramref name="before"/>.</summary>
    public void LengthSince(int before) => Varint((uint)(Length - before));

    /// <summary>Puts a small field before what is written, unless it is zero.</summary>
    public void Field(int number, long value)
    {
        if (value == 0)
            return;
        Varint((ulong)value);
        Varint(((uint)number << 3) | (uint)WireType.Varint);
    }

    private Span<byte> Reserve(int size)
    {
        if (size > _start)
            Grow(size);
        _start -= size;
        return _buffer.AsSpan(_start, size);
    }

    private void Grow(int size)
    {
        var length = Length;
        var grown = new byte[Math.Max(checked(length + size), (int)Math.Min(2L * _buffer.Length, Array.MaxLength))];
        Written.CopyTo(grown.AsSpan(grown.Length - length));
        _buffer = grown;
        _start = grown.Length - length;
    }
}
