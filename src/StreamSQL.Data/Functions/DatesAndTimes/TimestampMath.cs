using StreamSQL.Data.Text;
using StreamSQL.Data.Types;

namespace StreamSQL.Data.Functions.DatesAndTimes;

/// <summary>Arithmetic of timestamps in microseconds since 1970-01-01 00:00. Infinities stay what they are.</summary>
public static class TimestampMath
{
    private const long MicrosPerDay = MicrosText.MicrosPerDay;

    /// <summary>
    /// A timestamp later by months (the day is at most the last of its month), then days, then time; false when it is out of range.
    /// </summary>
    public static bool TryAdd(long micros, Interval span, out long result)
    {
        result = micros;
        if (MicrosText.IsInfinite(micros))
            return true;
        var days = CivilCalendar.FloorDiv(micros, MicrosPerDay);
        var time = micros - (days * MicrosPerDay);
        if (span.Months != 0)
            days = AddMonths(days, span.Months);
        var sum = (((Int128)days + span.Days) * MicrosPerDay) + time + span.Micros;
        result = PostgresDates.IsTimestamp(sum) ? (long)sum : 0;
        return PostgresDates.IsTimestamp(sum);
    }

    /// <summary>The same for an instant: months and days are those of clocks in the zone.</summary>
    public static bool TryAddIn(TimeZoneInfo zone, long micros, Interval span, out long result)
    {
        if ((span.Months == 0 && span.Days == 0) || ReferenceEquals(zone, TimeZoneInfo.Utc))
            return TryAdd(micros, span, out result);
        if (!TryAdd(MicroZones.ToLocal(zone, micros), new Interval(span.Months, span.Days, 0), out var local))
        {
            result = 0;
            return false;
        }

        return TryAdd(MicroZones.ToInstant(zone, local), new Interval(0, 0, span.Micros), out result);
    }

    /// <summary>The span turned round; false when a part has no opposite.</summary>
    public static bool TryNegate(Interval span, out Interval result) => Interval.TrySubtract(default, span, out result);

    /// <summary>Whole days and the rest of the time between two timestamps; false when one is infinite or the span too long.</summary>
    public static bool TryDifference(long left, long right, out Interval span)
    {
        var micros = (Int128)left - right;
        span = default;
        return !MicrosText.IsInfinite(left) && !MicrosText.IsInfinite(right)
            && Interval.TryCreate(0, micros / MicrosPerDay, micros % MicrosPerDay, out span);
    }

    /// <summary>A day so many months later, at most the last of its month.</summary>
    public static long AddMonths(long days, int months)
    {
        var (year, month, day) = CivilCalendar.Date(days);
        var total = (year * 12L) + month - 1 + months;
        var (newYear, newMonth) = ((int)CivilCalendar.FloorDiv(total, 12), (int)CivilCalendar.FloorMod(total, 12) + 1);
        return CivilCalendar.DayNumber(newYear, newMonth, Math.Min(day, CivilCalendar.DaysInMonth(newYear, newMonth)));
    }

    /// <summary>
    /// Years, months, days and time between two timestamps, as a calendar counts them: where the day or the time must borrow, it does so
    /// from the month of the earlier one.
    /// </summary>
    public static Interval Age(long left, long right)
    {
        var isNegative = left < right;
        var (late, early) = isNegative ? (right, left) : (left, right);
        var (lateDays, earlyDays) = (CivilCalendar.FloorDiv(late, MicrosPerDay), CivilCalendar.FloorDiv(early, MicrosPerDay));
        var micros = late - (lateDays * MicrosPerDay) - (early - (earlyDays * MicrosPerDay));
        var (lateYear, lateMonth, lateDay) = CivilCalendar.Date(lateDays);
        var (earlyYear, earlyMonth, earlyDay) = CivilCalendar.Date(earlyDays);
        var days = lateDay - earlyDay;
        var months = ((lateYear - earlyYear) * 12) + lateMonth - earlyMonth;
        if (micros < 0)
        {
            micros += MicrosPerDay;
            days--;
        }

        if (days < 0)
        {
            days += CivilCalendar.DaysInMonth(earlyYear, earlyMonth);
            months--;
        }

        return isNegative ? new Interval(-months, -days, -micros) : new Interval(months, days, micros);
    }

    /// <summary>24 hours as days, with the days' sign where there are some.</summary>
    public static bool TryJustifyHours(Interval span, out Interval result)
    {
        var (days, micros) = ((Int128)span.Days + (span.Micros / MicrosPerDay), span.Micros % MicrosPerDay);
        if (days > 0 && micros < 0)
            (days, micros) = (days - 1, micros + MicrosPerDay);
        else if (days < 0 && micros > 0)
            (days, micros) = (days + 1, micros - MicrosPerDay);
        return Interval.TryCreate(span.Months, days, micros, out result);
    }

    /// <summary>30 days as months, with the months' sign where there are some.</summary>
    public static bool TryJustifyDays(Interval span, out Interval result)
    {
        var (months, days) = ((Int128)span.Months + (span.Days / Interval.DaysPerMonth), span.Days % Interval.DaysPerMonth);
        if (months > 0 && days < 0)
            (months, days) = (months - 1, days + Interval.DaysPerMonth);
        else if (months < 0 && days > 0)
            (months, days) = (months + 1, days - Interval.DaysPerMonth);
        return Interval.TryCreate(months, days, span.Micros, out result);
    }

    /// <summary>Both, and one sign for all parts.</summary>
    public static bool TryJustify(Interval span, out Interval result)
    {
        result = default;
        Int128 months = span.Months, days = span.Days + (span.Micros / MicrosPerDay);
        var micros = span.Micros % MicrosPerDay;
        (months, days) = (months + (days / Interval.DaysPerMonth), days % Interval.DaysPerMonth);
        if (months > 0 && (days < 0 || (days == 0 && micros < 0)))
            (months, days) = (months - 1, days + Interval.DaysPerMonth);
        else if (months < 0 && (days > 0 || (days == 0 && micros > 0)))
            (months, days) = (months + 1, days - Interval.DaysPerMonth);
        if (days > 0 && micros < 0)
            (days, micros) = (days - 1, micros + MicrosPerDay);
        else if (days < 0 && micros > 0)
            (days, micros) = (days + 1, micros - MicrosPerDay);
        return Interval.TryCreate(months, days, micros, out result);
    }

    /// <summary>
    /// The start of the bin of a fixed width that a timestamp lies in, bins being counted from an origin; false when it is out of range.
    /// </summary>
    public static bool TryBin(Int128 width, long micros, long origin, out long result)
    {
        result = micros;
        if (MicrosText.IsInfinite(micros))
            return true;
        var distance = (Int128)micros - origin;
        var rest = distance % width;
        var start = micros - rest - (rest < 0 ? width : 0);
        result = PostgresDates.IsTimestamp(start) ? (long)start : 0;
        return PostgresDates.IsTimestamp(start);
    }
}
