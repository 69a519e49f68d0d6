using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using StreamSQL.Data.Types;

namespace StreamSQL.Data.Columns;

/// <summary>
/// The stable binary form of single values, for state: fixed-size values little endian (BOOLEAN 1 byte, INTEGER, DATE, TIME 4, BIGINT,
/// TIMESTAMP, DOUBLE 8, DECIMAL 16: the unscaled value; interval 16: months, days, microseconds); text and bytes as a 4-byte length and the
/// bytes; ARRAY and MAP as a 4-byte count and the elements or entries; STRUCT as its fields. Elements, map values and fields are preceded
/// by one byte: 1, or 0 for null, and then nothing follows. The type is not written: the reader's column must have it.
/// </summary>
public static class ColumnValueCodec
{
    /// <summary>Writes a value that is not null.</summary>
    public static void Write(Column column, int row, IBufferWriter<byte> target)
    {
        row = column.Physical(row);
        switch (column)
        {
            case FixedColumn<byte> c:
                WriteFixed(c.Values[row], target);
                break;
            case FixedColumn<int> c:
                WriteFixed(c.Values[row], target);
                break;
            case FixedColumn<long> c:
                WriteFixed(c.Values[row], target);
                break;
            case FixedColumn<double> c:
                WriteFixed(c.Values[row], target);
                break;
            case FixedColumn<Int128> c:
                WriteFixed(c.Values[row], target);
                break;
            case FixedColumn<Interval> c:
                WriteFixed(c.Values[row].Months, target);
                WriteFixed(c.Values[row].Days, target);
                WriteFixed(c.Values[row].Micros, target);
                break;
            case BytesColumn c:
                WriteFixed(c.Lengths[row], target);
                target.Write(c[row]);
                break;
            case ArrayColumn c:
                WriteFixed(c.Lengths[row], target);
                for (var i = 0; i < c.Lengths[row]; i++)
                    WriteNullable(c.Elements, c.Starts[row] + i, target);
                break;
            case MapColumn c:
                WriteFixed(c.Lengths[row], target);
                for (var i = 0; i < c.Lengths[row]; i++)
                {
                    WriteNullable(c.Keys, c.Starts[row] + i, target);
                    WriteNullable(c.Values, c.Starts[row] + i, target);
                }

                break;
            case StructColumn c:
                foreach (var field in c.Fields)
                    WriteNullable(field, row, target);
                break;
        }
    }

    /// <summary>Writes a value or a null, with the byte that tells which.</summary>
    public static void WriteNullable(Column column, int row, IBufferWriter<byte> target)
    {
        var isNull = column.IsNull(row);
        WriteFixed((byte)(isNull ? 0 : 1), target);
        if (!isNull)
            Write(column, row, target);
    }

    /// <summary>Reads a value into a row, from the front of <paramref name="source"/>; returns the bytes used.</summary>
    /// <exception cref="InvalidDataException">The bytes are no value of the column's type.</exception>
    public static int Read(ReadOnlySpan<byte> source, Column column, int row)
    {
        column.Grow(row + 1);
        column.SetValid(row);
        switch (column)
        {
            case FixedColumn<byte> c:
                return ReadFixed(source, out c.Values[row]);
            case FixedColumn<int> c:
                return ReadFixed(source, out c.Values[row]);
            case FixedColumn<long> c:
                return ReadFixed(source, out c.Values[row]);
            case FixedColumn<double> c:
                return ReadFixed(source, out c.Values[row]);
            case FixedColumn<Int128> c:
                return ReadFixed(source, out c.Values[row]);
            case FixedColumn<Interval> c:
                return ReadInterval(source, out c.Values[row]);
            case BytesColumn c:
                var length = ReadCount(source);
                source.Slice(4, length).CopyTo(c.Allocate(row, length));
                return 4 + length;
            case ArrayColumn c:
                return ReadArray(source, c, row);
            case MapColumn c:
                return ReadMap(source, c, row);
            default:
                var used = 0;
                foreach (var field in ((StructColumn)column).Fields)
                    used += ReadNullable(source[used..], field, row);
                return used;
        }
    }

    /// <summary>Reads what <see cref="WriteNullable"/> wrote.</summary>
    /// <exception cref="InvalidDataException">The bytes are no value of the column's type.</exception>
    public static int ReadNullable(ReadOnlySpan<byte> source, Column column, int row)
    {
        column.Grow(row + 1);
        ReadFixed(source, out byte mark);
        if (mark == 1)
            return 1 + Read(source[1..], column, row);
        if (mark != 0)
            throw new InvalidDataException("A value's mark is neither 0 nor 1.");
        column.SetNull(row);
        return 1;
    }

    /// <summary>Writes a fixed-size value, little endian.</summary>
    internal static void WriteFixed<T>(T value, IBufferWriter<byte> target)
        where T : unmanaged
    {
        var room = target.GetSpan(Unsafe.SizeOf<T>());
        MemoryMarshal.Write(room, value);
        if (!BitConverter.IsLittleEndian)
            room[..Unsafe.SizeOf<T>()].Reverse();
        target.Advance(Unsafe.SizeOf<T>());
    }

    /// <summary>Reads a fixed-size value; returns its size.</summary>
    internal static int ReadFixed<T>(ReadOnlySpan<byte> source, out T value)
        where T : unmanaged
    {
        if (source.Length < Unsafe.SizeOf<T>())
            throw new InvalidDataException("A value is cut short.");
        Span<byte> bytes = stackalloc byte[Unsafe.SizeOf<T>()];
        source[..bytes.Length].CopyTo(bytes);
        if (!BitConverter.IsLittleEndian)
            bytes.Reverse();
        value = MemoryMarshal.Read<T>(bytes);
        return bytes.Length;
    }

    /// <summary>Reads a length or count; each thing counted takes at least one byte of what is left.</summary>
    internal static int ReadCount(ReadOnlySpan<byte> source)
    {
        if (source.Length < 4)
            throw new InvalidDataException("A length is cut short.");
        var count = BinaryPrimitives.ReadInt32LittleEndian(source);
        if (count < 0 || count > source.Length - 4)
            throw new InvalidDataException($"A length of {count} where {source.Length - 4} bytes are left.");
        return count;
    }

    private static int ReadInterval(ReadOnlySpan<byte> source, out Interval value)
    {
        var used = ReadFixed(source, out int months);
        used += ReadFixed(source[used..], out int days);
        used += ReadFixed(source[used..], out long micros);
        value = new(months, days, micros);
        return used;
    }

    private static int ReadArray(ReadOnlySpan<byte> source, ArrayColumn column, int row)
    {
        var count = ReadCount(source);
        var start = column.Allocate(row, count);
        var used = 4;
        for (var i = 0; i < count; i++)
            used += ReadNullable(source[used..], column.Elements, start + i);
        return used;
    }

    private static int ReadMap(ReadOnlySpan<byte> source, MapColumn column, int row)
    {
        var count = ReadCount(source);
        var start = column.Allocate(row, count);
        var used = 4;
        for (var i = 0; i < count; i++)
        {
            used += ReadNullable(source[used..], column.Keys, start + i);
            used += ReadNullable(source[used..], column.Values, start + i);
        }

        return used;
    }
}
