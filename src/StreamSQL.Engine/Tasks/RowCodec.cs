using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Types;

namespace StreamSQL.Engine.Tasks;

/// <summary>
/// Rows as bytes inside internal topics: a bitmap of the columns that are not null, then their values, little-endian; text, bytes and
/// nested values begin with a count (LEB128). The reader knows the types. Changes of this layout change <see cref="ChangeCodec.Version"/>.
/// </summary>
internal static class RowCodec
{
    private const int MaxDepth = 64;

    /// <summary>Appends one row.</summary>
    public static void Write(ByteWriter writer, ReadOnlySpan<Column> columns, int row)
    {
        var bitmap = writer.Length;
        writer.Append((columns.Length + 7) >> 3).Clear();
        for (var i = 0; i < columns.Length; i++)
        {
            if (columns[i].IsNull(row))
                continue;
            writer.Written[bitmap + (i >> 3)] |= (byte)(1 << (i & 7));
            WriteValue(writer, columns[i], columns[i].Physical(row), 0);
        }
    }

    /// <summary>Reads one row from <paramref name="position"/> on into a row of the columns.</summary>
    /// <exception cref="InvalidDataException">The bytes are not such a row.</exception>
    public static void Read(ReadOnlySpan<byte> source, ref int position, ReadOnlySpan<Column> columns, int row)
    {
        var bitmap = Take(source, ref position, (columns.Length + 7) >> 3);
        for (var i = 0; i < columns.Length; i++)
        {
            if ((bitmap[i >> 3] & (1 << (i & 7))) == 0)
                columns[i].SetNull(row);
            else
                ReadValue(source, ref position, columns[i], row, 0);
        }
    }

    private static void WriteValue(ByteWriter writer, Column column, int row, int depth)
    {
        switch (column)
        {
            case FixedColumn<byte> fixedColumn:
                writer.Append(1)[0] = fixedColumn.Values[row];
                break;
            case FixedColumn<int> fixedColumn:
                BinaryPrimitives.WriteInt32LittleEndian(writer.Append(sizeof(int)), fixedColumn.Values[row]);
                break;
            case FixedColumn<long> fixedColumn:
                BinaryPrimitives.WriteInt64LittleEndian(writer.Append(sizeof(long)), fixedColumn.Values[row]);
                break;
            case FixedColumn<double> fixedColumn:
                BinaryPrimitives.WriteDoubleLittleEndian(writer.Append(sizeof(double)), fixedColumn.Values[row]);
                break;
            case FixedColumn<Interval> fixedColumn:
                var room = writer.Append(16);
                BinaryPrimitives.WriteInt32LittleEndian(room, fixedColumn.Values[row].Months);
                BinaryPrimitives.WriteInt32LittleEndian(room[4..], fixedColumn.Values[row].Days);
                BinaryPrimitives.WriteInt64LittleEndian(room[8..], fixedColumn.Values[row].Micros);
                break;
            case FixedColumn<Int128> fixedColumn:
                BinaryPrimitives.WriteInt128LittleEndian(writer.Append(16), fixedColumn.Values[row]);
                break;
            case BytesColumn bytes:
                var value = bytes[row];
                writer.WriteCount(value.Length);
                value.CopyTo(writer.Append(value.Length));
                break;
            default:
                WriteNested(writer, column, row, CheckDepth(depth + 1));
                break;
        }
    }

    private static void WriteNested(ByteWriter writer, Column column, int row, int depth)
    {
        switch (column)
        {
            case ArrayColumn array:
                writer.WriteCount(array.Lengths[row]);
                WriteRun(writer, array.Elements, array.Starts[row], array.Lengths[row], depth);
                break;
            case MapColumn map:
                writer.WriteCount(map.Lengths[row]);
                WriteRun(writer, map.Keys, map.Starts[row], map.Lengths[row], depth);
                WriteRun(writer, map.Values, map.Starts[row], map.Lengths[row], depth);
                break;
            case StructColumn structs:
                foreach (var field in structs.Fields)
                    WriteRun(writer, field, row, 1, depth);
                break;
            default:
                throw new InvalidOperationException($"no row form for {column.Type}");
        }
    }

    private static void WriteRun(ByteWriter writer, Column column, int start, int count, int depth)
    {
        for (var i = start; i < start + count; i++)
        {
            var isNull = column.IsNull(i);
            writer.Append(1)[0] = isNull ? (byte)0 : (byte)1;
            if (!isNull)
                WriteValue(writer, column, column.Physical(i), depth);
        }
    }

    private static void ReadValue(ReadOnlySpan<byte> source, ref int position, Column column, int row, int depth)
    {
        switch (column)
        {
            case FixedColumn<byte> fixedColumn:
                fixedColumn.Values[row] = Take(source, ref position, 1)[0];
                break;
            case FixedColumn<int> fixedColumn:
                fixedColumn.Values[row] = BinaryPrimitives.ReadInt32LittleEndian(Take(source, ref position, sizeof(int)));
                break;
            case FixedColumn<long> fixedColumn:
                fixedColumn.Values[row] = BinaryPrimitives.ReadInt64LittleEndian(Take(source, ref position, sizeof(long)));
                break;
            case FixedColumn<double> fixedColumn:
                fixedColumn.Values[row] = BinaryPrimitives.ReadDoubleLittleEndian(Take(source, ref position, sizeof(double)));
                break;
            case FixedColumn<Interval> fixedColumn:
                var parts = Take(source, ref position, 16);
                fixedColumn.Values[row] = new(
                    BinaryPrimitives.ReadInt32LittleEndian(parts), BinaryPrimitives.ReadInt32LittleEndian(parts[4..]),
                    BinaryPrimitives.ReadInt64LittleEndian(parts[8..]));
                break;
            case FixedColumn<Int128> fixedColumn:
                fixedColumn.Values[row] = BinaryPrimitives.ReadInt128LittleEndian(Take(source, ref position, 16));
                break;
            case BytesColumn bytes:
                bytes.Set(row, Take(source, ref position, ReadCount(source, ref position)));
                break;
            default:
                ReadNested(source, ref position, column, row, CheckDepth(depth + 1));
                break;
        }
    }

    private static void ReadNested(ReadOnlySpan<byte> source, ref int position, Column column, int row, int depth)
    {
        switch (column)
        {
            case ArrayColumn array:
                var length = ReadCount(source, ref position);
                ReadRun(source, ref position, array.Elements, array.Allocate(row, length), length, depth);
                break;
            case MapColumn map:
                var entries = ReadCount(source, ref position);
                var start = map.Allocate(row, entries);
                ReadRun(source, ref position, map.Keys, start, entries, depth);
                ReadRun(source, ref position, map.Values, start, entries, depth);
                break;
            case StructColumn structs:
                foreach (var field in structs.Fields)
                    ReadRun(source, ref position, field, row, 1, depth);
                break;
            default:
                throw new InvalidOperationException($"no row form for {column.Type}");
        }
    }

    private static void ReadRun(ReadOnlySpan<byte> source, ref int position, Column column, int start, int count, int depth)
    {
        for (var i = start; i < start + count; i++)
        {
            if (Take(source, ref position, 1)[0] == 0)
            {
                column.SetNull(i);
                continue;
            }

            column.SetValid(i);
            ReadValue(source, ref position, column, i, depth);
        }
    }

    /// <summary>A count that cannot be larger than the bytes that are left.</summary>
    private static int ReadCount(ReadOnlySpan<byte> source, ref int position)
    {
        uint value = 0;
        for (var shift = 0; shift < 35; shift += 7)
        {
            var part = Take(source, ref position, 1)[0];
            value |= (uint)(part & 0x7F) << shift;
            if (part < 0x80)
                return value <= (uint)(source.Length - position) ? (int)value : throw Corrupt();
        }

        throw Corrupt();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ReadOnlySpan<byte> Take(ReadOnlySpan<byte> source, ref int position, int length)
    {
        if (length > source.Length - position)
            throw Corrupt();
        var taken = source.Slice(position, length);
        position += length;
        return taken;
    }

    private static int CheckDepth(int depth) => depth <= MaxDepth ? depth : throw new InvalidDataException("a value is nested too deeply");

    private static InvalidDataException Corrupt() => new("a row of an internal topic is cut off");
}
