using System.Globalization;
using System.Text.Json;

namespace StreamSQL.Data.Functions.Json.Paths;

/// <summary>The methods of paths, and how their values compare.</summary>
internal static class PathMethods
{
    /// <summary>The values that a method gives of one.</summary>
    /// <exception cref="PathException">It has none.</exception>
    public static IEnumerable<JsonElement> Call(string method, JsonElement value, bool isStrict)
    {
        switch (method)
        {
            case "type":
                return [Text(TypeOf(value))];
            case "size":
                return value.ValueKind == JsonValueKind.Array ? [JsonSerializer.SerializeToElement(value.GetArrayLength())]
                    : isStrict ? throw new PathException("22039", "jsonpath item method .size() can only be applied to an array")
                        : [JsonSerializer.SerializeToElement(1)];
            case "double":
                return [Double(value)];
            case "keyvalue":
                return value.ValueKind == JsonValueKind.Object ? KeysAndValues(value)
                    : throw new PathException("2203C", "jsonpath item method .keyvalue() can only be applied to an object");
        }

        if (!IsNumber(value, out var number))
            throw new PathException("22036", $"jsonpath item method .{method}() can only be applied to a numeric value");
        return [Number(method switch { "ceiling" => Math.Ceiling(number), "floor" => Math.Floor(number), _ => Math.Abs(number) })];
    }

    /// <summary>Whether a value is a number, of up to 28 digits.</summary>
    public static bool IsNumber(JsonElement value, out decimal number)
    {
        number = 0;
        return value.ValueKind == JsonValueKind.Number
            && decimal.TryParse(value.GetRawText(), NumberStyles.Float, CultureInfo.InvariantCulture, out number);
    }

    /// <summary>A number as JSON.</summary>
    public static JsonElement Number(decimal value) => JsonSerializer.SerializeToElement(value);

    /// <summary>Whether a comparison holds; null when the values are of kinds that do not compare.</summary>
    public static bool? Compare(string symbol, JsonElement left, JsonElement right)
    {
        if (left.ValueKind == JsonValueKind.Null || right.ValueKind == JsonValueKind.Null)
        {
            // Null equals null, and is neither less nor greater than anything.
            var same = left.ValueKind == right.ValueKind;
            return symbol switch { "==" or "<=" or ">=" => same, "!=" => !same, _ => false };
        }

        int? order = (left.ValueKind, right.ValueKind) switch
        {
            (JsonValueKind.Number, JsonValueKind.Number) => IsNumber(left, out var a)
                && IsNumber(right, out var b) ? a.CompareTo(b) : left.GetDouble().CompareTo(right.GetDouble()),
            (JsonValueKind.String, JsonValueKind.String) => string.CompareOrdinal(left.GetString(), right.GetString()),
            (JsonValueKind.True or JsonValueKind.False, JsonValueKind.True or JsonValueKind.False) =>
                left.GetBoolean().CompareTo(right.GetBoolean()),
            _ => null,
        };
        return order is not { } known ? null : symbol switch
        {
            "==" => known == 0,
            "!=" => known != 0,
            "<" => known < 0,
            "<=" => known <= 0,
            ">" => known > 0,
            _ => known >= 0,
        };
    }

    private static string TypeOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "object",
        JsonValueKind.Array => "array",
        JsonValueKind.String => "string",
        JsonValueKind.Number => "number",
        JsonValueKind.Null => "null",
        _ => "boolean",
    };

    private static JsonElement Text(string text) => JsonSerializer.SerializeToElement(text);

    private static JsonElement Double(JsonElement value)
    {
        var text = value.ValueKind switch
        {
            JsonValueKind.Number => value.GetRawText(),
            JsonValueKind.String => value.GetString()!.Trim(),
            _ => throw new PathException("22036", "jsonpath item method .double() can only be applied to a string or numeric value"),
        };
        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number))
            return JsonSerializer.SerializeToElement(number);
        var kind = value.ValueKind == JsonValueKind.String ? "string" : "numeric";
        throw new PathException("22036",
            kind + " argument of jsonpath item method .double() is not a valid representation of a double precision number");
    }

    private static IEnumerable<JsonElement> KeysAndValues(JsonElement value) => JsonValue.Members(value)
        .Select(static member => JsonSerializer.SerializeToElement(new Dictionary<string, JsonElement>(StringComparer.Ordinal)
        {
            ["id"] = JsonSerializer.SerializeToElement(0), ["key"] = Text(member.Name), ["value"] = member.Value,
        }));
}
