namespace StreamSQL.Data.Text.DatePatterns;

/// <summary>An instant taken apart in a zone, for writing.</summary>
internal readonly struct LocalMoment
{
    private const long JulianDayOfEpoch = 40_587;

    public LocalMoment(long localMillis, long offsetMillis, TimeZoneInfo? zone)
    {
        DayNumber = CivilCalendar.FloorDiv(localMillis, CivilCalendar.MillisPerDay);
        MillisOfDay = (int)(localMillis - (DayNumber * CivilCalendar.MillisPerDay));
        (Year, Month, Day) = CivilCalendar.Date(DayNumber);
        OffsetSeconds = (int)(offsetMillis / 1000);
        Zone = zone;
    }

    public long DayNumber { get; }

    public int MillisOfDay { get; }

    public int Year { get; }

    public int Month { get; }

    public int Day { get; }

    public int OffsetSeconds { get; }

    public TimeZoneInfo? Zone { get; }

    public int Hour => MillisOfDay / 3_600_000;

    /// <summary>The number of a field.</summary>
    public long this[DateField field] => field switch
    {
        DateField.Year => Year,
        DateField.Quarter => ((Month - 1) / 3) + 1,
        DateField.Month => Month,
        DateField.Day => Day,
        DateField.DayOfYear => DayNumber - CivilCalendar.DayNumber(Year, 1, 1) + 1,
        DateField.JulianDay => DayNumber + JulianDayOfEpoch,
        DateField.WeekYear => LocalWeeks.Of(DayNumber).Year,
        DateField.WeekOfYear => LocalWeeks.Of(DayNumber).Week,
        DateField.WeekOfMonth => LocalWeeks.OfMonth(DayNumber, Day),
        DateField.WeekdayOfMonth => ((Day - 1) / 7) + 1,
        DateField.DayOfWeek => CivilCalendar.IsoDayOfWeek(DayNumber),
        DateField.LocalDayOfWeek => LocalWeeks.LocalDay(CivilCalendar.IsoDayOfWeek(DayNumber)),
        DateField.Hour => Hour,
        DateField.ClockHour => Hour == 0 ? 24 : Hour,
        DateField.HalfDayHour => Hour % 12,
        DateField.HalfDayClockHour => Hour % 12 == 0 ? 12 : Hour % 12,
        DateField.Minute => MillisOfDay / 60_000 % 60,
        DateField.Second => MillisOfDay / 1000 % 60,
        DateField.NanoOfSecond => MillisOfDay % 1000 * 1_000_000,
        DateField.MilliOfDay => MillisOfDay,
        _ => MillisOfDay * 1_000_000L,
    };
}
