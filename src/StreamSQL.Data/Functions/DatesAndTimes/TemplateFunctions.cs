using System.Text;
using Npgsql;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Functions.Casting;
using StreamSQL.Data.Functions.DatesAndTimes.Templates;
using StreamSQL.Data.Functions.Kernels;
using StreamSQL.Data.Text;
using StreamSQL.Data.Types;
using static StreamSQL.Data.Functions.Kernels.RowOverload;

namespace StreamSQL.Data.Functions.DatesAndTimes;

/// <summary>PostgreSQL's TO_CHAR, TO_DATE and TO_TIMESTAMP of dates, times and intervals by its template patterns.</summary>
internal static class TemplateFunctions
{
    private const string Category = "Date and time";

    public static IEnumerable<ScalarFunction> All() =>
    [
        new OverloadedFunction("TO_CHAR", Category,
            "A timestamp, date or interval as text by PostgreSQL's template patterns: YYYY, Month, DDth, HH24, MI, SS, ...",
            [("TO_CHAR(TIMESTAMP '2001-02-03T04:05:06', 'YYYY-MM-DD HH24:MI')", "2001-02-03 04:05")],
            new Overload([SqlType.Timestamp, SqlType.Varchar], SqlType.Varchar, static () => new ToCharKernel()) { Rules = RuleSet.Ksql },
            new Overload([SqlType.TimestampTz, SqlType.Varchar], SqlType.Varchar, static () => new ToCharKernel())
                { Rules = RuleSet.Postgres, DependsOnSession = true },
            new Overload([SqlType.PlainTimestamp, SqlType.Varchar], SqlType.Varchar, static () => new ToCharKernel())
                { Rules = RuleSet.Postgres },
            new Overload([SqlType.Interval, SqlType.Varchar], SqlType.Varchar, static () => new ToCharKernel())
                { Rules = RuleSet.Postgres }),
        new OverloadedFunction("TO_DATE", Category, "A text as DATE by PostgreSQL's template patterns.", [],
            new Overload([SqlType.Varchar, SqlType.Varchar], SqlType.Date, static () => new FromCharKernel()) { Rules = RuleSet.Postgres }),
        new OverloadedFunction("TO_TIMESTAMP", Category,
            "A text as a timestamp by PostgreSQL's template patterns, in the session's zone; or seconds since 1970-01-01 UTC.",
            [("TO_TIMESTAMP('03 Feb 2001', 'DD Mon YYYY')", "2001-02-03T00:00:00.000"), ("TO_TIMESTAMP(1.5E0)", "1970-01-01T00:00:01.500")],
            new Overload([SqlType.Varchar, SqlType.Varchar], SqlType.Timestamp, static () => new FromCharKernel()) { Rules = RuleSet.Ksql },
            Strict<MillisFromSeconds>(SqlType.Timestamp, SqlType.Double) with { Rules = RuleSet.Ksql },
            new Overload([SqlType.Varchar, SqlType.Varchar], SqlType.TimestampTz, static () => new FromCharKernel())
                { Rules = RuleSet.Postgres, DependsOnSession = true },
            Bounded<FromSeconds>(SqlType.TimestampTz, SqlType.Double)),
    ];

    private sealed class ToCharKernel : StrictKernel
    {
        private readonly CompiledCache<DateTemplate> _templates = new();

        /// <inheritdoc/>
        protected override void EvaluateValid(in KernelContext context, ReadOnlySpan<Column> arguments, Column result)
        {
            var target = new StringBuilder();
            foreach (var row in context.Rows)
            {
                var call = new RowCall(context, arguments, result, row);
                if (_templates.Get(call.Text(1), DateTemplate.Compile) is not { } template)
                {
                    call.Fail(PostgresErrorCodes.InvalidParameterValue, "the template is too long");
                    continue;
                }

                if (!TryValues(call, arguments[0], out var values))
                {
                    call.ReturnNull();
                    continue;
                }

                target.Clear();
                if (TemplateWriter.TryWrite(template, values, target))
                    call.Return(Encoding.UTF8.GetBytes(target.ToString()));
                else
                    call.Fail(PostgresErrorCodes.InvalidDatetimeFormat, "invalid format specification for an interval value");
            }
        }

        /// <summary>What stands in the row; false for an infinity, which has no fields.</summary>
        private static bool TryValues(in RowCall call, Column column, out TemplateValues values)
        {
            values = default;
            if (column.Type.Kind == SqlTypeKind.Interval)
            {
                values = TemplateValues.Of(call.Interval(0));
                return true;
            }

            if (column.Type.Kind == SqlTypeKind.Timestamp)
            {
                values = TemplateValues.Of(call.Long(0) * 1000, 0, "UTC");
                return true;
            }

            var micros = call.Long(0);
            if (MicrosText.IsInfinite(micros))
                return false;
            if (column.Type.Kind == SqlTypeKind.PlainTimestamp)
            {
                values = TemplateValues.Of(micros);
                return true;
            }

            var zone = StatementClock.ZoneOf(call.Time);
            var offset = MicroZones.OffsetAt(zone, micros);
            var millis = Math.Clamp(CivilCalendar.FloorDiv(micros, 1000), -62_135_596_800_000, 253_402_300_799_000);
            values = TemplateValues.Of(micros + offset, (int)(offset / 1_000_000),
                ZoneAbbreviations.Of(zone, DateTimeOffset.FromUnixTimeMilliseconds(millis)));
            return true;
        }
    }

    private sealed class FromCharKernel : StrictKernel
    {
        private readonly CompiledCache<DateTemplate> _templates = new();

        /// <inheritdoc/>
        protected override void EvaluateValid(in KernelContext context, ReadOnlySpan<Column> arguments, Column result)
        {
            var zone = StatementClock.ZoneOf(context.Time);
            foreach (var row in context.Rows)
            {
                var call = new RowCall(context, arguments, result, row);
                if (_templates.Get(call.Text(1), DateTemplate.Compile) is not { } template)
                {
                    call.Fail(PostgresErrorCodes.InvalidParameterValue, "the template is too long");
                    continue;
                }

                if (TemplateReader.TryRead(Encoding.UTF8.GetString(call.Text(0)), template, out var days, out var micros,
                    out var offset) is { } failure)
                    call.Fail(failure.SqlState, failure.Message);
                else if (result.Type.Kind == SqlTypeKind.Date)
                    ReturnDate(call, days);
                else
                    ReturnInstant(call, (days * (Int128)MicrosText.MicrosPerDay) + micros, offset, zone);
            }
        }

        private static void ReturnDate(in RowCall call, long days)
        {
            if (PostgresDates.IsDay(days))
                call.Return((int)days);
            else
                call.Fail(PostgresErrorCodes.DatetimeFieldOverflow, $"date out of range: \"{Encoding.UTF8.GetString(call.Text(0))}\"");
        }

        private static void ReturnInstant(in RowCall call, Int128 local, int? offset, TimeZoneInfo zone)
        {
            if (!PostgresDates.IsTimestamp(local))
                DateErrors.TimestampOutOfRange(call);
            else if (call.Result.Type.Kind == SqlTypeKind.Timestamp)
                call.Return(CivilCalendar.FloorDiv((long)local - ((offset ?? 0) * 1_000_000L), 1000));
            else
                call.Return(offset is { } seconds ? (long)local - (seconds * 1_000_000L) : MicroZones.ToInstant(zone, (long)local));
        }
    }

    private readonly struct MillisFromSeconds : IRowFunction
    {
        public static void Apply(in RowCall call)
        {
            var millis = Math.Round(call.Double(0) * 1000);
            if (Math.Abs(millis) < long.MaxValue)
                call.Return((long)millis);
            else
                DateErrors.TimestampOutOfRange(call);
        }
    }

    private readonly struct FromSeconds : IRowFunction
    {
        public static void Apply(in RowCall call)
        {
            var seconds = call.Double(0);
            var micros = Math.Round(seconds * 1e6, MidpointRounding.ToEven);
            if (double.IsNaN(seconds))
                call.Fail(PostgresErrorCodes.DatetimeFieldOverflow, "timestamp cannot be NaN");
            else if (double.IsInfinity(seconds))
                call.Return(seconds > 0 ? long.MaxValue : long.MinValue);
            else if (Math.Abs(micros) < 9.2e18 && PostgresDates.IsTimestamp((long)micros))
                call.Return((long)micros);
            else
                call.Fail(PostgresErrorCodes.DatetimeFieldOverflow, $"timestamp out of range: \"{seconds:G6}\"");
        }
    }
}
