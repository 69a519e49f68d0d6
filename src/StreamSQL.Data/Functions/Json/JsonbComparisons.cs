using System.Text.Json;
using StreamSQL.Data.Functions.Kernels;
using StreamSQL.Data.Types;

namespace StreamSQL.Data.Functions.Json;

/// <summary>
/// How jsonb values compare (PostgreSQL's manual, "jsonb Indexing"): objects after arrays, booleans, numbers, texts and null; the one with more members or elements
/// after the other; then part by part.
/// </summary>
internal static class JsonbComparisons
{
    public static IEnumerable<ScalarFunction> All() =>
    [
        Define("=", static order => order == 0),
        Define("<>", static order => order != 0),
        Define("!=", static order => order != 0),
        Define("<", static order => order < 0),
        Define("<=", static order => order <= 0),
        Define(">", static order => order > 0),
        Define(">=", static order => order >= 0),
    ];

    private static PostgresFunction Define(string symbol, Func<int, bool> test) => new(
        symbol, "Operator", "How two values of jsonb compare.", [$"jsonb {symbol} jsonb -> BOOLEAN"],
        types => types.Count == 2 && types.Any(static type => type.Kind == SqlTypeKind.Jsonb) && types.All(static type => type.Kind is SqlTypeKind.Jsonb or SqlTypeKind.Unknown)
            ? new([SqlType.Jsonb, SqlType.Jsonb], SqlType.Boolean, new DelegateKernel((in RowCall call) =>
            {
                using var left = JsonOperators.Document(call, 0);
                using var right = JsonOperators.Document(call, 1);
                call.Return(test(Compare(left.RootElement, right.RootElement)));
            }))
            : null);

    private static int Rank(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => 5,
        JsonValueKind.Array => 4,
        JsonValueKind.True or JsonValueKind.False => 3,
        JsonValueKind.Number => 2,
        JsonValueKind.String => 1,
        _ => 0,
    };

    private static int Compare(JsonElement left, JsonElement right)
    {
        // An array without elements comes before all else.
        if (Rank(left) != Rank(right))
            return IsEmptyArray(left) ? -1 : IsEmptyArray(right) ? 1 : Rank(left).CompareTo(Rank(right));
        switch (left.ValueKind)
        {
            case JsonValueKind.Object:
                return CompareMembers([.. JsonValue.Members(left)], [.. JsonValue.Members(right)]);
            case JsonValueKind.Array:
                if (left.GetArrayLength() != right.GetArrayLength())
                    return left.GetArrayLength().CompareTo(right.GetArrayLength());
                return left.EnumerateArray().Zip(right.EnumerateArray(), Compare).FirstOrDefault(static order => order != 0);
            case JsonValueKind.Number:
                return Paths.PathMethods.IsNumber(left, out var a) && Paths.PathMethods.IsNumber(right, out var b) ? a.CompareTo(b) : left.GetDouble().CompareTo(right.GetDouble());
            case JsonValueKind.String:
                return string.CompareOrdinal(left.GetString(), right.GetString());
            case JsonValueKind.True or JsonValueKind.False:
                return left.GetBoolean().CompareTo(right.GetBoolean());
            default:
                return 0;
        }
    }

    private static bool IsEmptyArray(JsonElement value) => value.ValueKind == JsonValueKind.Array && value.GetArrayLength() == 0;

    private static int CompareMembers(JsonProperty[] left, JsonProperty[] right)
    {
        if (left.Length != right.Length)
            return left.Length.CompareTo(right.Length);
        for (var i = 0; i < left.Length; i++)
        {
            var order = string.CompareOrdinal(left[i].Name, right[i].Name);
            order = order != 0 ? order : Compare(left[i].Value, right[i].Value);
            if (order != 0)
                return order;
        }

        return 0;
    }
}
