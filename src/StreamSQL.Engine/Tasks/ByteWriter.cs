using System.Buffers;

namespace StreamSQL.Engine.Tasks;

/// <summary>Bytes appended one after another to a reused array.</summary>
internal sealed class ByteWriter : IBufferWriter<byte>
{
    private byte[] _buffer = new byte[256];

    /// <summary>Bytes written since <see cref="Clear"/>.</summary>
    public int Length { get; private set; }

    /// <summary>What was written.</summary>
    public Span<byte> Written => _buffer.AsSpan(0, Length);

    /// <summary>Forgets all.</summary>
    public void Clear() => Length = 0;

    /// <summary>Appends room for <paramref name="length"/> bytes, to be filled by the caller before the next call.</summary>
    public Span<byte> Append(int length)
    {
        EnsureRoom(length);
        var room = _buffer.AsSpan(Length, length);
        Length += length;
        return room;
    }

    /// <inheritdoc/>
    public void Advance(int count) => Length += count;

    /// <inheritdoc/>
    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        EnsureRoom(Math.Max(1, sizeHint));
        return _buffer.AsMemory(Length);
    }

    /// <inheritdoc/>
    public Span<byte> GetSpan(int sizeHint = 0)
    {
        EnsureRoom(Math.Max(1, sizeHint));
        return _buffer.AsSpan(Length);
    }

    /// <summary>Appends a count, seven bits a byte, lowest first (LEB128).</summary>
    public void WriteCount(int count)
    {
        var rest = (uint)count;
        while (rest >= 0x80)
        {
            Append(1)[0] = (byte)(rest | 0x80);
            rest >>= 7;
        }

        Append(1)[0] = (byte)rest;
    }

    private void EnsureRoom(int length)
    {
        if (length > _buffer.Length - Length)
            Array.Resize(ref _buffer, Math.Max(checked(Length + length), (int)Math.Min(2L * _buffer.Length, Array.MaxLength)));
    }
}
