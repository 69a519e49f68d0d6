using System.Runtime.CompilerServices;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Types;

namespace StreamSQL.Data.Formats.Avro.Reading;

/// <summary>boolean as BOOLEAN.</summary>
internal readonly unsafe struct AvroBooleanReader : IAvroReader<FixedColumn<byte>>
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public byte* Read(AvroContext context, byte* position, byte* end, FixedColumn<byte> column, int row)
    {
        if (position >= end)
            return context.Fail(AvroFault.Truncated);
        if (*position > 1)
            return context.Fail(AvroFault.BadBoolean);
        column.Values[row] = *position;
        return position + 1;
    }
}

/// <summary>int and long as INTEGER, DATE and TIME, within the bounds of both types.</summary>
internal readonly unsafe struct AvroInt32Reader(int min, int max) : IAvroReader<FixedColumn<int>>
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public byte* Read(AvroContext context, byte* position, byte* end, FixedColumn<int> column, int row)
    {
        var next = context.ReadLong(position, end, out var value);
        if (next == null)
            return null;
        if (value < min || value > max)
            return context.Fail(AvroFault.OutOfRange);
        column.Values[row] = (int)value;
        return next;
    }
}

/// <summary>int and long as BIGINT and TIMESTAMP, within the bounds of the writer's type.</summary>
internal readonly unsafe struct AvroInt64Reader(bool isInt) : IAvroReader<FixedColumn<long>>
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public byte* Read(AvroContext context, byte* position, byte* end, FixedColumn<long> column, int row)
    {
        var next = context.ReadLong(position, end, out var value);
        if (next == null)
            return null;
        if (isInt && value != (int)value)
            return context.Fail(AvroFault.OutOfRange);
        column.Values[row] = value;
        return next;
    }
}

/// <summary>Microseconds as TIMESTAMP: what is less than a millisecond is cut off, towards the past.</summary>
internal readonly unsafe struct AvroMicrosReader : IAvroReader<FixedColumn<long>>
{
    /// <inheritdoc/>
    public byte* Read(AvroContext context, byte* position, byte* end, FixedColumn<long> column, int row)
    {
        var next = context.ReadLong(position, end, out var micros);
        if (next != null)
            column.Values[row] = (micros / 1000) - (micros % 1000 < 0 ? 1 : 0);
        return next;
    }
}

/// <summary>Microseconds since midnight as TIME.</summary>
internal readonly unsafe struct AvroTimeMicrosReader : IAvroReader<FixedColumn<int>>
{
    /// <inheritdoc/>
    public byte* Read(AvroContext context, byte* position, byte* end, FixedColumn<int> column, int row)
    {
        var next = context.ReadLong(position, end, out var micros);
        if (next == null)
            return null;
        if (micros is < 0 or >= 86_400_000_000)
            return context.Fail(AvroFault.OutOfRange);
        column.Values[row] = (int)(micros / 1000);
        return next;
    }
}

/// <summary>int and long as DOUBLE.</summary>
internal readonly unsafe struct AvroIntegerAsDoubleReader(bool isInt) : IAvroReader<FixedColumn<double>>
{
    /// <inheritdoc/>
    public byte* Read(AvroContext context, byte* position, byte* end, FixedColumn<double> column, int row)
    {
        var next = context.ReadLong(position, end, out var value);
        if (next == null)
            return null;
        if (isInt && value != (int)value)
            return context.Fail(AvroFault.OutOfRange);
        column.Values[row] = value;
        return next;
    }
}

/// <summary>float as DOUBLE.</summary>
internal readonly unsafe struct AvroFloatReader : IAvroReader<FixedColumn<double>>
{
    /// <inheritdoc/>
    public byte* Read(AvroContext context, byte* position, byte* end, FixedColumn<double> column, int row)
    {
        if (end - position < sizeof(float))
            return context.Fail(AvroFault.Truncated);
        column.Values[row] = Value(position);
        return position + sizeof(float);
    }

    /// <summary>The value at a position.</summary>
    public static float Value(byte* position) =>
        BitConverter.Int32BitsToSingle(AvroBytes.LittleEndian(Unsafe.ReadUnaligned<int>(position)));
}

/// <summary>double as DOUBLE.</summary>
internal readonly unsafe struct AvroDoubleReader : IAvroReader<FixedColumn<double>>
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public byte* Read(AvroContext context, byte* position, byte* end, FixedColumn<double> column, int row)
    {
        if (end - position < sizeof(double))
            return context.Fail(AvroFault.Truncated);
        column.Values[row] = Value(position);
        return position + sizeof(double);
    }

    /// <summary>The value at a position.</summary>
    public static double Value(byte* position) =>
        BitConverter.Int64BitsToDouble(AvroBytes.LittleEndian(Unsafe.ReadUnaligned<long>(position)));
}

/// <summary>
/// A decimal as DECIMAL: the unscaled value, two's complement, big endian. A scale that the column does not have is made up for where
/// nothing is lost; a value that does not fit exactly is out of range.
/// </summary>
internal readonly unsafe struct AvroDecimalReader(int fixedSize, int scale, int columnScale, int columnPrecision)
    : IAvroReader<FixedColumn<Int128>>
{
    /// <inheritdoc/>
    public byte* Read(AvroContext context, byte* position, byte* end, FixedColumn<Int128> column, int row)
    {
        var length = fixedSize;
        var start = fixedSize < 0 ? context.ReadLength(position, end, out length) : position;
        var next = start == null ? null : context.Advance(start, end, length);
        if (next == null)
            return null;
        if (!AvroBytes.TryReadInt128(start, length, out var value) || !TryFit(value, out column.Values[row]))
            return context.Fail(AvroFault.OutOfRange);
        return next;
    }

    private bool TryFit(Int128 value, out Int128 result)
    {
        result = value;
        if (scale == columnScale)
            return DecimalMath.Fits(value, columnPrecision);
        if (!DecimalMath.TryRescale(value, scale, columnScale, columnPrecision, out result))
            return false;
        // Digits cut off must have been zeros.
        return scale < columnScale || (DecimalMath.TryRescale(result, columnScale, scale, SqlType.MaxPrecision, out var back)
            && back == value);
    }
}
