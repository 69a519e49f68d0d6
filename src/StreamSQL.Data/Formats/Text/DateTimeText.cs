using System.Diagnostics;

namespace StreamSQL.Data.Formats.Text;

/// <summary>Dates (days since 1970-01-01), times (milliseconds since midnight) and instants (milliseconds since 1970-01-01 UTC) as ISO 8601 text.</summary>
internal static class DateTimeText
{
    /// <summary>Room that any value's text fits in.</summary>
    public const int MaxLength = 48;

    private const long MillisPerDay = 86_400_000;

    /// <summary>Writes <c>yyyy-MM-dd</c>; years before 1 as Java does (<c>-0043-...</c>) or, with <paramref name="era"/>, without their sign.</summary>
    public static int WriteDate(Span<byte> destination, long epochDay, bool era = false)
    {
        Debug.Assert(destination.Length >= MaxLength, "room for any date");
        CivilFromDays(epochDay, out var year, out var month, out var day);
        var at = 0;
        if (era && year <= 0)
            year = 1 - year;
        if (year < 0)
        {
            destination[at++] = (byte)'-';
            year = -year;
        }

        if (year <= 9999)
            at = WritePadded(destination, at, (int)year, 4);
        else
            at += NumberText.WriteInt64(ref destination[at], year);
        destination[at++] = (byte)'-';
        at = WritePadded(destination, at, month, 2);
        destination[at++] = (byte)'-';
        return WritePadded(destination, at, day, 2);
    }

    /// <summary>Whether a date lies before the year 1 (PostgreSQL then writes BC).</summary>
    public static bool IsBeforeChrist(long epochDay) => epochDay < -719_162;

    /// <summary>Writes <c>HH:mm:ss</c> and, as asked, milliseconds. Returns the bytes written.</summary>
    public static int WriteTime(Span<byte> destination, int millisOfDay, FractionStyle fraction)
    {
        var seconds = millisOfDay / 1000;
        var millis = millisOfDay % 1000;
        var at = WritePadded(destination, 0, seconds / 3600, 2);
        destination[at++] = (byte)':';
        at = WritePadded(destination, at, seconds / 60 % 60, 2);
        if (fraction == FractionStyle.JavaLocalTime && seconds % 60 == 0 && millis == 0)
            return at;
        destination[at++] = (byte)':';
        at = WritePadded(destination, at, seconds % 60, 2);
        if (fraction != FractionStyle.Always && millis == 0)
            return at;
        destination[at++] = (byte)'.';
        at = WritePadded(destination, at, millis, 3);
        while (fraction == FractionStyle.Trimmed && destination[at - 1] == (byte)'0')
            at--;
        return at;
    }

    /// <summary>Writes an instant as ksqlDB casts it to VARCHAR: <c>2001-01-01T00:00:00.000</c>.</summary>
    public static int WriteKsqlTimestamp(Span<byte> destination, long millis)
    {
        var at = WriteDate(destination, FloorDay(millis, out var millisOfDay));
        destination[at++] = (byte)'T';
        return at + WriteTime(destination[at..], millisOfDay, FractionStyle.Always);
    }

    /// <summary>Writes an instant as PostgreSQL does in time zone UTC: <c>2001-01-01 00:00:00.5+00</c>.</summary>
    public static int WritePostgresTimestamp(Span<byte> destination, long millis, byte separator = (byte)' ')
    {
        var epochDay = FloorDay(millis, out var millisOfDay);
        var at = WriteDate(destination, epochDay, era: true);
        destination[at++] = separator;
        at += WriteTime(destination[at..], millisOfDay, FractionStyle.Trimmed);
        var zone = separator == (byte)'T' ? "+00:00"u8 : "+00"u8;
        zone.CopyTo(destination[at..]);
        at += zone.Length;
        return IsBeforeChrist(epochDay) ? AppendEra(destination, at) : at;
    }

    /// <summary>Writes a date as PostgreSQL does.</summary>
    public static int WritePostgresDate(Span<byte> destination, int epochDay)
    {
        var at = WriteDate(destination, epochDay, era: true);
        return IsBeforeChrist(epochDay) ? AppendEra(destination, at) : at;
    }

    /// <summary>Reads <c>yyyy-MM-dd</c>, nothing else.</summary>
    public static bool TryParseDate(ReadOnlySpan<byte> text, out int epochDay)
    {
        epochDay = 0;
        return ReadDate(ref text, out epochDay) && text.IsEmpty;
    }

    /// <summary>Reads <c>HH:mm[:ss[.fraction]]</c>; digits beyond milliseconds are cut off.</summary>
    public static bool TryParseTime(ReadOnlySpan<byte> text, out int millisOfDay)
    {
        millisOfDay = 0;
        return ReadTime(ref text, out millisOfDay) && text.IsEmpty;
    }

    /// <summary>Reads <c>date[(T| )time][Z|(+|-)HH[[:]mm]]</c>; without a zone it is UTC.</summary>
    public static bool TryParseTimestamp(ReadOnlySpan<byte> text, out long millis)
    {
        millis = 0;
        if (!ReadDate(ref text, out var epochDay))
            return false;
        var millisOfDay = 0;
        if (text.Length > 1 && (text[0] | 0x20) is 't' or ' ')
        {
            text = text[1..];
            if (!ReadTime(ref text, out millisOfDay))
                return false;
        }

        if (!ReadZone(text, out var offsetMinutes))
            return false;
        millis = (epochDay * MillisPerDay) + millisOfDay - (offsetMinutes * 60_000L);
        return true;
    }

    /// <summary>The day that an instant falls on, and the milliseconds since that day's midnight.</summary>
    public static long FloorDay(long millis, out int millisOfDay)
    {
        var day = Math.DivRem(millis, MillisPerDay, out var rest);
        if (rest < 0)
        {
            rest += MillisPerDay;
            day--;
        }

        millisOfDay = (int)rest;
        return day;
    }

    /// <summary>The Gregorian date of a day (Howard Hinnant's algorithm: years start in March, eras have 400 years).</summary>
    public static void CivilFromDays(long epochDay, out long year, out int month, out int day)
    {
        var shifted = epochDay + 719_468;
        var era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097;
        var dayOfEra = (int)(shifted - (era * 146_097));
        var yearOfEra = (dayOfEra - (dayOfEra / 1460) + (dayOfEra / 36_524) - (dayOfEra / 146_096)) / 365;
        var dayOfYear = dayOfEra - ((365 * yearOfEra) + (yearOfEra / 4) - (yearOfEra / 100));
        var shiftedMonth = ((5 * dayOfYear) + 2) / 153;
        day = dayOfYear - (((153 * shiftedMonth) + 2) / 5) + 1;
        month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9;
        year = yearOfEra + (era * 400) + (month <= 2 ? 1 : 0);
    }

    /// <summary>The day of a Gregorian date.</summary>
    public static int DaysFromCivil(int year, int month, int day)
    {
        var shifted = month <= 2 ? year - 1 : year;
        var era = (shifted >= 0 ? shifted : shifted - 399) / 400;
        var yearOfEra = shifted - (era * 400);
        var dayOfYear = (((153 * (month > 2 ? month - 3 : month + 9)) + 2) / 5) + day - 1;
        return (era * 146_097) + (yearOfEra * 365) + (yearOfEra / 4) - (yearOfEra / 100) + dayOfYear - 719_468;
    }

    private static bool ReadDate(ref ReadOnlySpan<byte> text, out int epochDay)
    {
        epochDay = 0;
        var digits = text.IndexOf((byte)'-');
        if (digits is < 4 or > 6 || !ReadNumber(ref text, digits, out var year) || !Skip(ref text, '-') || !ReadNumber(ref text, 2, out var month)
            || !Skip(ref text, '-') || !ReadNumber(ref text, 2, out var day))
            return false;
        if (year == 0 || month is < 1 or > 12 || day < 1 || day > DaysInMonth(year, month))
            return false;
        epochDay = DaysFromCivil(year, month, day);
        return true;
    }

    private static bool ReadTime(ref ReadOnlySpan<byte> text, out int millisOfDay)
    {
        millisOfDay = 0;
        var second = 0;
        if (!ReadNumber(ref text, 2, out var hour) || !Skip(ref text, ':') || !ReadNumber(ref text, 2, out var minute))
            return false;
        var millis = 0;
        if (Skip(ref text, ':'))
        {
            if (!ReadNumber(ref text, 2, out second))
                return false;
            if (Skip(ref text, '.') && !ReadFraction(ref text, out millis))
                return false;
        }

        if (hour > 23 || minute > 59 || second > 59)
            return false;
        millisOfDay = (((((hour * 60) + minute) * 60) + second) * 1000) + millis;
        return true;
    }

    private static bool ReadFraction(ref ReadOnlySpan<byte> text, out int millis)
    {
        millis = 0;
        var digits = 0;
        while (digits < text.Length && char.IsAsciiDigit((char)text[digits]))
        {
            if (digits < 3)
                millis = (millis * 10) + text[digits] - '0';
            digits++;
        }

        for (var i = digits; i < 3; i++)
            millis *= 10;
        text = text[digits..];
        return digits is > 0 and <= 9;
    }

    private static bool ReadZone(ReadOnlySpan<byte> text, out int offsetMinutes)
    {
        offsetMinutes = 0;
        if (text.Length > 0 && text[0] == (byte)' ')
            text = text[1..];
        if (text.IsEmpty || text is [(byte)'Z' or (byte)'z'])
            return true;
        if (text[0] is not ((byte)'+' or (byte)'-'))
            return false;
        var sign = text[0] == (byte)'-' ? -1 : 1;
        text = text[1..];
        if (!ReadNumber(ref text, 2, out var hours))
            return false;
        var minutes = 0;
        if (!text.IsEmpty)
        {
            Skip(ref text, ':');
            if (!ReadNumber(ref text, 2, out minutes))
                return false;
        }

        offsetMinutes = sign * ((hours * 60) + minutes);
        return text.IsEmpty && hours <= 18 && minutes <= 59;
    }

    private static bool ReadNumber(ref ReadOnlySpan<byte> text, int digits, out int value)
    {
        value = 0;
        if (text.Length < digits)
            return false;
        for (var i = 0; i < digits; i++)
        {
            var digit = (uint)text[i] - '0';
            if (digit > 9)
                return false;
            value = (value * 10) + (int)digit;
        }

        text = text[digits..];
        return true;
    }

    private static bool Skip(ref ReadOnlySpan<byte> text, char expected)
    {
        if (text.IsEmpty || text[0] != expected)
            return false;
        text = text[1..];
        return true;
    }

    private static int DaysInMonth(int year, int month) => month switch
    {
        2 => (year % 4 == 0 && year % 100 != 0) || year % 400 == 0 ? 29 : 28,
        4 or 6 or 9 or 11 => 30,
        _ => 31,
    };

    private static int WritePadded(Span<byte> destination, int at, int value, int digits)
    {
        for (var i = digits - 1; i >= 0; i--)
        {
            destination[at + i] = (byte)('0' + (value % 10));
            value /= 10;
        }

        return at + digits;
    }

    private static int AppendEra(Span<byte> destination, int at)
    {
        " BC"u8.CopyTo(destination[at..]);
        return at + 3;
    }
}

/// <summary>How milliseconds are written.</summary>
internal enum FractionStyle : byte
{
    /// <summary>Always three digits.</summary>
    Always,

    /// <summary>No trailing zeros, nothing when zero (PostgreSQL).</summary>
    Trimmed,

    /// <summary>Three digits or nothing; seconds left out when they and the fraction are zero (Java's LocalTime).</summary>
    JavaLocalTime,
}
