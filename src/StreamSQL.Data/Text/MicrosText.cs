using StreamSQL.Data.Types;

namespace StreamSQL.Data.Text;

/// <summary>
/// Timestamps in microseconds since 1970-01-01 00:00 as PostgreSQL writes them. The least and the
/// largest number are minus infinity and infinity.
/// </summary>
public static class MicrosText
{
    /// <summary>The text of <see cref="long.MaxValue"/>.</summary>
    public const string Infinity = "infinity";

    /// <summary>Microseconds of a day.</summary>
    public const long MicrosPerDay = 86_400_000_000;

    /// <summary>Whether a timestamp is one of the infinities.</summary>
    public static bool IsInfinite(long micros) => micros is long.MaxValue or long.MinValue;

    /// <summary>Writes a timestamp without a zone: <c>2001-02-03 04:05:06.7</c>.</summary>
    public static int Write(Span<byte> destination, long micros, byte separator = (byte)' ')
    {
        if (IsInfinite(micros))
            return WriteInfinity(destination, micros > 0);
        var days = CivilCalendar.FloorDiv(micros, MicrosPerDay);
        var at = WriteLocal(destination, days, micros - (days * MicrosPerDay), separator);
        return DateTimeText.IsBeforeChrist(days) ? DateTimeText.AppendEra(destination, at) : at;
    }

    /// <summary>Writes an instant in a zone: <c>2001-02-03 04:05:06.7+01</c>.</summary>
    public static int WriteInstant(Span<byte> destination, long micros, TimeZoneInfo zone, byte separator = (byte)' ')
    {
        if (IsInfinite(micros))
            return WriteInfinity(destination, micros > 0);
        var offset = MicroZones.OffsetAt(zone, micros);
        var local = micros + offset;
        var days = CivilCalendar.FloorDiv(local, MicrosPerDay);
        var at = WriteLocal(destination, days, local - (days * MicrosPerDay), separator);
        at += WriteOffset(destination[at..], (int)(offset / 1_000_000), withMinutes: separator == 'T');
        return DateTimeText.IsBeforeChrist(days) ? DateTimeText.AppendEra(destination, at) : at;
    }

    /// <summary>Writes a time of day: <c>04:05:06.7</c>.</summary>
    public static int WriteTime(Span<byte> destination, long micros)
    {
        var at = DateTimeText.WriteTime(destination, (int)(micros / 1_000_000) * 1000, FractionStyle.Trimmed);
        return at + DateTimeText.WriteFraction(destination[at..], (int)(micros % 1_000_000));
    }

    /// <summary>Writes a time of day with its offset: <c>04:05:06.7+01</c>.</summary>
    public static int WriteTimeTz(Span<byte> destination, ZonedTime value)
    {
        var at = WriteTime(destination, value.Micros);
        return at + WriteOffset(destination[at..], value.OffsetSeconds, withMinutes: false);
    }

    /// <summary>Rounds microseconds to so many digits after the seconds' point, half away from zero.</summary>
    public static long Round(long micros, int digits)
    {
        var unit = 1L;
        for (var i = digits; i < 6; i++)
            unit *= 10;
        var half = micros >= 0 ? unit / 2 : -(unit / 2);
        return digits >= 6 ? micros : (micros + half) / unit * unit;
    }

    /// <summary>Writes <c>infinity</c> or <c>-infinity</c>.</summary>
    public static int WriteInfinity(Span<byte> destination, bool isPositive)
    {
        var text = isPositive ? "infinity"u8 : "-infinity"u8;
        text.CopyTo(destination);
        return text.Length;
    }

    private static int WriteLocal(Span<byte> destination, long days, long microsOfDay, byte separator)
    {
        var at = DateTimeText.WriteDate(destination, days, era: true);
        destination[at++] = separator;
        return at + WriteTime(destination[at..], microsOfDay);
    }

    /// <summary>An offset: hours, and minutes and seconds where there are some.</summary>
    private static int WriteOffset(Span<byte> destination, int seconds, bool withMinutes)
    {
        var at = 0;
        destination[at++] = seconds < 0 ? (byte)'-' : (byte)'+';
        seconds = Math.Abs(seconds);
        at += DateTimeText.WriteNumber(seconds / 3600, 2, destination[at..]);
        if (withMinutes || seconds % 3600 != 0)
        {
            destination[at++] = (byte)':';
            at += DateTimeText.WriteNumber(seconds / 60 % 60, 2, destination[at..]);
        }

        if (seconds % 60 == 0)
            return at;
        destination[at++] = (byte)':';
        return at + DateTimeText.WriteNumber(seconds % 60, 2, destination[at..]);
    }
}

/// <summary>Offsets of zones from UTC in microseconds. A zone keeps its first and last offset beyond the years 1 to 9999.</summary>
public static class MicroZones
{
    private const long MicrosPerSecond = 1_000_000;

    /// <summary>The offset at an instant.</summary>
    public static long OffsetAt(TimeZoneInfo zone, long micros)
    {
        if (ReferenceEquals(zone, TimeZoneInfo.Utc))
            return 0;
        return micros < EarlyOffsets.End * MicrosPerSecond
            && EarlyOffsets.Find(zone, CivilCalendar.FloorDiv(micros, MicrosPerSecond)) is { } seconds
            ? seconds * MicrosPerSecond
            : ZoneOffsets.OfInstant(zone, CivilCalendar.FloorDiv(micros, 1000)) * 1000;
    }

    /// <summary>An instant as the time that a clock in the zone shows. Infinities stay.</summary>
    public static long ToLocal(TimeZoneInfo zone, long micros) => MicrosText.IsInfinite(micros) ? micros : micros + OffsetAt(zone, micros);

    /// <summary>
    /// The instant at which a clock in the zone shows a time: standard time where it does so twice, and before the change where it never
    /// does. Infinities stay.
    /// </summary>
    public static long ToInstant(TimeZoneInfo zone, long local)
    {
        if (MicrosText.IsInfinite(local) || ReferenceEquals(zone, TimeZoneInfo.Utc))
            return local;
        const long MicrosPerDay = MicrosText.MicrosPerDay;
        // The offsets before and after a change that may be near.
        var before = OffsetAt(zone, local - MicrosPerDay);
        var after = OffsetAt(zone, local + MicrosPerDay);
        if (before == after)
            return local - OffsetAt(zone, local - before);
        var (early, late) = (local - before, local - after);
        var earlyHolds = OffsetAt(zone, early) == before;
        var lateHolds = OffsetAt(zone, late) == after;
        return earlyHolds && lateHolds ? Math.Max(early, late) : lateHolds ? late : early;
    }
}
