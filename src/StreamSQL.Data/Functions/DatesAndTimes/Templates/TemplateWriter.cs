using System.Globalization;
using System.Text;
using StreamSQL.Data.Text;
using StreamSQL.Data.Types;

namespace StreamSQL.Data.Functions.DatesAndTimes.Templates;

/// <summary>What a template is filled with: a point in time or, without a calendar, an interval.</summary>
internal readonly record struct TemplateValues
{
    /// <summary>Years; of an interval any number.</summary>
    public required long Year { get; init; }

    /// <summary>Months, 1 to 12; of an interval 0 to 11, with its sign.</summary>
    public required int Month { get; init; }

    /// <summary>Days.</summary>
    public required long Day { get; init; }

    /// <summary>Microseconds of the day; of an interval any number.</summary>
    public required long Micros { get; init; }

    /// <summary>The day's number since 1970-01-01; meaningless for an interval.</summary>
    public long EpochDay { get; init; }

    /// <summary>Seconds east of UTC; null where there is no zone.</summary>
    public int? Offset { get; init; }

    /// <summary>The zone's short name.</summary>
    public string Zone { get; init; }

    /// <summary>Whether it is an interval.</summary>
    public bool IsInterval { get; init; }

    /// <summary>The values of a timestamp without a zone.</summary>
    public static TemplateValues Of(long micros, int? offset = null, string zone = "")
    {
        var day = CivilCalendar.FloorDiv(micros, MicrosText.MicrosPerDay);
        var (year, month, dayOfMonth) = CivilCalendar.Date(day);
        return new()
        {
            Year = year, Month = month, Day = dayOfMonth, EpochDay = day, Micros = micros - (day * MicrosText.MicrosPerDay),
            Offset = offset, Zone = zone,
        };
    }

    /// <summary>The values of an interval.</summary>
    public static TemplateValues Of(Interval span) =>
        new() { Year = span.Months / 12, Month = span.Months % 12, Day = span.Days, Micros = span.Micros, Zone = "", IsInterval = true };
}

/// <summary>Fills templates: TO_CHAR.</summary>
internal static class TemplateWriter
{
    private static readonly string[] Roman = ["I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII"];

    /// <summary>Appends the text; false when a part means nothing for an interval.</summary>
    public static bool TryWrite(DateTemplate template, in TemplateValues values, StringBuilder target)
    {
        foreach (var part in template.Parts)
        {
            if (values.IsInterval && IsOfCalendar(part.Field))
                return false;
            var start = target.Length;
            Write(part, values, target);
            if (part.Ordinal is { } ordinal && target.Length > start)
                target.Append(Suffix(target, start, ordinal));
        }

        return true;
    }

    private static bool IsOfCalendar(TemplateField field) =>
        field is TemplateField.MonthName or TemplateField.MonthShort or TemplateField.DayName or TemplateField.DayShort
        or TemplateField.Era or TemplateField.EraDotted or TemplateField.DayOfWeek or TemplateField.IsoDayOfWeek or TemplateField.Zone
        or TemplateField.ZoneHour
        or TemplateField.ZoneMinute or TemplateField.Offset;

    private static void Write(TemplatePart part, in TemplateValues v, StringBuilder target)
    {
        switch (part.Field)
        {
            case TemplateField.Literal or TemplateField.Separator:
                target.Append(part.Text);
                break;
            case TemplateField.MonthName or TemplateField.MonthShort:
                Word(part, DateWords.Months[v.Month - 1], isShort: part.Field == TemplateField.MonthShort, target);
                break;
            case TemplateField.DayName or TemplateField.DayShort:
                Word(part, DateWords.Days[CivilCalendar.IsoDayOfWeek(v.EpochDay) % 7],
                    isShort: part.Field == TemplateField.DayShort, target);
                break;
            case TemplateField.HalfDay or TemplateField.HalfDayDotted:
                HalfWord(part, v.Micros / 3_600_000_000 % 24 >= 12 ? 'p' : 'a', 'm', part.Field == TemplateField.HalfDayDotted, target);
                break;
            case TemplateField.Era or TemplateField.EraDotted:
                HalfWord(part, v.Year > 0 ? 'a' : 'b', v.Year > 0 ? 'd' : 'c', part.Field == TemplateField.EraDotted, target);
                break;
            case TemplateField.RomanMonth:
                WriteRoman(part, v.Month, v.IsInterval, target);
                break;
            case TemplateField.Zone or TemplateField.ZoneHour or TemplateField.ZoneMinute or TemplateField.Offset:
                WriteZone(part, v, target);
                break;
            case TemplateField.YearWithComma:
                var year = YearOf(v);
                target.Append(CultureInfo.InvariantCulture, $"{year / 1000},{Math.Abs(year % 1000):000}");
                break;
            default:
                var (number, width) = Number(part, v);
                WriteNumber(part, number, width, target);
                break;
        }
    }

    /// <summary>The number of a part, and how many digits it has at least.</summary>
    private static (long Value, int Width) Number(TemplatePart part, in TemplateValues v)
    {
        var hours = v.Micros / 3_600_000_000;
        var fraction = Math.Abs(v.Micros % 1_000_000);
        return part.Field switch
        {
            TemplateField.Hour12 => (hours % 12 == 0 ? 12 : hours % 12, 2),
            TemplateField.Hour24 => (hours, 2),
            TemplateField.Minute => (v.Micros / 60_000_000 % 60, 2),
            TemplateField.Second => (v.Micros / 1_000_000 % 60, 2),
            TemplateField.Millisecond => (fraction / 1000, 3),
            TemplateField.Microsecond => (fraction, 6),
            TemplateField.Fraction => (fraction / Power(6 - part.Digits), part.Digits),
            TemplateField.SecondOfDay => (v.Micros / 1_000_000, 0),
            TemplateField.Year => (YearOf(v), 4),
            TemplateField.Year3 => (YearOf(v) % 1000, 3),
            TemplateField.Year2 => (YearOf(v) % 100, 2),
            TemplateField.Year1 => (YearOf(v) % 10, 1),
            TemplateField.Month => (v.Month, 2),
            TemplateField.Day => (v.Day, 2),
            TemplateField.WeekOfMonth => ((v.Day - 1) / 7 + 1, 1),
            TemplateField.Century => (CenturyOf(v), 2),
            TemplateField.DayOfYear => (DayOfYear(v), 3),
            TemplateField.WeekOfYear => ((DayOfYear(v) - 1) / 7 + 1, 2),
            TemplateField.Quarter => ((v.Month - 1) / 3 + 1, 1),
            TemplateField.Julian => (JulianOf(v), 0),
            _ => IsoNumber(part.Field, v),
        };
    }

    private static (long Value, int Width) IsoNumber(TemplateField field, in TemplateValues v)
    {
        var (year, week) = CivilCalendar.IsoWeek(v.EpochDay);
        var shown = year <= 0 ? 1 - year : year;
        return field switch
        {
            TemplateField.IsoYear => (shown, 4),
            TemplateField.IsoYear3 => (shown % 1000, 3),
            TemplateField.IsoYear2 => (shown % 100, 2),
            TemplateField.IsoYear1 => (shown % 10, 1),
            TemplateField.IsoWeek => (week, 2),
            TemplateField.IsoDayOfYear => (((week - 1) * 7) + CivilCalendar.IsoDayOfWeek(v.EpochDay), 3),
            TemplateField.IsoDayOfWeek => (CivilCalendar.IsoDayOfWeek(v.EpochDay), 1),
            _ => ((CivilCalendar.IsoDayOfWeek(v.EpochDay) % 7) + 1, 1),
        };
    }

    private static void WriteNumber(TemplatePart part, long number, int width, StringBuilder target)
    {
        if (number < 0)
            target.Append('-');
        var digits = Math.Abs(number).ToString(CultureInfo.InvariantCulture);
        // Fractions keep their zeros: they have a place.
        var isFraction = part.Field is TemplateField.Millisecond or TemplateField.Microsecond or TemplateField.Fraction;
        target.Append(part.IsFill && !isFraction ? digits : digits.PadLeft(width, '0'));
    }

    private static void Word(TemplatePart part, string word, bool isShort, StringBuilder target)
    {
        var text = isShort ? word[..3] : word;
        text = part.Case switch { WordCase.Upper => text.ToUpperInvariant(), WordCase.Lower => text.ToLowerInvariant(), _ => text };
        target.Append(part.IsFill || isShort ? text : text.PadRight(9));
    }

    private static void HalfWord(TemplatePart part, char first, char second, bool isDotted, StringBuilder target)
    {
        var text = isDotted ? $"{first}.{second}." : $"{first}{second}";
        target.Append(part.Case == WordCase.Upper ? text.ToUpperInvariant() : text);
    }

    private static void WriteRoman(TemplatePart part, int month, bool isInterval, StringBuilder target)
    {
        if (isInterval && month == 0)
            return;
        var text = Roman[isInterval && month < 0 ? 12 + month : month - 1];
        text = part.Case == WordCase.Upper ? text : text.ToLowerInvariant();
        target.Append(part.IsFill ? text : text.PadRight(4));
    }

    private static void WriteZone(TemplatePart part, in TemplateValues v, StringBuilder target)
    {
        if (part.Field == TemplateField.Zone)
        {
            target.Append(part.Case == WordCase.Upper ? v.Zone.ToUpperInvariant() : v.Zone.ToLowerInvariant());
            return;
        }

        var seconds = v.Offset ?? 0;
        var (hours, minutes) = (Math.Abs(seconds) / 3600, Math.Abs(seconds) / 60 % 60);
        if (part.Field != TemplateField.ZoneMinute)
            target.Append(seconds < 0 ? '-' : '+')
                .Append(hours.ToString(part.IsFill && part.Field == TemplateField.Offset ? "0" : "00", CultureInfo.InvariantCulture));
        if (part.Field == TemplateField.ZoneMinute)
            target.Append(minutes.ToString("00", CultureInfo.InvariantCulture));
        else if (part.Field == TemplateField.Offset && minutes > 0)
            target.Append(':').Append(minutes.ToString("00", CultureInfo.InvariantCulture));
    }

    /// <summary>st, nd, rd or th by the number's last digits.</summary>
    private static string Suffix(StringBuilder text, int start, WordCase written)
    {
        var last = text[^1];
        var isTeen = text.Length - start > 1 && text[^2] == '1';
        var suffix = isTeen ? "th" : last switch { '1' => "st", '2' => "nd", '3' => "rd", _ => "th" };
        return !char.IsAsciiDigit(last) ? "" : written == WordCase.Upper ? suffix.ToUpperInvariant() : suffix;
    }

    private static long YearOf(in TemplateValues v) => v.IsInterval || v.Year > 0 ? v.Year : 1 - v.Year;

    private static long CenturyOf(in TemplateValues v) =>
        v.IsInterval ? v.Year / 100 : v.Year > 0 ? ((v.Year - 1) / 100) + 1 : (v.Year / 100) - 1;

    private static long DayOfYear(in TemplateValues v) =>
        v.IsInterval ? (((v.Year * 12) + v.Month) * Interval.DaysPerMonth) + v.Day : v.EpochDay
            - CivilCalendar.DayNumber((int)v.Year, 1, 1) + 1;

    private static long JulianOf(in TemplateValues v) => v.IsInterval ? v.Day : v.EpochDay + PostgresDates.JulianOfEpoch;

    private static long Power(int exponent)
    {
        var power = 1L;
        for (var i = 0; i < exponent; i++)
            power *= 10;
        return power;
    }
}
