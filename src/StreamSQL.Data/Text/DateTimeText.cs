using System.Diagnostics;

namespace StreamSQL.Data.Text;

/// <summary>
/// Dates (days since 1970-01-01), times (milliseconds since midnight) and instants (milliseconds since 1970-01-01 UTC) as text, written and
/// read digit by digit in UTC.
/// </summary>
public static class DateTimeText
{
    /// <summary>The most bytes that a date, time or timestamp takes as text.</summary>
    public const int MaxLength = 48;

    /// <summary>
    /// Writes <c>yyyy-MM-dd</c>; years before 1 as Java does (<c>-0043-...</c>) or, with <paramref name="era"/>, without their sign.
    /// </summary>
    public static int WriteDate(Span<byte> destination, long epochDay, bool era = false)
    {
        Debug.Assert(destination.Length >= MaxLength, "room for any date");
        var (year, month, day) = CivilCalendar.Date(epochDay);
        var at = 0;
        if (era && year <= 0)
            year = 1 - year;
        if (year < 0)
        {
            destination[at++] = (byte)'-';
            year = -year;
        }

        at += WriteNumber(year, 4, destination[at..]);
        destination[at++] = (byte)'-';
        at += WriteNumber(month, 2, destination[at..]);
        destination[at++] = (byte)'-';
        return at + WriteNumber(day, 2, destination[at..]);
    }

    /// <summary>Whether a date lies before the year 1 (PostgreSQL then writes BC).</summary>
    public static bool IsBeforeChrist(long epochDay) => epochDay < -719_162;

    /// <summary>Writes <c>HH:mm:ss</c> and, as asked, milliseconds. Returns the bytes written.</summary>
    public static int WriteTime(Span<byte> destination, int millisOfDay, FractionStyle fraction)
    {
        var seconds = millisOfDay / 1000;
        var millis = millisOfDay % 1000;
        var at = WriteNumber(seconds / 3600, 2, destination);
        destination[at++] = (byte)':';
        at += WriteNumber(seconds / 60 % 60, 2, destination[at..]);
        if (fraction == FractionStyle.JavaLocalTime && seconds % 60 == 0 && millis == 0)
            return at;
        destination[at++] = (byte)':';
        at += WriteNumber(seconds % 60, 2, destination[at..]);
        if (fraction != FractionStyle.Always && millis == 0)
            return at;
        destination[at++] = (byte)'.';
        at += WriteNumber(millis, 3, destination[at..]);
        while (fraction == FractionStyle.Trimmed && destination[at - 1] == (byte)'0')
            at--;
        return at;
    }

    /// <summary>Writes an instant as ksqlDB casts it to VARCHAR: <c>2001-01-01T00:00:00.000</c>.</summary>
    public static int WriteKsqlTimestamp(Span<byte> destination, long millis)
    {
        var (epochDay, millisOfDay) = Split(millis);
        var at = WriteDate(destination, epochDay);
        destination[at++] = (byte)'T';
        return at + WriteTime(destination[at..], millisOfDay, FractionStyle.Always);
    }

    /// <summary>Writes an instant as PostgreSQL does in time zone UTC: <c>2001-01-01 00:00:00.5+00</c>.</summary>
    public static int WritePostgresTimestamp(Span<byte> destination, long millis, byte separator = (byte)' ')
    {
        var (epochDay, millisOfDay) = Split(millis);
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
        if (epochDay is int.MaxValue or int.MinValue)
            return MicrosText.WriteInfinity(destination, epochDay > 0);
        var at = WriteDate(destination, epochDay, era: true);
        return IsBeforeChrist(epochDay) ? AppendEra(destination, at) : at;
    }

    /// <summary>Reads a date, <c>2001[-02[-03]]</c>; a time of day after it is dropped.</summary>
    public static ParseResult TryParseDate(ReadOnlySpan<byte> text, out int days)
    {
        days = 0;
        var result = TryParseTimestamp(text, out var millis, endOfDay: true);
        if (result != ParseResult.Ok)
            return result;
        var number = CivilCalendar.FloorDiv(millis, CivilCalendar.MillisPerDay);
        days = (int)number;
        return number == days ? ParseResult.Ok : ParseResult.OutOfRange;
    }

    /// <summary>Reads a time of day: <c>10:20[:30[.400]]</c>.</summary>
    public static ParseResult TryParseTime(ReadOnlySpan<byte> text, out int millis)
    {
        text = text.Trim((byte)' ');
        var scanner = new Scanner(text);
        millis = 0;
        if (!scanner.TryTime(out var time, out var inRange) || !scanner.AtEnd || !text.Contains((byte)':'))
            return ParseResult.Malformed;
        millis = (int)time;
        return inRange && time < CivilCalendar.MillisPerDay ? ParseResult.Ok : ParseResult.OutOfRange;
    }

    /// <summary>
    /// Reads an instant: <c>2001[-02[-03[T10[:20[:30[.400]]]]]]</c>, a space in place of the T, then nothing (UTC), <c>Z</c> or an offset
    /// (<c>+02</c>, <c>+0200</c>, <c>+02:00</c>). Digits beyond the millisecond are dropped.
    /// </summary>
    /// <param name="text">The text; all of it must be read.</param>
    /// <param name="millis">Milliseconds since 1970-01-01 UTC.</param>
    /// <param name="endOfDay">Whether 24:00 is the end of a day; else it is out of range.</param>
    public static ParseResult TryParseTimestamp(ReadOnlySpan<byte> text, out long millis, bool endOfDay = false)
    {
        var scanner = new Scanner(text.Trim((byte)' '));
        millis = 0;
        if (!scanner.TryDate(out var days, out var inRange))
            return ParseResult.Malformed;
        var time = 0L;
        if (scanner.TrySkip((byte)'T') || scanner.TrySkip((byte)' ') || scanner.TrySkip((byte)'t'))
        {
            if (!scanner.TryTime(out time, out var timeInRange))
                return ParseResult.Malformed;
            inRange &= timeInRange;
        }

        if (!scanner.TryOffset(out var offset) || !scanner.AtEnd)
            return ParseResult.Malformed;
        millis = (days * CivilCalendar.MillisPerDay) + time - offset;
        return inRange && (endOfDay || time < CivilCalendar.MillisPerDay) ? ParseResult.Ok : ParseResult.OutOfRange;
    }

    private static (long EpochDay, int MillisOfDay) Split(long millis)
    {
        var day = CivilCalendar.FloorDiv(millis, CivilCalendar.MillisPerDay);
        return (day, (int)(millis - (day * CivilCalendar.MillisPerDay)));
    }

    internal static int AppendEra(Span<byte> destination, int at)
    {
        " BC"u8.CopyTo(destination[at..]);
        return at + 3;
    }

    /// <summary>Writes a point and microseconds without zeros at the end; nothing when there are none.</summary>
    internal static int WriteFraction(Span<byte> destination, int micros)
    {
        if (micros == 0)
            return 0;
        destination[0] = (byte)'.';
        var at = 1 + WriteNumber(micros, 6, destination[1..]);
        while (destination[at - 1] == (byte)'0')
            at--;
        return at;
    }

    /// <summary>Writes a number of at least <paramref name="minDigits"/> digits; returns how many.</summary>
    internal static int WriteNumber(int number, int minDigits, Span<byte> target)
    {
        var digits = 1;
        for (var rest = number / 10; rest > 0; rest /= 10)
            digits++;
        digits = Math.Max(digits, minDigits);
        for (var i = digits - 1; i >= 0; i--, number /= 10)
            target[i] = (byte)('0' + (number % 10));
        return digits;
    }

    /// <summary>Reads numbers and separators from the front.</summary>
    private ref struct Scanner(ReadOnlySpan<byte> text)
    {
        private ReadOnlySpan<byte> _rest = text;

        public readonly bool AtEnd => _rest.IsEmpty;

        public bool TrySkip(byte b)
        {
            if (_rest.IsEmpty || _rest[0] != b)
                return false;
            _rest = _rest[1..];
            return true;
        }

        public bool TryDate(out long days, out bool inRange)
        {
            days = 0;
            inRange = false;
            var negative = TrySkip((byte)'-');
            if (!TryNumber(4, 9, out var year))
                return false;
            int month = 1, day = 1;
            if (TrySkip((byte)'-') && (!TryNumber(1, 2, out month) || (TrySkip((byte)'-') && !TryNumber(1, 2, out day))))
                return false;
            year = negative ? -year : year;
            inRange = year is >= -4712 and <= 294_276 && month is >= 1 and <= 12 && day >= 1
                && day <= CivilCalendar.DaysInMonth(year, month);
            if (inRange)
                days = CivilCalendar.DayNumber(year, month, day);
            return true;
        }

        public bool TryTime(out long millis, out bool inRange)
        {
            millis = 0;
            inRange = false;
            int minute = 0, second = 0, fraction = 0;
            if (!TryNumber(1, 2, out var hour))
                return false;
            if (TrySkip((byte)':') && (!TryNumber(2, 2, out minute) || (TrySkip((byte)':') && !TrySecond(out second, out fraction))))
                return false;
            inRange = minute < 60 && second < 60 && (hour < 24 || (hour == 24 && minute + second + fraction == 0));
            millis = (((((hour * 60L) + minute) * 60) + second) * 1000) + fraction;
            return true;
        }

        /// <summary>Reads nothing, Z, or an offset from UTC.</summary>
        public bool TryOffset(out long millis)
        {
            millis = 0;
            if (AtEnd || TrySkip((byte)'Z') || TrySkip((byte)'z'))
                return true;
            TrySkip((byte)' ');
            var negative = TrySkip((byte)'-');
            if (!negative && !TrySkip((byte)'+'))
                return TrySkipText("UTC"u8) || TrySkipText("GMT"u8);
            if (!TryNumber(2, 2, out var hours))
                return false;
            var minutes = 0;
            TrySkip((byte)':');
            if (!AtEnd && !TryNumber(2, 2, out minutes))
                return false;
            millis = ((hours * 60L) + minutes) * (negative ? -60_000 : 60_000);
            return hours <= 18 && minutes < 60;
        }

        private bool TrySecond(out int second, out int fraction)
        {
            fraction = 0;
            if (!TryNumber(2, 2, out second))
                return false;
            if (!TrySkip((byte)'.'))
                return true;
            var digits = 0;
            for (; !_rest.IsEmpty && char.IsAsciiDigit((char)_rest[0]); _rest = _rest[1..], digits++)
            {
                if (digits < 3)
                    fraction = (fraction * 10) + (_rest[0] - '0');
            }

            for (var i = digits; i < 3; i++)
                fraction *= 10;
            return digits > 0;
        }

        private bool TrySkipText(ReadOnlySpan<byte> text)
        {
            if (!_rest.StartsWith(text))
                return false;
            _rest = _rest[text.Length..];
            return true;
        }

        private bool TryNumber(int minDigits, int maxDigits, out int number)
        {
            number = 0;
            var digits = 0;
            while (digits < maxDigits && digits < _rest.Length && char.IsAsciiDigit((char)_rest[digits]))
                number = (number * 10) + (_rest[digits++] - '0');
            if (digits < minDigits)
                return false;
            _rest = _rest[digits..];
            return true;
        }
    }
}

/// <summary>How milliseconds are written.</summary>
public enum FractionStyle : byte
{
    /// <summary>Always three digits.</summary>
    Always,

    /// <summary>No trailing zeros, nothing when zero (PostgreSQL).</summary>
    Trimmed,

    /// <summary>Three digits or nothing; seconds left out when they and the fraction are zero (Java's LocalTime).</summary>
    JavaLocalTime,
}
