using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using StreamSQL.Kafka.Records;

namespace StreamSQL.Kafka.Protocol;

/// <summary>
/// Reads the primitive types of the Kafka protocol from one frame. Every length is compared with what is left of the frame before it is
/// used; all reads throw <see cref="KafkaException"/> with <see cref="ErrorCode.InvalidRequest"/> when the bytes are malformed.
/// </summary>
public ref struct KafkaReader
{
    // Objects are larger than their encoding: without a bound on their number, a frame could take many times its size.
    private const int MaxArrayElements = 1_000_000;

    private readonly ReadOnlyMemory<byte> _frame;
    private readonly ReadOnlySpan<byte> _span;
    private int _position;
    private int _elementsLeft = MaxArrayElements;

    /// <summary>A reader over one frame, without its length prefix.</summary>
    public KafkaReader(ReadOnlyMemory<byte> frame)
    {
        _frame = frame;
        _span = frame.Span;
    }

    /// <summary>Bytes not yet read.</summary>
    public readonly int Remaining => _span.Length - _position;

    /// <summary>How far the reader is.</summary>
    public readonly int Position => _position;

    /// <summary>Reads an 8-bit integer.</summary>
    public sbyte ReadInt8() => (sbyte)Take(1)[0];

    /// <summary>Reads a boolean; every byte but 0 is true.</summary>
    public bool ReadBool() => Take(1)[0] != 0;

    /// <summary>Reads a 16-bit integer.</summary>
    public short ReadInt16() => BinaryPrimitives.ReadInt16BigEndian(Take(2));

    /// <summary>Reads an unsigned 16-bit integer.</summary>
    public ushort ReadUInt16() => BinaryPrimitives.ReadUInt16BigEndian(Take(2));

    /// <summary>Reads a 32-bit integer.</summary>
    public int ReadInt32() => BinaryPrimitives.ReadInt32BigEndian(Take(4));

    /// <summary>Reads a 64-bit integer.</summary>
    public long ReadInt64() => BinaryPrimitives.ReadInt64BigEndian(Take(8));

    /// <summary>Reads a 64-bit IEEE 754 number.</summary>
    public double ReadFloat64() => BinaryPrimitives.ReadDoubleBigEndian(Take(8));

    /// <summary>Reads a UUID, most significant byte first.</summary>
    public Guid ReadUuid() => new(Take(16), bigEndian: true);

    /// <summary>Reads an unsigned variable-length integer.</summary>
    public uint ReadUnsignedVarInt()
    {
        if (!VarInt.TryReadUInt32(_span, ref _position, out uint value))
            ThrowMalformed();
        return value;
    }

    /// <summary>Reads a string; null when it is encoded so.</summary>
    public string? ReadString(bool flexible)
    {
        int length = flexible ? (int)ReadUnsignedVarInt() - 1 : ReadInt16();
        if (length < -1)
            ThrowMalformed();
        return length < 0 ? null : Encoding.UTF8.GetString(Take(length));
    }

    /// <summary>Reads bytes as a slice of the frame; false when they are null.</summary>
    public bool TryReadBytes(bool flexible, out ReadOnlyMemory<byte> bytes)
    {
        int length = flexible ? (int)ReadUnsignedVarInt() - 1 : ReadInt32();
        bytes = default;
        if (length < -1)
            ThrowMalformed();
        if (length < 0)
            return false;
        int start = _position;
        Take(length);
        bytes = _frame.Slice(start, length);
        return true;
    }

    /// <summary>Reads how many elements an array has; -1 when it is null. The count never exceeds the bytes left.</summary>
    public int ReadArrayLength(bool flexible)
    {
        int length = flexible ? (int)ReadUnsignedVarInt() - 1 : ReadInt32();
        if (length < -1 || length > Remaining || length > _elementsLeft)
            ThrowMalformed();
        _elementsLeft -= Math.Max(length, 0);
        return length;
    }

    /// <summary>Skips bytes.</summary>
    public void Skip(uint count)
    {
        if (count > (uint)Remaining)
            ThrowMalformed();
        _position += (int)count;
    }

    /// <summary>Skips a section of tagged fields (KIP-482).</summary>
    public void SkipTaggedFields()
    {
        for (uint count = ReadUnsignedVarInt(); count > 0; count--)
        {
            ReadUnsignedVarInt();
            Skip(ReadUnsignedVarInt());
        }
    }

    [DoesNotReturn]
    internal static void ThrowMalformed() => throw new KafkaException(ErrorCode.InvalidRequest, "A message is malformed or cut short.");

    private ReadOnlySpan<byte> Take(int count)
    {
        if ((uint)count > (uint)Remaining)
            ThrowMalformed();
        ReadOnlySpan<byte> taken = _span.Slice(_position, count);
        _position += count;
        return taken;
    }
}
