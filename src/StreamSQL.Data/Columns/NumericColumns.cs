using System.Buffers.Binary;
using System.Numerics;
using StreamSQL.Data.Text;
using StreamSQL.Data.Types;

namespace StreamSQL.Data.Columns;

/// <summary>
/// Values of numeric in a column of bytes: one byte for what it is, two for the scale, then the unscaled value as 8 or 16 bytes or more
/// where it needs them, little endian, two's complement. Equal bytes are equal values of equal scale; the order of bytes means nothing.
/// </summary>
public static class NumericColumns
{
    /// <summary>Room for <see cref="WriteOrdered"/> of a number of up to 38 digits.</summary>
    public const int SmallOrderedBytes = 48;

    private const int HeaderBytes = 3;

    /// <summary>The value of a row.</summary>
    public static NumericValue Get(BytesColumn column, int row) => Decode(column[row]);

    /// <summary>Makes a value that of a row.</summary>
    public static void Set(BytesColumn column, int row, in NumericValue value)
    {
        if (value.IsSmall)
        {
            var small = value.Small;
            var isLong = small == (long)small;
            var room = column.Allocate(row, value.IsFinite ? HeaderBytes + (isLong ? sizeof(long) : 16) : HeaderBytes);
            WriteHeader(room, value);
            if (!value.IsFinite)
                return;
            if (isLong)
                BinaryPrimitives.WriteInt64LittleEndian(room[HeaderBytes..], (long)small);
            else
                BinaryPrimitives.WriteInt128LittleEndian(room[HeaderBytes..], small);
            return;
        }

        var large = value.Unscaled;
        var target = column.Allocate(row, HeaderBytes + large.GetByteCount());
        WriteHeader(target, value);
        large.TryWriteBytes(target[HeaderBytes..], out _);
    }

    /// <summary>Reads a value's bytes.</summary>
    public static NumericValue Decode(ReadOnlySpan<byte> bytes)
    {
        switch ((NumericKind)bytes[0])
        {
            case NumericKind.NaN:
                return NumericValue.NaN;
            case NumericKind.PositiveInfinity:
                return NumericValue.PositiveInfinity;
            case NumericKind.NegativeInfinity:
                return NumericValue.NegativeInfinity;
        }

        int scale = BinaryPrimitives.ReadInt16LittleEndian(bytes[1..]);
        var digits = bytes[HeaderBytes..];
        return digits.Length switch
        {
            sizeof(long) => new((Int128)BinaryPrimitives.ReadInt64LittleEndian(digits), scale),
            16 => new(BinaryPrimitives.ReadInt128LittleEndian(digits), scale),
            _ => new(new BigInteger(digits), scale),
        };
    }

    /// <summary>The order of two values.</summary>
    public static int Compare(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right) =>
        left.SequenceEqual(right) ? 0 : NumericValue.Compare(Decode(left), Decode(right));

    /// <summary>Room that is enough for <see cref="WriteOrdered"/>: each byte of a value has less than three digits.</summary>
    public static int OrderedBound(ReadOnlySpan<byte> value) => Math.Max(SmallOrderedBytes, 3 * value.Length);

    /// <summary>
    /// Writes bytes that are equal exactly when values are, whatever their scales, that sort as the values do, and that say where they end:
    /// the class, the place of the first digit, the digits without zeros at the end, a zero; all turned round below zero. Returns how many.
    /// </summary>
    public static int WriteOrdered(ReadOnlySpan<byte> value, Span<byte> room)
    {
        var number = Decode(value);
        var mark = number.Kind switch
        {
            NumericKind.NegativeInfinity => 0,
            NumericKind.Finite => number.Sign + 2,
            NumericKind.PositiveInfinity => 4,
            _ => 5,
        };
        room[0] = (byte)mark;
        if (!number.IsFinite || number.IsZero)
            return 1;

        room = room[1..];
        var count = NumericMath.CountDigits(number);
        BinaryPrimitives.WriteInt32BigEndian(room, NumericMath.Exponent(number) ^ int.MinValue);
        NumericText.WriteDigits(number, room.Slice(sizeof(int), count));
        while (room[sizeof(int) + count - 1] == (byte)'0')
            count--;
        room[sizeof(int) + count] = 0;
        var length = sizeof(int) + count + 1;
        if (number.Sign < 0)
        {
            foreach (ref var b in room[..length])
                b = (byte)~b;
        }

        return 1 + length;
    }

    private static void WriteHeader(Span<byte> room, in NumericValue value)
    {
        room[0] = (byte)value.Kind;
        BinaryPrimitives.WriteInt16LittleEndian(room[1..], (short)value.Scale);
    }
}
