using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Npgsql;
using StreamSQL.Data.Functions.Kernels;
using StreamSQL.Data.Types;

namespace StreamSQL.Data.Functions.Strings;

/// <summary>PostgreSQL's functions of text and bytes that ksqlDB has not, or has with another meaning.</summary>
internal static class PostgresTextFunctions
{
    private const string Category = "String";

    public static IEnumerable<ScalarFunction> All() =>
    [
        Of("TRANSLATE", "Each character of the second text replaced by that at its place in the third.", SqlType.Varchar, Translate, SqlType.Varchar, SqlType.Varchar, SqlType.Varchar),
        Of("LPAD", "Filled up at the start with spaces to a length, or cut to it.", SqlType.Varchar, static (in RowCall call) => Pad(call, left: true), SqlType.Varchar, SqlType.Integer),
        Of("RPAD", "Filled up at the end with spaces to a length, or cut to it.", SqlType.Varchar, static (in RowCall call) => Pad(call, left: false), SqlType.Varchar, SqlType.Integer),
        Of("TO_HEX", "A number in hexadecimal digits.", SqlType.Varchar, static (in RowCall call) => Return(call, call.Int(0).ToString("x", CultureInfo.InvariantCulture)), SqlType.Integer),
        Of("TO_HEX", "A number in hexadecimal digits.", SqlType.Varchar, static (in RowCall call) => Return(call, call.Long(0).ToString("x", CultureInfo.InvariantCulture)), SqlType.BigInt),
        Of("BIT_LENGTH", "How many bits a text has.", SqlType.Integer, static (in RowCall call) => call.Return(8 * call.Text(0).Length), SqlType.Varchar),
        Of("SHA224", "Not there: use sha256.", SqlType.Bytes, static (in RowCall call) => call.Fail(PostgresErrorCodes.FeatureNotSupported, "sha224 is not supported: use sha256"), SqlType.Bytes),
        Of("SHA256", "The SHA-256 digest.", SqlType.Bytes, static (in RowCall call) => call.Return(SHA256.HashData(call.Text(0))), SqlType.Bytes),
        Of("SHA384", "The SHA-384 digest.", SqlType.Bytes, static (in RowCall call) => call.Return(SHA384.HashData(call.Text(0))), SqlType.Bytes),
        Of("SHA512", "The SHA-512 digest.", SqlType.Bytes, static (in RowCall call) => call.Return(SHA512.HashData(call.Text(0))), SqlType.Bytes),
        Of("ENCODE", "Bytes as text: 'hex', 'base64' or 'escape'.", SqlType.Varchar, Encode, SqlType.Bytes, SqlType.Varchar),
        Of("DECODE", "The bytes that a text stands for: 'hex' or 'base64'.", SqlType.Bytes, Decode, SqlType.Varchar, SqlType.Varchar),
        Of("CONVERT_FROM", "The text that UTF-8 bytes are.", SqlType.Varchar, static (in RowCall call) => call.Return(call.Text(0)), SqlType.Bytes, SqlType.Varchar),
        Of("CONVERT_TO", "A text's UTF-8 bytes.", SqlType.Bytes, static (in RowCall call) => call.Return(call.Text(0)), SqlType.Varchar, SqlType.Varchar),
        new PostgresFunction("QUOTE_LITERAL", Category, "Any value as a constant of SQL.", ["quote_literal(value) -> VARCHAR"],
            static types => types.Count == 1 ? new([SqlType.Varchar], SqlType.Varchar, new DelegateKernel(static (in RowCall call) => Return(call, TextFormat.Literal(Encoding.UTF8.GetString(call.Text(0)))))) : null),
        Joining("CONCAT", "All arguments as text one after the other; NULL is left out.", separated: false),
        Joining("CONCAT_WS", "The arguments after the first as text, the first between them; NULL is left out.", separated: true),
        new PostgresFunction("FORMAT", Category, "A text with %s, %I and %L replaced by the arguments.", ["format(VARCHAR, value, ...) -> VARCHAR"],
            static types => types.Count > 0 ? new([.. types.Select(static _ => SqlType.Varchar)], SqlType.Varchar, new NullableDelegateKernel(Format)) : null),
    ];

    private static PostgresFunction Of(string name, string description, SqlType result, RowBody body, params SqlType[] parameters) => new(
        name, Category, description, [$"{name.ToLowerInvariant()}({string.Join(", ", parameters.AsEnumerable())}) -> {result}"],
        types => types.Count == parameters.Length && types.Zip(parameters).All(static pair => TypeCoercion.CanImplicitlyCast(pair.First, pair.Second, RuleSet.Postgres))
            ? new(parameters, result, new DelegateKernel(body))
            : null);

    private static PostgresFunction Joining(string name, string description, bool separated) => new(
        name, Category, description, [$"{name.ToLowerInvariant()}(value, ...) -> VARCHAR"],
        types => types.Count > (separated ? 1 : 0) ? new([.. types.Select(static _ => SqlType.Varchar)], SqlType.Varchar, new NullableDelegateKernel((in RowCall call) => Join(call, separated))) : null);

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
                    text.Append(value == '\\' ? "\\\\" : value is 0 or >= 0x80 ? "\\" + Convert.ToString(value, 8).PadLeft(3, '0') : ((char)value).ToString());
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
            if (notation is "hex" or "base64")
                call.Return(notation == "hex" ? Convert.FromHexString(string.Concat(text.Where(static c => !char.IsWhiteSpace(c)))) : Convert.FromBase64String(text));
            else
                call.Fail(PostgresErrorCodes.InvalidParameterValue, $"unrecognized encoding: \"{Text(call, 1)}\"");
        }
        catch (FormatException)
        {
            call.Fail(PostgresErrorCodes.InvalidParameterValue, $"invalid {notation} data");
        }
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
            result.Append(Text(call, i));
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
            values[i] = call.IsNull(i + 1) ? null : Text(call, i + 1);
        var (text, error) = TextFormat.Apply(Text(call, 0), values);
        if (text is null)
            call.Fail(error!.Value.State, error.Value.Message);
        else
            Return(call, text);
    }
}
