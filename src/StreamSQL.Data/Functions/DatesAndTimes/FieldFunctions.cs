using System.Text;
using Npgsql;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Functions.Casting;
using StreamSQL.Data.Functions.Kernels;
using StreamSQL.Data.Text;
using StreamSQL.Data.Types;
using static StreamSQL.Data.Functions.Kernels.RowOverload;

namespace StreamSQL.Data.Functions.DatesAndTimes;

/// <summary>PostgreSQL's DATE_PART, DATE_TRUNC and DATE_BIN, and EXTRACT, whose type depends on its field.</summary>
public static class FieldFunctions
{
    private const string Category = "Date and time";
    private const int JulianScale = 20;

    /// <summary>
    /// EXTRACT of a field from a value: a numeric with the digits that PostgreSQL gives (none, 3 for milliseconds, 6 for seconds and
    /// epoch); null when the value is no date or time.
    /// </summary>
    /// <param name="field">The field's name.</param>
    /// <param name="source">The value's type.</param>
    public static ScalarBinding? BindExtract(string field, SqlType source)
    {
        var type = source.Kind switch
        {
            SqlTypeKind.Timestamp => SqlType.TimestampTz,
            SqlTypeKind.Unknown => SqlType.Interval,
            SqlTypeKind.Time => SqlType.PlainTime,
            SqlTypeKind.TimestampTz or SqlTypeKind.PlainTimestamp or SqlTypeKind.Date or SqlTypeKind.PlainTime or SqlTypeKind.TimeTz
                or SqlTypeKind.Interval => source,
            _ => null,
        };
        if (type is null)
            return null;
        var scale = (TimeFields.Find(field), type.Kind) switch
        {
            (TimeField.Epoch, SqlTypeKind.Date) => 0,
            (TimeField.Epoch or TimeField.Second, _) => 6,
            (TimeField.Millisecond, _) => 3,
            (TimeField.Julian, SqlTypeKind.TimestampTz or SqlTypeKind.PlainTimestamp) => JulianScale,
            _ => 0,
        };
        var result = SqlType.Decimal(SqlType.MaxPrecision, scale);
        return new([SqlType.Varchar, type], result, new ExtractKernel(scale)) { DependsOnSession = type.Kind == SqlTypeKind.TimestampTz };
    }

    internal static IEnumerable<ScalarFunction> All() =>
    [
        new OverloadedFunction("DATE_PART", Category,
            "A field of a date, time, timestamp or interval as a DOUBLE; EXTRACT gives it as a number with exact digits.", [],
            OfSession<Part>(SqlType.Double, SqlType.Varchar, SqlType.TimestampTz),
            Bounded<Part>(SqlType.Double, SqlType.Varchar, SqlType.PlainTimestamp),
            Bounded<PartOfDate>(SqlType.Double, SqlType.Varchar, SqlType.Date),
            Bounded<Part>(SqlType.Double, SqlType.Varchar, SqlType.PlainTime),
            Bounded<Part>(SqlType.Double, SqlType.Varchar, SqlType.TimeTz),
            Bounded<Part>(SqlType.Double, SqlType.Varchar, SqlType.Interval)),
        new OverloadedFunction("DATE_TRUNC", Category,
            "A timestamp cut to the start of its unit, in the session's zone or another; an interval without smaller units.", [],
            OfSession<TruncateInstant>(SqlType.TimestampTz, SqlType.Varchar, SqlType.TimestampTz),
            Bounded<TruncateLocal>(SqlType.PlainTimestamp, SqlType.Varchar, SqlType.PlainTimestamp),
            Bounded<TruncateInterval>(SqlType.Interval, SqlType.Varchar, SqlType.Interval),
            Bounded<TruncateInstant>(SqlType.TimestampTz, SqlType.Varchar, SqlType.TimestampTz, SqlType.Varchar)),
        new OverloadedFunction("DATE_BIN", Category,
            "The start of the bin that a timestamp lies in: bins have a width and are counted from an origin.", [],
            Bounded<Bin>(SqlType.TimestampTz, SqlType.Interval, SqlType.TimestampTz, SqlType.TimestampTz),
            Bounded<Bin>(SqlType.PlainTimestamp, SqlType.Interval, SqlType.PlainTimestamp, SqlType.PlainTimestamp)),
    ];

    /// <summary>
    /// The value of a field in millionths; reports a failure and gives null where there is none. Of an infinity most fields are NULL.
    /// </summary>
    private static Int128? Find(in RowCall call, bool isExtract)
    {
        var column = call.Argument(1);
        if (TimeFields.Find(call.Text(0)) is not { } field)
        {
            FailUnit(call, column.Type, "recognized");
            return null;
        }

        Int128 value = 0;
        var micros = column.Type.Physical == PhysicalKind.Int64 ? call.Long(1) : 0;
        var isInfinite = MicrosText.IsInfinite(micros)
            || (column.Type.Kind == SqlTypeKind.Date && call.Int(1) is int.MaxValue or int.MinValue);
        var isFound = column.Type.Kind switch
        {
            _ when isInfinite => false,
            SqlTypeKind.TimestampTz =>
                FieldValues.TryOfOffset(field, MicroZones.OffsetAt(StatementClock.ZoneOf(call.Time), micros), out value)
                || (field == TimeField.Epoch ? FieldValues.TryOfTimestamp(field, micros, out value)
                    : FieldValues.TryOfTimestamp(field, MicroZones.ToLocal(StatementClock.ZoneOf(call.Time), micros), out value)),
            SqlTypeKind.PlainTimestamp => FieldValues.TryOfTimestamp(field, micros, out value),
            SqlTypeKind.Date => FieldValues.TryOfDay(field, call.Int(1), out value)
                || (!isExtract && FieldValues.TryOfTime(field, 0, out value)),
            SqlTypeKind.PlainTime => FieldValues.TryOfTime(field, micros, out value) || IsEpochOfTime(field, micros, ref value),
            SqlTypeKind.TimeTz => IsOfZonedTime(field, ZonedTime.FromPacked(micros), out value),
            _ => FieldValues.TryOfInterval(field, call.Interval(1), out value),
        };
        if (isFound)
            return value;
        if (isInfinite)
            call.ReturnNull();
        else
            FailUnit(call, column.Type, "supported");
        return null;
    }

    private static bool IsEpochOfTime(TimeField field, long micros, ref Int128 value)
    {
        if (field == TimeField.Epoch)
            value = micros;
        return field == TimeField.Epoch;
    }

    private static bool IsOfZonedTime(TimeField field, ZonedTime time, out Int128 value) =>
        FieldValues.TryOfOffset(field, time.OffsetSeconds * 1_000_000L, out value) || FieldValues.TryOfTime(field, time.Micros, out value)
        || IsEpochOfTime(field, time.UtcMicros, ref value);

    private static void FailUnit(in RowCall call, SqlType type, string what)
    {
        var unit = Encoding.UTF8.GetString(call.Text(0)).ToLowerInvariant();
        call.Fail(
            what == "supported" ? PostgresErrorCodes.FeatureNotSupported : PostgresErrorCodes.InvalidParameterValue,
            $"unit \"{unit}\" not {what} for type {NameOf(type)}");
    }

    private static string NameOf(SqlType type) => type.Kind switch
    {
        SqlTypeKind.TimestampTz => "timestamp with time zone",
        SqlTypeKind.PlainTimestamp => "timestamp without time zone",
        SqlTypeKind.PlainTime => "time without time zone",
        SqlTypeKind.TimeTz => "time with time zone",
        _ => type.ToString().ToLowerInvariant(),
    };

    private sealed class ExtractKernel(int scale) : StrictKernel
    {
        /// <inheritdoc/>
        protected override void EvaluateValid(in KernelContext context, ReadOnlySpan<Column> arguments, Column result)
        {
            foreach (var row in context.Rows)
            {
                var call = new RowCall(context, arguments, result, row);
                if (Find(call, isExtract: true) is not { } value)
                    continue;
                call.Return(scale == JulianScale ? Julian(call, value) : scale > 6 ? value : value / DecimalMath.PowerOfTen(6 - scale));
            }
        }

        /// <summary>The day's number and the part of it that has gone.</summary>
        private static Int128 Julian(in RowCall call, Int128 days)
        {
            var micros = call.Argument(1).Type.Kind == SqlTypeKind.TimestampTz
                ? MicroZones.ToLocal(StatementClock.ZoneOf(call.Time), call.Long(1)) : call.Long(1);
            var part = DecimalMath.PowerOfTen(JulianScale) * CivilCalendar.FloorMod(micros,
                MicrosText.MicrosPerDay) / MicrosText.MicrosPerDay;
            return (days / FieldValues.One * DecimalMath.PowerOfTen(JulianScale)) + part;
        }
    }

    private readonly struct Part : IRowFunction
    {
        public static void Apply(in RowCall call)
        {
            if (Find(call, isExtract: false) is { } value)
                call.Return((double)value / FieldValues.One + JulianPart(call));
        }

        // The part of a day belongs to a Julian day too.
        private static double JulianPart(in RowCall call)
        {
            if (TimeFields.Find(call.Text(0)) != TimeField.Julian || call.Argument(1).Type.Physical != PhysicalKind.Int64)
                return 0;
            var micros = call.Argument(1).Type.Kind == SqlTypeKind.TimestampTz
                ? MicroZones.ToLocal(StatementClock.ZoneOf(call.Time), call.Long(1)) : call.Long(1);
            return (double)CivilCalendar.FloorMod(micros, MicrosText.MicrosPerDay) / MicrosText.MicrosPerDay;
        }
    }

    private readonly struct PartOfDate : IRowFunction
    {
        public static void Apply(in RowCall call)
        {
            if (Find(call, isExtract: false) is { } value)
                call.Return((double)value / FieldValues.One);
        }
    }

    private readonly struct TruncateLocal : IRowFunction
    {
        public static void Apply(in RowCall call) => Truncate(call, TimeZoneInfo.Utc, call.Long(1));
    }

    private readonly struct TruncateInstant : IRowFunction
    {
        public static void Apply(in RowCall call)
        {
            var zone = StatementClock.ZoneOf(call.Time);
            if (call.Count == 3 && !TimeZoneNames.TryFind(call.Text(2), out zone))
                DateErrors.UnknownZone(call, call.Text(2));
            else
                Truncate(call, zone, call.Long(1));
        }
    }

    private static void Truncate(in RowCall call, TimeZoneInfo zone, long micros)
    {
        long start = 0;
        if (TimeFields.Find(call.Text(0)) is not { } unit)
            FailUnit(call, call.Result.Type, "recognized");
        else if (MicrosText.IsInfinite(micros))
            call.Return(micros);
        else if (FieldValues.TryTruncate(unit, MicroZones.ToLocal(zone, micros), out start))
            call.Return(MicroZones.ToInstant(zone, start));
        else
            FailUnit(call, call.Result.Type, "supported");
    }

    private readonly struct TruncateInterval : IRowFunction
    {
        public static void Apply(in RowCall call)
        {
            if (TimeFields.Find(call.Text(0)) is not { } unit)
                FailUnit(call, call.Result.Type, "recognized");
            else if (FieldValues.TryTruncate(unit, call.Interval(1), out var result))
                call.Return(result);
            else
                FailUnit(call, call.Result.Type, "supported");
        }
    }

    private readonly struct Bin : IRowFunction
    {
        public static void Apply(in RowCall call)
        {
            var width = call.Interval(0);
            if (width.Months != 0)
                call.Fail(PostgresErrorCodes.FeatureNotSupported, "timestamps cannot be binned into intervals containing months or years");
            else if (width.Total <= 0)
                call.Fail(PostgresErrorCodes.DatetimeFieldOverflow, "stride must be greater than zero");
            else if (MicrosText.IsInfinite(call.Long(2)))
                call.Fail(PostgresErrorCodes.DatetimeFieldOverflow, "origin out of range");
            else if (TimestampMath.TryBin(width.Total, call.Long(1), call.Long(2), out var start))
                call.Return(start);
            else
                DateErrors.TimestampOutOfRange(call);
        }
    }
}
