using StreamSQL.Data.Text;
using StreamSQL.Data.Types;

namespace StreamSQL.Data.Functions.DatesAndTimes;

/// <summary>
/// Fields of dates, times and intervals (EXTRACT, DATE_PART), and their starts (DATE_TRUNC). Values are
/// in millionths, so that they are whole.
/// </summary>
internal static class FieldValues
{
    /// <summary>What one is, as a value.</summary>
    public const int One = 1_000_000;

    private const long MicrosPerHour = 3_600_000_000;
    private const long MicrosPerMinute = 60_000_000;

    /// <summary>A field of a timestamp; false when it has none of the kind.</summary>
    public static bool TryOfTimestamp(TimeField field, long micros, out Int128 value)
    {
        var day = CivilCalendar.FloorDiv(micros, MicrosText.MicrosPerDay);
        if (field == TimeField.Epoch)
        {
            value = micros;
            return true;
        }

        return TryOfTime(field, micros - (day * MicrosText.MicrosPerDay), out value) || TryOfDay(field, day, out value);
    }

    /// <summary>A field of a day; false when it has none of the kind.</summary>
    public static bool TryOfDay(TimeField field, long day, out Int128 value)
    {
        var (year, month, dayOfMonth) = CivilCalendar.Date(day);
        var shown = year > 0 ? year : year - 1;
        long? number = field switch
        {
            TimeField.Day => dayOfMonth,
            TimeField.Week => CivilCalendar.IsoWeek(day).Week,
            TimeField.Month => month,
            TimeField.Quarter => ((month - 1) / 3) + 1,
            TimeField.Year => shown,
            TimeField.Decade => CivilCalendar.FloorDiv(year, 10),
            TimeField.Century => year > 0 ? (year + 99) / 100 : -((99 - (year - 1)) / 100),
            TimeField.Millennium => year > 0 ? (year + 999) / 1000 : -((999 - (year - 1)) / 1000),
            TimeField.DayOfWeek => CivilCalendar.IsoDayOfWeek(day) % 7,
            TimeField.IsoDayOfWeek => CivilCalendar.IsoDayOfWeek(day),
            TimeField.DayOfYear => day - CivilCalendar.DayNumber(year, 1, 1) + 1,
            TimeField.IsoYear => CivilCalendar.IsoWeek(day).Year is var iso && iso > 0 ? iso : iso - 1,
            TimeField.Julian => day + PostgresDates.JulianOfEpoch,
            TimeField.Epoch => day * 86_400,
            _ => null,
        };
        value = (Int128)(number ?? 0) * One;
        return number is not null;
    }

    /// <summary>A field of a time of day; false when it has none of the kind.</summary>
    public static bool TryOfTime(TimeField field, long micros, out Int128 value)
    {
        Int128? found = field switch
        {
            TimeField.Microsecond => (Int128)(micros % MicrosPerMinute) * One,
            TimeField.Millisecond => (Int128)(micros % MicrosPerMinute) * 1000,
            TimeField.Second => micros % MicrosPerMinute,
            TimeField.Minute => (Int128)(micros / MicrosPerMinute % 60) * One,
            TimeField.Hour => (Int128)(micros / MicrosPerHour) * One,
            _ => null,
        };
        value = found ?? 0;
        return found is not null;
    }

    /// <summary>A field of an interval, each part by itself; false when it has none of the kind.</summary>
    public static bool TryOfInterval(TimeField field, Interval span, out Int128 value)
    {
        if (TryOfTime(field, span.Micros, out value))
            return true;
        if (field == TimeField.Epoch)
        {
            // A year is 365.25 days, a month of none 30.
            var quarterDays = ((Int128)(span.Months / 12) * 1461) + ((Int128)(span.Months % 12) * 4 * Interval.DaysPerMonth)
                + ((Int128)span.Days * 4);
            value = (quarterDays * (Interval.MicrosPerDay / 4)) + span.Micros;
            return true;
        }

        var years = span.Months / 12;
        int? number = field switch
        {
            TimeField.Day => span.Days,
            TimeField.Month => span.Months % 12,
            TimeField.Quarter => (span.Months % 12 / 3) + 1,
            TimeField.Year => years,
            TimeField.Decade => years / 10,
            TimeField.Century => years / 100,
            TimeField.Millennium => years / 1000,
            _ => null,
        };
        value = (Int128)(number ?? 0) * One;
        return number is not null;
    }

    /// <summary>A field of a zone; false when it is another one.</summary>
    public static bool TryOfOffset(TimeField field, long offsetMicros, out Int128 value)
    {
        Int128? found = field switch
        {
            TimeField.Timezone => offsetMicros,
            TimeField.TimezoneHour => (Int128)(offsetMicros / MicrosPerHour) * One,
            TimeField.TimezoneMinute => (Int128)(offsetMicros / MicrosPerMinute % 60) * One,
            _ => null,
        };
        value = found ?? 0;
        return found is not null;
    }

    /// <summary>The start of the unit that a timestamp lies in; false when there is no such unit. Weeks start on Monday.</summary>
    public static bool TryTruncate(TimeField unit, long micros, out long start)
    {
        var size = unit switch
        {
            TimeField.Microsecond => 1,
            TimeField.Millisecond => 1000,
            TimeField.Second => 1_000_000,
            TimeField.Minute => MicrosPerMinute,
            TimeField.Hour => MicrosPerHour,
            TimeField.Day => MicrosText.MicrosPerDay,
            _ => 0,
        };
        if (size > 0)
        {
            start = CivilCalendar.FloorDiv(micros, size) * size;
            return true;
        }

        var day = CivilCalendar.FloorDiv(micros, MicrosText.MicrosPerDay);
        var (year, month, _) = CivilCalendar.Date(day);
        long? first = unit switch
        {
            TimeField.Week => day - CivilCalendar.IsoDayOfWeek(day) + 1,
            TimeField.Month => CivilCalendar.DayNumber(year, month, 1),
            TimeField.Quarter => CivilCalendar.DayNumber(year, month - ((month - 1) % 3), 1),
            TimeField.Year => CivilCalendar.DayNumber(year, 1, 1),
            TimeField.Decade => CivilCalendar.DayNumber(year - (int)CivilCalendar.FloorMod(year, 10), 1, 1),
            TimeField.Century => CivilCalendar.DayNumber(year - (int)CivilCalendar.FloorMod(year - 1, 100), 1, 1),
            TimeField.Millennium => CivilCalendar.DayNumber(year - (int)CivilCalendar.FloorMod(year - 1, 1000), 1, 1),
            _ => null,
        };
        start = (first ?? 0) * MicrosText.MicrosPerDay;
        return first is not null;
    }

    /// <summary>An interval without what is smaller than a unit; false when it has no such unit.</summary>
    public static bool TryTruncate(TimeField unit, Interval span, out Interval result)
    {
        var months = unit switch { TimeField.Quarter => 3, TimeField.Year => 12, TimeField.Decade => 120, TimeField.Century => 1200,
            TimeField.Millennium => 12_000, _ => 1 };
        var micros = unit switch
        {
            TimeField.Microsecond => 1,
            TimeField.Millisecond => 1000,
            TimeField.Second => 1_000_000,
            TimeField.Minute => MicrosPerMinute,
            TimeField.Hour => MicrosPerHour,
            _ => 0,
        };
        result = micros > 0 ? new(span.Months, span.Days, span.Micros - (span.Micros % micros))
            : unit == TimeField.Day ? new(span.Months, span.Days, 0) : new(span.Months - (span.Months % months), 0, 0);
        return micros > 0 || unit is TimeField.Day or TimeField.Month || months > 1;
    }
}
