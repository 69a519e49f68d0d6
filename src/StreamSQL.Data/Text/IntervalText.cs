using StreamSQL.Data.Types;

namespace StreamSQL.Data.Text;

/// <summary>
/// Intervals as PostgreSQL's style <c>postgres</c> writes them: <c>1 year 2 mons 3 days 04:05:06.7</c>. Reading is
/// <see cref="IntervalParser"/>'s.
/// </summary>
public static class IntervalText
{
    /// <summary>The most bytes that an interval takes.</summary>
    public const int MaxLength = 96;

    /// <summary>Writes an interval; returns the bytes written. A part behind a negative one has its sign even if it is positive.</summary>
    public static int Write(Span<byte> destination, Interval value)
    {
        var at = 0;
        var wasNegative = false;
        at = WritePart(destination, at, value.Months / 12, "year"u8, ref wasNegative);
        at = WritePart(destination, at, value.Months % 12, "mon"u8, ref wasNegative);
        at = WritePart(destination, at, value.Days, "day"u8, ref wasNegative);
        if (value.Micros == 0 && at > 0)
            return at;
        if (at > 0)
            destination[at++] = (byte)' ';
        if (value.Micros < 0 || wasNegative)
            destination[at++] = value.Micros < 0 ? (byte)'-' : (byte)'+';
        var micros = UInt128.CreateTruncating(Int128.Abs(value.Micros));
        var seconds = (long)(micros / 1_000_000);
        if (seconds < 36_000)
            destination[at++] = (byte)'0';
        at += IntegerText.Write(destination[at..], seconds / 3600);
        destination[at++] = (byte)':';
        at += DateTimeText.WriteNumber((int)(seconds / 60 % 60), 2, destination[at..]);
        destination[at++] = (byte)':';
        at += DateTimeText.WriteNumber((int)(seconds % 60), 2, destination[at..]);
        return at + DateTimeText.WriteFraction(destination[at..], (int)(micros % 1_000_000));
    }

    private static int WritePart(Span<byte> destination, int at, int value, ReadOnlySpan<byte> unit, ref bool wasNegative)
    {
        if (value == 0)
            return at;
        if (at > 0)
            destination[at++] = (byte)' ';
        if (wasNegative && value > 0)
            destination[at++] = (byte)'+';
        at += IntegerText.Write(destination[at..], value);
        destination[at++] = (byte)' ';
        unit.CopyTo(destination[at..]);
        at += unit.Length;
        if (value != 1)
            destination[at++] = (byte)'s';
        wasNegative = value < 0;
        return at;
    }
}
