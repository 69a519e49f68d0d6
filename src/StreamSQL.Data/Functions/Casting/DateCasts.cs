using Npgsql;
using StreamSQL.Data.Functions.Kernels;
using StreamSQL.Data.Text;
using StreamSQL.Data.Types;

namespace StreamSQL.Data.Functions.Casting;

/// <summary>PostgreSQL's casts between dates, times, timestamps, intervals and text. What has no zone is meant in the session's.</summary>
internal static class DateCasts
{
    /// <summary>The cast under PostgreSQL's rules; null when it is none of these.</summary>
    public static ScalarKernel? Find(SqlType from, SqlType to)
    {
        if (TypeCoercion.IsText(from))
            return FromText(to.Kind);
        if (TypeCoercion.IsText(to))
            return ToText(from.Kind);
        return (from.Kind, to.Kind) switch
        {
            (SqlTypeKind.Timestamp, SqlTypeKind.TimestampTz) => new RowKernel<MillisToMicros>(),
            (SqlTypeKind.Time, SqlTypeKind.PlainTime) => new RowKernel<MillisToTime>(),
            (SqlTypeKind.PlainTime, SqlTypeKind.Time) => new RowKernel<TimeToMillis>(),
            (SqlTypeKind.Time, _) => Through(SqlType.PlainTime, from, to),
            (_, SqlTypeKind.Time) => Through(SqlType.PlainTime, from, to),
            (SqlTypeKind.Timestamp, SqlTypeKind.Date or SqlTypeKind.PlainTime or SqlTypeKind.TimeTz or SqlTypeKind.PlainTimestamp) =>
                new ChainKernel(new RowKernel<MillisToMicros>(), SqlType.TimestampTz, Find(SqlType.TimestampTz, to)!),
            (SqlTypeKind.TimestampTz, SqlTypeKind.Timestamp) => new RowKernel<MicrosToMillis>(),
            (SqlTypeKind.PlainTimestamp or SqlTypeKind.Date, SqlTypeKind.Timestamp) =>
                new ChainKernel(Find(from, SqlType.TimestampTz)!, SqlType.TimestampTz, new RowKernel<MicrosToMillis>()),
            (SqlTypeKind.TimestampTz, SqlTypeKind.PlainTimestamp) => new RowKernel<InstantToLocal>(),
            (SqlTypeKind.TimestampTz, SqlTypeKind.TimeTz) => new RowKernel<InstantToTimeTz>(),
            (SqlTypeKind.TimestampTz, SqlTypeKind.Date or SqlTypeKind.PlainTime) =>
                new ChainKernel(new RowKernel<InstantToLocal>(), SqlType.PlainTimestamp, Find(SqlType.PlainTimestamp, to)!),
            (SqlTypeKind.PlainTimestamp, SqlTypeKind.TimestampTz) => new RowKernel<LocalToInstant>(),
            (SqlTypeKind.PlainTimestamp, SqlTypeKind.Date) => new RowKernel<LocalToDate>(),
            (SqlTypeKind.PlainTimestamp, SqlTypeKind.PlainTime) => new RowKernel<LocalToTime>(),
            (SqlTypeKind.Date, SqlTypeKind.PlainTimestamp) => new RowKernel<DateToLocal>(),
            (SqlTypeKind.Date, SqlTypeKind.TimestampTz) =>
                new ChainKernel(new RowKernel<DateToLocal>(), SqlType.PlainTimestamp, new RowKernel<LocalToInstant>()),
            (SqlTypeKind.PlainTime, SqlTypeKind.TimeTz) => new RowKernel<TimeToTimeTz>(),
            (SqlTypeKind.TimeTz, SqlTypeKind.PlainTime) => new RowKernel<TimeTzToTime>(),
            (SqlTypeKind.PlainTime, SqlTypeKind.Interval) => new RowKernel<TimeToInterval>(),
            (SqlTypeKind.Interval, SqlTypeKind.PlainTime) => new RowKernel<IntervalToTime>(),
            _ => null,
        };
    }

    /// <summary>A cast by way of a third type; null where one of its halves is none.</summary>
    private static ChainKernel? Through(SqlType type, SqlType from, SqlType to) =>
        from.Kind != type.Kind && to.Kind != type.Kind && Find(from, type) is { } first
            && Find(type, to) is { } second ? new ChainKernel(first, type, second) : null;

    /// <summary>
    /// Whether the result depends on the session's zone, its styles or the present time, so that it
    /// must not be computed before the statement runs.
    /// </summary>
    public static bool DependsOnSession(SqlType from, SqlType to)
    {
        if (from.Kind == SqlTypeKind.Array && to.Kind == SqlTypeKind.Array)
            return DependsOnSession(from.Element!, to.Element!);
        if (to.Kind == SqlTypeKind.Array && TypeCoercion.IsText(from))
            return DependsOnSession(from, to.Element!);
        if (from.Kind == SqlTypeKind.Struct && TypeCoercion.IsText(to))
            return from.Fields.Any(field => DependsOnSession(field.Type, to));
        if (from.Kind == SqlTypeKind.Array && TypeCoercion.IsText(to))
            return DependsOnSession(from.Element!, to);
        if (TypeCoercion.IsText(to) && from.Kind is SqlTypeKind.Date or SqlTypeKind.PlainTimestamp or SqlTypeKind.Interval)
            return true;
        var isInstant = from.Kind is SqlTypeKind.Timestamp or SqlTypeKind.TimestampTz;
        var becomesInstant = to.Kind is SqlTypeKind.Timestamp or SqlTypeKind.TimestampTz;
        return TypeCoercion.IsText(from)
            ? becomesInstant || to.Kind is SqlTypeKind.Date or SqlTypeKind.Time or SqlTypeKind.PlainTimestamp or SqlTypeKind.PlainTime
                or SqlTypeKind.TimeTz
            : (to.Kind == SqlTypeKind.TimeTz && from.Kind is SqlTypeKind.Time or SqlTypeKind.PlainTime) || isInstant != becomesInstant
                && (isInstant || from.Kind is SqlTypeKind.Date or SqlTypeKind.PlainTimestamp);
    }

    private static ScalarKernel? FromText(SqlTypeKind kind) => kind switch
    {
        SqlTypeKind.Date => new RowKernel<ReadDate>(),
        SqlTypeKind.Time => new ChainKernel(new RowKernel<ReadTime>(), SqlType.PlainTime, new RowKernel<TimeToMillis>()),
        SqlTypeKind.PlainTime => new RowKernel<ReadTime>(),
        SqlTypeKind.TimeTz => new RowKernel<ReadTimeTz>(),
        SqlTypeKind.PlainTimestamp => new RowKernel<ReadLocal>(),
        SqlTypeKind.TimestampTz => new RowKernel<ReadInstant>(),
        SqlTypeKind.Timestamp => new ChainKernel(new RowKernel<ReadInstant>(), SqlType.TimestampTz, new RowKernel<MicrosToMillis>()),
        SqlTypeKind.Interval => new RowKernel<ReadInterval>(),
        _ => null,
    };

    private static ScalarKernel? ToText(SqlTypeKind kind) => kind switch
    {
        SqlTypeKind.PlainTimestamp => new RowKernel<WriteLocal>(),
        SqlTypeKind.TimestampTz => new RowKernel<WriteInstant>(),
        SqlTypeKind.Timestamp => new ChainKernel(new RowKernel<MillisToMicros>(), SqlType.TimestampTz, new RowKernel<WriteInstant>()),
        SqlTypeKind.Interval => new RowKernel<WriteInterval>(),
        SqlTypeKind.Date => new RowKernel<WriteDate>(),
        SqlTypeKind.PlainTime => new RowKernel<WriteTime>(),
        SqlTypeKind.TimeTz => new RowKernel<WriteTimeTz>(),
        _ => null,
    };

    private static void Fail(in RowCall call, DateTimeFailure failure, string type)
    {
        var (sqlState, message) = PostgresDates.Explain(failure, type, call.Text(0));
        call.Fail(sqlState, message);
    }

    private readonly struct ReadDate : IRowFunction
    {
        public static void Apply(in RowCall call)
        {
            if (PostgresDates.TryDate(call.Text(0), call.Time, out var days) is not DateTimeFailure.None and var failure)
                Fail(call, failure, "date");
            else
                call.Return(days);
        }
    }

    private readonly struct ReadTime : IRowFunction
    {
        public static void Apply(in RowCall call)
        {
            if (PostgresDates.TryTime(call.Text(0), call.Time, out var micros) is not DateTimeFailure.None and var failure)
                Fail(call, failure, "time");
            else
                call.Return(micros);
        }
    }

    private readonly struct ReadTimeTz : IRowFunction
    {
        public static void Apply(in RowCall call)
        {
            if (PostgresDates.TryTimeTz(call.Text(0), call.Time, out var value) is not DateTimeFailure.None and var failure)
                Fail(call, failure, "time with time zone");
            else
                call.Return(value.Packed);
        }
    }

    private readonly struct ReadLocal : IRowFunction
    {
        public static void Apply(in RowCall call)
        {
            if (PostgresDates.TryTimestamp(call.Text(0), call.Time, out var micros) is not DateTimeFailure.None and var failure)
                Fail(call, failure, "timestamp");
            else
                call.Return(micros);
        }
    }

    private readonly struct ReadInstant : IRowFunction
    {
        public static void Apply(in RowCall call)
        {
            if (PostgresDates.TryInstant(call.Text(0), call.Time, out var micros) is not DateTimeFailure.None and var failure)
                Fail(call, failure, "timestamp with time zone");
            else
                call.Return(micros);
        }
    }

    private readonly struct ReadInterval : IRowFunction
    {
        public static void Apply(in RowCall call)
        {
            if (IntervalParser.TryParse(call.Text(0), IntervalFields.All, out var value) is not ParseResult.Ok and var failure)
            {
                var (sqlState, message) = IntervalParser.Explain(failure, call.Text(0));
                call.Fail(sqlState, message);
                return;
            }

            call.Return(value);
        }
    }

    private readonly struct WriteLocal : IRowFunction
    {
        public static void Apply(in RowCall call)
        {
            Span<byte> text = stackalloc byte[DateTimeText.MaxLength];
            call.Return(text[..StyledDates.WriteTimestamp(text, call.Long(0), StatementClock.FormsOf(call.Time))]);
        }
    }

    private readonly struct WriteInstant : IRowFunction
    {
        public static void Apply(in RowCall call)
        {
            Span<byte> text = stackalloc byte[DateTimeText.MaxLength];
            call.Return(text[..StyledDates.WriteInstant(text, call.Long(0), StatementClock.FormsOf(call.Time))]);
        }
    }

    private readonly struct WriteDate : IRowFunction
    {
        public static void Apply(in RowCall call)
        {
            Span<byte> text = stackalloc byte[DateTimeText.MaxLength];
            call.Return(text[..StyledDates.WriteDate(text, call.Int(0), StatementClock.FormsOf(call.Time))]);
        }
    }

    private readonly struct WriteTime : IRowFunction
    {
        public static void Apply(in RowCall call)
        {
            Span<byte> text = stackalloc byte[DateTimeText.MaxLength];
            call.Return(text[..MicrosText.WriteTime(text, call.Long(0))]);
        }
    }

    private readonly struct WriteTimeTz : IRowFunction
    {
        public static void Apply(in RowCall call)
        {
            Span<byte> text = stackalloc byte[DateTimeText.MaxLength];
            call.Return(text[..MicrosText.WriteTimeTz(text, ZonedTime.FromPacked(call.Long(0)))]);
        }
    }

    private readonly struct WriteInterval : IRowFunction
    {
        public static void Apply(in RowCall call)
        {
            Span<byte> text = stackalloc byte[IntervalText.MaxLength];
            call.Return(text[..StyledIntervals.Write(text, call.Interval(0), StatementClock.FormsOf(call.Time).Intervals)]);
        }
    }

    private readonly struct MillisToMicros : IRowFunction
    {
        public static void Apply(in RowCall call)
        {
            if (PostgresDates.IsTimestamp(call.Long(0) * (Int128)1000))
                call.Return(call.Long(0) * 1000);
            else
                DateErrors.TimestampOutOfRange(call);
        }
    }

    private readonly struct MicrosToMillis : IRowFunction
    {
        public static void Apply(in RowCall call)
        {
            if (MicrosText.IsInfinite(call.Long(0)))
                call.Fail(PostgresErrorCodes.FeatureNotSupported, "a TIMESTAMP column cannot hold infinity");
            else
                call.Return(CivilCalendar.FloorDiv(call.Long(0), 1000));
        }
    }

    private readonly struct InstantToLocal : IRowFunction
    {
        public static void Apply(in RowCall call) => call.Return(MicroZones.ToLocal(StatementClock.ZoneOf(call.Time), call.Long(0)));
    }

    private readonly struct LocalToInstant : IRowFunction
    {
        public static void Apply(in RowCall call) => call.Return(MicroZones.ToInstant(StatementClock.ZoneOf(call.Time), call.Long(0)));
    }

    private readonly struct LocalToDate : IRowFunction
    {
        public static void Apply(in RowCall call) => call.Return(PostgresDates.DayOf(call.Long(0)));
    }

    private readonly struct LocalToTime : IRowFunction
    {
        public static void Apply(in RowCall call)
        {
            if (MicrosText.IsInfinite(call.Long(0)))
                call.ReturnNull();
            else
                call.Return(CivilCalendar.FloorMod(call.Long(0), MicrosText.MicrosPerDay));
        }
    }

    private readonly struct DateToLocal : IRowFunction
    {
        public static void Apply(in RowCall call)
        {
            if (PostgresDates.TryMidnight(call.Int(0), out var micros))
                call.Return(micros);
            else
                call.Fail(PostgresErrorCodes.DatetimeFieldOverflow, "date out of range for timestamp");
        }
    }

    private readonly struct TimeToInterval : IRowFunction
    {
        public static void Apply(in RowCall call) => call.Return(new Interval(0, 0, call.Long(0)));
    }

    private readonly struct IntervalToTime : IRowFunction
    {
        public static void Apply(in RowCall call) => call.Return(CivilCalendar.FloorMod(call.Interval(0).Micros, Interval.MicrosPerDay));
    }

    private readonly struct MillisToTime : IRowFunction
    {
        public static void Apply(in RowCall call) => call.Return(call.Int(0) * 1000L);
    }

    private readonly struct TimeToMillis : IRowFunction
    {
        public static void Apply(in RowCall call) => call.Return((int)PostgresDates.MillisOf(call.Long(0)));
    }

    private readonly struct TimeToTimeTz : IRowFunction
    {
        public static void Apply(in RowCall call) => call.Return(PostgresDates.InZone(call.Time, call.Long(0)).Packed);
    }

    private readonly struct TimeTzToTime : IRowFunction
    {
        public static void Apply(in RowCall call) => call.Return(ZonedTime.FromPacked(call.Long(0)).Micros);
    }

    private readonly struct InstantToTimeTz : IRowFunction
    {
        public static void Apply(in RowCall call)
        {
            var offset = MicroZones.OffsetAt(StatementClock.ZoneOf(call.Time), call.Long(0));
            if (MicrosText.IsInfinite(call.Long(0)))
                call.ReturnNull();
            else
                call.Return(new ZonedTime(CivilCalendar.FloorMod(call.Long(0) + offset, MicrosText.MicrosPerDay),
                    (int)(offset / 1_000_000)).Packed);
        }
    }
}

/// <summary>Errors that several of the functions of dates have.</summary>
internal static class DateErrors
{
    public static void TimestampOutOfRange(in RowCall call) =>
        call.Fail(PostgresErrorCodes.DatetimeFieldOverflow, "timestamp out of range");

    public static void DateOutOfRange(in RowCall call) => call.Fail(PostgresErrorCodes.DatetimeFieldOverflow, "date out of range");

    public static void IntervalOutOfRange(in RowCall call) => call.Fail(PostgresErrorCodes.DatetimeFieldOverflow, "interval out of range");

    public static void UnknownZone(in RowCall call, ReadOnlySpan<byte> zone) =>
        call.Fail(PostgresErrorCodes.InvalidParameterValue, $"time zone \"{System.Text.Encoding.UTF8.GetString(zone)}\" not recognized");
}
