using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Npgsql;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Formats.Rows;
using StreamSQL.Data.Functions.Casting;
using StreamSQL.Data.Functions.Kernels;
using StreamSQL.Data.Text;
using StreamSQL.Data.Types;

namespace StreamSQL.Data.Functions.Strings;

/// <summary>PostgreSQL's functions of text and bytes that ksqlDB has not, or has with another meaning.</summary>
internal static class PostgresTextFunctions
{
    private const string Category = "String";

    public static IEnumerable<ScalarFunction> All() =>
    [
        Of("TRANSLATE", "Each character of the second text replaced by that at its place in the third.", SqlType.Varchar, Translate,
            SqlType.Varchar, SqlType.Varchar, SqlType.Varchar),
        Of("LPAD", "Filled up at the start with spaces to a length, or cut to it.", SqlType.Varchar,
            static (in RowCall call) => Pad(call, left: true), SqlType.Varchar, SqlType.Integer),
        Of("RPAD", "Filled up at the end with spaces to a length, or cut to it.", SqlType.Varchar,
            static (in RowCall call) => Pad(call, left: false), SqlType.Varchar, SqlType.Integer),
        Of("TO_HEX", "A number in hexadecimal digits.", SqlType.Varchar,
            static (in RowCall call) => Return(call, call.Int(0).ToString("x", CultureInfo.InvariantCulture)), SqlType.Integer),
        Of("TO_HEX", "A number in hexadecimal digits.", SqlType.Varchar,
            static (in RowCall call) => Return(call, call.Long(0).ToString("x", CultureInfo.InvariantCulture)), SqlType.BigInt),
        Of("BIT_LENGTH", "How many bits a text has.", SqlType.Integer, static (in RowCall call) => call.Return(8 * call.Text(0).Length),
            SqlType.Varchar),
        Of("SHA224", "Not there: use sha256.", SqlType.Bytes,
            static (in RowCall call) => call.Fail(PostgresErrorCodes.FeatureNotSupported, "sha224 is not supported: use sha256"),
            SqlType.Bytes),
        StringToArray,
        Of("NORMALIZE", "A text in Unicode's form NFC.", SqlType.Varchar, static (in RowCall call) => Normalize(call, "NFC"),
            SqlType.Varchar),
        Of("NORMALIZE", "A text in one of Unicode's forms: NFC, NFD, NFKC or NFKD.", SqlType.Varchar,
            static (in RowCall call) => Normalize(call, Encoding.UTF8.GetString(call.Text(1))), SqlType.Varchar, SqlType.Varchar),
        Of("IS_NORMALIZED", "Whether a text is in one of Unicode's forms: NFC, NFD, NFKC or NFKD.", SqlType.Boolean, IsNormalized,
            SqlType.Varchar, SqlType.Varchar),
        Of("SHA256", "The SHA-256 digest.", SqlType.Bytes, static (in RowCall call) => call.Return(SHA256.HashData(call.Text(0))),
            SqlType.Bytes),
        Of("SHA384", "The SHA-384 digest.", SqlType.Bytes, static (in RowCall call) => call.Return(SHA384.HashData(call.Text(0))),
            SqlType.Bytes),
        Of("SHA512", "The SHA-512 digest.", SqlType.Bytes, static (in RowCall call) => call.Return(SHA512.HashData(call.Text(0))),
            SqlType.Bytes),
        Of("ENCODE", "Bytes as text: 'hex', 'base64' or 'escape'.", SqlType.Varchar, Encode, SqlType.Bytes, SqlType.Varchar),
        Of("DECODE", "The bytes that a text stands for: 'hex' or 'base64'.", SqlType.Bytes, Decode, SqlType.Varchar, SqlType.Varchar),
        Of("CONVERT_FROM", "The text that bytes are in UTF8, LATIN1 or SQL_ASCII.", SqlType.Varchar, FromBytes, SqlType.Bytes,
            SqlType.Varchar),
        Of("CONVERT_TO", "A text's bytes in UTF8, LATIN1 or SQL_ASCII.", SqlType.Bytes, ToBytes, SqlType.Varchar, SqlType.Varchar),
        Of("CONVERT", "Bytes of one encoding in another: UTF8, LATIN1 or SQL_ASCII.", SqlType.Bytes, Recode, SqlType.Bytes, SqlType.Varchar,
            SqlType.Varchar),
        new PostgresFunction("QUOTE_LITERAL", Category, "Any value as a constant of SQL.", ["quote_literal(value) -> VARCHAR"],
            static types => types.Count == 1 ? new([SqlType.Varchar], SqlType.Varchar,
                new DelegateKernel(static (in RowCall call) => Return(call, TextFormat.Literal(Encoding.UTF8.GetString(call.Text(0))))))
                : null),
        Joining("CONCAT", "All arguments as text one after the other; NULL is left out.", separated: false),
        Joining("CONCAT_WS", "The arguments after the first as text, the first between them; NULL is left out.", separated: true),
        new PostgresFunction("FORMAT", Category, "A text with %s, %I and %L replaced by the arguments.",
            ["format(VARCHAR, value, ...) -> VARCHAR"],
            static types => types.Count > 0 ? new([.. types.Select(Shown)], SqlType.Varchar, new NullableDelegateKernel(Format)) : null),
    ];

    private static PostgresFunction Of(string name, string description, SqlType result, RowBody body, params SqlType[] parameters) => new(
        name, Category, description, [$"{name.ToLowerInvariant()}({string.Join(", ", parameters.AsEnumerable())}) -> {result}"],
        types => types.Count == parameters.Length
            && types.Zip(parameters).All(static pair => TypeCoercion.CanImplicitlyCast(pair.First, pair.Second, RuleSet.Postgres))
            ? new(parameters, result, new DelegateKernel(body))
            : null);

    private static PostgresFunction Joining(string name, string description, bool separated) => new(
        name, Category, description, [$"{name.ToLowerInvariant()}(value, ...) -> VARCHAR"],
        types => types.Count > (separated ? 1 : 0)
            ? new([.. types.Select(Shown)], SqlType.Varchar,
                new NullableDelegateKernel((in RowCall call) => Join(call, separated))) : null);

    /// <summary>string_to_array with the text that means NULL, and what string_to_table takes its rows from.</summary>
    public static ScalarFunction StringToArray { get; } = new PostgresFunction(
        "STRING_TO_ARRAY", Category,
        "The parts of a text between delimiters (NULL: its characters); a part that is the third text is NULL.",
        ["string_to_array(VARCHAR, VARCHAR [, null VARCHAR]) -> ARRAY<VARCHAR>"],
        static types => types.Count is 2 or 3
            && types.All(static type => TypeCoercion.CanImplicitlyCast(type, SqlType.Varchar, RuleSet.Postgres))
            ? new([.. types.Select(static _ => SqlType.Varchar)], SqlType.ArrayOf(SqlType.Varchar),
                new NullableDelegateKernel(Split)) : null);

    // Values are shown as clients see them; what has no such form here is cast to text.
    private static SqlType Shown(SqlType type) => type.Kind == SqlTypeKind.Boolean || type.IsNested ? type : SqlType.Varchar;

    private static string ShownText(in RowCall call, int index) =>
        ColumnText.ToText(call.Argument(index), call.Row, TextStyle.Postgres, StatementClock.FormsOf(call.Time))!;

    private static void Normalize(in RowCall call, string form)
    {
        if (UnicodeForms.Normalize(Encoding.UTF8.GetString(call.Text(0)), form) is { } text)
            Return(call, text);
        else
            FailForm(call, form);
    }

    private static void IsNormalized(in RowCall call)
    {
        var (text, form) = (Encoding.UTF8.GetString(call.Text(0)), Encoding.UTF8.GetString(call.Text(1)));
        if (UnicodeForms.Normalize(text, form) is { } normal)
            call.Return(text == normal);
        else
            FailForm(call, form);
    }

    private static void FailForm(in RowCall call, string form) =>
        call.Fail(PostgresErrorCodes.InvalidParameterValue, $"invalid normalization form: {form}");

    private static void Split(in RowCall call)
    {
        if (call.IsNull(0))
        {
            call.ReturnNull();
            return;
        }

        var text = Text(call, 0);
        var parts = text.Length == 0 ? []
            : call.IsNull(1) ? [.. text.EnumerateRunes().Select(static rune => rune.ToString())]
            : call.Text(1).IsEmpty ? [text] : text.Split(Text(call, 1));
        var isNull = call.Count > 2 && !call.IsNull(2) ? Text(call, 2) : null;
        var array = (ArrayColumn)call.Result;
        var at = array.Allocate(call.Row, parts.Length);
        foreach (var part in parts)
        {
            if (part == isNull)
                array.Elements.SetNull(at++);
            else
                ((BytesColumn)array.Elements).Set(at++, Encoding.UTF8.GetBytes(part));
        }
    }

    private enum TextEncoding
    {
        Unknown,
        Utf8,
        Latin1,
    }

    private static TextEncoding EncodingOf(in RowCall call, int argument)
    {
        var name = Text(call, argument).ToUpperInvariant().Replace("-", "", StringComparison.Ordinal)
            .Replace("_", "", StringComparison.Ordinal);
        var encoding = name switch
        {
            "UTF8" or "UNICODE" or "SQLASCII" => TextEncoding.Utf8,
            "LATIN1" or "ISO88591" => TextEncoding.Latin1,
            _ => TextEncoding.Unknown,
        };
        if (encoding == TextEncoding.Unknown)
            call.Fail(PostgresErrorCodes.InvalidParameterValue, $"invalid encoding name \"{Text(call, argument)}\"");
        return encoding;
    }

    private static void FromBytes(in RowCall call)
    {
        var encoding = EncodingOf(call, 1);
        if (encoding == TextEncoding.Latin1)
            Return(call, Encoding.Latin1.GetString(call.Text(0)));
        else if (encoding == TextEncoding.Utf8)
            FromUtf8(call);
    }

    private static void ToBytes(in RowCall call)
    {
        var encoding = EncodingOf(call, 1);
        if (encoding == TextEncoding.Latin1)
            ToLatin1(call);
        else if (encoding == TextEncoding.Utf8)
            call.Return(call.Text(0));
    }

    private static void Recode(in RowCall call)
    {
        var (from, to) = (EncodingOf(call, 1), EncodingOf(call, 2));
        if (from == TextEncoding.Unknown || to == TextEncoding.Unknown)
            return;
        if (from == to)
            FromAny(call, from);
        else if (to == TextEncoding.Latin1)
            ToLatin1(call);
        else
            Return(call, Encoding.Latin1.GetString(call.Text(0)));
    }

    private static void FromAny(in RowCall call, TextEncoding encoding)
    {
        if (encoding == TextEncoding.Utf8)
            FromUtf8(call);
        else
            call.Return(call.Text(0));
    }

    private static void ToLatin1(in RowCall call)
    {
        if (!System.Text.Unicode.Utf8.IsValid(call.Text(0)))
        {
            FromUtf8(call);
            return;
        }

        var text = Text(call, 0);
        foreach (var rune in text.EnumerateRunes())
        {
            if (rune.Value > byte.MaxValue)
            {
                var bytes = string.Join(' ', Encoding.UTF8.GetBytes(rune.ToString()).Select(static value => $"0x{value:x2}"));
                call.Fail(
                    PostgresErrorCodes.UntranslatableCharacter,
                    $"character with byte sequence {bytes} in encoding \"UTF8\" has no equivalent in encoding \"LATIN1\"");
                return;
            }
        }

        call.Return(Encoding.Latin1.GetBytes(text));
    }

    private static void FromUtf8(in RowCall call)
    {
        var bytes = call.Text(0);
        if (System.Text.Unicode.Utf8.IsValid(bytes))
        {
            call.Return(bytes);
            return;
        }

        var at = 0;
        while (Rune.DecodeFromUtf8(bytes[at..], out _, out var length) == System.Buffers.OperationStatus.Done)
            at += length;
        call.Fail(PostgresErrorCodes.CharacterNotInRepertoire, $"invalid byte sequence for encoding \"UTF8\": 0x{bytes[at]:x2}");
    }

    private static void Return(in RowCall call, string text) => call.Return(Encoding.UTF8.GetBytes(text));

    private static string Text(in RowCall call, int index) => Encoding.UTF8.GetString(call.Text(index));

    private static void Translate(in RowCall call)
    {
        var (from, to) = (Text(call, 1).EnumerateRunes().ToArray(), Text(call, 2).EnumerateRunes().ToArray());
        var result = new StringBuilder();
        foreach (var rune in Text(call, 0).EnumerateRunes())
        {
            var place = Array.IndexOf(from, rune);
            if (place < 0)
                result.Append(rune.ToString());
            else if (place < to.Length)
                result.Append(to[place].ToString());
        }

        Return(call, result.ToString());
    }

    private static void Pad(in RowCall call, bool left)
    {
        const int MaxLength = 1 << 24;
        var length = call.Int(1);
        if (length > MaxLength)
        {
            call.Fail(PostgresErrorCodes.ProgramLimitExceeded, "requested length too large");
            return;
        }

        var runes = Text(call, 0).EnumerateRunes().ToArray();
        var kept = string.Concat(runes.Take(Math.Max(0, length)).Select(static rune => rune.ToString()));
        var spaces = new string(' ', Math.Max(0, length - runes.Length));
        Return(call, left ? spaces + kept : kept + spaces);
    }

    private static void Encode(in RowCall call)
    {
        var bytes = call.Text(0);
        switch (Text(call, 1).ToLowerInvariant())
        {
            case "hex":
                Return(call, Convert.ToHexStringLower(bytes));
                break;
            case "base64":
                // Lines of 76 characters, as PostgreSQL has them.
                Return(call, string.Join('\n', Convert.ToBase64String(bytes).Chunk(76).Select(static line => new string(line))));
                break;
            case "escape":
                var text = new StringBuilder();
                foreach (var value in bytes)
                    text.Append(value == '\\' ? "\\\\" : value is 0 or >= 0x80 ? "\\" + Convert.ToString(value, 8)
                        .PadLeft(3, '0') : ((char)value).ToString());
                Return(call, text.ToString());
                break;
            default:
                call.Fail(PostgresErrorCodes.InvalidParameterValue, $"unrecognized encoding: \"{Text(call, 1)}\"");
                break;
        }
    }

    private static void Decode(in RowCall call)
    {
        var (text, notation) = (Text(call, 0), Text(call, 1).ToLowerInvariant());
        try
        {
            if (notation == "hex")
                DecodeHex(call, string.Concat(text.Where(static c => !char.IsWhiteSpace(c))));
            else if (notation == "base64")
                call.Return(Convert.FromBase64String(text));
            else if (notation == "escape" && ByteaText.TryReadEscapes(call.Text(0)) is { } bytes)
                call.Return(bytes);
            else if (notation == "escape")
                call.Fail(PostgresErrorCodes.InvalidTextRepresentation, "invalid input syntax for type bytea");
            else
                call.Fail(PostgresErrorCodes.InvalidParameterValue, $"unrecognized encoding: \"{Text(call, 1)}\"");
        }
        catch (FormatException)
        {
            call.Fail(PostgresErrorCodes.InvalidParameterValue, $"invalid {notation} data");
        }
    }

    private static void DecodeHex(in RowCall call, string digits)
    {
        if (digits.FirstOrDefault(static c => !char.IsAsciiHexDigit(c)) is var wrong and not '\0')
            call.Fail(PostgresErrorCodes.InvalidParameterValue, $"invalid hexadecimal digit: \"{wrong}\"");
        else if (digits.Length % 2 != 0)
            call.Fail(PostgresErrorCodes.InvalidParameterValue, "invalid hexadecimal data: odd number of digits");
        else
            call.Return(Convert.FromHexString(digits));
    }

    private static void Join(in RowCall call, bool separated)
    {
        if (separated && call.IsNull(0))
        {
            call.ReturnNull();
            return;
        }

        var result = new StringBuilder();
        var isFirst = true;
        for (var i = separated ? 1 : 0; i < call.Count; i++)
        {
            if (call.IsNull(i))
                continue;
            if (separated && !isFirst)
                result.Append(Text(call, 0));
            result.Append(ShownText(call, i));
            isFirst = false;
        }

        Return(call, result.ToString());
    }

    private static void Format(in RowCall call)
    {
        if (call.IsNull(0))
        {
            call.ReturnNull();
            return;
        }

        var values = new string?[call.Count - 1];
        for (var i = 0; i < values.Length; i++)
            values[i] = call.IsNull(i + 1) ? null : ShownText(call, i + 1);
        var (text, error) = TextFormat.Apply(Text(call, 0), values);
        if (text is null)
            call.Fail(error!.Value.State, error.Value.Message);
        else
            Return(call, text);
    }
}
