using System.Buffers;
using System.Buffers.Text;
using System.Text;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Types;

namespace StreamSQL.Data.Text;

/// <summary>Any value as ksqlDB's CAST to VARCHAR writes it: <c>[1, null]</c>, <c>{k=1}</c>, <c>Struct{F0=1,F1=x}</c>.</summary>
public static class JavaText
{
    /// <summary>Writes a value; a null is written as <c>null</c>.</summary>
    public static void Write(Column column, int row, IBufferWriter<byte> target)
    {
        if (column.IsNull(row))
        {
            target.Write("null"u8);
            return;
        }

        row = column.Physical(row);
        switch (column)
        {
            case BytesColumn bytes when column.Type.Kind == SqlTypeKind.Bytes:
                WriteBase64(bytes[row], target);
                break;
            case BytesColumn numbers when column.Type.Kind == SqlTypeKind.Numeric:
                NumericText.Write(NumericColumns.Get(numbers, row), target);
                break;
            case BytesColumn text:
                target.Write(text[row]);
                break;
            case ArrayColumn array:
                WriteArray(array, row, target);
                break;
            case MapColumn map:
                WriteMap(map, row, target);
                break;
            case StructColumn structure:
                WriteStruct(structure, row, target);
                break;
            default:
                target.Advance(WriteScalar(target.GetSpan(IntervalText.MaxLength), column, row));
                break;
        }
    }

    private static int WriteScalar(Span<byte> target, Column column, int row)
    {
        switch (column)
        {
            case FixedColumn<byte> c:
                var word = c.Values[row] != 0 ? "true"u8 : "false"u8;
                word.CopyTo(target);
                return word.Length;
            case FixedColumn<int> c when column.Type.Kind == SqlTypeKind.Date:
                return DateTimeText.WriteDate(target, c.Values[row]);
            case FixedColumn<int> c when column.Type.Kind == SqlTypeKind.Time:
                return DateTimeText.WriteTime(target, c.Values[row], FractionStyle.JavaLocalTime);
            case FixedColumn<int> c:
                return IntegerText.Write(target, c.Values[row]);
            case FixedColumn<long> c when column.Type.Kind == SqlTypeKind.Timestamp:
                return DateTimeText.WriteKsqlTimestamp(target, c.Values[row]);
            case FixedColumn<long> c when column.Type.Kind is SqlTypeKind.TimestampTz or SqlTypeKind.PlainTimestamp or SqlTypeKind.PlainTime
                or SqlTypeKind.TimeTz:
                return DateTimeText.WriteKsqlTimestamp(target, CivilCalendar.FloorDiv(c.Values[row], 1000));
            case FixedColumn<Interval> c:
                return IntervalText.Write(target, c.Values[row]);
            case FixedColumn<long> c:
                return IntegerText.Write(target, c.Values[row]);
            case FixedColumn<double> c:
                return DoubleText.WriteJava(target, c.Values[row]);
            case FixedColumn<Int128> c:
                return DecimalText.Write(target, c.Values[row], column.Type.Scale);
            default:
                throw new InvalidOperationException($"Values of type {column.Type} have no text form.");
        }
    }

    private static void WriteArray(ArrayColumn array, int row, IBufferWriter<byte> target)
    {
        target.Write("["u8);
        for (var i = 0; i < array.Lengths[row]; i++)
        {
            if (i > 0)
                target.Write(", "u8);
            Write(array.Elements, array.Starts[row] + i, target);
        }

        target.Write("]"u8);
    }

    private static void WriteMap(MapColumn map, int row, IBufferWriter<byte> target)
    {
        target.Write("{"u8);
        for (var i = 0; i < map.Lengths[row]; i++)
        {
            if (i > 0)
                target.Write(", "u8);
            Write(map.Keys, map.Starts[row] + i, target);
            target.Write("="u8);
            Write(map.Values, map.Starts[row] + i, target);
        }

        target.Write("}"u8);
    }

    private static void WriteStruct(StructColumn structure, int row, IBufferWriter<byte> target)
    {
        target.Write("Struct{"u8);
        var first = true;
        for (var i = 0; i < structure.Fields.Length; i++)
        {
            if (structure.Fields[i].IsNull(row))
                continue;
            if (!first)
                target.Write(","u8);
            first = false;
            Encoding.UTF8.GetBytes(structure.Type.Fields[i].Name, target);
            target.Write("="u8);
            Write(structure.Fields[i], row, target);
        }

        target.Write("}"u8);
    }

    private static void WriteBase64(ReadOnlySpan<byte> bytes, IBufferWriter<byte> target)
    {
        var room = target.GetSpan(Base64.GetMaxEncodedToUtf8Length(bytes.Length));
        Base64.EncodeToUtf8(bytes, room, out _, out var written);
        target.Advance(written);
    }
}
