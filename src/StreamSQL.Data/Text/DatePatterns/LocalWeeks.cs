namespace StreamSQL.Data.Text.DatePatterns;

/// <summary>
/// Weeks as the English locale of Java counts them: they begin on Sunday, and a year's first week is the one that has its first day.
/// </summary>
internal static class LocalWeeks
{
    /// <summary>The day of the week from Sunday (1) of one from Monday (1).</summary>
    public static int LocalDay(int isoDay) => (isoDay % 7) + 1;

    /// <summary>The day of the week from Monday (1) of one from Sunday (1).</summary>
    public static int IsoDay(int localDay) => localDay == 1 ? 7 : localDay - 1;

    /// <summary>The year and the number of the week that a day is in.</summary>
    public static (int Year, int Week) Of(long dayNumber)
    {
        var year = CivilCalendar.Date(dayNumber).Year;

        // The last days of a year may be in the first week of the next one, never the other way round.
        return dayNumber >= FirstWeek(year + 1) ? (year + 1, 1) : (year, (int)((dayNumber - FirstWeek(year)) / 7) + 1);
    }

    /// <summary>The number of the week within its month.</summary>
    public static int OfMonth(long dayNumber, int day)
    {
        var first = dayNumber - day + 1;
        return (int)((dayNumber - first + LocalDay(CivilCalendar.IsoDayOfWeek(first)) - 1) / 7) + 1;
    }

    /// <summary>The day of a week, by its day from Monday (1).</summary>
    public static long DayNumber(int year, int week, int isoDay) => FirstWeek(year) + ((week - 1) * 7) + LocalDay(isoDay) - 1;

    private static long FirstWeek(int year)
    {
        var first = CivilCalendar.DayNumber(year, 1, 1);
        return first - LocalDay(CivilCalendar.IsoDayOfWeek(first)) + 1;
    }
}
