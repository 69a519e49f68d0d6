using System.Globalization;
using Npgsql;
using StreamSQL.Data.Functions.Casting;
using StreamSQL.Data.Functions.Kernels;
using StreamSQL.Data.Text;
using StreamSQL.Data.Types;
using static StreamSQL.Data.Functions.Kernels.RowOverload;

namespace StreamSQL.Data.Functions.DatesAndTimes;

/// <summary>PostgreSQL's MAKE_DATE, MAKE_TIME, MAKE_TIMESTAMP, MAKE_TIMESTAMPTZ and MAKE_INTERVAL: values from their parts.</summary>
public static class MakeFunctions
{
    private const string Category = "Date and time";

    /// <summary>The names of MAKE_INTERVAL's arguments, in order: each may be given by name, and what is not given is 0.</summary>
    public static readonly string[] IntervalArguments = ["YEARS", "MONTHS", "WEEKS", "DAYS", "HOURS", "MINS", "SECS"];

    internal static IEnumerable<ScalarFunction> All()
    {
        SqlType[] day = [SqlType.Integer, SqlType.Integer, SqlType.Integer];
        SqlType[] time = [SqlType.Integer, SqlType.Integer, SqlType.Double];
        SqlType[] span = [.. Enumerable.Repeat(SqlType.Integer, 6), SqlType.Double];
        return
        [
            new OverloadedFunction("MAKE_DATE", Category, "A DATE from year, month and day; a negative year is before Christ.", [],
                Bounded<Date>(SqlType.Date, day)),
            new OverloadedFunction("MAKE_TIME", Category, "A TIME from hour, minute and seconds.", [],
                Bounded<Time>(SqlType.PlainTime, time)),
            new OverloadedFunction("MAKE_TIMESTAMP", Category,
                "A timestamp without a zone from year, month, day, hour, minute and seconds.", [],
                Bounded<Local>(SqlType.PlainTimestamp, [.. day, .. time])),
            new OverloadedFunction("MAKE_TIMESTAMPTZ", Category,
                "A timestamp from year, month, day, hour, minute, seconds and a zone, or in the session's.", [],
                OfSession<Instant>(SqlType.TimestampTz, [.. day, .. time]),
                Bounded<Instant>(SqlType.TimestampTz, [.. day, .. time, SqlType.Varchar])),
            new OverloadedFunction("MAKE_INTERVAL", Category,
                "An interval from years, months, weeks, days, hours, mins and secs, by place or name.", [],
                [.. Enumerable.Range(0, 8).Select(count => Bounded<Span>(SqlType.Interval, span[..count]))]),
        ];
    }

    private static bool TryDay(in RowCall call, out long days)
    {
        var (year, month, day) = (call.Int(0), call.Int(1), call.Int(2));
        var calendarYear = year < 0 ? year + 1 : year;
        days = 0;
        var isDay = year != 0 && year is > -10_000 and < 6_000_000 && month is >= 1 and <= 12 && day >= 1
            && day <= CivilCalendar.DaysInMonth(calendarYear, month);
        if (isDay)
            days = CivilCalendar.DayNumber(calendarYear, month, day);
        if (isDay && PostgresDates.IsDay(days))
            return true;
        call.Fail(PostgresErrorCodes.DatetimeFieldOverflow, isDay
            ? string.Create(CultureInfo.InvariantCulture, $"date out of range: {year}-{month:00}-{day:00}")
            : string.Create(CultureInfo.InvariantCulture, $"date field value out of range: {year}-{month:00}-{day:00}"));
        return false;
    }

    private static bool TryTime(in RowCall call, int first, out long micros)
    {
        var (hour, minute, seconds) = (call.Int(first), call.Int(first + 1), call.Double(first + 2));
        micros = 0;
        var isTime = hour is >= 0 and <= 24 && minute is >= 0 and < 60 && seconds is >= 0 and <= 60
            && (hour < 24 || (minute == 0 && seconds == 0));
        if (isTime)
            micros = (((hour * 60L) + minute) * 60_000_000) + (long)Math.Round(seconds * 1e6, MidpointRounding.ToEven);
        else
            call.Fail(PostgresErrorCodes.DatetimeFieldOverflow,
                string.Create(CultureInfo.InvariantCulture, $"time field value out of range: {hour}:{minute:00}:{seconds:00.######}"));
        return isTime;
    }

    private static bool TryTimestamp(in RowCall call, out long micros)
    {
        micros = 0;
        if (!TryDay(call, out var days) || !TryTime(call, 3, out var time))
            return false;
        var value = (days * (Int128)MicrosText.MicrosPerDay) + time;
        if (PostgresDates.IsTimestamp(value))
            micros = (long)value;
        else
            DateErrors.TimestampOutOfRange(call);
        return PostgresDates.IsTimestamp(value);
    }

    private readonly struct Date : IRowFunction
    {
        public static void Apply(in RowCall call)
        {
            if (TryDay(call, out var days))
                call.Return((int)days);
        }
    }

    private readonly struct Time : IRowFunction
    {
        public static void Apply(in RowCall call)
        {
            if (TryTime(call, 0, out var micros))
                call.Return(micros);
        }
    }

    private readonly struct Local : IRowFunction
    {
        public static void Apply(in RowCall call)
        {
            if (TryTimestamp(call, out var micros))
                call.Return(micros);
        }
    }

    private readonly struct Instant : IRowFunction
    {
        public static void Apply(in RowCall call)
        {
            if (!TryTimestamp(call, out var local))
                return;
            var zone = StatementClock.ZoneOf(call.Time);
            if (call.Count == 7 && !TimeZoneNames.TryFind(call.Text(6), out zone))
                DateErrors.UnknownZone(call, call.Text(6));
            else
                call.Return(MicroZones.ToInstant(zone, local));
        }
    }

    private readonly struct Span : IRowFunction
    {
        public static void Apply(in RowCall call)
        {
            long Part(in RowCall row, int index) => row.Count > index ? row.Int(index) : 0;
            var seconds = call.Count > 6 ? call.Double(6) : 0;
            var micros = Math.Round(seconds * 1e6, MidpointRounding.ToEven);
            var interval = default(Interval);
            var isInRange = Math.Abs(micros) < 9.2e18 && Interval.TryCreate(
                (Part(call, 0) * 12) + Part(call, 1), (Part(call, 2) * 7) + Part(call, 3),
                (((Int128)Part(call, 4) * 60) + Part(call, 5)) * 60_000_000 + (long)micros, out interval);
            if (isInRange)
                call.Return(interval);
            else
                DateErrors.IntervalOutOfRange(call);
        }
    }
}
