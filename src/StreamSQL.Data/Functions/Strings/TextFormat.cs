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
        return text.Contains('\\', StringComparison.Ordinal) ? $"E'{quoted.Replace("\\", "\\\\", StringComparison.Ordinal)}'" : $"'{quoted}'";
    }

    private static string Identifier(string text)
    {
        var isPlain = text.Length > 0 && (char.IsAsciiLetterLower(text[0]) || text[0] == '_') && text.All(static c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '_');
        return isPlain ? text : $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
    }

    private static int? Number(string format, ref int at)
    {
        var start = at;
        while (at < format.Length && char.IsAsciiDigit(format[at]))
            at++;
        return at > start && int.TryParse(format.AsSpan(start, at - start), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
    }
}
