using System.Text;
using Npgsql;
using StreamSQL.Data.Functions.Kernels;
using StreamSQL.Data.Text;
using StreamSQL.Data.Types;
using static StreamSQL.Data.Functions.PostgresFunction;

namespace StreamSQL.Data.Functions.Strings;

/// <summary>PostgreSQL's functions of characters, names and quoted texts whose errors or results differ from ksqlDB's.</summary>
internal static class PostgresCharacterFunctions
{
    private const string Category = "String";

    public static IEnumerable<ScalarFunction> All() =>
    [
        Of("CHR", Category, "The character of a code point.", Rows(SqlType.Varchar, Character, SqlType.Integer)),
        Of("SPLIT_PART", Category, "The n-th part of a text between delimiters, negative: from the end; empty when there are fewer.",
            Rows(SqlType.Varchar, SplitPart, SqlType.Varchar, SqlType.Varchar, SqlType.Integer)),
        Of("^@", "Operator", "Whether the first text starts with the second.",
            Rows(SqlType.Boolean, static (in RowCall call) => call.Return(call.Text(0).StartsWith(call.Text(1))), SqlType.Varchar,
                SqlType.Varchar)),
        Of("UNISTR", Category, "A text with its Unicode escapes resolved.", Rows(SqlType.Varchar, static (in RowCall call) =>
        {
            if (UnicodeEscapes.TryDecode(Text(call, 0)) is { } text)
                Return(call, text);
            else
                call.Fail(PostgresErrorCodes.SyntaxError, UnicodeEscapes.Error);
        }, SqlType.Varchar)),
        Of("QUOTE_IDENT", Category, "A text as a name of SQL.",
            Rows(SqlType.Varchar, static (in RowCall call) => Return(call, TextFormat.Identifier(Text(call, 0))), SqlType.Varchar)),
        new PostgresFunction("QUOTE_NULLABLE", Category, "Any value as a constant of SQL, also NULL.", ["quote_nullable(value) -> VARCHAR"],
            static types => types.Count == 1
            ? new([SqlType.Varchar], SqlType.Varchar,
                new NullableDelegateKernel(static (in RowCall call) =>
                    Return(call, call.IsNull(0) ? "NULL" : TextFormat.Literal(Text(call, 0)))))
            : null),
        Of("PARSE_IDENT", Category, "The parts of a qualified name.", Rows(SqlType.ArrayOf(SqlType.Varchar), ParseName, SqlType.Varchar)),
    ];

    private static string Text(in RowCall call, int index) => Encoding.UTF8.GetString(call.Text(index));

    private static void Return(in RowCall call, string text) => call.Return(Encoding.UTF8.GetBytes(text));

    private static void Character(in RowCall call)
    {
        var value = call.Int(0);
        if (value == 0)
            call.Fail(PostgresErrorCodes.ProgramLimitExceeded, "null character not permitted");
        else if (value < 0)
            call.Fail(PostgresErrorCodes.InvalidParameterValue, "character number must be positive");
        else if (value > 0x10FFFF)
            call.Fail(PostgresErrorCodes.ProgramLimitExceeded, $"requested character too large for encoding: {value}");
        else if (!Rune.TryCreate(value, out var rune))
            call.Fail(PostgresErrorCodes.ProgramLimitExceeded, $"requested character not valid for encoding: {value}");
        else
            Return(call, rune.ToString());
    }

    private static void SplitPart(in RowCall call)
    {
        var place = call.Int(2);
        if (place == 0)
        {
            call.Fail(PostgresErrorCodes.InvalidParameterValue, "field position must not be zero");
            return;
        }

        var parts = call.Text(1).IsEmpty ? [Text(call, 0)] : Text(call, 0).Split(Text(call, 1));
        var index = place > 0 ? place - 1L : parts.Length + (long)place;
        Return(call, index >= 0 && index < parts.Length ? parts[index] : "");
    }

    private static void ParseName(in RowCall call)
    {
        var (text, parts, at) = (Text(call, 0).Trim(), new List<string>(), 0);
        while (true)
        {
            var start = at;
            if (at < text.Length && text[at] == '"')
            {
                do
                {
                    at = text.IndexOf('"', at + 1);
                }
                while (at >= 0 && at + 1 < text.Length && text[at + 1] == '"' && ++at > 0);
                if (at < 0)
                    break;
                parts.Add(text[(start + 1)..at++].Replace("\"\"", "\"", StringComparison.Ordinal));
            }
            else
            {
                while (at < text.Length && (char.IsLetterOrDigit(text[at]) || text[at] is '_' or '$'))
                    at++;
                if (at == start || char.IsDigit(text[start]))
                    break;
                parts.Add(text[start..at].ToLowerInvariant());
            }

            if (at == text.Length)
            {
                var array = (Columns.ArrayColumn)call.Result;
                var place = array.Allocate(call.Row, parts.Count);
                foreach (var part in parts)
                    ((Columns.BytesColumn)array.Elements).Set(place++, Encoding.UTF8.GetBytes(part));
                return;
            }

            if (text[at++] != '.')
                break;
        }

        call.Fail(PostgresErrorCodes.InvalidParameterValue, $"string is not a valid identifier: \"{Text(call, 0)}\"");
    }
}
