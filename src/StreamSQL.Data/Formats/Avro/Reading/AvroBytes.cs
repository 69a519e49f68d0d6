using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Text.Unicode;

namespace StreamSQL.Data.Formats.Avro.Reading;

/// <summary>What is done with the bytes of a value.</summary>
internal static unsafe class AvroBytes
{
    /// <summary>A number that was loaded from little-endian bytes.</summary>
    public static int LittleEndian(int value) => BitConverter.IsLittleEndian ? value : BinaryPrimitives.ReverseEndianness(value);

    /// <summary>A number that was loaded from little-endian bytes.</summary>
    public static long LittleEndian(long value) => BitConverter.IsLittleEndian ? value : BinaryPrimitives.ReverseEndianness(value);

    /// <summary>Reads a two's complement number, big endian; false when it has more than 128 bits. No bytes are 0.</summary>
    public static bool TryReadInt128(byte* position, int length, out Int128 value)
    {
        value = length > 0 && (sbyte)*position < 0 ? -1 : 0;
        var sign = (byte)value;
        for (; length > 16; length--)
        {
            if (*position++ != sign)
                return false;
        }

        // What was left out must not have held the sign alone.
        var first = length > 0 ? *position : sign;
        for (; length > 0; length--)
            value = (value << 8) | *position++;
        return ((first ^ sign) & 0x80) == 0;
    }

    /// <summary>Whether text is UTF-8; short ASCII is told without a call.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsUtf8(AvroContext context, byte* position, int length)
    {
        if (length <= sizeof(ulong) && position < context.WideEnd)
        {
            // A load of eight bytes, of which those beyond the text are shifted out; a shift by 64 would be one by 0.
            var word = Unsafe.ReadUnaligned<ulong>(position);
            if (length == 0 || ((word << (8 * (sizeof(ulong) - length))) & 0x8080808080808080) == 0)
                return true;
        }

        return IsUtf8Slowly(position, length);
    }

    private static bool IsUtf8Slowly(byte* position, int length) => Utf8.IsValid(new ReadOnlySpan<byte>(position, length));
}
