using System.Buffers.Binary;
using System.Text;
using StreamSQL.Kafka.Records;

namespace StreamSQL.Kafka.Protocol;

/// <summary>Writes the primitive types of the Kafka protocol into a buffer.</summary>
public readonly ref struct KafkaWriter
{
    private readonly PooledBuffer _buffer;

    /// <summary>A writer that appends to <paramref name="buffer"/>.</summary>
    public KafkaWriter(PooledBuffer buffer) => _buffer = buffer;

    /// <summary>Bytes in the buffer.</summary>
    public int Length => _buffer.Length;

    /// <summary>Writes an 8-bit integer.</summary>
    public void WriteInt8(sbyte value) => WriteByte((byte)value);

    /// <summary>Writes a boolean.</summary>
    public void WriteBool(bool value) => WriteByte(value ? (byte)1 : (byte)0);

    /// <summary>Writes a 16-bit integer.</summary>
    public void WriteInt16(short value)
    {
        BinaryPrimitives.WriteInt16BigEndian(_buffer.GetSpan(2), value);
        _buffer.Advance(2);
    }

    /// <summary>Writes an unsigned 16-bit integer.</summary>
    public void WriteUInt16(ushort value)
    {
        BinaryPrimitives.WriteUInt16BigEndian(_buffer.GetSpan(2), value);
        _buffer.Advance(2);
    }

    /// <summary>Writes a 32-bit integer.</summary>
    public void WriteInt32(int value)
    {
        BinaryPrimitives.WriteInt32BigEndian(_buffer.GetSpan(4), value);
        _buffer.Advance(4);
    }

    /// <summary>Writes a 64-bit integer.</summary>
    public void WriteInt64(long value)
    {
        BinaryPrimitives.WriteInt64BigEndian(_buffer.GetSpan(8), value);
        _buffer.Advance(8);
    }

    /// <summary>Writes a 64-bit IEEE 754 number.</summary>
    public void WriteFloat64(double value)
    {
        BinaryPrimitives.WriteDoubleBigEndian(_buffer.GetSpan(8), value);
        _buffer.Advance(8);
    }

    /// <summary>Writes a UUID, most significant byte first.</summary>
    public void WriteUuid(Guid value)
    {
        value.TryWriteBytes(_buffer.GetSpan(16), bigEndian: true, out _);
        _buffer.Advance(16);
    }

    /// <summary>Writes an unsigned variable-length integer.</summary>
    public void WriteUnsignedVarInt(uint value) => _buffer.Advance(VarInt.WriteUInt32(_buffer.GetSpan(VarInt.MaxSize32), value));

    /// <summary>Writes a string or null.</summary>
    /// <exception cref="KafkaException"><see cref="ErrorCode.InvalidRequest"/> when the string is too long for the encoding.</exception>
    public void WriteString(string? value, bool flexible)
    {
        int length = value is null ? -1 : Encoding.UTF8.GetByteCount(value);
        if (flexible)
            WriteUnsignedVarInt((uint)(length + 1));
        else if (length <= short.MaxValue)
            WriteInt16((short)length);
        else
            throw new KafkaException(ErrorCode.InvalidRequest, $"A string of {length} bytes does not fit the protocol version.");
        if (length > 0)
            _buffer.Advance(Encoding.UTF8.GetBytes(value, _buffer.GetSpan(length)));
    }

    /// <summary>Writes bytes behind their length.</summary>
    public void WriteBytes(ReadOnlySpan<byte> bytes, bool flexible)
    {
        if (flexible)
            WriteUnsignedVarInt((uint)bytes.Length + 1);
        else
            WriteInt32(bytes.Length);
        _buffer.Append(bytes);
    }

    /// <summary>Writes how many elements an array has; -1 for null.</summary>
    public void WriteArrayLength(int length, bool flexible)
    {
        if (flexible)
            WriteUnsignedVarInt((uint)(length + 1));
        else
            WriteInt32(length);
    }

    /// <summary>
    /// Writes the size of what was written from <paramref name="start"/> on in front of it, as an unsigned variable-length integer.
    /// </summary>
    internal void InsertSizeAt(int start)
    {
        int size = _buffer.Length - start;
        int prefix = VarInt.SizeOfUInt32((uint)size);
        _buffer.AppendRepeated(0, prefix);
        Span<byte> written = _buffer.WrittenSpan[start..];
        written[..size].CopyTo(written[prefix..]);
        VarInt.WriteUInt32(written, (uint)size);
    }

    /// <summary>Overwrites the 32-bit integer at <paramref name="position"/> with the number of bytes behind it.</summary>
    internal void PatchSizeAt(int position) =>
        BinaryPrimitives.WriteInt32BigEndian(_buffer.WrittenSpan[position..], _buffer.Length - position - sizeof(int));

    private void WriteByte(byte value)
    {
        _buffer.GetSpan(1)[0] = value;
        _buffer.Advance(1);
    }
}
