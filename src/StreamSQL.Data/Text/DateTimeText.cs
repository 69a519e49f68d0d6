namespace StreamSQL.Data.Text;

/// <summary>Dates, times and timestamps as text, written and read digit by digit in UTC.</summary>
public static class DateTimeText
{
    /// <summary>The most bytes that a date, time or timestamp takes as text.</summary>
    public const int MaxLength = 48;

    /// <summary>Writes a date as <c>2001-02-03</c>; a year over 9999 takes more digits, one before 1 a minus. Returns the bytes written.</summary>
    public static int FormatDate(int days, Span<byte> target) => WriteDate(days, target);

    /// <summary>Writes a time as Java's LocalTime does: <c>10:20</c>, <c>10:20:30</c> or <c>10:20:30.400</c>, as short as exact.</summary>
    public static int FormatTimeJava(int millis, Span<byte> target)
    {
        var length = millis % 60_000 == 0 ? 5 : millis % 1000 == 0 ? 8 : 12;
        Span<byte> full = stackalloc byte[12];
        WriteTime(millis, full);
        full[..length].CopyTo(target);
        return length;
    }

    /// <summary>Writes a time as PostgreSQL does: <c>10:20:30</c>, with a fraction only where it is not zero.</summary>
    public static int FormatTimePostgres(int millis, Span<byte> target)
    {
        Span<byte> full = stackalloc byte[12];
        WriteTime(millis, full);
        var length = millis % 1000 == 0 ? 8 : 12;
        while (length > 8 && full[length - 1] == '0')
            length--;
        full[..length].CopyTo(target);
        return length;
    }

    /// <summary>Writes an instant in UTC as ksqlDB does: <c>2001-02-03T10:20:30.400</c>.</summary>
    public static int FormatTimestampIso(long millis, Span<byte> target)
    {
        var days = CivilCalendar.FloorDiv(millis, CivilCalendar.MillisPerDay);
        var length = WriteDate(days, target);
        target[length] = (byte)'T';
        return length + 1 + WriteTime((int)(millis - (days * CivilCalendar.MillisPerDay)), target[(length + 1)..]);
    }

    /// <summary>Writes an instant as PostgreSQL writes a timestamptz in the zone UTC: <c>2001-02-03 10:20:30.4+00</c>.</summary>
    public static int FormatTimestampPostgres(long millis, Span<byte> target)
    {
        var days = CivilCalendar.FloorDiv(millis, CivilCalendar.MillisPerDay);
        var length = WriteDate(days, target);
        target[length++] = (byte)' ';
        length += FormatTimePostgres((int)(millis - (days * CivilCalendar.MillisPerDay)), target[length..]);
        "+00"u8.CopyTo(target[length..]);
        return length + 3;
    }

    /// <summary>Reads a date, <c>2001[-02[-03]]</c>; a time of day after it is dropped.</summary>
    public static ParseResult TryParseDate(ReadOnlySpan<byte> text, out int days)
    {
        days = 0;
        var result = TryParseTimestamp(text, out var millis);
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
    public static ParseResult TryParseTimestamp(ReadOnlySpan<byte> text, out long millis)
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
        return inRange ? ParseResult.Ok : ParseResult.OutOfRange;
    }

    private static int WriteDate(long days, Span<byte> target)
    {
        var (year, month, day) = CivilCalendar.Date(days);
        var at = 0;
        if (year < 0)
            target[at++] = (byte)'-';
        at += WriteNumber(Math.Abs(year), 4, target[at..]);
        target[at++] = (byte)'-';
        at += WriteNumber(month, 2, target[at..]);
        target[at++] = (byte)'-';
        return at + WriteNumber(day, 2, target[at..]);
    }

    private static int WriteTime(int millis, Span<byte> target)
    {
        WriteNumber(millis / 3_600_000, 2, target);
        target[2] = (byte)':';
        WriteNumber(millis / 60_000 % 60, 2, target[3..]);
        target[5] = (byte)':';
        WriteNumber(millis / 1000 % 60, 2, target[6..]);
        target[8] = (byte)'.';
        WriteNumber(millis % 1000, 3, target[9..]);
        return 12;
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
            inRange = year is >= -4712 and <= 294_276 && month is >= 1 and <= 12 && day >= 1 && day <= CivilCalendar.DaysInMonth(year, month);
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
