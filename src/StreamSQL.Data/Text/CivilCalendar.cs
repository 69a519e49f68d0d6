namespace StreamSQL.Data.Text;

/// <summary>
/// The proleptic Gregorian calendar over day numbers (days since 1970-01-01), for any year that fits; no allocation, no
/// <see cref="DateTime"/>, whose years end at 9999.
/// </summary>
public static class CivilCalendar
{
    /// <summary>Milliseconds of a day.</summary>
    public const long MillisPerDay = 86_400_000;

    /// <summary>The day number of a date; the month may be 1..12, the day any number.</summary>
    public static long DayNumber(int year, int month, int day)
    {
        // Years begin in March, so that the leap day is the last of the year; 146,097 days are 400 years.
        var y = month <= 2 ? year - 1L : year;
        var era = FloorDiv(y, 400);
        var yearOfEra = y - (era * 400);
        var dayOfYear = (((153 * (month > 2 ? month - 3 : month + 9)) + 2) / 5) + day - 1;
        var dayOfEra = (yearOfEra * 365) + (yearOfEra / 4) - (yearOfEra / 100) + dayOfYear;
        return (era * 146_097) + dayOfEra - 719_468;
    }

    /// <summary>The date of a day number.</summary>
    public static (int Year, int Month, int Day) Date(long dayNumber)
    {
        var z = dayNumber + 719_468;
        var era = FloorDiv(z, 146_097);
        var dayOfEra = z - (era * 146_097);
        var yearOfEra = (dayOfEra - (dayOfEra / 1_460) + (dayOfEra / 36_524) - (dayOfEra / 146_096)) / 365;
        var dayOfYear = dayOfEra - ((365 * yearOfEra) + (yearOfEra / 4) - (yearOfEra / 100));
        var shifted = ((5 * dayOfYear) + 2) / 153;
        var day = (int)(dayOfYear - (((153 * shifted) + 2) / 5) + 1);
        var month = (int)(shifted < 10 ? shifted + 3 : shifted - 9);
        return ((int)(yearOfEra + (era * 400) + (month <= 2 ? 1 : 0)), month, day);
    }

    /// <summary>Days of a month.</summary>
    public static int DaysInMonth(int year, int month) => month switch
    {
        2 => IsLeap(year) ? 29 : 28,
        4 or 6 or 9 or 11 => 30,
        _ => 31,
    };

    /// <summary>Whether a year has a 29th of February.</summary>
    public static bool IsLeap(int year) => year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

    /// <summary>Day of the week: Monday 1 to Sunday 7 (ISO 8601).</summary>
    public static int IsoDayOfWeek(long dayNumber) => (int)FloorMod(dayNumber + 3, 7) + 1;

    /// <summary>ISO 8601 week of the year, and the year that the week belongs to.</summary>
    public static (int Year, int Week) IsoWeek(long dayNumber)
    {
        // The week belongs to the year of its Thursday.
        var thursday = dayNumber - IsoDayOfWeek(dayNumber) + 4;
        var year = Date(thursday).Year;
        return (year, (int)((thursday - DayNumber(year, 1, 1)) / 7) + 1);
    }

    /// <summary>Division rounding down.</summary>
    public static long FloorDiv(long value, long divisor)
    {
        var quotient = value / divisor;
        return value % divisor < 0 ? quotient - 1 : quotient;
    }

    /// <summary>What is left after <see cref="FloorDiv"/>: 0..divisor-1.</summary>
    public static long FloorMod(long value, long divisor)
    {
        var rest = value % divisor;
        return rest < 0 ? rest + divisor : rest;
    }
}
