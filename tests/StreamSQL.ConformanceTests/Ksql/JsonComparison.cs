using System.Globalization;
using System.Numerics;
using System.Text.Json;

namespace StreamSQL.ConformanceTests.Ksql;

/// <summary>
/// Compares JSON as ksqlDB's own tests do: numbers with their scale, field names with or without their case, every field there.
/// </summary>
internal static class JsonComparison
{
    private const double Tolerance = 1e-6;

    public static bool Matches(JsonElement expected, JsonElement actual, bool exactNumbers) => (expected.ValueKind, actual.ValueKind) switch
    {
        (JsonValueKind.Object, JsonValueKind.Object) => MatchesObject(expected, actual, exactNumbers),
        (JsonValueKind.Array, JsonValueKind.Array) => expected.GetArrayLength() == actual.GetArrayLength()
            && expected.EnumerateArray().Zip(actual.EnumerateArray()).All(pair => Matches(pair.First, pair.Second, exactNumbers)),
        (JsonValueKind.Number, JsonValueKind.Number) => MatchesNumber(expected, actual, exactNumbers),
        // a DECIMAL may be written as text
        (JsonValueKind.String, JsonValueKind.Number) => IsSameDecimal(expected.GetString()!, actual.GetRawText()),
        (JsonValueKind.String, JsonValueKind.String) => expected.GetString() == actual.GetString(),
        var (left, right) => left == right,
    };

    private static bool MatchesObject(JsonElement expected, JsonElement actual, bool exactNumbers)
    {
        var fields = actual.EnumerateObject().ToList();
        if (expected.EnumerateObject().Count() != fields.Count)
            return false;
        foreach (var wanted in expected.EnumerateObject())
        {
            var at = fields.FindIndex(field => field.NameEquals(wanted.Name));
            if (at < 0)
                at = fields.FindIndex(field => string.Equals(field.Name, wanted.Name, StringComparison.OrdinalIgnoreCase));
            // ksqlDB reads the expected value with the schema, so that a field which is not there is null.
            if (at < 0 ? wanted.Value.ValueKind != JsonValueKind.Null : !Matches(wanted.Value, fields[at].Value, exactNumbers))
                return false;
        }

        return true;
    }

    /// <summary>Zeros before a number mean nothing, those after its point do.</summary>
    private static bool IsSameDecimal(string expected, string actual) =>
        expected == actual || (decimal.TryParse(expected, NumberStyles.Float, CultureInfo.InvariantCulture, out _)
            && Parse(expected) == Parse(actual));

    private static bool MatchesNumber(JsonElement expected, JsonElement actual, bool exactNumbers)
    {
        if (!exactNumbers && !(expected.TryGetInt64(out _) && actual.TryGetInt64(out _)))
            return Math.Abs(expected.GetDouble() - actual.GetDouble()) <= Tolerance;
        var (wantedDigits, wantedScale) = Parse(expected.GetRawText());
        var (digits, scale) = Parse(actual.GetRawText());
        if (wantedScale == 0)
            return scale <= 0 && digits * BigInteger.Pow(10, -scale) == wantedDigits;

        // ksqlDB compares an integer by its value, however its expected value is written.
        return (digits, scale) == (wantedDigits, wantedScale)
            || (scale == 0 && wantedScale > 0 && digits * BigInteger.Pow(10, wantedScale) == wantedDigits);
    }

    /// <summary>A number as Java's BigDecimal reads it: its digits, and how many of them stand behind the point.</summary>
    private static (BigInteger Digits, int Scale) Parse(string text)
    {
        var exponentAt = text.IndexOfAny(['e', 'E']);
        var exponent = exponentAt < 0 ? 0 : int.Parse(text.AsSpan(exponentAt + 1), CultureInfo.InvariantCulture);
        var mantissa = exponentAt < 0 ? text : text[..exponentAt];
        var pointAt = mantissa.IndexOf('.', StringComparison.Ordinal);
        var decimals = pointAt < 0 ? 0 : mantissa.Length - pointAt - 1;
        return (BigInteger.Parse(mantissa.Replace(".", "", StringComparison.Ordinal), CultureInfo.InvariantCulture), decimals - exponent);
    }
}
