using System.Text;

namespace StreamSQL.Data.Text;

/// <summary>What a run of pattern letters stands for.</summary>
internal enum DateFieldKind : byte
{
    Literal,
    Era,
    Year,
    Month,
    MonthName,
    Day,
    DayOfYear,
    DayOfWeek,
    DayOfWeekName,
    Hour,
    ClockHour,
    HalfDayHour,
    HalfDayClockHour,
    HalfDay,
    Minute,
    Second,
    Fraction,
    Nanos,
    Offset,
    Zone,
}

/// <summary>One field, or literal text, of a <see cref="JavaDatePattern"/>.</summary>
internal sealed class DatePatternField
{
    private const int MaxYearDigits = 9;
    private const int MaxZoneLength = 40;

    private static readonly byte[][] Months = Names("January February March April May June July August September October November December");
    private static readonly byte[][] Days = Names("Monday Tuesday Wednesday Thursday Friday Saturday Sunday");

    private readonly DateFieldKind _kind;
    private readonly char _letter;
    private readonly int _count;
    private readonly byte[] _text;
    private bool _isFixedWidth;

    private DatePatternField(DateFieldKind kind, char letter, int count, byte[] text)
    {
        _kind = kind;
        _letter = letter;
        _count = count;
        _text = text;
    }

    /// <summary>The most bytes that it writes.</summary>
    public int MaxLength => _kind == DateFieldKind.Literal ? _text.Length : Math.Max(_count, _kind == DateFieldKind.Zone ? 3 * MaxZoneLength : 12);

    public bool IsTime => _kind is >= DateFieldKind.Hour and <= DateFieldKind.Nanos;

    public bool IsDate => _kind is >= DateFieldKind.Year and <= DateFieldKind.DayOfWeekName;

    private bool IsNumber => _kind is not (DateFieldKind.Literal or DateFieldKind.Era or DateFieldKind.MonthName or DateFieldKind.DayOfWeekName
        or DateFieldKind.HalfDay or DateFieldKind.Offset or DateFieldKind.Zone);

    public static DatePatternField OfText(ReadOnlySpan<char> text) => new(DateFieldKind.Literal, '\0', 0, Encoding.UTF8.GetBytes(text.ToArray()));

    /// <summary>The field of a run of letters; null when the letter has no meaning, or not that often.</summary>
    public static DatePatternField? TryCreate(char letter, int count)
    {
        var (kind, maxCount) = letter switch
        {
            'G' => (DateFieldKind.Era, 4),
            'y' or 'u' => (DateFieldKind.Year, MaxYearDigits),
            'M' or 'L' => (count > 2 ? DateFieldKind.MonthName : DateFieldKind.Month, 4),
            'd' => (DateFieldKind.Day, 2),
            'D' => (DateFieldKind.DayOfYear, 3),
            'E' => (DateFieldKind.DayOfWeekName, 4),
            'e' => (DateFieldKind.DayOfWeek, 1),
            'H' => (DateFieldKind.Hour, 2),
            'k' => (DateFieldKind.ClockHour, 2),
            'K' => (DateFieldKind.HalfDayHour, 2),
            'h' => (DateFieldKind.HalfDayClockHour, 2),
            'a' => (DateFieldKind.HalfDay, 1),
            'm' => (DateFieldKind.Minute, 2),
            's' => (DateFieldKind.Second, 2),
            'S' => (DateFieldKind.Fraction, 9),
            'n' => (DateFieldKind.Nanos, 9),
            'X' or 'x' => (DateFieldKind.Offset, 3),
            'Z' => (DateFieldKind.Offset, 5),
            'O' => (DateFieldKind.Offset, 4),
            'z' => (DateFieldKind.Zone, 4),
            'V' => (DateFieldKind.Zone, 2),
            _ => (DateFieldKind.Literal, 0),
        };
        return count <= maxCount ? new(kind, letter, count, []) : null;
    }

    /// <summary>A number directly before another number takes exactly as many digits as it has letters.</summary>
    public static void MarkAdjacentNumbers(List<DatePatternField> fields)
    {
        for (var i = 0; i + 1 < fields.Count; i++)
            fields[i]._isFixedWidth = fields[i].IsNumber && fields[i + 1].IsNumber && fields[i]._count > 1;
    }

    /// <summary>Reads the field from the front of <paramref name="text"/>.</summary>
    public bool TryRead(ref ReadOnlySpan<byte> text, ref DateFieldValues values)
    {
        switch (_kind)
        {
            case DateFieldKind.Literal:
                if (!text.StartsWith(_text))
                    return false;
                text = text[_text.Length..];
                return true;
            case DateFieldKind.Era:
                return TryReadEra(ref text, ref values);
            case DateFieldKind.Year:
                return TryReadYear(ref text, ref values);
            case DateFieldKind.MonthName:
                return TryReadName(ref text, Months, out values.Month);
            case DateFieldKind.DayOfWeekName:
                return TryReadName(ref text, Days, out _);
            case DateFieldKind.HalfDay:
                return TryReadHalfDay(ref text, ref values);
            case DateFieldKind.Fraction:
                return TryReadFraction(ref text, ref values);
            case DateFieldKind.Offset or DateFieldKind.Zone:
                return TryReadZone(ref text, ref values);
            default:
                return TryReadNumber(ref text, ref values);
        }
    }

    /// <summary>Writes the field; returns the bytes written.</summary>
    public int Write(in LocalMoment moment, Span<byte> target)
    {
        switch (_kind)
        {
            case DateFieldKind.Literal:
                return Copy(_text, target);
            case DateFieldKind.Era:
                return Copy(moment.Year > 0 ? "AD"u8 : "BC"u8, target);
            case DateFieldKind.Year:
                return WriteYear(moment.Year, target);
            case DateFieldKind.MonthName:
                return Copy(_count > 3 ? Months[moment.Month - 1] : Months[moment.Month - 1].AsSpan(0, 3), target);
            case DateFieldKind.DayOfWeekName:
                var day = Days[CivilCalendar.IsoDayOfWeek(moment.DayNumber) - 1];
                return Copy(_count > 3 ? day : day.AsSpan(0, 3), target);
            case DateFieldKind.HalfDay:
                return Copy(moment.Hour < 12 ? "AM"u8 : "PM"u8, target);
            case DateFieldKind.Fraction:
                return WriteFraction(moment.MillisOfDay % 1000, target);
            case DateFieldKind.Offset:
                return WriteOffset(moment.OffsetMinutes, target);
            case DateFieldKind.Zone:
                return WriteZone(moment, target);
            default:
                return DateTimeText.WriteNumber(Number(moment), _count, target);
        }
    }

    private int Number(in LocalMoment moment) => _kind switch
    {
        DateFieldKind.Month => moment.Month,
        DateFieldKind.Day => moment.Day,
        DateFieldKind.DayOfYear => (int)(moment.DayNumber - CivilCalendar.DayNumber(moment.Year, 1, 1)) + 1,
        DateFieldKind.DayOfWeek => CivilCalendar.IsoDayOfWeek(moment.DayNumber),
        DateFieldKind.Hour => moment.Hour,
        DateFieldKind.ClockHour => moment.Hour == 0 ? 24 : moment.Hour,
        DateFieldKind.HalfDayHour => moment.Hour % 12,
        DateFieldKind.HalfDayClockHour => moment.Hour % 12 == 0 ? 12 : moment.Hour % 12,
        DateFieldKind.Minute => moment.MillisOfDay / 60_000 % 60,
        DateFieldKind.Second => moment.MillisOfDay / 1000 % 60,
        _ => moment.MillisOfDay % 1000 * 1_000_000,
    };

    private bool TryReadNumber(ref ReadOnlySpan<byte> text, ref DateFieldValues values)
    {
        var max = _isFixedWidth || _count > 1 ? _count : _kind is DateFieldKind.Nanos ? 9 : _kind is DateFieldKind.DayOfYear ? 3 : 2;
        if (!TryReadDigits(ref text, _count, max, out var number))
            return false;
        switch (_kind)
        {
            case DateFieldKind.Month:
                values.Month = number;
                return true;
            case DateFieldKind.Day:
                values.Day = number;
                return true;
            case DateFieldKind.DayOfYear:
                values.DayOfYear = number;
                return number > 0;
            case DateFieldKind.DayOfWeek:
                return number is >= 1 and <= 7;
            case DateFieldKind.Hour:
                values.Hour = number;
                return true;
            case DateFieldKind.ClockHour:
                values.Hour = number == 24 ? 0 : number;
                return number > 0;
            case DateFieldKind.HalfDayHour or DateFieldKind.HalfDayClockHour:
                values.Hour = number % 12;
                values.IsHourOfHalfDay = true;
                return number <= 12;
            case DateFieldKind.Minute:
                values.Minute = number;
                return true;
            case DateFieldKind.Second:
                values.Second = number;
                return true;
            default:
                values.Millis = number / 1_000_000;
                return true;
        }
    }

    private bool TryReadYear(ref ReadOnlySpan<byte> text, ref DateFieldValues values)
    {
        if (_count == 2)
        {
            var read = TryReadDigits(ref text, 2, 2, out var twoDigits);
            values.Year = 2000 + twoDigits;
            return read;
        }

        var negative = text.Length > 0 && text[0] == '-' && _letter == 'u';
        if (negative || (text.Length > 0 && text[0] == '+'))
            text = text[1..];
        if (!TryReadDigits(ref text, _count, _isFixedWidth ? _count : MaxYearDigits, out var year))
            return false;
        values.Year = negative ? -year : year;
        return year <= 294_276;
    }

    private bool TryReadFraction(ref ReadOnlySpan<byte> text, ref DateFieldValues values)
    {
        if (!TryReadDigits(ref text, _count, _count, out var number))
            return false;
        for (var digits = _count; digits < 3; digits++)
            number *= 10;
        for (var digits = _count; digits > 3; digits--)
            number /= 10;
        values.Millis = number;
        return true;
    }

    private static bool TryReadHalfDay(ref ReadOnlySpan<byte> text, ref DateFieldValues values)
    {
        if (text.Length < 2 || (text[1] | 0x20) != 'm' || (text[0] | 0x20) is not ('a' or 'p'))
            return false;
        values.HalfDay = (text[0] | 0x20) == 'p' ? 1 : 0;
        text = text[2..];
        return true;
    }

    private static bool TryReadEra(ref ReadOnlySpan<byte> text, ref DateFieldValues values)
    {
        if (text.Length < 2)
            return false;
        values.IsBeforeChrist = Ascii.EqualsIgnoreCase(text[..2], "BC"u8);
        var known = values.IsBeforeChrist || Ascii.EqualsIgnoreCase(text[..2], "AD"u8);
        text = text[2..];
        return known;
    }

    private bool TryReadName(ref ReadOnlySpan<byte> text, byte[][] names, out int number)
    {
        for (number = 1; number <= names.Length; number++)
        {
            var name = _count > 3 ? names[number - 1] : names[number - 1].AsSpan(0, 3);
            if (text.Length < name.Length || !Ascii.EqualsIgnoreCase(text[..name.Length], name))
                continue;
            text = text[name.Length..];
            return true;
        }

        return false;
    }

    private static bool TryReadZone(ref ReadOnlySpan<byte> text, ref DateFieldValues values)
    {
        var length = 0;
        while (length < text.Length && length < 64 && (char.IsAsciiLetterOrDigit((char)text[length]) || text[length] is (byte)'+' or (byte)'-' or (byte)':' or (byte)'/' or (byte)'_'))
            length++;
        var name = text[..length];
        text = text[length..];
        values.HasOffset = true;
        if (name.SequenceEqual("Z"u8) || name.SequenceEqual("UTC"u8) || name.SequenceEqual("GMT"u8))
            return true;
        if (name.StartsWith("GMT"u8) || name.StartsWith("UTC"u8))
            name = name[3..];
        if (name.Length > 0 && name[0] is (byte)'+' or (byte)'-')
            return TryReadOffset(name, out values.OffsetMillis);

        // A region's offset depends on the date, which may come later in the text: the standard offset is taken.
        if (!ZoneOffsets.TryFind(Encoding.UTF8.GetString(name), out var zone))
            return false;
        values.OffsetMillis = (long)(zone?.BaseUtcOffset.TotalMilliseconds ?? 0);
        return true;
    }

    private static bool TryReadOffset(ReadOnlySpan<byte> text, out long millis)
    {
        var negative = text[0] == '-';
        text = text[1..];
        var minutes = 0;
        var seconds = 0;
        millis = 0;
        if (!TryReadDigits(ref text, 1, 2, out var hours))
            return false;
        if (text.Length > 0 && text[0] == ':')
            text = text[1..];
        if (text.Length > 0 && !TryReadDigits(ref text, 2, 2, out minutes))
            return false;
        if (text.Length > 0 && text[0] == ':')
            text = text[1..];
        if (text.Length > 0 && !TryReadDigits(ref text, 2, 2, out seconds))
            return false;
        millis = ((hours * 3600L) + (minutes * 60L) + seconds) * (negative ? -1000 : 1000);
        return text.IsEmpty && hours <= 18 && minutes < 60 && seconds < 60;
    }

    private static bool TryReadDigits(ref ReadOnlySpan<byte> text, int min, int max, out int number)
    {
        number = 0;
        var digits = 0;
        while (digits < max && digits < text.Length && char.IsAsciiDigit((char)text[digits]))
            number = (number * 10) + (text[digits++] - '0');
        text = text[digits..];
        return digits >= min;
    }

    private int WriteYear(int year, Span<byte> target)
    {
        if (_letter == 'y' && year <= 0)
            year = 1 - year;
        if (_count == 2)
            return DateTimeText.WriteNumber((int)CivilCalendar.FloorMod(year, 100), 2, target);
        var at = 0;
        if (year < 0)
            target[at++] = (byte)'-';
        else if (_count >= 4 && year > 9999)
            target[at++] = (byte)'+';
        return at + DateTimeText.WriteNumber(Math.Abs(year), _count, target[at..]);
    }

    private int WriteFraction(int millis, Span<byte> target)
    {
        Span<byte> digits = stackalloc byte[3];
        DateTimeText.WriteNumber(millis, 3, digits);
        for (var i = 0; i < _count; i++)
            target[i] = i < 3 ? digits[i] : (byte)'0';
        return _count;
    }

    private int WriteOffset(int minutes, Span<byte> target)
    {
        if (minutes == 0 && (_letter == 'X' || (_letter == 'Z' && _count == 5)))
            return Copy("Z"u8, target);
        var at = _letter == 'O' || (_letter == 'Z' && _count == 4) ? Copy("GMT"u8, target) : 0;
        target[at++] = (byte)(minutes < 0 ? '-' : '+');
        minutes = Math.Abs(minutes);
        at += DateTimeText.WriteNumber(minutes / 60, 2, target[at..]);
        if (_letter is 'X' or 'x' && _count == 1 && minutes % 60 == 0)
            return at;
        if ((_letter is 'X' or 'x' && _count == 3) || (_letter is 'Z' or 'O' && _count > 3))
            target[at++] = (byte)':';
        return at + DateTimeText.WriteNumber(minutes % 60, 2, target[at..]);
    }

    /// <summary>V: the zone's name. z: its abbreviation at the moment, as the zone database has it.</summary>
    private int WriteZone(in LocalMoment moment, Span<byte> target)
    {
        if (moment.Zone is not { } zone)
            return Copy("UTC"u8, target);
        var isDaylight = moment.OffsetMinutes != (int)zone.BaseUtcOffset.TotalMinutes;
        var name = _letter == 'V' ? zone.Id : isDaylight ? zone.DaylightName : zone.StandardName;
        return Encoding.UTF8.GetBytes(name.AsSpan(0, Math.Min(name.Length, MaxZoneLength)), target);
    }

    private static int Copy(ReadOnlySpan<byte> text, Span<byte> target)
    {
        text.CopyTo(target);
        return text.Length;
    }

    private static byte[][] Names(string names) => [.. names.Split(' ').Select(Encoding.UTF8.GetBytes)];
}
