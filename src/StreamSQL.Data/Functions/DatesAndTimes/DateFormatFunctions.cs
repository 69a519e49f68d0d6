using System.Text;
using Npgsql;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Functions.Kernels;
using StreamSQL.Data.Text;
using StreamSQL.Data.Text.DatePatterns;
using StreamSQL.Data.Types;

namespace StreamSQL.Data.Functions.DatesAndTimes;

/// <summary>Dates, times and timestamps from and to text by a Java pattern (<see cref="JavaDatePattern"/>), in UTC or a zone.</summary>
internal static class DateFormatFunctions
{
    private const string Category = "Date and time";

    /// <summary>What the value beside the text is.</summary>
    private enum Unit
    {
        /// <summary>Milliseconds since 1970-01-01: TIMESTAMP, BIGINT.</summary>
        Instant,

        /// <summary>Days since 1970-01-01: DATE, INTEGER.</summary>
        Day,

        /// <summary>Milliseconds of the day: TIME.</summary>
        TimeOfDay,
    }

    public static IEnumerable<ScalarFunction> All() =>
    [
        Format("FORMAT_TIMESTAMP", SqlType.Timestamp, Unit.Instant, "A TIMESTAMP as text by a pattern, in UTC or a zone.",
            ("FORMAT_TIMESTAMP(TIMESTAMP '2001-02-03T04:05:06', 'yyyy/MM/dd HH:mm')", "2001/02/03 04:05")),
        Format("TIMESTAMPTOSTRING", SqlType.BigInt, Unit.Instant, "Milliseconds as text by a pattern, in UTC or a zone.",
            ("TIMESTAMPTOSTRING(978307200000, 'yyyy-MM-dd HH:mm', 'Europe/Berlin')", "2001-01-01 01:00")),
        Format("FORMAT_DATE", SqlType.Date, Unit.Day, "A DATE as text by a pattern.",
            ("FORMAT_DATE(DATE '2001-02-03', 'dd-MMM-yyyy')", "03-Feb-2001")),
        Format("DATETOSTRING", SqlType.Integer, Unit.Day, "Days since 1970-01-01 as text by a pattern.",
            ("DATETOSTRING(10, 'yyyy-MM-dd')", "1970-01-11")),
        Format("FORMAT_TIME", SqlType.Time, Unit.TimeOfDay, "A TIME as text by a pattern.",
            ("FORMAT_TIME(TIME '14:05', 'h:mm a')", "2:05 PM")),
        Parse<long>("PARSE_TIMESTAMP", SqlType.Timestamp, Unit.Instant, "A text as TIMESTAMP by a pattern, in UTC or a zone.",
            ("PARSE_TIMESTAMP('2001/02/03 04:05', 'yyyy/MM/dd HH:mm')", "2001-02-03T04:05:00.000")),
        Parse<long>("STRINGTOTIMESTAMP", SqlType.BigInt, Unit.Instant, "A text as milliseconds by a pattern, in UTC or a zone.",
            ("STRINGTOTIMESTAMP('2001-01-01 01:00', 'yyyy-MM-dd HH:mm', 'Europe/Berlin')", "978307200000")),
        Parse<int>("PARSE_DATE", SqlType.Date, Unit.Day, "A text as DATE by a pattern.",
            ("PARSE_DATE('03-FEB-2001', 'dd-MMM-yyyy')", "2001-02-03")),
        Parse<int>("STRINGTODATE", SqlType.Integer, Unit.Day, "A text as days since 1970-01-01 by a pattern.",
            ("STRINGTODATE('1970-01-11', 'yyyy-MM-dd')", "10")),
        Parse<int>("PARSE_TIME", SqlType.Time, Unit.TimeOfDay, "A text as TIME by a pattern.",
            ("PARSE_TIME('2:05 PM', 'h:mm a')", "14:05")),
    ];

    private static OverloadedFunction Format(string name, SqlType type, Unit unit, string description, (string, string) example)
    {
        var plain = new Overload([type, SqlType.Varchar], SqlType.Varchar, () => new FormatDateKernel(unit));
        return unit == Unit.Instant
            ? new(name, Category, description, [example], plain,
                new Overload([type, SqlType.Varchar, SqlType.Varchar], SqlType.Varchar, () => new FormatDateKernel(unit)))
            : new(name, Category, description, [example], plain);
    }

    private static OverloadedFunction Parse<T>(string name, SqlType type, Unit unit, string description, (string, string) example)
        where T : unmanaged, System.Numerics.INumber<T>
    {
        var plain = new Overload([SqlType.Varchar, SqlType.Varchar], type, () => new ParseDateKernel<T>(unit));
        return unit == Unit.Instant
            ? new(name, Category, description, [example], plain,
                new Overload([SqlType.Varchar, SqlType.Varchar, SqlType.Varchar], type, () => new ParseDateKernel<T>(unit)))
            : new(name, Category, description, [example], plain);
    }

    private static JavaDatePattern? Compile(ReadOnlySpan<byte> pattern) =>
        JavaDatePattern.TryCompile(Encoding.UTF8.GetString(pattern), out var compiled, out _) ? compiled : null;

    /// <summary>A pattern and a zone by the texts of a row; false after a report.</summary>
    private static bool TryPrepare(
        in KernelContext context, CompiledCache<JavaDatePattern> patterns, ReadOnlySpan<Column> arguments, int row,
        out JavaDatePattern pattern, out TimeZoneInfo? zone)
    {
        var text = ((BytesColumn)arguments[1])[row];
        pattern = patterns.Get(text, Compile)!;
        zone = null;
        if (pattern is null)
        {
            var reason = "";
            if (context.Errors.WantsMessage)
                JavaDatePattern.TryCompile(Encoding.UTF8.GetString(text), out _, out reason);
            context.Errors.Report(row, PostgresErrorCodes.InvalidDatetimeFormat, reason);
            return false;
        }

        if (arguments.Length < 3 || Zones.TryFind(((BytesColumn)arguments[2])[row], out zone))
            return true;
        context.Errors.Report(row, PostgresErrorCodes.InvalidParameterValue, "time zone not recognized");
        return false;
    }

    private sealed class FormatDateKernel(Unit unit) : StrictKernel
    {
        private readonly CompiledCache<JavaDatePattern> _patterns = new();

        /// <inheritdoc/>
        protected override void EvaluateValid(in KernelContext context, ReadOnlySpan<Column> arguments, Column result)
        {
            var target = (BytesColumn)result;
            Span<byte> scratch = stackalloc byte[512];
            foreach (var row in context.Rows)
            {
                if (!TryPrepare(context, _patterns, arguments, row, out var pattern, out var zone))
                {
                    result.SetNull(row);
                    continue;
                }

                if ((pattern.Needs & Lacks) != 0)
                {
                    context.Errors.Report(row, PostgresErrorCodes.InvalidDatetimeFormat,
                        context.Errors.WantsMessage ? Explain(arguments, row) : "");
                    result.SetNull(row);
                    continue;
                }

                var room = pattern.MaxLength <= scratch.Length ? scratch : new byte[pattern.MaxLength];
                target.Set(row, room[..pattern.Format(Millis(arguments[0], row), zone, room)]);
            }
        }

        /// <summary>What the value does not have, and a pattern must not ask for.</summary>
        private PatternNeeds Lacks => unit switch
        {
            Unit.Day => PatternNeeds.Time | PatternNeeds.Zone,
            Unit.TimeOfDay => PatternNeeds.Date | PatternNeeds.Zone,
            _ => PatternNeeds.None,
        };

        private string Explain(ReadOnlySpan<Column> arguments, int row) =>
            $"The pattern '{Encoding.UTF8.GetString(((BytesColumn)arguments[1])[row])}' has fields that a " +
                $"{(unit == Unit.Day ? "date" : "time of day")} does not have";

        private long Millis(Column column, int row) => column switch
        {
            FixedColumn<long> instants => instants[row],
            FixedColumn<int> days when unit == Unit.Day => days[row] * CivilCalendar.MillisPerDay,
            _ => ((FixedColumn<int>)column)[row],
        };
    }

    private sealed class ParseDateKernel<T>(Unit unit) : StrictKernel
        where T : unmanaged, System.Numerics.INumber<T>
    {
        private readonly CompiledCache<JavaDatePattern> _patterns = new();

        /// <inheritdoc/>
        protected override void EvaluateValid(in KernelContext context, ReadOnlySpan<Column> arguments, Column result)
        {
            var texts = (BytesColumn)arguments[0];
            var target = ((FixedColumn<T>)result).Values;
            foreach (var row in context.Rows)
            {
                if (!TryPrepare(context, _patterns, arguments, row, out var pattern, out var zone))
                {
                    result.SetNull(row);
                    continue;
                }

                if (pattern.TryParse(texts[row], zone, out var millis))
                {
                    target[row] = T.CreateTruncating(Value(millis));
                    continue;
                }

                context.Errors.Report(row, PostgresErrorCodes.InvalidDatetimeFormat,
                    context.Errors.WantsMessage ? Explain(arguments, row) : "");
                result.SetNull(row);
            }
        }

        private static string Explain(ReadOnlySpan<Column> arguments, int row) =>
            $"Text '{Encoding.UTF8.GetString(((BytesColumn)arguments[0])[row])}' could not be parsed with the pattern '" +
                $"{Encoding.UTF8.GetString(((BytesColumn)arguments[1])[row])}'";

        private long Value(long millis) => unit switch
        {
            Unit.Instant => millis,
            Unit.Day => CivilCalendar.FloorDiv(millis, CivilCalendar.MillisPerDay),
            _ => CivilCalendar.FloorMod(millis, CivilCalendar.MillisPerDay),
        };
    }
}
