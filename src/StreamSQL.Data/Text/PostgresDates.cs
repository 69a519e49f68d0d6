using System.Text;
using Npgsql;
using StreamSQL.Data.Functions;
using StreamSQL.Data.Types;

namespace StreamSQL.Data.Text;

/// <summary>
/// Texts as PostgreSQL's date, time and timestamps, and what is in their range. The largest and the
/// least number of a type are its infinities.
/// </summary>
internal static class PostgresDates
{
    /// <summary>The Julian day of 1970-01-01.</summary>
    public const int JulianOfEpoch = 2_440_588;

    /// <summary>The last day of a date: 5874897-12-31.</summary>
    public const int MaxDay = 2_145_042_905;

    private const long MicrosPerDay = MicrosText.MicrosPerDay;
    private const int MaxShown = 200;

    /// <summary>Whether a day is in a date's range.</summary>
    public static bool IsDay(long days) => days is >= -JulianOfEpoch and <= MaxDay;

    /// <summary>Whether a timestamp is in its range: from 4713 BC to the year 294246, where the numbers end.</summary>
    public static bool IsTimestamp(Int128 micros) => micros >= -JulianOfEpoch * (Int128)MicrosPerDay && micros < long.MaxValue;

    /// <summary>A day's midnight; false when no timestamp holds it. Infinities stay.</summary>
    public static bool TryMidnight(int days, out long micros)
    {
        micros = days == int.MaxValue ? long.MaxValue : days == int.MinValue ? long.MinValue : 0;
        if (micros != 0)
            return true;
        var midnight = days * (Int128)MicrosPerDay;
        micros = IsTimestamp(midnight) ? (long)midnight : 0;
        return IsTimestamp(midnight);
    }

    /// <summary>The day of a timestamp. Infinities stay.</summary>
    public static int DayOf(long micros) =>
        micros == long.MaxValue ? int.MaxValue : micros == long.MinValue ? int.MinValue : (int)CivilCalendar.FloorDiv(micros, MicrosPerDay);

    /// <summary>Reads a timestamp without a zone; a zone in the text is not looked at.</summary>
    public static DateTimeFailure TryTimestamp(ReadOnlySpan<byte> text, TimeProvider time, out long micros)
    {
        micros = 0;
        var failure = DateTimeParser.TryParse(text, isTime: false, StatementClock.FormsOf(time).Order, out var parts);
        if (failure != DateTimeFailure.None)
            return failure;
        switch (parts.Special)
        {
            case DateTimeSpecial.Infinity or DateTimeSpecial.MinusInfinity:
                micros = parts.Special == DateTimeSpecial.Infinity ? long.MaxValue : long.MinValue;
                return DateTimeFailure.None;
            case DateTimeSpecial.Now:
                micros = MicroZones.ToLocal(StatementClock.ZoneOf(time), StatementClock.Now(time));
                return DateTimeFailure.None;
            default:
                if (!TryDays(parts, time, out var days))
                    return DateTimeFailure.Malformed;
                var value = (days * (Int128)MicrosPerDay) + parts.Micros;
                micros = IsTimestamp(value) ? (long)value : 0;
                return IsTimestamp(value) ? DateTimeFailure.None : DateTimeFailure.TypeOutOfRange;
        }
    }

    /// <summary>Reads an instant; without a zone it is meant in the session's.</summary>
    public static DateTimeFailure TryInstant(ReadOnlySpan<byte> text, TimeProvider time, out long micros)
    {
        micros = 0;
        var failure = DateTimeParser.TryParse(text, isTime: false, StatementClock.FormsOf(time).Order, out var parts);
        if (failure != DateTimeFailure.None)
            return failure;
        if (parts.Special is DateTimeSpecial.Now or DateTimeSpecial.Epoch)
        {
            micros = parts.Special == DateTimeSpecial.Now ? StatementClock.Now(time) : 0;
            return DateTimeFailure.None;
        }

        failure = TryTimestamp(text, time, out var local);
        if (failure != DateTimeFailure.None)
            return failure;
        var zone = parts.Zone ?? StatementClock.ZoneOf(time);
        if (MicrosText.IsInfinite(local))
            micros = local;
        else if (parts.HasZone && parts.Zone is null)
            micros = local - (parts.OffsetSeconds * 1_000_000L);
        else
            micros = MicroZones.ToInstant(zone, local);
        return MicrosText.IsInfinite(micros) || IsTimestamp(micros) ? DateTimeFailure.None : DateTimeFailure.TypeOutOfRange;
    }

    /// <summary>Reads a date; a time behind it is not looked at.</summary>
    public static DateTimeFailure TryDate(ReadOnlySpan<byte> text, TimeProvider time, out int days)
    {
        days = 0;
        var failure = DateTimeParser.TryParse(text, isTime: false, StatementClock.FormsOf(time).Order, out var parts);
        if (failure != DateTimeFailure.None)
            return failure;
        if (parts.Special is DateTimeSpecial.Infinity or DateTimeSpecial.MinusInfinity)
        {
            days = parts.Special == DateTimeSpecial.Infinity ? int.MaxValue : int.MinValue;
            return DateTimeFailure.None;
        }

        if (!TryDays(parts, time, out var number))
            return DateTimeFailure.Malformed;
        days = IsDay(number) ? (int)number : 0;
        return IsDay(number) ? DateTimeFailure.None : DateTimeFailure.TypeOutOfRange;
    }

    /// <summary>Reads a time of day, in microseconds; 24:00 is the end of a day. A zone in the text is not looked at.</summary>
    public static DateTimeFailure TryTime(ReadOnlySpan<byte> text, TimeProvider time, out long micros)
    {
        micros = 0;
        var failure = DateTimeParser.TryParse(text, isTime: true, StatementClock.FormsOf(time).Order, out var parts);
        if (failure != DateTimeFailure.None)
            return failure;
        if (parts.Special == DateTimeSpecial.Now)
            parts.Micros = CivilCalendar.FloorMod(MicroZones.ToLocal(StatementClock.ZoneOf(time), StatementClock.Now(time)), MicrosPerDay);
        else if (!parts.HasTime || parts.Special != DateTimeSpecial.None)
            return DateTimeFailure.Malformed;
        micros = parts.Micros;
        return DateTimeFailure.None;
    }

    /// <summary>Reads a time of day with an offset; without one it is meant in the session's zone.</summary>
    public static DateTimeFailure TryTimeTz(ReadOnlySpan<byte> text, TimeProvider time, out ZonedTime value)
    {
        value = default;
        var failure = TryTime(text, time, out var micros);
        if (failure != DateTimeFailure.None)
            return failure;
        failure = DateTimeParser.TryParse(text, isTime: true, StatementClock.FormsOf(time).Order, out var parts);
        if (failure != DateTimeFailure.None)
            return failure;
        if (parts.Zone is { } zone)
        {
            // A region has an offset only on some day.
            if (!parts.HasDate)
                return DateTimeFailure.Malformed;
            var local = (parts.Days * MicrosPerDay) + micros;
            value = new(micros, (int)((local - MicroZones.ToInstant(zone, local)) / 1_000_000));
        }
        else
        {
            value = parts.HasZone ? new(micros, parts.OffsetSeconds) : InZone(time, micros);
        }

        return DateTimeFailure.None;
    }

    /// <summary>A time of day with the offset that the session's zone has today at that time.</summary>
    public static ZonedTime InZone(TimeProvider time, long micros)
    {
        var local = (Today(time) * MicrosPerDay) + micros;
        return new(micros, (int)((local - MicroZones.ToInstant(StatementClock.ZoneOf(time), local)) / 1_000_000));
    }

    /// <summary>Microseconds rounded to milliseconds.</summary>
    public static long MillisOf(long micros) => CivilCalendar.FloorDiv(micros + 500, 1000);

    /// <summary>Whether what a text means depends on the session's zone and DateStyle, or on the time.</summary>
    public static bool DependsOnSession(ReadOnlySpan<byte> text, bool isInstant) =>
        DateTimeParser.TryParse(text, isTime: false, DateOrder.MonthFirst, out var parts) != DateTimeFailure.None
        || IsOther(text, DateOrder.DayFirst, parts.Days) || IsOther(text, DateOrder.YearFirst, parts.Days)
        || parts.Special is DateTimeSpecial.Now or DateTimeSpecial.Today or DateTimeSpecial.Tomorrow or DateTimeSpecial.Yesterday
        || (isInstant && parts.Special == DateTimeSpecial.None && !parts.HasZone);

    private static bool IsOther(ReadOnlySpan<byte> text, DateOrder order, long days) =>
        DateTimeParser.TryParse(text, isTime: false, order, out var parts) != DateTimeFailure.None || parts.Days != days;

    /// <summary>SQLSTATE and message of a failure, in PostgreSQL's words.</summary>
    public static (string SqlState, string Message) Explain(DateTimeFailure failure, string type, ReadOnlySpan<byte> text)
    {
        var shown = Encoding.UTF8.GetString(text[..Math.Min(text.Length, MaxShown)]);
        return failure switch
        {
            DateTimeFailure.Malformed => (PostgresErrorCodes.InvalidDatetimeFormat, $"invalid input syntax for type {type}: \"{shown}\""),
            DateTimeFailure.OffsetOutOfRange =>
                (PostgresErrorCodes.InvalidTimeZoneDisplacementValue, $"time zone displacement out of range: \"{shown}\""),
            DateTimeFailure.UnknownZone => (PostgresErrorCodes.InvalidParameterValue, $"time zone \"{ZoneIn(shown)}\" not recognized"),
            DateTimeFailure.TypeOutOfRange =>
                (PostgresErrorCodes.DatetimeFieldOverflow, $"{(type == "date" ? "date" : "timestamp")} out of range: \"{shown}\""),
            _ => (PostgresErrorCodes.DatetimeFieldOverflow, $"date/time field value out of range: \"{shown}\""),
        };
    }

    // The word with a slash or underscore, as PostgreSQL shows it.
    private static string ZoneIn(string text) =>
        text.Split(' ').FirstOrDefault(static word => word.Length > 0 && char.IsAsciiLetter(word[0])
            && word.AsSpan().ContainsAny('/', '_'))?.ToLowerInvariant() ?? text;

    private static bool TryDays(in DateTimeParts parts, TimeProvider time, out long days)
    {
        days = parts.Days;
        if (parts.Special is DateTimeSpecial.Today or DateTimeSpecial.Tomorrow or DateTimeSpecial.Yesterday or DateTimeSpecial.Now)
        {
            days = Today(time) + (parts.Special == DateTimeSpecial.Tomorrow ? 1 : parts.Special == DateTimeSpecial.Yesterday ? -1 : 0);
            return true;
        }

        return parts.HasDate || parts.Special == DateTimeSpecial.Epoch;
    }

    /// <summary>The present day in the session's zone.</summary>
    public static int Today(TimeProvider time) => DayOf(MicroZones.ToLocal(StatementClock.ZoneOf(time), StatementClock.Now(time)));
}
