using System.Buffers.Binary;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Text;
using StreamSQL.Data.Types;

namespace StreamSQL.Data.Formats.Protobuf.Reading;

/// <summary>
/// Reads a message that stands for one value: instants, dates, times, decimals. An absent one is NULL;
/// of several the last one counts, whole.
/// </summary>
internal abstract class ValueMessageReader<T>(string path) : FieldReader(path, WireType.Delimited)
    where T : unmanaged
{
    private FixedColumn<T> _column = null!;

    /// <inheritdoc/>
    public override void Bind(Column column) => _column = (FixedColumn<T>)column;

    /// <inheritdoc/>
    public override void Init(int first, int count) => SetNulls(_column, first, count);

    /// <inheritdoc/>
    public override WireFault ReadSlice(WireState state, int start, int length, int row)
    {
        Span<long> numbers = stackalloc long[5];
        numbers.Clear();
        var fault = ReadFields(state.Buffer, start, start + length, numbers, out var bytes);
        if (fault != WireFault.None)
            return fault;
        _column.SetValid(row);
        return TryConvert(numbers, bytes, _column.Type, out _column.Values[row]) ? WireFault.None : WireFault.OutOfRange;
    }

    /// <summary>The value from the varint fields by number and the last delimited field of number 1.</summary>
    protected abstract bool TryConvert(ReadOnlySpan<long> numbers, ReadOnlySpan<byte> bytes, SqlType type, out T value);

    private static WireFault ReadFields(byte[] buffer, int at, int end, Span<long> numbers, out ReadOnlySpan<byte> bytes)
    {
        bytes = default;
        while (at < end)
        {
            if (!WireFormat.TryReadVarint(buffer, ref at, end, out var tag, out var fault))
                return fault;
            if (tag is < 8 or > uint.MaxValue)
                return WireFault.InvalidTag;
            var number = tag >> 3;
            if ((WireType)(tag & 7) == WireType.Varint)
            {
                if (!WireFormat.TryReadVarint(buffer, ref at, end, out var value, out fault))
                    return fault;
                if (number < (ulong)numbers.Length)
                    numbers[(int)number] = (long)value;
                continue;
            }

            var start = at;
            fault = WireFormat.Skip(buffer, ref at, end, (uint)tag, out var length);
            if (fault != WireFault.None)
                return fault;
            if (tag == ((1 << 3) | (uint)WireType.Delimited))
                bytes = buffer.AsSpan(at - length, length);
        }

        return WireFault.None;
    }
}

/// <summary>Reads <c>google.protobuf.Timestamp</c> as TIMESTAMP.</summary>
internal sealed class TimestampReader(string path) : ValueMessageReader<long>(path)
{
    /// <inheritdoc/>
    protected override bool TryConvert(ReadOnlySpan<long> numbers, ReadOnlySpan<byte> bytes, SqlType type, out long value)
    {
        var nanos = (int)numbers[2];
        var millis = ((Int128)numbers[1] * 1000) + (nanos / 1_000_000);
        value = (long)millis;
        return nanos is >= 0 and < 1_000_000_000 && millis == value;
    }
}

/// <summary>Reads <c>google.type.Date</c> as DATE.</summary>
internal sealed class DateReader(string path) : ValueMessageReader<int>(path)
{
    /// <inheritdoc/>
    protected override bool TryConvert(ReadOnlySpan<long> numbers, ReadOnlySpan<byte> bytes, SqlType type, out int value)
    {
        var (year, month, day) = ((int)numbers[1], (int)numbers[2], (int)numbers[3]);
        value = 0;
        if (month is < 1 or > 12 || day < 1 || day > CivilCalendar.DaysInMonth(year, month))
            return false;
        var number = CivilCalendar.DayNumber(year, month, day);
        value = (int)number;
        return value == number;
    }
}

/// <summary>Reads <c>google.type.TimeOfDay</c> as TIME.</summary>
internal sealed class TimeOfDayReader(string path) : ValueMessageReader<int>(path)
{
    /// <inheritdoc/>
    protected override bool TryConvert(ReadOnlySpan<long> numbers, ReadOnlySpan<byte> bytes, SqlType type, out int value)
    {
        var (hours, minutes, seconds, nanos) = ((int)numbers[1], (int)numbers[2], (int)numbers[3], (int)numbers[4]);
        var isTime = hours is >= 0 and < 24 && minutes is >= 0 and < 60 && seconds is >= 0 and < 60 && nanos is >= 0 and < 1_000_000_000;
        value = isTime ? (((((hours * 60) + minutes) * 60) + seconds) * 1000) + (nanos / 1_000_000) : 0;
        return isTime;
    }
}

/// <summary>Reads <c>confluent.type.Decimal</c> (the unscaled value, big-endian, and its scale) as DECIMAL, exactly.</summary>
internal sealed class DecimalReader(string path) : ValueMessageReader<Int128>(path)
{
    private const int MaxBytes = 16;
    private const int MaxScale = 1000;

    /// <inheritdoc/>
    protected override bool TryConvert(ReadOnlySpan<long> numbers, ReadOnlySpan<byte> bytes, SqlType type, out Int128 value)
    {
        value = 0;
        var scale = (int)numbers[3];
        if (bytes.Length > MaxBytes || scale is < -MaxScale or > MaxScale)
            return false;
        Span<byte> whole = stackalloc byte[MaxBytes];
        whole.Fill(bytes.Length > 0 && bytes[0] >= 0x80 ? (byte)0xFF : (byte)0);
        bytes.CopyTo(whole[(MaxBytes - bytes.Length)..]);
        var unscaled = BinaryPrimitives.ReadInt128BigEndian(whole);
        return DecimalMath.TryRescale(unscaled, scale, type.Scale, type.Precision, out value)
            && IsExact(unscaled, scale - type.Scale);
    }

    /// <summary>Whether the digits that do not fit the scale are zeros.</summary>
    private static bool IsExact(Int128 unscaled, int digits) =>
        digits <= 0 || (digits <= SqlType.MaxPrecision ? unscaled % DecimalMath.PowerOfTen(digits) == 0 : unscaled == 0);
}
