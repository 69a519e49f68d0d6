using System.Globalization;
using Npgsql;
using StreamSQL.Data.Text;

namespace StreamSQL.Data.Functions.DatesAndTimes.Templates;

/// <summary>
/// Reads a text by a template: TO_DATE and TO_TIMESTAMP. Blanks and separators match each other freely unless the template begins with FX.
/// </summary>
internal ref struct TemplateReader
{
    private readonly ReadOnlySpan<char> _text;
    private readonly DateTemplate _template;
    private int _at;
    private int _year = -1;
    private bool _isShortYear;
    private int _century = -1;
    private int _isoYear = -1;
    private int _month = -1;
    private int _day = -1;
    private int _dayOfYear = -1;
    private int _isoWeek = -1;
    private int _isoDay = -1;
    private int _isoDayOfYear = -1;
    private int _weekOfYear = -1;
    private int _weekOfMonth = -1;
    private int _julian = -1;
    private int _hour;
    private bool _isHour12;
    private int _half = -1;
    private int _minute;
    private int _second;
    private int _secondOfDay = -1;
    private long _fraction;
    private bool _isBeforeChrist;
    private int _zoneSign = 1;
    private int _zoneHour = -1;
    private int _zoneMinute;
    private (string SqlState, string Message)? _failure;

    private TemplateReader(ReadOnlySpan<char> text, DateTemplate template)
    {
        _text = text;
        _template = template;
    }

    /// <summary>Reads a text.</summary>
    /// <param name="text">The text; what is left behind the template's end is not looked at.</param>
    /// <param name="template">The template.</param>
    /// <param name="days">The day's number since 1970-01-01.</param>
    /// <param name="micros">Microseconds of the day.</param>
    /// <param name="offset">Seconds east of UTC where the text says them.</param>
    /// <returns>Why it cannot be read; null when it was.</returns>
    public static (string SqlState, string Message)? TryRead(string text, DateTemplate template, out long days, out long micros,
        out int? offset)
    {
        var reader = new TemplateReader(text, template);
        (days, micros, offset) = (0, 0, null);
        reader.Read();
        if (reader._failure is null)
            reader.Resolve(out days, out micros);
        if (reader._zoneHour >= 0)
            offset = reader._zoneSign * ((reader._zoneHour * 3600) + (reader._zoneMinute * 60));
        return reader._failure;
    }

    private void Read()
    {
        for (var i = 0; i < _template.Parts.Count && _failure is null; i++)
        {
            var part = _template.Parts[i];
            if (!_template.IsExact && part.Field is not (TemplateField.Separator or TemplateField.Literal))
                SkipBlanks();
            if (part.Field == TemplateField.Separator)
                Separator(part);
            else if (part.Field == TemplateField.Literal)
                _at = Math.Min(_text.Length, _at + part.Text.Length);
            else if (_at >= _text.Length)
                return;
            else
                Field(part, IsNumber(i + 1));
        }
    }

    // A separator matches any other one, or a blank, or nothing.
    private void Separator(TemplatePart part)
    {
        if (_template.IsExact || (part.Text != " " && _at < _text.Length && !char.IsLetterOrDigit(_text[_at])
            && !char.IsWhiteSpace(_text[_at]) && !IsSignOfZone()))
            _at = Math.Min(_text.Length, _at + 1);
        else
            SkipBlanks();
        if (!_template.IsExact && part.Text == " " && _at < _text.Length && _text[_at] is '/' or '-' or ',' or '.' or ':'
            && !IsSignOfZone())
            _at++;
    }

    private readonly bool IsSignOfZone() => _text[_at] is '-' or '+'
        && _template.Parts.Any(static part => part.Field == TemplateField.ZoneHour) && _year >= 0;

    private void Field(TemplatePart part, bool isFollowedByNumber)
    {
        switch (part.Field)
        {
            case TemplateField.MonthName or TemplateField.MonthShort:
                _month = Word(part, DateWords.Months, part.Field == TemplateField.MonthShort) + 1;
                break;
            case TemplateField.DayName or TemplateField.DayShort:
                Word(part, DateWords.Days, part.Field == TemplateField.DayShort);
                break;
            case TemplateField.HalfDay or TemplateField.HalfDayDotted:
                _half = Word(part, part.Field == TemplateField.HalfDay ? ["am", "pm"] : ["a.m.", "p.m."], isShort: false);
                break;
            case TemplateField.Era or TemplateField.EraDotted:
                _isBeforeChrist = Word(part, part.Field == TemplateField.Era ? ["ad", "bc"] : ["a.d.", "b.c."], isShort: false) == 1;
                break;
            case TemplateField.RomanMonth:
                _month = 12 - Word(part, ["xii", "xi", "x", "ix", "viii", "vii", "vi", "v", "iv", "iii", "ii", "i"], isShort: false);
                break;
            case TemplateField.Zone or TemplateField.Offset:
                Fail(PostgresErrorCodes.FeatureNotSupported, $"formatting field \"{part.Text}\" is only supported in to_char");
                break;
            case TemplateField.ZoneHour:
                _zoneSign = _text[_at] == '-' ? -1 : 1;
                if (_text[_at] is '-' or '+')
                    _at++;
                _zoneHour = Number(part, 2);
                break;
            case TemplateField.YearWithComma:
                _year = Number(part, 9) * 1000;
                if (_at < _text.Length && _text[_at] == ',')
                    _at++;
                _year += Number(part, 3);
                break;
            default:
                Set(part, isFollowedByNumber);
                break;
        }

        if (part.Ordinal is not null)
            _at = Math.Min(_text.Length, _at + 2);
    }

    private void Set(TemplatePart part, bool isFollowedByNumber)
    {
        var most = WidthOf(part);
        var start = _at;
        var value = Number(part, isFollowedByNumber || _template.IsExact ? most : Math.Max(most, 9));
        var length = _at - start;
        switch (part.Field)
        {
            case TemplateField.Year or TemplateField.Year3 or TemplateField.Year2 or TemplateField.Year1:
                _year = most < 4 && length < 4 ? FullYear(value) : value;
                _isShortYear = most < 4;
                break;
            case TemplateField.IsoYear or TemplateField.IsoYear3 or TemplateField.IsoYear2 or TemplateField.IsoYear1:
                _isoYear = most < 4 && length < 4 ? FullYear(value) : value;
                break;
            case TemplateField.Hour12 or TemplateField.Hour24:
                (_hour, _isHour12) = (value, part.Field == TemplateField.Hour12);
                break;
            case TemplateField.Millisecond or TemplateField.Microsecond or TemplateField.Fraction:
                _fraction = Fraction(value, length, part);
                break;
            default:
                SetOther(part.Field, value);
                break;
        }
    }

    private void SetOther(TemplateField field, int value)
    {
        switch (field)
        {
            case TemplateField.Minute: _minute = value; break;
            case TemplateField.Second: _second = value; break;
            case TemplateField.SecondOfDay: _secondOfDay = value; break;
            case TemplateField.Month: _month = value; break;
            case TemplateField.Day: _day = value; break;
            case TemplateField.DayOfYear: _dayOfYear = value; break;
            case TemplateField.IsoDayOfYear: _isoDayOfYear = value; break;
            case TemplateField.IsoWeek: _isoWeek = value; break;
            case TemplateField.IsoDayOfWeek: _isoDay = value; break;
            case TemplateField.WeekOfYear: _weekOfYear = value; break;
            case TemplateField.WeekOfMonth: _weekOfMonth = value; break;
            case TemplateField.Century: _century = value; break;
            case TemplateField.Julian: _julian = value; break;
            case TemplateField.ZoneMinute: _zoneMinute = value; break;
        }
    }

    // .4 of milliseconds is 400, as 12.4 seconds are.
    private static long Fraction(int value, int length, TemplatePart part)
    {
        var digits = part.Field == TemplateField.Millisecond ? 3 : part.Field == TemplateField.Microsecond ? 6 : part.Digits;
        long micros = value;
        for (var i = Math.Min(length, digits); i < 6; i++)
            micros *= 10;
        return micros;
    }

    private static int FullYear(int year) =>
        year switch { < 70 => year + 2000, < 100 => year + 1900, < 520 => year + 2000, < 1000 => year + 1000, _ => year };

    private static int WidthOf(TemplatePart part) => part.Field switch
    {
        TemplateField.Year or TemplateField.IsoYear => 4,
        TemplateField.Year3 or TemplateField.IsoYear3 or TemplateField.DayOfYear or TemplateField.IsoDayOfYear
            or TemplateField.Millisecond => 3,
        TemplateField.Year1 or TemplateField.IsoYear1 or TemplateField.DayOfWeek or TemplateField.IsoDayOfWeek or TemplateField.WeekOfMonth
            or TemplateField.Quarter => 1,
        TemplateField.Microsecond => 6,
        TemplateField.Fraction => part.Digits,
        TemplateField.SecondOfDay => 5,
        TemplateField.Julian => 7,
        _ => 2,
    };

    private readonly bool IsNumber(int index) => index < _template.Parts.Count
        && _template.Parts[index].Field is not (TemplateField.Literal or TemplateField.Separator
            or TemplateField.MonthName or TemplateField.MonthShort or TemplateField.DayName or TemplateField.DayShort
            or TemplateField.HalfDay or TemplateField.HalfDayDotted
            or TemplateField.Era or TemplateField.EraDotted or TemplateField.RomanMonth or TemplateField.ZoneHour);

    private int Number(TemplatePart part, int most)
    {
        var start = _at;
        var value = 0L;
        while (_at < _text.Length && _at - start < most && char.IsAsciiDigit(_text[_at]))
            value = (value * 10) + _text[_at++] - '0';
        if (_at > start && value <= int.MaxValue)
            return (int)value;
        var shown = _text[start..Math.Min(_text.Length, start + Math.Min(most, WidthOf(part)))];
        Fail(PostgresErrorCodes.InvalidDatetimeFormat, $"invalid value \"{shown}\" for \"{part.Text}\"");
        return 0;
    }

    private int Word(TemplatePart part, string[] words, bool isShort)
    {
        var rest = _text[_at..];
        for (var i = 0; i < words.Length; i++)
        {
            var word = isShort ? words[i].AsSpan(0, 3) : words[i];
            if (!rest.StartsWith(word, StringComparison.OrdinalIgnoreCase))
                continue;
            _at += word.Length;
            return i;
        }

        var shown = rest[..(rest.IndexOf(' ') is var end && end < 0 ? rest.Length : end)];
        Fail(PostgresErrorCodes.InvalidDatetimeFormat, $"invalid value \"{shown}\" for \"{part.Text}\"");
        return 0;
    }

    private void SkipBlanks()
    {
        while (_at < _text.Length && char.IsWhiteSpace(_text[_at]))
            _at++;
    }

    private void Resolve(out long days, out long micros)
    {
        (days, micros) = (0, 0);
        if (_secondOfDay >= 0)
            (_hour, _minute, _second) = (_secondOfDay / 3600, _secondOfDay / 60 % 60, _secondOfDay % 60);
        if (_isHour12 || _half >= 0)
        {
            if (_hour is < 1 or > 12)
            {
                Fail(PostgresErrorCodes.InvalidDatetimeFormat, $"hour \"{_hour}\" is invalid for the 12-hour clock");
                return;
            }

            if (_half >= 0)
                _hour = (_hour % 12) + (_half * 12);
        }

        if (_hour > 23 || _minute > 59 || _second > 59 || _zoneHour > 15 || _zoneMinute > 59)
        {
            OutOfRange();
            return;
        }

        micros = (((((_hour * 60L) + _minute) * 60) + _second) * 1_000_000) + _fraction;
        days = Day();
    }

    private long Day()
    {
        if (_julian >= 0)
            return _julian - (long)PostgresDates.JulianOfEpoch;
        if (_isoYear >= 0 && (_isoWeek >= 0 || _isoDayOfYear >= 0))
            return IsoDay();
        var year = YearOf();
        if (_dayOfYear >= 0 || _weekOfYear >= 0)
        {
            var number = _dayOfYear >= 0 ? _dayOfYear : ((_weekOfYear - 1) * 7) + 1;
            if (number < 1 || number > (CivilCalendar.IsLeap(year) ? 366 : 365))
                OutOfRange();
            return CivilCalendar.DayNumber(year, 1, 1) + number - 1;
        }

        var month = _month < 0 ? 1 : _month;
        var day = _weekOfMonth >= 0 ? ((_weekOfMonth - 1) * 7) + 1 : _day < 0 ? 1 : _day;
        if (month is < 1 or > 12 || day < 1 || day > CivilCalendar.DaysInMonth(year, month))
        {
            OutOfRange();
            return 0;
        }

        return CivilCalendar.DayNumber(year, month, day);
    }

    // Without a year it is the first one before Christ, as PostgreSQL has it.
    private readonly int YearOf()
    {
        if (_year < 0)
            return _century > 0 ? ((_century - 1) * 100) + 1 : 0;
        var year = _century > 0 && _isShortYear ? ((_century - 1) * 100) + (_year % 100) : _year;
        return _isBeforeChrist ? 1 - year : year;
    }

    private long IsoDay()
    {
        var fourth = CivilCalendar.DayNumber(_isoYear, 1, 4);
        var monday = fourth - CivilCalendar.IsoDayOfWeek(fourth) + 1;
        return _isoWeek >= 0 ? monday + ((_isoWeek - 1) * 7) + Math.Max(_isoDay, 1) - 1 : monday + _isoDayOfYear - 1;
    }

    private void OutOfRange() => Fail(PostgresErrorCodes.DatetimeFieldOverflow,
        string.Create(CultureInfo.InvariantCulture, $"date/time field value out of range: \"{_text}\""));

    private void Fail(string sqlState, string message) => _failure ??= (sqlState, message);
}
