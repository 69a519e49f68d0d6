using StreamSQL.Data.Columns;
using StreamSQL.Engine.Tasks;

namespace StreamSQL.Engine.State.Snapshots;

/// <summary>
/// A column's rows as bytes: one byte that says whether a bitmap of the valid rows follows; then fixed-size values as they lie in memory,
/// texts as lengths and bytes, nested values row by row as <see cref="RowCodec"/> writes them.
/// </summary>
internal static class ColumnBlocks
{
    /// <summary>Appends the first rows of a column that is not constant.</summary>
    public static void Write(Column column, int count, ByteWriter block)
    {
        block.Append(1)[0] = column.MayHaveNulls ? (byte)1 : (byte)0;
        if (column.MayHaveNulls)
            block.WriteValues<ulong>(column.Validity[..Words(count)]);
        switch (column)
        {
            case FixedColumn<byte> values:
                block.WriteValues<byte>(values.Values.AsSpan(0, count));
                break;
            case FixedColumn<int> values:
                block.WriteValues<int>(values.Values.AsSpan(0, count));
                break;
            case FixedColumn<long> values:
                block.WriteValues<long>(values.Values.AsSpan(0, count));
                break;
            case FixedColumn<double> values:
                block.WriteValues<double>(values.Values.AsSpan(0, count));
                break;
            case FixedColumn<Int128> values:
                foreach (var value in values.Values.AsSpan(0, count))
                {
                    block.WriteInt64((long)value);
                    block.WriteInt64((long)(value >> 64));
                }

                break;
            case BytesColumn texts:
                WriteTexts(texts, count, block);
                break;
            default:
                for (var row = 0; row < count; row++)
                    RowCodec.Write(block, [column], row);
                break;
        }
    }

    /// <summary>Reads what <see cref="Write"/> wrote into a column.</summary>
    /// <exception cref="InvalidDataException">The bytes are not such a column.</exception>
    public static void Read(ref BlockReader block, Column column, int count)
    {
        column.Reset(count);
        if (block.ReadByte() != 0 && count > 0)
        {
            column.SetNull(0);
            block.Read(column.Validity[..Words(count)]);
        }

        switch (column)
        {
            case FixedColumn<byte> values:
                block.Read(values.Values.AsSpan(0, count));
                break;
            case FixedColumn<int> values:
                block.Read(values.Values.AsSpan(0, count));
                break;
            case FixedColumn<long> values:
                block.Read(values.Values.AsSpan(0, count));
                break;
            case FixedColumn<double> values:
                block.Read(values.Values.AsSpan(0, count));
                break;
            case FixedColumn<Int128> values:
                for (var row = 0; row < count; row++)
                {
                    var low = (ulong)block.ReadInt64();
                    values.Values[row] = ((Int128)block.ReadInt64() << 64) | low;
                }

                break;
            case BytesColumn texts:
                ReadTexts(ref block, texts, count);
                break;
            default:
                ReadNested(ref block, column, count);
                break;
        }
    }

    private static int Words(int count) => (count + 63) >> 6;

    private static void WriteTexts(BytesColumn texts, int count, ByteWriter block)
    {
        for (var row = 0; row < count; row++)
            block.WriteInt32(texts.IsNull(row) ? 0 : texts.Lengths[row]);
        for (var row = 0; row < count; row++)
        {
            if (!texts.IsNull(row))
                texts[row].CopyTo(block.Append(texts.Lengths[row]));
        }
    }

    private static void ReadTexts(ref BlockReader block, BytesColumn texts, int count)
    {
        var lengths = new int[count];
        block.Read<int>(lengths);
        for (var row = 0; row < count; row++)
            texts.Set(row, block.Read(lengths[row]));
    }

    private static void ReadNested(ref BlockReader block, Column column, int count)
    {
        var position = 0;
        for (var row = 0; row < count; row++)
            RowCodec.Read(block.Rest, ref position, [column], row);
        block.Read(position);
    }
}
