using System.Text;

namespace StreamSQL.Data.Text;

/// <summary>A unit of time: so many milliseconds, or so many months.</summary>
internal readonly record struct TimeUnit(long Millis, int Months)
{
    /// <summary>Whether the unit is a day or longer.</summary>
    public bool IsWholeDays => Months > 0 || Millis % CivilCalendar.MillisPerDay == 0;

    /// <summary>
    /// An instant so many units later; of months, the day is at most the last of its month. Wraps beyond the range, as Java does.
    /// </summary>
    public long Add(long millis, long amount)
    {
        if (Months == 0)
            return unchecked(millis + (amount * Millis));
        var days = CivilCalendar.FloorDiv(millis, CivilCalendar.MillisPerDay);
        var (year, month, day) = CivilCalendar.Date(days);
        var total = (year * 12L) + month - 1 + (amount * Months);
        var newYear = (int)CivilCalendar.FloorDiv(total, 12);
        var newMonth = (int)CivilCalendar.FloorMod(total, 12) + 1;
        var newDay = Math.Min(day, CivilCalendar.DaysInMonth(newYear, newMonth));
        return millis + ((CivilCalendar.DayNumber(newYear, newMonth, newDay) - days) * CivilCalendar.MillisPerDay);
    }

    /// <summary>The start of the unit that an instant lies in; weeks start on Monday.</summary>
    public long Truncate(long millis)
    {
        const long MillisPerWeek = 7 * CivilCalendar.MillisPerDay;
        if (Months == 0)
        {
            // 1970-01-01 was a Thursday.
            var origin = Millis == MillisPerWeek ? -3 * CivilCalendar.MillisPerDay : 0;
            return (CivilCalendar.FloorDiv(millis - origin, Millis) * Millis) + origin;
        }

        var (year, month, _) = CivilCalendar.Date(CivilCalendar.FloorDiv(millis, CivilCalendar.MillisPerDay));
        var start = Months < 12 ? month - ((month - 1) % Months) : 1;
        var startYear = Months <= 12 ? year : year - (int)CivilCalendar.FloorMod(year, Months / 12);
        return CivilCalendar.DayNumber(startYear, start, 1) * CivilCalendar.MillisPerDay;
    }
}

/// <summary>Units and fields of time by name, in any case, singular or plural.</summary>
public static class TimeUnits
{
    private const long MillisPerMinute = 60_000;
    private const long MillisPerHour = 3_600_000;

    /// <summary>Whether a name is that of a unit.</summary>
    public static bool IsUnit(string name) => TryFind(Encoding.UTF8.GetBytes(name), out _);

    /// <summary>Finds a unit.</summary>
    internal static bool TryFind(ReadOnlySpan<byte> name, out TimeUnit unit)
    {
        if (name.Length > 1 && name[^1] is (byte)'s' or (byte)'S')
            name = name[..^1];
        unit = Is(name, "MILLISECOND"u8) ? new(1, 0)
            : Is(name, "SECOND"u8) ? new(1000, 0)
            : Is(name, "MINUTE"u8) ? new(MillisPerMinute, 0)
            : Is(name, "HOUR"u8) ? new(MillisPerHour, 0)
            : Is(name, "DAY"u8) ? new(CivilCalendar.MillisPerDay, 0)
            : Is(name, "WEEK"u8) ? new(7 * CivilCalendar.MillisPerDay, 0)
            : Is(name, "MONTH"u8) ? new(0, 1)
            : Is(name, "QUARTER"u8) ? new(0, 3)
            : Is(name, "YEAR"u8) ? new(0, 12)
            : Is(name, "DECADE"u8) ? new(0, 120) : default;
        return unit != default;
    }

    /// <summary>A field of an instant in UTC, as PostgreSQL's EXTRACT gives it.</summary>
    public static bool TryExtract(ReadOnlySpan<byte> name, long millis, out double value)
    {
        var days = CivilCalendar.FloorDiv(millis, CivilCalendar.MillisPerDay);
        var time = millis - (days * CivilCalendar.MillisPerDay);
        var (year, month, day) = CivilCalendar.Date(days);
        value = Is(name, "YEAR"u8) ? year
            : Is(name, "QUARTER"u8) ? ((month - 1) / 3) + 1
            : Is(name, "MONTH"u8) ? month
            : Is(name, "WEEK"u8) ? CivilCalendar.IsoWeek(days).Week
            : Is(name, "ISOYEAR"u8) ? CivilCalendar.IsoWeek(days).Year
            : Is(name, "DAY"u8) ? day
            : Is(name, "DOW"u8) ? CivilCalendar.IsoDayOfWeek(days) % 7
            : Is(name, "ISODOW"u8) ? CivilCalendar.IsoDayOfWeek(days)
            : Is(name, "DOY"u8) ? days - CivilCalendar.DayNumber(year, 1, 1) + 1
            : Is(name, "HOUR"u8) ? time / MillisPerHour
            : Is(name, "MINUTE"u8) ? time / MillisPerMinute % 60
            : Is(name, "SECOND"u8) ? time % MillisPerMinute / 1000.0
            : Is(name, "MILLISECONDS"u8) ? time % MillisPerMinute
            : Is(name, "EPOCH"u8) ? millis / 1000.0
            : Is(name, "TIMEZONE"u8) ? 0 : double.NaN;
        return !double.IsNaN(value);
    }

    private static bool Is(ReadOnlySpan<byte> name, ReadOnlySpan<byte> unit) => Ascii.EqualsIgnoreCase(name, unit);
}
