using System.Text;
using Npgsql;
using StreamSQL.Data.Functions.Kernels;
using StreamSQL.Data.Text;
using StreamSQL.Data.Types;
using static StreamSQL.Data.Functions.Kernels.RowOverload;

namespace StreamSQL.Data.Functions.DatesAndTimes;

/// <summary>
/// The clock, arithmetic with units, and fields of dates and times. Units are texts: 'DAYS', 'HOURS', 'MILLISECONDS', ...
/// </summary>
internal static class DateTimeFunctions
{
    private const string Category = "Date and time";

    public static IEnumerable<ScalarFunction> All() =>
    [
        new OverloadedFunction("UNIX_TIMESTAMP", Category, "Milliseconds since 1970-01-01 UTC: now, or of a TIMESTAMP.",
            [("UNIX_TIMESTAMP(TIMESTAMP '2001-01-01')", "978307200000")],
            Now<NowMillis>(SqlType.BigInt), Strict<SameLong>(SqlType.BigInt, SqlType.Timestamp)),
        new OverloadedFunction("UNIX_DATE", Category, "Days since 1970-01-01: today, or of a DATE.",
            [("UNIX_DATE(DATE '1970-01-11')", "10")],
            Now<Today>(SqlType.Integer), Strict<SameInt>(SqlType.Integer, SqlType.Date)),
        new OverloadedFunction("FROM_UNIXTIME", Category, "Milliseconds since 1970-01-01 UTC as a TIMESTAMP.",
            [("FROM_UNIXTIME(978307200000)", "2001-01-01T00:00:00.000")],
            Strict<SameLong>(SqlType.Timestamp, SqlType.BigInt)),
        new OverloadedFunction("FROM_DAYS", Category, "Days since 1970-01-01 as a DATE.", [("FROM_DAYS(10)", "1970-01-11")],
            Strict<SameInt>(SqlType.Date, SqlType.Integer)),
        Clock<NowMillis>("NOW", SqlType.Timestamp, "The present instant.", "NOW() > TIMESTAMP '2001-01-01'"),
        Clock<NowMillis>("CURRENT_TIMESTAMP", SqlType.Timestamp, "The present instant.", "CURRENT_TIMESTAMP() > TIMESTAMP '2001-01-01'"),
        Clock<NowMillis>("CLOCK_TIMESTAMP", SqlType.Timestamp, "The present instant.", "CLOCK_TIMESTAMP() > TIMESTAMP '2001-01-01'"),
        Clock<Today>("CURRENT_DATE", SqlType.Date, "The present day in UTC.", "CURRENT_DATE() > DATE '2001-01-01'"),
        Arithmetic<AddToTimestamp>("TIMESTAMPADD", SqlType.Timestamp, "A TIMESTAMP so many units later.",
            ("TIMESTAMPADD('DAYS', 1, TIMESTAMP '2001-01-31')", "2001-02-01T00:00:00.000")),
        Arithmetic<SubtractFromTimestamp>("TIMESTAMPSUB", SqlType.Timestamp, "A TIMESTAMP so many units earlier.",
            ("TIMESTAMPSUB('MONTHS', 1, TIMESTAMP '2001-03-31')", "2001-02-28T00:00:00.000")),
        Arithmetic<AddToDate>("DATEADD", SqlType.Date, "A DATE so many units (days or longer) later.",
            ("DATEADD('WEEKS', 1, DATE '2001-01-31')", "2001-02-07")),
        Arithmetic<SubtractFromDate>("DATESUB", SqlType.Date, "A DATE so many units (days or longer) earlier.",
            ("DATESUB('DAYS', 1, DATE '2001-01-01')", "2000-12-31")),
        Arithmetic<AddToTime>("TIMEADD", SqlType.Time, "A TIME so many units (days or shorter) later, beyond midnight from the start.",
            ("TIMEADD('HOURS', 2, TIME '23:30')", "01:30")),
        Arithmetic<SubtractFromTime>("TIMESUB", SqlType.Time, "A TIME so many units (days or shorter) earlier.",
            ("TIMESUB('MINUTES', 40, TIME '00:30')", "23:50")),
        new OverloadedFunction("CONVERT_TZ", Category, "A local time of one zone, as that local time's instant in another.",
            [("CONVERT_TZ(TIMESTAMP '2001-07-01T12:00:00', 'UTC', 'Europe/Berlin')", "2001-07-01T14:00:00.000")],
            Strict<ConvertZone>(SqlType.Timestamp, SqlType.Timestamp, SqlType.Varchar, SqlType.Varchar)),
        new OverloadedFunction("DATE_TRUNC", Category, "A TIMESTAMP cut to the start of its unit, in UTC.",
            [("DATE_TRUNC('month', TIMESTAMP '2001-02-03T04:05:06')", "2001-02-01T00:00:00.000"),
                ("DATE_TRUNC('week', TIMESTAMP '2001-02-03')", "2001-01-29T00:00:00.000")],
            Strict<Truncate>(SqlType.Timestamp, SqlType.Varchar, SqlType.Timestamp)),
        Part("DATE_PART"),
        Part("EXTRACT"),
    ];

    private static Overload Now<TFunction>(SqlType result)
        where TFunction : struct, IRowFunction => Nullable<TFunction>(result) with { IsDeterministic = false };

    private static OverloadedFunction Clock<TFunction>(string name, SqlType result, string description, string example)
        where TFunction : struct, IRowFunction => new(name, Category, description, [(example, "true")], Now<TFunction>(result));

    private static OverloadedFunction Arithmetic<TFunction>(string name, SqlType type, string description, (string, string) example)
        where TFunction : struct, IRowFunction =>
        new(name, Category, description, [example], Strict<TFunction>(type, SqlType.Varchar, SqlType.Integer, type));

    private static OverloadedFunction Part(string name) =>
        new(name, Category,
            "A field of a TIMESTAMP in UTC: 'year', 'month', 'day', 'hour', 'minute', 'second', 'dow', 'doy', 'week', 'epoch', ...",
            [($"{name}('month', TIMESTAMP '2001-02-03')", "2.0"), ($"{name}('epoch', TIMESTAMP '1970-01-01T00:00:01.500')", "1.5")],
            Strict<Field>(SqlType.Double, SqlType.Varchar, SqlType.Timestamp));

    private readonly struct NowMillis : IRowFunction
    {
        public static void Apply(in RowCall call) => call.Return(call.Time.GetUtcNow().ToUnixTimeMilliseconds());
    }

    private readonly struct Today : IRowFunction
    {
        public static void Apply(in RowCall call) =>
            call.Return((int)CivilCalendar.FloorDiv(call.Time.GetUtcNow().ToUnixTimeMilliseconds(), CivilCalendar.MillisPerDay));
    }

    private readonly struct SameLong : IRowFunction
    {
        public static void Apply(in RowCall call) => call.Return(call.Long(0));
    }

    private readonly struct SameInt : IRowFunction
    {
        public static void Apply(in RowCall call) => call.Return(call.Int(0));
    }

    private readonly struct AddToTimestamp : IRowFunction
    {
        public static void Apply(in RowCall call) => Shift(call, call.Long(2), 1);
    }

    private readonly struct SubtractFromTimestamp : IRowFunction
    {
        public static void Apply(in RowCall call) => Shift(call, call.Long(2), -1);
    }

    private readonly struct AddToDate : IRowFunction
    {
        public static void Apply(in RowCall call) => ShiftDate(call, 1);
    }

    private readonly struct SubtractFromDate : IRowFunction
    {
        public static void Apply(in RowCall call) => ShiftDate(call, -1);
    }

    private readonly struct AddToTime : IRowFunction
    {
        public static void Apply(in RowCall call) => ShiftTime(call, 1);
    }

    private readonly struct SubtractFromTime : IRowFunction
    {
        public static void Apply(in RowCall call) => ShiftTime(call, -1);
    }

    private static void Shift(in RowCall call, long millis, int sign)
    {
        if (TimeUnits.TryFind(call.Text(0), out var unit))
            call.Return(unit.Add(millis, (long)sign * call.Int(1)));
        else
            FailUnit(call);
    }

    private static void ShiftDate(in RowCall call, int sign)
    {
        if (TimeUnits.TryFind(call.Text(0), out var unit) && unit.IsWholeDays)
            call.Return((int)CivilCalendar.FloorDiv(unit.Add(call.Int(2) * CivilCalendar.MillisPerDay, (long)sign * call.Int(1)),
                CivilCalendar.MillisPerDay));
        else
            FailUnit(call);
    }

    private static void ShiftTime(in RowCall call, int sign)
    {
        if (TimeUnits.TryFind(call.Text(0), out var unit) && unit.Months == 0)
            call.Return((int)CivilCalendar.FloorMod(unit.Add(call.Int(2), (long)sign * call.Int(1)), CivilCalendar.MillisPerDay));
        else
            FailUnit(call);
    }

    private static void FailUnit(in RowCall call) =>
        call.Fail(PostgresErrorCodes.InvalidParameterValue, $"unit \"{Encoding.UTF8.GetString(call.Text(0))}\" not supported here");

    private readonly struct ConvertZone : IRowFunction
    {
        public static void Apply(in RowCall call)
        {
            if (Zones.TryFind(call.Text(1), out var from) && Zones.TryFind(call.Text(2), out var to))
            {
                var instant = call.Long(0) - ZoneOffsets.OfLocal(from, call.Long(0));
                call.Return(instant + ZoneOffsets.OfInstant(to, instant));
                return;
            }

            call.Fail(PostgresErrorCodes.InvalidParameterValue, "time zone not recognized");
        }
    }

    private readonly struct Truncate : IRowFunction
    {
        public static void Apply(in RowCall call)
        {
            if (TimeUnits.TryFind(call.Text(0), out var unit))
                call.Return(unit.Truncate(call.Long(1)));
            else
                FailUnit(call);
        }
    }

    private readonly struct Field : IRowFunction
    {
        public static void Apply(in RowCall call)
        {
            if (TimeUnits.TryExtract(call.Text(0), call.Long(1), out var value))
                call.Return(value);
            else
                FailUnit(call);
        }
    }
}
