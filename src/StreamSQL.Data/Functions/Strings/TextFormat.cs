using System.Globalization;
using System.Text;
using Npgsql;

namespace StreamSQL.Data.Functions.Strings;

/// <summary>PostgreSQL's format(): <c>%s</c>, <c>%I</c>, <c>%L</c> with places (<c>%2$s</c>), widths and <c>-</c>.</summary>
internal static class TextFormat
{
    private const int MaxWidth = 1 << 20;

    /// <summary>The text with its places filled; or the error.</summary>
    public static (string? Text, (string State, string Message)? Error) Apply(string format, string?[] values)
    {
        var result = new StringBuilder();
        var next = 0;
        for (var at = 0; at < format.Length; at++)
        {
            if (format[at] != '%')
            {
                result.Append(format[at]);
                continue;
            }

            if (++at < format.Length && format[at] == '%')
            {
                result.Append('%');
                continue;
            }

            var number = Number(format, ref at);
            int? place = null;
            if (number is not null && at < format.Length && format[at] == '$')
            {
                (place, number) = (number, null);
                at++;
            }

            var isLeft = at < format.Length && format[at] == '-';
            if (isLeft)
                at++;
            var width = number ?? Number(format, ref at) ?? 0;
            if (at < format.Length && format[at] == '*')
            {
                // The width is an argument: that of a place, or the next.
                at++;
                var widthPlace = Number(format, ref at);
                if (widthPlace is not null && at < format.Length && format[at] == '$')
                    at++;
                next = widthPlace ?? next + 1;
                if (next < 1 || next > values.Length)
                    return (null, (PostgresErrorCodes.InvalidParameterValue, "too few arguments for format()"));
                if (!int.TryParse(values[next - 1] ?? "0", NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out width)
                    || width == int.MinValue)
                    return (null, (PostgresErrorCodes.InvalidTextRepresentation,
                        $"invalid input syntax for type integer: \"{values[next - 1]}\""));
                isLeft |= width < 0;
                width = Math.Abs(width);
            }

            if (at >= format.Length)
                return (null, (PostgresErrorCodes.InvalidParameterValue, "unterminated format() type specifier"));
            if (format[at] is not ('s' or 'I' or 'L'))
                return (null, (PostgresErrorCodes.InvalidParameterValue, $"unrecognized format() type specifier \"{format[at]}\""));
            if (place == 0)
                return (null, (PostgresErrorCodes.InvalidParameterValue, "format specifies argument 0, but arguments are numbered from 1"));
            next = place ?? next + 1;
            if (next > values.Length)
                return (null, (PostgresErrorCodes.InvalidParameterValue, "too few arguments for format()"));
            if (width > MaxWidth)
                return (null, (PostgresErrorCodes.ProgramLimitExceeded, "a width of format() is too large"));
            if (format[at] == 'I' && values[next - 1] is null)
                return (null, (PostgresErrorCodes.NullValueNotAllowed, "null values cannot be formatted as an SQL identifier"));
            var text = format[at] switch
            {
                's' => values[next - 1] ?? "",
                'I' => Identifier(values[next - 1]!),
                _ => values[next - 1] is { } value ? Literal(value) : "NULL",
            };
            result.Append(isLeft ? text.PadRight(width) : text.PadLeft(width));
        }

        return (result.ToString(), null);
    }

    /// <summary>A text as a constant of SQL.</summary>
    public static string Literal(string text)
    {
        var quoted = text.Replace("'", "''", StringComparison.Ordinal);
        return text.Contains('\\', StringComparison.Ordinal) ? $"E'{quoted.Replace("\\", "\\\\", StringComparison.Ordinal)}'"
            : $"'{quoted}'";
    }

    // Words of PostgreSQL that must be quoted where a name may stand: all of its keywords but those that are not reserved at all.
    private static readonly HashSet<string> s_words = new(StringComparer.Ordinal)
    {
        "all", "analyse", "analyze", "and", "any", "array", "as", "asc", "asymmetric", "authorization", "between", "bigint",
        "binary", "bit",
        "boolean", "both", "case", "cast", "char", "character", "check", "coalesce", "collate", "collation", "column", "concurrently",
        "constraint", "create", "cross", "current_catalog", "current_date", "current_role", "current_schema", "current_time",
        "current_timestamp", "current_user", "dec", "decimal", "default", "deferrable", "desc", "distinct", "do", "else", "end", "except",
        "exists", "extract", "false", "fetch", "float", "for", "foreign", "freeze", "from", "full", "grant", "greatest",
        "group", "grouping",
        "having", "ilike", "in", "initially", "inner", "inout", "int", "integer", "intersect", "interval", "into", "is", "isnull", "join",
        "lateral", "leading", "least", "left", "like", "limit", "localtime", "localtimestamp", "national", "natural", "nchar", "none",
        "normalize", "not", "notnull", "null", "nullif", "numeric", "offset", "on", "only", "or", "order", "out", "outer",
        "overlaps", "overlay",
        "placing", "position", "precision", "primary", "real", "references", "returning", "right", "row", "select", "session_user",
        "setof", "similar", "smallint", "some", "substring", "symmetric", "table", "tablesample", "then", "time", "timestamp", "to",
        "trailing", "treat", "trim", "true", "union", "unique", "user", "using", "values", "varchar", "variadic", "verbose",
        "when", "where",
        "window", "with", "xmlattributes", "xmlconcat", "xmlelement", "xmlexists", "xmlforest", "xmlnamespaces", "xmlparse", "xmlpi",
        "xmlroot", "xmlserialize", "xmltable",
    };

    /// <summary>A text as a name of SQL, quoted where it must be.</summary>
    public static string Identifier(string text)
    {
        var isPlain = text.Length > 0 && (char.IsAsciiLetterLower(text[0]) || text[0] == '_')
            && text.All(static c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '_');
        return isPlain && !s_words.Contains(text) ? text : $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
    }

    private static int? Number(string format, ref int at)
    {
        var start = at;
        while (at < format.Length && char.IsAsciiDigit(format[at]))
            at++;
        return at > start && int.TryParse(format.AsSpan(start, at - start), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number : null;
    }
}
