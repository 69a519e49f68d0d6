using System.Buffers.Binary;
using System.Text;

namespace StreamSQL.ConformanceTests.Kafka;

/// <summary>The primitive encodings of Kafka's protocol guide.</summary>
internal sealed class WireWriter
{
    private readonly List<byte> _bytes = [];

    public byte[] ToArray() => [.. _bytes];

    public void Raw(ReadOnlySpan<byte> bytes) => _bytes.AddRange(bytes);

    public void Int8(sbyte value) => _bytes.Add((byte)value);

    public void Int16(short value)
    {
        Span<byte> bytes = stackalloc byte[2];
        BinaryPrimitives.WriteInt16BigEndian(bytes, value);
        Raw(bytes);
    }

    public void UInt16(ushort value) => Int16((short)value);

    public void Int32(int value)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, value);
        Raw(bytes);
    }

    public void Int64(long value)
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteInt64BigEndian(bytes, value);
        Raw(bytes);
    }

    public void Float64(double value) => Int64(BitConverter.DoubleToInt64Bits(value));

    public void UnsignedVarInt(uint value)
    {
        for (; value >= 0x80; value >>= 7)
            _bytes.Add((byte)(value | 0x80));
        _bytes.Add((byte)value);
    }

    /// <summary>Text behind its length; null has the length -1. Compact lengths are one more, so that null is 0.</summary>
    public void Text(string? value, bool compact)
    {
        byte[]? bytes = value is null ? null : Encoding.UTF8.GetBytes(value);
        if (compact)
            UnsignedVarInt((uint)((bytes?.Length ?? -1) + 1));
        else
            Int16((short)(bytes?.Length ?? -1));
        Raw(bytes);
    }

    /// <summary>Bytes behind their length.</summary>
    public void Bytes(byte[]? value, bool compact)
    {
        Count(value?.Length ?? -1, compact);
        Raw(value);
    }

    /// <summary>How many elements or bytes follow; -1 for null.</summary>
    public void Count(int count, bool compact)
    {
        if (compact)
            UnsignedVarInt((uint)(count + 1));
        else
            Int32(count);
    }
}
