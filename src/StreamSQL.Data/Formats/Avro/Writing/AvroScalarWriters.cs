using System.Buffers.Binary;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Types;

namespace StreamSQL.Data.Formats.Avro.Writing;

/// <summary>BOOLEAN as boolean.</summary>
internal readonly struct AvroBooleanValue : IAvroValue<FixedColumn<byte>>
{
    /// <inheritdoc/>
    public int Write(Span<byte> room, FixedColumn<byte> column, int row)
    {
        room[0] = column.Values[row];
        return 1;
    }
}

/// <summary>INTEGER, DATE and TIME as int and long; TIME in microseconds when the type wants them.</summary>
internal readonly struct AvroInt32Value(int factor) : IAvroValue<FixedColumn<int>>
{
    /// <inheritdoc/>
    public int Write(Span<byte> room, FixedColumn<int> column, int row) => AvroVarint.Write(room, (long)column.Values[row] * factor);
}

/// <summary>BIGINT as long, and as int where it fits.</summary>
internal readonly struct AvroInt64Value(bool isInt) : IAvroValue<FixedColumn<long>>
{
    /// <inheritdoc/>
    public int Write(Span<byte> room, FixedColumn<long> column, int row)
    {
        var value = column.Values[row];
        return isInt && value != (int)value ? -1 : AvroVarint.Write(room, value);
    }
}

/// <summary>TIMESTAMP in microseconds.</summary>
internal readonly struct AvroMicrosValue : IAvroValue<FixedColumn<long>>
{
    /// <inheritdoc/>
    public int Write(Span<byte> room, FixedColumn<long> column, int row)
    {
        var millis = column.Values[row];
        return Math.BigMul(millis, 1000, out var micros) == micros >> 63 ? AvroVarint.Write(room, micros) : -1;
    }
}

/// <summary>Numbers as double and float.</summary>
internal readonly struct AvroDoubleValue(bool isFloat) : IAvroValue<FixedColumn<double>>, IAvroValue<FixedColumn<int>>,
    IAvroValue<FixedColumn<long>>
{
    /// <inheritdoc/>
    public int Write(Span<byte> room, FixedColumn<double> column, int row) => Write(room, column.Values[row]);

    /// <inheritdoc/>
    public int Write(Span<byte> room, FixedColumn<int> column, int row) => Write(room, column.Values[row]);

    /// <inheritdoc/>
    public int Write(Span<byte> room, FixedColumn<long> column, int row) => Write(room, column.Values[row]);

    private int Write(Span<byte> room, double value)
    {
        if (isFloat)
            BinaryPrimitives.WriteSingleLittleEndian(room, (float)value);
        else
            BinaryPrimitives.WriteDoubleLittleEndian(room, value);
        return isFloat ? sizeof(float) : sizeof(double);
    }
}

/// <summary>VARCHAR and BYTES as string and bytes.</summary>
internal sealed class AvroBytesWriter(string path) : AvroWriter
{
    /// <inheritdoc/>
    public override void Write(ref SliceOutput output, Column column, int row)
    {
        if (column.IsNull(row))
            throw Unfit(path, "it is NULL, and the type has no null");
        WriteBytes(ref output, ((BytesColumn)column)[row]);
    }
}

/// <summary>BYTES as fixed.</summary>
internal sealed class AvroFixedWriter(int size, string path) : AvroWriter
{
    /// <inheritdoc/>
    public override void Write(ref SliceOutput output, Column column, int row)
    {
        if (column.IsNull(row))
            throw Unfit(path, "it is NULL, and the type has no null");
        var bytes = ((BytesColumn)column)[row];
        if (bytes.Length != size)
            throw Unfit(path, $"it has {bytes.Length} bytes, the type {size}");
        output.Write(bytes);
    }
}

/// <summary>VARCHAR as enum.</summary>
internal sealed class AvroEnumWriter(byte[][] symbols, string path) : AvroWriter
{
    /// <inheritdoc/>
    public override void Write(ref SliceOutput output, Column column, int row)
    {
        if (column.IsNull(row))
            throw Unfit(path, "it is NULL, and the type has no null");
        var text = ((BytesColumn)column)[row];
        for (var i = 0; i < symbols.Length; i++)
        {
            if (!text.SequenceEqual(symbols[i]))
                continue;
            WriteLong(ref output, i);
            return;
        }

        throw Unfit(path, "it is no symbol of the enum");
    }
}

/// <summary>DECIMAL as decimal on bytes (the fewest that hold the number) or on fixed (all of them).</summary>
/// <param name="fixedSize">The bytes of a fixed, -1 for bytes.</param>
/// <param name="scale">The scale of the type.</param>
/// <param name="precision">The digits of the type.</param>
/// <param name="path">The column.</param>
internal sealed class AvroDecimalWriter(int fixedSize, int scale, int precision, string path) : AvroWriter
{
    /// <inheritdoc/>
    public override void Write(ref SliceOutput output, Column column, int row)
    {
        if (column.IsNull(row))
            throw Unfit(path, "it is NULL, and the type has no null");
        var value = ((FixedColumn<Int128>)column)[row];
        var own = column.Type.Scale;
        if (!DecimalMath.TryRescale(value, own, scale, precision, out var unscaled)
            || (scale < own && !(DecimalMath.TryRescale(unscaled, scale, own, SqlType.MaxPrecision, out var back) && back == value)))
            throw Unfit(path, $"it does not fit {precision} digits with {scale} after the point");
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteInt128BigEndian(bytes, unscaled);
        if (fixedSize < 0)
        {
            WriteBytes(ref output, bytes[(16 - SizeOf(unscaled))..]);
            return;
        }

        if (fixedSize < SizeOf(unscaled))
            throw Unfit(path, $"it does not fit {fixedSize} bytes");
        var room = output.Reserve(fixedSize)[..fixedSize];
        var padding = Math.Max(0, fixedSize - 16);
        room[..padding].Fill(unscaled < 0 ? (byte)0xFF : (byte)0);
        bytes[(16 - (fixedSize - padding))..].CopyTo(room[padding..]);
        output.Advance(fixedSize);
    }

    /// <summary>The fewest bytes that hold the number and its sign; 1 for 0.</summary>
    private static int SizeOf(Int128 value)
    {
        var magnitude = value < 0 ? ~value : value;
        return ((128 - (int)Int128.LeadingZeroCount(magnitude)) >> 3) + 1;
    }
}
