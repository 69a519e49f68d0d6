using System.Globalization;
using System.Text;
using Npgsql;
using StreamSQL.Data.Errors;

namespace StreamSQL.Sql.Parsing;

/// <summary>PostgreSQL's E'...' strings.</summary>
internal static class EscapeString
{
    /// <summary>Resolves backslash escapes and doubled quotes.</summary>
    /// <exception cref="SqlException">22025 for \u, \U or \x without enough digits or beyond Unicode.</exception>
    internal static string Decode(string body, TextPosition position)
    {
        var text = new StringBuilder(body.Length);
        for (var i = 0; i < body.Length; i++)
        {
            var c = body[i];
            if (c == '\'')
                i++;
            if (c != '\\')
            {
                text.Append(c);
                continue;
            }

            // The lexer lets no string end in a single backslash.
            c = body[++i];
            switch (c)
            {
                case 'b': text.Append('\b'); break;
                case 'f': text.Append('\f'); break;
                case 'n': text.Append('\n'); break;
                case 'r': text.Append('\r'); break;
                case 't': text.Append('\t'); break;
                case 'u': AppendCodePoint(text, body, ref i, 4, position); break;
                case 'U': AppendCodePoint(text, body, ref i, 8, position); break;
                case 'x': text.Append((char)ReadDigits(body, ref i, 2, 16)); break;
                case >= '0' and <= '7':
                    i--;
                    text.Append((char)(ReadDigits(body, ref i, 3, 8) & 0xFF));
                    break;
                default: text.Append(c); break;
            }
        }

        return text.ToString();
    }

    private static void AppendCodePoint(StringBuilder text, string body, ref int i, int digits, TextPosition position)
    {
        if (i + digits >= body.Length
            || !uint.TryParse(body.AsSpan(i + 1, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value)
            || value > 0x10FFFF)
        {
            throw new SqlException(PostgresErrorCodes.InvalidEscapeSequence, "invalid Unicode escape",
                "Unicode escapes are \\uXXXX or \\UXXXXXXXX.", position);
        }

        i += digits;
        if (value is >= 0xD800 and <= 0xDFFF)
            text.Append((char)value);
        else
            text.Append(char.ConvertFromUtf32((int)value));
    }

    // Reads up to a number of digits after body[i].
    private static int ReadDigits(string body, ref int i, int most, int radix)
    {
        var value = 0;
        for (var read = 0; read < most && i + 1 < body.Length; read++)
        {
            var digit = char.IsAsciiHexDigit(body[i + 1]) ? Convert.ToInt32(body[i + 1].ToString(), 16) : radix;
            if (digit >= radix)
                break;
            value = (value * radix) + digit;
            i++;
        }

        return value;
    }
}
