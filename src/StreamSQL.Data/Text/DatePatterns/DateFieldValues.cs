namespace StreamSQL.Data.Text.DatePatterns;

/// <summary>A value that a pattern can have.</summary>
internal enum DateField : byte
{
    Year,
    Quarter,
    Month,
    Day,
    DayOfYear,
    JulianDay,
    WeekYear,
    WeekOfYear,
    WeekOfMonth,
    WeekdayOfMonth,
    DayOfWeek,
    LocalDayOfWeek,
    Hour,
    ClockHour,
    HalfDayHour,
    HalfDayClockHour,
    Minute,
    Second,
    NanoOfSecond,
    MilliOfDay,
    NanoOfDay,
}

/// <summary>The fields that a text gave, before they are put together to an instant.</summary>
internal struct DateFieldValues
{
    private const long JulianDayOfEpoch = 40_587;
    private const int MaxYear = 294_276;

    public long Year;
    public long Month;
    public long Day;
    public long DayOfYear;
    public long? JulianDay;
    public long? WeekYear;
    public long? WeekOfYear;
    public long? WeekOfMonth;
    public long? WeekdayOfMonth;
    public long? DayOfWeek;
    public long? Quarter;
    public long Hour;
    public int HalfDay;
    public bool IsHourOfHalfDay;
    public long Minute;
    public long Second;
    public long Millis;
    public long? MilliOfDay;
    public bool HasOffset;
    public long OffsetMillis;
    public bool HasZone;
    public TimeZoneInfo? Zone;
    public bool IsBeforeChrist;

    /// <summary>1970-01-01T00:00:00.</summary>
    public static DateFieldValues Default => new() { Year = 1970, Month = 1, Day = 1 };

    /// <summary>Sets a number; false where it can never be one of that field.</summary>
    public bool TrySet(DateField field, long number)
    {
        switch (field)
        {
            case DateField.Year:
                Year = number;
                return number is >= -MaxYear and <= MaxYear;
            case DateField.Quarter:
                Quarter = number;
                return number is >= 1 and <= 4;
            case DateField.Month:
                Month = number;
                return number is >= 1 and <= 12;
            case DateField.Day:
                Day = number;
                return number is >= 1 and <= 31;
            case DateField.DayOfYear:
                DayOfYear = number;
                return number is >= 1 and <= 366;
            case DateField.JulianDay:
                JulianDay = number;
                return number is >= -100_000_000 and <= 100_000_000;
            case DateField.WeekYear:
                WeekYear = number;
                return number is >= -MaxYear and <= MaxYear;
            case DateField.WeekOfYear:
                WeekOfYear = number;
                return number is >= 1 and <= 53;
            case DateField.WeekOfMonth:
                WeekOfMonth = number;
                return number is >= 0 and <= 6;
            case DateField.WeekdayOfMonth:
                WeekdayOfMonth = number;
                return number is >= 1 and <= 5;
            case DateField.DayOfWeek:
                DayOfWeek = number;
                return number is >= 1 and <= 7;
            case DateField.LocalDayOfWeek:
                DayOfWeek = LocalWeeks.IsoDay((int)Math.Clamp(number, 1, 7));
                return number is >= 1 and <= 7;
            default:
                return TrySetTime(field, number);
        }
    }

    /// <summary>
    /// Puts the fields together; false when one is out of range or contradicts another. A day beyond
    /// its month's end is the last of the month.
    /// </summary>
    public readonly bool TryResolve(TimeZoneInfo? zone, out long millis)
    {
        millis = 0;
        if (!TryResolveDay(out var days))
            return false;
        var hour = IsHourOfHalfDay ? (Hour % 12) + (HalfDay * 12) : Hour;
        if (hour == 24 && (Minute | Second | Millis) != 0)
            return false;
        var time = MilliOfDay ?? ((((hour * 60L) + Minute) * 60) + Second) * 1000 + Millis;
        var local = (days * CivilCalendar.MillisPerDay) + time;
        millis = local - (HasOffset ? OffsetMillis : ZoneOffsets.OfLocal(HasZone ? Zone : zone, local));
        return true;
    }

    private bool TrySetTime(DateField field, long number)
    {
        switch (field)
        {
            case DateField.Hour:
                Hour = number;
                return number is >= 0 and <= 24;
            case DateField.ClockHour:
                Hour = number == 24 ? 0 : number;
                return number is >= 1 and <= 24;
            case DateField.HalfDayHour or DateField.HalfDayClockHour:
                Hour = number % 12;
                IsHourOfHalfDay = true;
                return number is >= 0 and <= 12;
            case DateField.Minute:
                Minute = number;
                return number is >= 0 and <= 59;
            case DateField.Second:
                Second = number;
                return number is >= 0 and <= 59;
            case DateField.NanoOfSecond:
                Millis = number / 1_000_000;
                return number is >= 0 and <= 999_999_999;
            case DateField.MilliOfDay:
                MilliOfDay = number;
                return number is >= 0 and < CivilCalendar.MillisPerDay;
            default:
                MilliOfDay = number / 1_000_000;
                return number is >= 0 and < CivilCalendar.MillisPerDay * 1_000_000;
        }
    }

    private readonly bool TryResolveDay(out long days)
    {
        var year = (int)(IsBeforeChrist ? 1 - Year : Year);
        days = 0;
        if (DayOfYear == 366 && !CivilCalendar.IsLeap(year))
            return false;
        days = JulianDay is { } julian ? julian - JulianDayOfEpoch
            : (WeekYear, WeekOfYear, DayOfWeek) is ({ } weekYear, { } week, { } weekday)
                ? LocalWeeks.DayNumber((int)weekYear, (int)week, (int)weekday)
            : DayOfYear > 0 ? CivilCalendar.DayNumber(year, 1, 1) + DayOfYear - 1
            : CivilCalendar.DayNumber(year, (int)Month, (int)Math.Min(Day, CivilCalendar.DaysInMonth(year, (int)Month)));
        return Agrees(days);
    }

    /// <summary>Whether the fields that the date was not made of are its own.</summary>
    private readonly bool Agrees(long days)
    {
        if (DayOfWeek is null && Quarter is null && WeekYear is null && WeekOfYear is null && WeekOfMonth is null && WeekdayOfMonth is null)
            return true;
        var moment = new LocalMoment(days * CivilCalendar.MillisPerDay, 0, null);
        return Is(DayOfWeek, DateField.DayOfWeek, moment) && Is(Quarter, DateField.Quarter, moment)
            && Is(WeekYear, DateField.WeekYear, moment)
            && Is(WeekOfYear, DateField.WeekOfYear, moment) && Is(WeekOfMonth, DateField.WeekOfMonth, moment)
            && Is(WeekdayOfMonth, DateField.WeekdayOfMonth, moment);
    }

    private static bool Is(long? value, DateField field, in LocalMoment moment) => value is null || value == moment[field];
}
