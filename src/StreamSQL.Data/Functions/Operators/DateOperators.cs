using Npgsql;
using StreamSQL.Data.Functions.Casting;
using StreamSQL.Data.Functions.DatesAndTimes;
using StreamSQL.Data.Functions.Kernels;
using StreamSQL.Data.Text;
using StreamSQL.Data.Types;

namespace StreamSQL.Data.Functions.Operators;

/// <summary><c>+ - * /</c> of dates, times, timestamps and intervals.</summary>
internal static class DateOperators
{
    /// <summary>Binds an operator; null when it takes no such operands.</summary>
    public static ScalarBinding? Bind(char symbol, IReadOnlyList<SqlType> arguments, RuleSet rules)
    {
        if (arguments.Count == 1)
            return symbol == '-' && arguments[0].Kind == SqlTypeKind.Interval
                ? Of<NegateInterval>(SqlType.Interval, SqlType.Interval) : null;
        var (left, right) = (arguments[0], arguments[1]);
        if (rules == RuleSet.Ksql)
            return OfStored(symbol, left.Kind, right.Kind);
        if (!HasTime(left) && !HasTime(right))
            return null;
        (left, right) = (InMicros(left), InMicros(right));
        return symbol switch
        {
            '+' => Add(left, right) ?? Add(right, left, isTurned: true),
            '-' => Subtract(left, right),
            '*' => Scale<MultiplyInterval>(left, right) ?? Scale<MultiplyByInterval>(right, left, isTurned: true),
            _ => Scale<DivideInterval>(left, right),
        };
    }

    private static bool HasTime(SqlType type) =>
        type.Kind is SqlTypeKind.Date or SqlTypeKind.Time or SqlTypeKind.Timestamp or SqlTypeKind.TimestampTz or SqlTypeKind.PlainTimestamp
            or SqlTypeKind.Interval or SqlTypeKind.PlainTime or SqlTypeKind.TimeTz;

    private static SqlType InMicros(SqlType type) => type.Kind == SqlTypeKind.Time ? SqlType.PlainTime : type;

    /// <summary>What ksqlDB's rules have: TIMESTAMP in milliseconds, its days those of UTC.</summary>
    private static ScalarBinding? OfStored(char symbol, SqlTypeKind left, SqlTypeKind right) => (symbol, left, right) switch
    {
        ('+', SqlTypeKind.Timestamp or SqlTypeKind.Date, SqlTypeKind.Interval) =>
            Of<AddToMillis>(SqlType.Timestamp, SqlType.Timestamp, SqlType.Interval),
        ('+', SqlTypeKind.Interval, SqlTypeKind.Timestamp or SqlTypeKind.Date) =>
            Of<Turned<AddToMillis>>(SqlType.Timestamp, SqlType.Interval, SqlType.Timestamp),
        ('-', SqlTypeKind.Timestamp or SqlTypeKind.Date, SqlTypeKind.Interval) =>
            Of<SubtractFromMillis>(SqlType.Timestamp, SqlType.Timestamp, SqlType.Interval),
        ('-', SqlTypeKind.Timestamp, SqlTypeKind.Timestamp or SqlTypeKind.Date) or ('-', SqlTypeKind.Date, SqlTypeKind.Timestamp) =>
            Of<DifferenceOfMillis>(SqlType.Interval, SqlType.Timestamp, SqlType.Timestamp),
        ('+', SqlTypeKind.Interval, SqlTypeKind.Interval) => Of<AddIntervals>(SqlType.Interval, SqlType.Interval, SqlType.Interval),
        ('-', SqlTypeKind.Interval, SqlTypeKind.Interval) => Of<SubtractIntervals>(SqlType.Interval, SqlType.Interval, SqlType.Interval),
        ('+', SqlTypeKind.Date, SqlTypeKind.Integer or SqlTypeKind.SmallInt) => Of<AddDays>(SqlType.Date, SqlType.Date, SqlType.Integer),
        ('+', SqlTypeKind.Integer, SqlTypeKind.Date) => Of<Turned<AddDays>>(SqlType.Date, SqlType.Integer, SqlType.Date),
        ('-', SqlTypeKind.Date, SqlTypeKind.Integer or SqlTypeKind.SmallInt) =>
            Of<SubtractDays>(SqlType.Date, SqlType.Date, SqlType.Integer),
        ('-', SqlTypeKind.Date, SqlTypeKind.Date) => Of<DaysBetween>(SqlType.Integer, SqlType.Date, SqlType.Date),
        _ => null,
    };

    private static ScalarBinding? Add(SqlType left, SqlType right, bool isTurned = false) => (left.Kind, right.Kind) switch
    {
        (SqlTypeKind.Date, SqlTypeKind.Integer or SqlTypeKind.SmallInt) =>
            Either<AddDays>(SqlType.Date, SqlType.Date, SqlType.Integer, isTurned),
        (SqlTypeKind.Date, SqlTypeKind.PlainTime) =>
            Either<AddTimeToDate>(SqlType.PlainTimestamp, SqlType.Date, SqlType.PlainTime, isTurned),
        (SqlTypeKind.Date or SqlTypeKind.PlainTimestamp, SqlTypeKind.Interval or SqlTypeKind.Unknown or SqlTypeKind.PlainTime) =>
            Either<AddToLocal>(SqlType.PlainTimestamp, SqlType.PlainTimestamp, SqlType.Interval, isTurned),
        (SqlTypeKind.Timestamp or SqlTypeKind.TimestampTz, SqlTypeKind.Interval or SqlTypeKind.Unknown or SqlTypeKind.PlainTime) =>
            Either<AddToInstant>(SqlType.TimestampTz, SqlType.TimestampTz, SqlType.Interval, isTurned) with { DependsOnSession = true },
        (SqlTypeKind.Date, SqlTypeKind.TimeTz) => Either<AddTimeTzToDate>(SqlType.TimestampTz, SqlType.Date, SqlType.TimeTz, isTurned),
        (SqlTypeKind.TimeTz, SqlTypeKind.Interval or SqlTypeKind.Unknown) =>
            Either<AddToTimeTz>(SqlType.TimeTz, SqlType.TimeTz, SqlType.Interval, isTurned),
        (SqlTypeKind.PlainTime, SqlTypeKind.Interval or SqlTypeKind.Unknown) =>
            Either<AddToTime>(SqlType.PlainTime, SqlType.PlainTime, SqlType.Interval, isTurned),
        (SqlTypeKind.Interval, SqlTypeKind.Interval or SqlTypeKind.Unknown) =>
            Of<AddIntervals>(SqlType.Interval, SqlType.Interval, SqlType.Interval),
        _ => null,
    };

    private static ScalarBinding? Subtract(SqlType left, SqlType right) => (left.Kind, right.Kind) switch
    {
        (SqlTypeKind.Date, SqlTypeKind.Integer or SqlTypeKind.SmallInt) => Of<SubtractDays>(SqlType.Date, SqlType.Date, SqlType.Integer),
        (SqlTypeKind.Date, SqlTypeKind.Date or SqlTypeKind.Unknown) or (SqlTypeKind.Unknown, SqlTypeKind.Date) =>
            Of<DaysBetween>(SqlType.Integer, SqlType.Date, SqlType.Date),
        (SqlTypeKind.Date or SqlTypeKind.PlainTimestamp, SqlTypeKind.Interval or SqlTypeKind.PlainTime) =>
            Of<SubtractFromLocal>(SqlType.PlainTimestamp, SqlType.PlainTimestamp, SqlType.Interval),
        (SqlTypeKind.Timestamp or SqlTypeKind.TimestampTz, SqlTypeKind.Interval or SqlTypeKind.PlainTime) =>
            Of<SubtractFromInstant>(SqlType.TimestampTz, SqlType.TimestampTz, SqlType.Interval) with { DependsOnSession = true },
        (SqlTypeKind.TimeTz, SqlTypeKind.Interval) => Of<SubtractFromTimeTz>(SqlType.TimeTz, SqlType.TimeTz, SqlType.Interval),
        (SqlTypeKind.PlainTime, SqlTypeKind.Interval) => Of<SubtractFromTime>(SqlType.PlainTime, SqlType.PlainTime, SqlType.Interval),
        (SqlTypeKind.PlainTime, SqlTypeKind.PlainTime or SqlTypeKind.Unknown) =>
            Of<DifferenceOfTimes>(SqlType.Interval, SqlType.PlainTime, SqlType.PlainTime),
        (SqlTypeKind.Interval, SqlTypeKind.Interval or SqlTypeKind.Unknown or SqlTypeKind.PlainTime)
            or (SqlTypeKind.Unknown, SqlTypeKind.Interval) =>
            Of<SubtractIntervals>(SqlType.Interval, SqlType.Interval, SqlType.Interval),
        _ => TypeCoercion.CommonType(left, right, RuleSet.Postgres)?.Kind switch
        {
            SqlTypeKind.PlainTimestamp => Of<Difference>(SqlType.Interval, SqlType.PlainTimestamp, SqlType.PlainTimestamp),
            SqlTypeKind.TimestampTz or SqlTypeKind.Timestamp => Of<Difference>(SqlType.Interval, SqlType.TimestampTz, SqlType.TimestampTz),
            _ => null,
        },
    };

    private static ScalarBinding? Scale<TFunction>(SqlType span, SqlType number, bool isTurned = false)
        where TFunction : struct, IRowFunction => span.Kind != SqlTypeKind.Interval
            || !(number.IsNumeric || number.Kind == SqlTypeKind.Unknown) ? null
        : isTurned ? Of<TFunction>(SqlType.Interval, SqlType.Double, SqlType.Interval) : Of<TFunction>(SqlType.Interval, SqlType.Interval,
            SqlType.Double);

    private static ScalarBinding Either<TFunction>(SqlType result, SqlType left, SqlType right, bool isTurned)
        where TFunction : struct, IRowFunction =>
        isTurned ? Of<Turned<TFunction>>(result, right, left) : Of<TFunction>(result, left, right);

    private static ScalarBinding Of<TFunction>(SqlType result, params SqlType[] parameters)
        where TFunction : struct, IRowFunction => new(parameters, result, new RowKernel<TFunction>());

    /// <summary>A function with its two arguments exchanged.</summary>
    private readonly struct Turned<TFunction> : IRowFunction
        where TFunction : struct, IRowFunction
    {
        public static void Apply(in RowCall call) => TFunction.Apply(call.Turn());
    }

    private static void Return(in RowCall call, bool isInRange, Interval value)
    {
        if (isInRange)
            call.Return(value);
        else
            DateErrors.IntervalOutOfRange(call);
    }

    private static void ReturnTimestamp(in RowCall call, bool isInRange, long micros)
    {
        if (isInRange)
            call.Return(micros);
        else
            DateErrors.TimestampOutOfRange(call);
    }

    private readonly struct NegateInterval : IRowFunction
    {
        public static void Apply(in RowCall call) => Return(call, TimestampMath.TryNegate(call.Interval(0), out var value), value);
    }

    private readonly struct AddIntervals : IRowFunction
    {
        public static void Apply(in RowCall call) =>
            Return(call, Interval.TryAdd(call.Interval(0), call.Interval(1), out var value), value);
    }

    private readonly struct SubtractIntervals : IRowFunction
    {
        public static void Apply(in RowCall call) =>
            Return(call, Interval.TrySubtract(call.Interval(0), call.Interval(1), out var value), value);
    }

    private readonly struct MultiplyInterval : IRowFunction
    {
        public static void Apply(in RowCall call) => Return(call, call.Interval(0).TryMultiply(call.Double(1), out var value), value);
    }

    private readonly struct MultiplyByInterval : IRowFunction
    {
        public static void Apply(in RowCall call) => Return(call, call.Interval(1).TryMultiply(call.Double(0), out var value), value);
    }

    private readonly struct DivideInterval : IRowFunction
    {
        public static void Apply(in RowCall call)
        {
            if (call.Double(1) == 0)
                call.Fail(PostgresErrorCodes.DivisionByZero, "division by zero");
            else
                Return(call, call.Interval(0).TryDivide(call.Double(1), out var value), value);
        }
    }

    private readonly struct AddDays : IRowFunction
    {
        public static void Apply(in RowCall call) => Shift(call, call.Int(1));
    }

    private readonly struct SubtractDays : IRowFunction
    {
        public static void Apply(in RowCall call) => Shift(call, -(long)call.Int(1));
    }

    private static void Shift(in RowCall call, long days)
    {
        var date = call.Int(0);
        if (date is int.MaxValue or int.MinValue)
            call.Return(date);
        else if (PostgresDates.IsDay(date + days))
            call.Return((int)(date + days));
        else
            DateErrors.DateOutOfRange(call);
    }

    private readonly struct DaysBetween : IRowFunction
    {
        public static void Apply(in RowCall call)
        {
            var days = (long)call.Int(0) - call.Int(1);
            if (call.Int(0) is int.MaxValue or int.MinValue || call.Int(1) is int.MaxValue or int.MinValue)
                call.Fail(PostgresErrorCodes.DatetimeFieldOverflow, "cannot subtract infinite dates");
            else
                call.Return((int)days);
        }
    }

    private readonly struct AddTimeToDate : IRowFunction
    {
        public static void Apply(in RowCall call)
        {
            var isInRange = PostgresDates.TryMidnight(call.Int(0), out var midnight);
            isInRange &= TimestampMath.TryAdd(midnight, new Interval(0, 0, call.Long(1)), out var micros);
            ReturnTimestamp(call, isInRange, micros);
        }
    }

    private readonly struct AddTimeTzToDate : IRowFunction
    {
        public static void Apply(in RowCall call)
        {
            var isInRange = PostgresDates.TryMidnight(call.Int(0), out var midnight);
            isInRange &= TimestampMath.TryAdd(midnight, new Interval(0, 0, ZonedTime.FromPacked(call.Long(1)).UtcMicros), out var micros);
            ReturnTimestamp(call, isInRange, micros);
        }
    }

    private readonly struct AddToLocal : IRowFunction
    {
        public static void Apply(in RowCall call) =>
            ReturnTimestamp(call, TimestampMath.TryAdd(call.Long(0), call.Interval(1), out var micros), micros);
    }

    private readonly struct SubtractFromLocal : IRowFunction
    {
        public static void Apply(in RowCall call)
        {
            long micros = 0;
            var isInRange = TimestampMath.TryNegate(call.Interval(1), out var span) && TimestampMath.TryAdd(call.Long(0), span, out micros);
            ReturnTimestamp(call, isInRange, micros);
        }
    }

    private readonly struct AddToInstant : IRowFunction
    {
        public static void Apply(in RowCall call) =>
            ReturnTimestamp(call, TimestampMath.TryAddIn(StatementClock.ZoneOf(call.Time), call.Long(0), call.Interval(1), out var micros),
                micros);
    }

    private readonly struct SubtractFromInstant : IRowFunction
    {
        public static void Apply(in RowCall call)
        {
            long micros = 0;
            var isInRange = TimestampMath.TryNegate(call.Interval(1), out var span)
                && TimestampMath.TryAddIn(StatementClock.ZoneOf(call.Time), call.Long(0), span, out micros);
            ReturnTimestamp(call, isInRange, micros);
        }
    }

    private readonly struct Difference : IRowFunction
    {
        public static void Apply(in RowCall call)
        {
            if (MicrosText.IsInfinite(call.Long(0)) || MicrosText.IsInfinite(call.Long(1)))
                call.Fail(PostgresErrorCodes.DatetimeFieldOverflow, "cannot subtract infinite timestamps");
            else
                Return(call, TimestampMath.TryDifference(call.Long(0), call.Long(1), out var span), span);
        }
    }

    private readonly struct AddToTime : IRowFunction
    {
        public static void Apply(in RowCall call) => ReturnTime(call, call.Interval(1).Micros);
    }

    private readonly struct SubtractFromTime : IRowFunction
    {
        public static void Apply(in RowCall call) => ReturnTime(call, -(call.Interval(1).Micros % Interval.MicrosPerDay));
    }

    private static void ReturnTime(in RowCall call, long micros) =>
        call.Return(CivilCalendar.FloorMod(call.Long(0) + (micros % Interval.MicrosPerDay), Interval.MicrosPerDay));

    private readonly struct AddToTimeTz : IRowFunction
    {
        public static void Apply(in RowCall call) => ReturnTimeTz(call, call.Interval(1).Micros % Interval.MicrosPerDay);
    }

    private readonly struct SubtractFromTimeTz : IRowFunction
    {
        public static void Apply(in RowCall call) => ReturnTimeTz(call, -(call.Interval(1).Micros % Interval.MicrosPerDay));
    }

    private static void ReturnTimeTz(in RowCall call, long micros)
    {
        var time = ZonedTime.FromPacked(call.Long(0));
        call.Return((time with { Micros = CivilCalendar.FloorMod(time.Micros + micros, Interval.MicrosPerDay) }).Packed);
    }

    private readonly struct DifferenceOfTimes : IRowFunction
    {
        public static void Apply(in RowCall call) => call.Return(new Interval(0, 0, call.Long(0) - call.Long(1)));
    }

    private readonly struct AddToMillis : IRowFunction
    {
        public static void Apply(in RowCall call) => ReturnMillis(call, call.Interval(1));
    }

    private readonly struct SubtractFromMillis : IRowFunction
    {
        public static void Apply(in RowCall call)
        {
            if (TimestampMath.TryNegate(call.Interval(1), out var span))
                ReturnMillis(call, span);
            else
                DateErrors.IntervalOutOfRange(call);
        }
    }

    private static void ReturnMillis(in RowCall call, Interval span)
    {
        var micros = call.Long(0) * (Int128)1000;
        if (PostgresDates.IsTimestamp(micros) && TimestampMath.TryAdd((long)micros, span, out var result))
            call.Return(CivilCalendar.FloorDiv(result, 1000));
        else
            DateErrors.TimestampOutOfRange(call);
    }

    private readonly struct DifferenceOfMillis : IRowFunction
    {
        public static void Apply(in RowCall call)
        {
            var millis = (Int128)call.Long(0) - call.Long(1);
            const long MillisPerDay = CivilCalendar.MillisPerDay;
            Return(call, Interval.TryCreate(0, millis / MillisPerDay, millis % MillisPerDay * 1000, out var span), span);
        }
    }
}
