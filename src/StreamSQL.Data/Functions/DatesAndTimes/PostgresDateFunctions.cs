using System.Text;
using Npgsql;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Functions.Kernels;
using StreamSQL.Data.Text;
using StreamSQL.Data.Types;
using static StreamSQL.Data.Functions.Kernels.RowOverload;

namespace StreamSQL.Data.Functions.DatesAndTimes;

/// <summary>Dates and times as PostgreSQL's clients ask for them: TO_CHAR, TO_TIMESTAMP, TO_DATE, AT TIME ZONE.</summary>
internal static class PostgresDateFunctions
{
    private const string Category = "Date and time";

    // Longest first: HH24 before HH.
    private static readonly (string Postgres, string Java)[] Fields =
    [
        ("HH24", "HH"), ("HH12", "hh"), ("YYYY", "yyyy"), ("yyyy", "yyyy"), ("Month", "MMMM"), ("month", "MMMM"), ("MONTH", "MMMM"), ("Mon", "MMM"), ("mon", "MMM"), ("MON", "MMM"),
        ("Day", "EEEE"), ("day", "EEEE"), ("DDD", "DDD"), ("Dy", "EEE"), ("dy", "EEE"), ("YY", "yy"), ("MM", "MM"), ("mm", "MM"), ("DD", "dd"), ("dd", "dd"), ("HH", "hh"), ("hh24", "HH"), ("MI", "mm"), ("mi", "mm"),
        ("SS", "ss"), ("ss", "ss"), ("MS", "SSS"), ("US", "SSSSSS"), ("AM", "a"), ("PM", "a"), ("am", "a"), ("pm", "a"), ("TZ", "zzz"), ("OF", "x"),
    ];

    public static IEnumerable<ScalarFunction> All() =>
    [
        new OverloadedFunction("TO_CHAR", Category, "A TIMESTAMP or DATE as text by PostgreSQL's pattern: YYYY, MM, Mon, DD, HH24, MI, SS, MS, ...", [("TO_CHAR(TIMESTAMP '2001-02-03T04:05:06', 'YYYY-MM-DD HH24:MI')", "2001-02-03 04:05")],
            new Overload([SqlType.Timestamp, SqlType.Varchar], SqlType.Varchar, static () => new ToCharKernel())),
        new OverloadedFunction("TO_TIMESTAMP", Category, "A text as TIMESTAMP by PostgreSQL's pattern; or seconds since 1970-01-01 UTC.",
            [("TO_TIMESTAMP('03 Feb 2001', 'DD Mon YYYY')", "2001-02-03T00:00:00.000"), ("TO_TIMESTAMP(1.5E0)", "1970-01-01T00:00:01.500")],
            new Overload([SqlType.Varchar, SqlType.Varchar], SqlType.Timestamp, static () => new FromCharKernel()), Strict<FromSeconds>(SqlType.Timestamp, SqlType.Double)),
        new OverloadedFunction("TIMEZONE", Category, "x AT TIME ZONE zone: the local time of an instant, as if it were UTC.", [("TIMEZONE('Europe/Berlin', TIMESTAMP '2001-07-01T12:00:00')", "2001-07-01T14:00:00.000")],
            Strict<AtTimeZone>(SqlType.Timestamp, SqlType.Varchar, SqlType.Timestamp)),
    ];

    private static JavaDatePattern? Compile(ReadOnlySpan<byte> pattern)
    {
        var text = Encoding.UTF8.GetString(pattern);
        var java = new StringBuilder();
        for (var i = 0; i < text.Length;)
        {
            var (postgres, field) = Fields.FirstOrDefault(f => text.AsSpan(i).StartsWith(f.Postgres));
            if (postgres is not null)
            {
                java.Append(field);
                i += postgres.Length;
                continue;
            }

            java.Append(text[i] == '\'' ? "''" : char.IsAsciiLetter(text[i]) || text[i] is '[' or ']' ? $"'{text[i]}'" : text[i] == '"' ? "" : text[i].ToString());
            i++;
        }

        return JavaDatePattern.TryCompile(java.ToString(), out var compiled, out _) ? compiled : null;
    }

    private static void Fail(in KernelContext context, Column result, int row, string message)
    {
        context.Errors.Report(row, PostgresErrorCodes.InvalidDatetimeFormat, message);
        result.SetNull(row);
    }

    private sealed class ToCharKernel : StrictKernel
    {
        private readonly CompiledCache<JavaDatePattern> _patterns = new();

        /// <inheritdoc/>
        protected override void EvaluateValid(in KernelContext context, ReadOnlySpan<Column> arguments, Column result)
        {
            var instants = new ValueReader<long>(arguments[0]);
            var patterns = (BytesColumn)arguments[1];
            var target = (BytesColumn)result;
            Span<byte> scratch = stackalloc byte[512];
            foreach (var row in context.Rows)
            {
                if (_patterns.Get(patterns[row], Compile) is not { } pattern)
                {
                    Fail(context, result, row, "the pattern is not supported");
                    continue;
                }

                var room = pattern.MaxLength <= scratch.Length ? scratch : new byte[pattern.MaxLength];
                target.Set(row, room[..pattern.Format(instants[row], null, room)]);
            }
        }
    }

    private sealed class FromCharKernel : StrictKernel
    {
        private readonly CompiledCache<JavaDatePattern> _patterns = new();

        /// <inheritdoc/>
        protected override void EvaluateValid(in KernelContext context, ReadOnlySpan<Column> arguments, Column result)
        {
            var texts = (BytesColumn)arguments[0];
            var patterns = (BytesColumn)arguments[1];
            var target = ((FixedColumn<long>)result).Values;
            foreach (var row in context.Rows)
            {
                if (_patterns.Get(patterns[row], Compile) is not { } pattern)
                    Fail(context, result, row, "the pattern is not supported");
                else if (!pattern.TryParse(texts[row], out target[row]))
                    Fail(context, result, row, context.Errors.WantsMessage ? $"\"{Encoding.UTF8.GetString(texts[row])}\" does not match the pattern" : "");
            }
        }
    }

    private readonly struct FromSeconds : IRowFunction
    {
        public static void Apply(in RowCall call)
        {
            var millis = Math.Round(call.Double(0) * 1000);
            if (Math.Abs(millis) < long.MaxValue)
                call.Return((long)millis);
            else
                call.Fail(PostgresErrorCodes.DatetimeFieldOverflow, "timestamp out of range");
        }
    }

    private readonly struct AtTimeZone : IRowFunction
    {
        public static void Apply(in RowCall call)
        {
            if (Zones.TryFind(call.Text(0), out var zone))
                call.Return(call.Long(1) + ZoneOffsets.OfInstant(zone, call.Long(1)));
            else
                call.Fail(PostgresErrorCodes.InvalidParameterValue, "time zone not recognized");
        }
    }
}
