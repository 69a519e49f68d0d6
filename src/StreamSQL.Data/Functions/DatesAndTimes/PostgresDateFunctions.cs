using Npgsql;
using StreamSQL.Data.Functions.Casting;
using StreamSQL.Data.Functions.Kernels;
using StreamSQL.Data.Text;
using StreamSQL.Data.Types;
using static StreamSQL.Data.Functions.Kernels.RowOverload;

namespace StreamSQL.Data.Functions.DatesAndTimes;

/// <summary>PostgreSQL's clock, AT TIME ZONE, AGE, JUSTIFY_*, ISFINITE, OVERLAPS, and how casts round to a precision.</summary>
public static class PostgresDateFunctions
{
    private const string Category = "Date and time";

    /// <summary>The function that rounds to so many digits of a second, as <c>timestamp(0)</c> does.</summary>
    public const string PrecisionName = "TIMESTAMP(P)";

    /// <summary>The function that leaves an interval the fields of <c>interval day to hour</c>.</summary>
    public const string FieldsName = "INTERVAL(FIELDS)";

    internal static IEnumerable<ScalarFunction> All() =>
    [
        Function("NOW", "The instant at which the transaction began.", OfSession<TransactionTime>(SqlType.TimestampTz)),
        Function("TRANSACTION_TIMESTAMP", "The instant at which the transaction began.", OfSession<TransactionTime>(SqlType.TimestampTz)),
        Function("CURRENT_TIMESTAMP", "The instant at which the transaction began.", OfSession<TransactionTime>(SqlType.TimestampTz),
            OfSession<TransactionTime>(SqlType.TimestampTz, SqlType.Integer)),
        Function("STATEMENT_TIMESTAMP", "The instant at which the statement began.", OfSession<StatementTime>(SqlType.TimestampTz)),
        Function("CLOCK_TIMESTAMP", "The present instant, another at each call.",
            Bounded<ClockTime>(SqlType.TimestampTz) with { IsDeterministic = false }),
        Function("TIMEOFDAY", "The present instant as text.", Bounded<TimeOfDay>(SqlType.Varchar) with { IsDeterministic = false }),
        Function("LOCALTIMESTAMP", "The time at which the transaction began, in the session's zone.",
            OfSession<LocalNow>(SqlType.PlainTimestamp),
            OfSession<LocalNow>(SqlType.PlainTimestamp, SqlType.Integer)),
        Function("CURRENT_DATE", "The present day in the session's zone.", OfSession<Today>(SqlType.Date)),
        Function("LOCALTIME", "The time of day at which the transaction began, in the session's zone.",
            OfSession<LocalTime>(SqlType.PlainTime),
            OfSession<LocalTime>(SqlType.PlainTime, SqlType.Integer)),
        Function("CURRENT_TIME", "The time of day at which the transaction began, with the offset of the session's zone.",
            OfSession<ZonedNow>(SqlType.TimeTz), OfSession<ZonedNow>(SqlType.TimeTz, SqlType.Integer)),
        new OverloadedFunction("TIMEZONE", Category,
            "x AT TIME ZONE zone: an instant as what clocks in the zone show, or the instant at which they show that.",
            [("TIMEZONE('Europe/Berlin', TIMESTAMP '2001-07-01T12:00:00')", "2001-07-01T14:00:00.000")],
            Strict<MillisInZone>(SqlType.Timestamp, SqlType.Varchar, SqlType.Timestamp) with { Rules = RuleSet.Ksql },
            Bounded<InstantToZone>(SqlType.PlainTimestamp, SqlType.Varchar, SqlType.TimestampTz),
            Bounded<ZoneToInstant>(SqlType.TimestampTz, SqlType.Varchar, SqlType.PlainTimestamp),
            OfSession<TimeToZone>(SqlType.TimeTz, SqlType.Varchar, SqlType.TimeTz),
            Bounded<TimeToOffset>(SqlType.TimeTz, SqlType.Interval, SqlType.TimeTz),
            Bounded<InstantToOffset>(SqlType.PlainTimestamp, SqlType.Interval, SqlType.TimestampTz),
            Bounded<OffsetToInstant>(SqlType.TimestampTz, SqlType.Interval, SqlType.PlainTimestamp)),
        Function("AGE", "Years, months, days and time between two timestamps; of one, from it until today.",
            OfSession<AgeOfInstants>(SqlType.Interval, SqlType.TimestampTz, SqlType.TimestampTz),
            Bounded<Age>(SqlType.Interval, SqlType.PlainTimestamp, SqlType.PlainTimestamp),
            OfSession<AgeOfInstantToday>(SqlType.Interval, SqlType.TimestampTz),
            OfSession<AgeToday>(SqlType.Interval, SqlType.PlainTimestamp),
            Bounded<AgeOfTransaction>(SqlType.Integer, SqlType.Xid)),
        Function("JUSTIFY_HOURS", "An interval with its 24 hours as days.", Bounded<JustifyHours>(SqlType.Interval, SqlType.Interval)),
        Function("JUSTIFY_DAYS", "An interval with its 30 days as months.", Bounded<JustifyDays>(SqlType.Interval, SqlType.Interval)),
        Function("JUSTIFY_INTERVAL", "An interval with days, months and one sign for all.",
            Bounded<Justify>(SqlType.Interval, SqlType.Interval)),
        Function("ISFINITE", "Whether a date, timestamp or interval is not infinite.",
            Bounded<IsFiniteDate>(SqlType.Boolean, SqlType.Date), Bounded<IsFinite>(SqlType.Boolean, SqlType.TimestampTz),
            Bounded<IsFinite>(SqlType.Boolean, SqlType.PlainTimestamp), Bounded<Always>(SqlType.Boolean, SqlType.Interval)),
        new PostgresFunction("OVERLAPS", Category,
            "Whether two spans of time, each by its ends or its start and length, have some time in common.",
            ["(start, end) OVERLAPS (start, end) -> BOOLEAN"], BindOverlaps),
        Function(PrecisionName, "A timestamp, time or interval with so many digits of a second.",
            Bounded<RoundMicros>(SqlType.TimestampTz, SqlType.TimestampTz, SqlType.Integer),
            Bounded<RoundMicros>(SqlType.PlainTimestamp, SqlType.PlainTimestamp, SqlType.Integer),
            Bounded<RoundMicros>(SqlType.PlainTime, SqlType.PlainTime, SqlType.Integer),
            Bounded<RoundTimeTz>(SqlType.TimeTz, SqlType.TimeTz, SqlType.Integer)),
        Function(FieldsName, "An interval without what is smaller than a field.",
            Bounded<KeepFields>(SqlType.Interval, SqlType.Interval, SqlType.Integer, SqlType.Integer)),
    ];

    private static OverloadedFunction Function(string name, string description, params Overload[] overloads) =>
        new(name, Category, description, [], overloads);

    private static ScalarBinding? BindOverlaps(IReadOnlyList<SqlType> arguments)
    {
        if (arguments.Count != 4)
            return null;
        SqlType[] ends = [arguments[0], arguments[2],
            .. new[] { arguments[1], arguments[3] }.Where(static type => type.Kind != SqlTypeKind.Interval)];
        var common = SqlType.Unknown;
        foreach (var type in ends)
        {
            if (TypeCoercion.CommonType(common, type, RuleSet.Postgres) is not { } joined)
                return null;
            common = type.Kind == SqlTypeKind.Unknown ? common : joined;
        }

        common = common.Kind == SqlTypeKind.Time ? SqlType.PlainTime : common;
        if (common.Kind == SqlTypeKind.PlainTime)
            return new([common, LengthOr(arguments[1], common), common, LengthOr(arguments[3], common)], SqlType.Boolean,
                new OverlapsKernel());
        var instants = common.Kind is SqlTypeKind.Timestamp or SqlTypeKind.TimestampTz;
        if (!instants && common.Kind is not (SqlTypeKind.Date or SqlTypeKind.PlainTimestamp or SqlTypeKind.Unknown))
            return null;
        var wanted = instants || common.Kind == SqlTypeKind.Unknown ? SqlType.TimestampTz : SqlType.PlainTimestamp;
        return new([wanted, LengthOr(arguments[1], wanted), wanted, LengthOr(arguments[3], wanted)], SqlType.Boolean, new OverlapsKernel())
        {
            DependsOnSession = instants,
        };
    }

    private static SqlType LengthOr(SqlType argument, SqlType end) => argument.Kind == SqlTypeKind.Interval ? argument : end;

    private readonly struct TransactionTime : IRowFunction
    {
        public static void Apply(in RowCall call) => call.Return(Rounded(call, StatementClock.Now(call.Time)));
    }

    private readonly struct StatementTime : IRowFunction
    {
        public static void Apply(in RowCall call) =>
            call.Return(call.Time is StatementClock clock ? clock.StatementMicros : StatementClock.Now(call.Time));
    }

    private readonly struct ClockTime : IRowFunction
    {
        public static void Apply(in RowCall call) => call.Return(StatementClock.MicrosOf(call.Time.GetUtcNow()));
    }

    private readonly struct TimeOfDay : IRowFunction
    {
        // Wed Jul 10 10:44:10.123456 2002 UTC
        public static void Apply(in RowCall call)
        {
            var now = TimeZoneInfo.ConvertTime(call.Time.GetUtcNow(), StatementClock.ZoneOf(call.Time));
            var text = now.ToString("ddd MMM dd HH:mm:ss.ffffff yyyy ", System.Globalization.CultureInfo.InvariantCulture)
                + ZoneAbbreviations.Of(StatementClock.ZoneOf(call.Time), now);
            call.Return(System.Text.Encoding.UTF8.GetBytes(text));
        }
    }

    private static long Local(in RowCall call) => MicroZones.ToLocal(StatementClock.ZoneOf(call.Time), StatementClock.Now(call.Time));

    /// <summary>As many digits of a second as the first argument says; all of them without one.</summary>
    private static long Rounded(in RowCall call, long micros) =>
        call.Count == 0 ? micros : MicrosText.Round(micros, Math.Max(call.Int(0), 0));

    private static long LocalTimeOfDay(in RowCall call) => Rounded(call, CivilCalendar.FloorMod(Local(call), MicrosText.MicrosPerDay));

    private readonly struct LocalNow : IRowFunction
    {
        public static void Apply(in RowCall call) => call.Return(Rounded(call, Local(call)));
    }

    private readonly struct Today : IRowFunction
    {
        public static void Apply(in RowCall call) => call.Return(PostgresDates.Today(call.Time));
    }

    private readonly struct LocalTime : IRowFunction
    {
        public static void Apply(in RowCall call) => call.Return(LocalTimeOfDay(call));
    }

    private readonly struct ZonedNow : IRowFunction
    {
        public static void Apply(in RowCall call)
        {
            var offset = MicroZones.OffsetAt(StatementClock.ZoneOf(call.Time), StatementClock.Now(call.Time));
            call.Return(new ZonedTime(LocalTimeOfDay(call), (int)(offset / 1_000_000)).Packed);
        }
    }

    private readonly struct TimeToZone : IRowFunction
    {
        public static void Apply(in RowCall call)
        {
            if (TimeZoneNames.TryFind(call.Text(0), out var zone))
                ReturnInOffset(call, (int)(MicroZones.OffsetAt(zone, StatementClock.Now(call.Time)) / 1_000_000));
            else
                DateErrors.UnknownZone(call, call.Text(0));
        }
    }

    private readonly struct TimeToOffset : IRowFunction
    {
        public static void Apply(in RowCall call)
        {
            var offset = call.Interval(0);
            if (offset.Months != 0 || offset.Days != 0)
                call.Fail(PostgresErrorCodes.InvalidParameterValue, $"interval time zone \"{offset}\" must not include months or days");
            else if (Math.Abs(offset.Micros / 1_000_000) > ZonedTime.MaxOffsetSeconds)
                call.Fail(PostgresErrorCodes.InvalidTimeZoneDisplacementValue, $"time zone displacement out of range: \"{offset}\"");
            else
                ReturnInOffset(call, (int)(offset.Micros / 1_000_000));
        }
    }

    private static void ReturnInOffset(in RowCall call, int offset)
    {
        var utc = ZonedTime.FromPacked(call.Long(1)).UtcMicros;
        call.Return(new ZonedTime(CivilCalendar.FloorMod(utc + (offset * 1_000_000L), MicrosText.MicrosPerDay), offset).Packed);
    }

    private readonly struct MillisInZone : IRowFunction
    {
        public static void Apply(in RowCall call)
        {
            if (Zones.TryFind(call.Text(0), out var zone))
                call.Return(call.Long(1) + ZoneOffsets.OfInstant(zone, call.Long(1)));
            else
                call.Fail(PostgresErrorCodes.InvalidParameterValue, "time zone not recognized");
        }
    }

    private readonly struct InstantToZone : IRowFunction
    {
        public static void Apply(in RowCall call)
        {
            if (TimeZoneNames.TryFind(call.Text(0), out var zone))
                call.Return(MicroZones.ToLocal(zone, call.Long(1)));
            else
                DateErrors.UnknownZone(call, call.Text(0));
        }
    }

    private readonly struct ZoneToInstant : IRowFunction
    {
        public static void Apply(in RowCall call)
        {
            if (TimeZoneNames.TryFind(call.Text(0), out var zone))
                call.Return(MicroZones.ToInstant(zone, call.Long(1)));
            else
                DateErrors.UnknownZone(call, call.Text(0));
        }
    }

    private readonly struct InstantToOffset : IRowFunction
    {
        public static void Apply(in RowCall call) => Shift(call, 1);
    }

    private readonly struct OffsetToInstant : IRowFunction
    {
        public static void Apply(in RowCall call) => Shift(call, -1);
    }

    private static void Shift(in RowCall call, int sign)
    {
        var offset = call.Interval(0);
        if (offset.Months != 0 || offset.Days != 0)
            call.Fail(PostgresErrorCodes.InvalidParameterValue, $"interval time zone \"{offset}\" must not include months or days");
        else if (TimestampMath.TryAdd(call.Long(1), new Interval(0, 0, sign * offset.Micros), out var shifted))
            call.Return(shifted);
        else
            DateErrors.TimestampOutOfRange(call);
    }

    private readonly struct Age : IRowFunction
    {
        public static void Apply(in RowCall call) => ReturnAge(call, call.Long(0), call.Long(1));
    }

    private readonly struct AgeOfInstants : IRowFunction
    {
        public static void Apply(in RowCall call)
        {
            var zone = StatementClock.ZoneOf(call.Time);
            ReturnAge(call, MicroZones.ToLocal(zone, call.Long(0)), MicroZones.ToLocal(zone, call.Long(1)));
        }
    }

    private readonly struct AgeToday : IRowFunction
    {
        public static void Apply(in RowCall call) =>
            ReturnAge(call, PostgresDates.Today(call.Time) * MicrosText.MicrosPerDay, call.Long(0));
    }

    // Nothing is kept for transactions that have ended: none is old.
    private readonly struct AgeOfTransaction : IRowFunction
    {
        public static void Apply(in RowCall call) => call.Return(0);
    }

    private readonly struct AgeOfInstantToday : IRowFunction
    {
        public static void Apply(in RowCall call) =>
            ReturnAge(call, PostgresDates.Today(call.Time) * MicrosText.MicrosPerDay,
                MicroZones.ToLocal(StatementClock.ZoneOf(call.Time), call.Long(0)));
    }

    private static void ReturnAge(in RowCall call, long left, long right)
    {
        if (MicrosText.IsInfinite(left) || MicrosText.IsInfinite(right))
            DateErrors.TimestampOutOfRange(call);
        else
            call.Return(TimestampMath.Age(left, right));
    }

    private readonly struct JustifyHours : IRowFunction
    {
        public static void Apply(in RowCall call) =>
            ReturnInterval(call, TimestampMath.TryJustifyHours(call.Interval(0), out var result), result);
    }

    private readonly struct JustifyDays : IRowFunction
    {
        public static void Apply(in RowCall call) =>
            ReturnInterval(call, TimestampMath.TryJustifyDays(call.Interval(0), out var result), result);
    }

    private readonly struct Justify : IRowFunction
    {
        public static void Apply(in RowCall call) =>
            ReturnInterval(call, TimestampMath.TryJustify(call.Interval(0), out var result), result);
    }

    private static void ReturnInterval(in RowCall call, bool isInRange, Interval value)
    {
        if (isInRange)
            call.Return(value);
        else
            DateErrors.IntervalOutOfRange(call);
    }

    private readonly struct IsFinite : IRowFunction
    {
        public static void Apply(in RowCall call) => call.Return(!MicrosText.IsInfinite(call.Long(0)));
    }

    private readonly struct IsFiniteDate : IRowFunction
    {
        public static void Apply(in RowCall call) => call.Return(call.Int(0) is not (int.MaxValue or int.MinValue));
    }

    private readonly struct Always : IRowFunction
    {
        public static void Apply(in RowCall call) => call.Return(true);
    }

    private readonly struct RoundMicros : IRowFunction
    {
        public static void Apply(in RowCall call) =>
            call.Return(MicrosText.IsInfinite(call.Long(0)) ? call.Long(0) : MicrosText.Round(call.Long(0), call.Int(1)));
    }

    private readonly struct RoundTimeTz : IRowFunction
    {
        public static void Apply(in RowCall call)
        {
            var time = ZonedTime.FromPacked(call.Long(0));
            call.Return((time with { Micros = MicrosText.Round(time.Micros, call.Int(1)) }).Packed);
        }
    }

    private readonly struct KeepFields : IRowFunction
    {
        public static void Apply(in RowCall call) =>
            call.Return(IntervalFields.FromCodes(call.Int(1), call.Int(2)).Apply(call.Interval(0)));
    }
}
