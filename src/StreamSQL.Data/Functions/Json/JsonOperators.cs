using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Npgsql;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Functions.Kernels;
using StreamSQL.Data.Types;

namespace StreamSQL.Data.Functions.Json;

/// <summary>PostgreSQL's operators of json and jsonb: ways in, containment, and jsonb changed.</summary>
internal static class JsonOperators
{
    private static readonly SqlType Path = SqlType.ArrayOf(SqlType.Varchar);

    public static IEnumerable<ScalarFunction> All() =>
    [
        Define("->", "A member or an element, as JSON.", "json -> key", static types => Access(types, asText: false)),
        Define("->>", "A member or an element, as text.", "json ->> key", static types => Access(types, asText: true)),
        Define("#>", "The value at a path, as JSON.", "json #> path", static types => AtPath(types, asText: false)),
        Define("#>>", "The value at a path, as text.", "json #>> path", static types => AtPath(types, asText: true)),
        Test("@>", "Whether the left value has all that the right one has.", static (in RowCall call) => Compare(call, 0, 1)),
        Test("<@", "Whether the right value has all that the left one has.", static (in RowCall call) => Compare(call, 1, 0)),
        Define("?", "Whether a text is a key, or an element, of the value.", "jsonb ? VARCHAR",
            static types => types is [{ Kind: SqlTypeKind.Jsonb }, var key] && TypeCoercion.IsText(key)
            ? new([SqlType.Jsonb, SqlType.Varchar], SqlType.Boolean,
                new DelegateKernel(static (in RowCall call) => call.Return(HasKey(call, Encoding.UTF8.GetString(call.Text(1))))))
            : null),
        Define("?|", "Whether any of the texts is a key, or an element, of the value.", "jsonb ?| ARRAY<VARCHAR>",
            static types => Keys(types, static (keys, has) => keys.Any(has))),
        Define("?&", "Whether all of the texts are keys, or elements, of the value.", "jsonb ?& ARRAY<VARCHAR>",
            static types => Keys(types, static (keys, has) => keys.All(has))),
        Define("||", "Two objects merged, or two values as one array.", "jsonb || jsonb", static types => AreJsonb(types)
            ? new([SqlType.Jsonb, SqlType.Jsonb], SqlType.Jsonb, new DelegateKernel(Concat))
            : null),
        Define("-", "A value without keys, elements, or the element at a place.", "jsonb - VARCHAR | INTEGER | ARRAY<VARCHAR>", Without),
    ];

    /// <summary>The value at a path; null where there is none.</summary>
    public static JsonElement? Find(JsonElement value, IEnumerable<string> path)
    {
        foreach (var step in path)
        {
            if (Step(value, step) is not { } next)
                return null;
            value = next;
        }

        return value;
    }

    /// <summary>Gives a value as the result: as text without quotes, NULL for null; or as JSON.</summary>
    public static void Return(in RowCall call, JsonElement? found, bool asText)
    {
        if (found is not { } value || (asText && value.ValueKind == JsonValueKind.Null))
            call.ReturnNull();
        else
            call.Return(Encoding.UTF8.GetBytes(asText
                && value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText()));
    }

    /// <summary>The texts of an array argument.</summary>
    public static List<string> Texts(in RowCall call, int index)
    {
        var array = (ArrayColumn)call.Argument(index);
        var row = array.Physical(call.Row);
        var texts = new List<string>();
        for (var i = array.Starts[row]; i < array.Starts[row] + array.Lengths[row]; i++)
            texts.Add(array.Elements.IsNull(i) ? "" : Encoding.UTF8.GetString(((BytesColumn)array.Elements)[i]));
        return texts;
    }

    /// <summary>The document of an argument, which is JSON already.</summary>
    public static JsonDocument Document(in RowCall call, int index) =>
        JsonValue.TryParse(call.Text(index)) ?? throw new InvalidOperationException("a value of type json is no JSON");

    /// <summary>Gives a changed value as jsonb.</summary>
    public static void Return(in RowCall call, JsonNode? node)
    {
        using var document = JsonDocument.Parse(node?.ToJsonString() ?? "null");
        call.Return(JsonValue.ToJsonb(document.RootElement));
    }

    private static PostgresFunction Define(string symbol, string description, string signature,
        Func<IReadOnlyList<SqlType>, ScalarBinding?> bind) =>
        new(symbol, "JSON", description, [signature], bind);

    private delegate bool TestBody(in RowCall call);

    private static PostgresFunction Test(string symbol, string description, TestBody body) =>
        Define(symbol, description, $"jsonb {symbol} jsonb", types => AreJsonb(types)
            ? new([SqlType.Jsonb, SqlType.Jsonb], SqlType.Boolean, new DelegateKernel((in RowCall call) => call.Return(body(call))))
            : null);

    private static bool AreJsonb(IReadOnlyList<SqlType> types) =>
        types.Count == 2 && types.Any(static type => type.Kind == SqlTypeKind.Jsonb)
            && types.All(static type => type.Kind is SqlTypeKind.Jsonb or SqlTypeKind.Unknown);

    private static bool IsJson(SqlType type) => type.Kind is SqlTypeKind.Json or SqlTypeKind.Jsonb;

    private static ScalarBinding? Access(IReadOnlyList<SqlType> types, bool asText)
    {
        if (types is not [var json, var key] || !IsJson(json))
            return null;
        var result = asText ? SqlType.Varchar : json;
        return key.Kind switch
        {
            SqlTypeKind.Integer or SqlTypeKind.SmallInt => new([json, SqlType.Integer], result, new DelegateKernel((in RowCall call) =>
            {
                using var document = Document(call, 0);
                Return(call, json.Kind == SqlTypeKind.Jsonb ? ElementOrScalar(document.RootElement,
                    call.Int(1)) : Element(document.RootElement, call.Int(1)), asText);
            })),
            _ when TypeCoercion.IsText(key) => new([json, SqlType.Varchar], result, new DelegateKernel((in RowCall call) =>
            {
                using var document = Document(call, 0);
                Return(call, document.RootElement.ValueKind == JsonValueKind.Object
                    && document.RootElement.TryGetProperty(call.Text(1), out var found) ? found : null, asText);
            })),
            _ => null,
        };
    }

    private static ScalarBinding? AtPath(IReadOnlyList<SqlType> types, bool asText) =>
        types is [var json, { Kind: SqlTypeKind.Unknown or SqlTypeKind.Array }] && IsJson(json)
        ? new([json, Path], asText ? SqlType.Varchar : json, new DelegateKernel((in RowCall call) =>
        {
            using var document = Document(call, 0);
            Return(call, Find(document.RootElement, Texts(call, 1)), asText);
        }))
        : null;

    private static JsonElement? Step(JsonElement value, string step) => value.ValueKind switch
    {
        JsonValueKind.Object => value.TryGetProperty(step, out var member) ? member : null,
        JsonValueKind.Array => int.TryParse(step, out var index) ? Element(value, index) : null,
        _ => null,
    };

    // PostgreSQL keeps a scalar jsonb as an array of one element, which shows here.
    private static JsonElement? ElementOrScalar(JsonElement value, int index) =>
        value.ValueKind is JsonValueKind.Object or JsonValueKind.Array ? Element(value, index) : index is 0 or -1 ? value : null;

    private static JsonElement? Element(JsonElement value, int index)
    {
        if (value.ValueKind != JsonValueKind.Array)
            return null;
        var length = value.GetArrayLength();
        index = index < 0 ? length + index : index;
        return index >= 0 && index < length ? value[index] : null;
    }

    private static bool Compare(in RowCall call, int whole, int part)
    {
        using var a = Document(call, whole);
        using var b = Document(call, part);
        return JsonValue.Contains(a.RootElement, b.RootElement);
    }

    private static bool HasKey(in RowCall call, string key)
    {
        using var document = Document(call, 0);
        return Has(document.RootElement, key);
    }

    private static bool Has(JsonElement value, string key) => value.ValueKind switch
    {
        JsonValueKind.Object => value.TryGetProperty(key, out _),
        JsonValueKind.Array => value.EnumerateArray().Any(element => element.ValueKind == JsonValueKind.String && element.ValueEquals(key)),
        JsonValueKind.String => value.ValueEquals(key),
        _ => false,
    };

    private static ScalarBinding? Keys(IReadOnlyList<SqlType> types, Func<List<string>, Func<string, bool>, bool> test) =>
        types is [{ Kind: SqlTypeKind.Jsonb }, { Kind: SqlTypeKind.Array or SqlTypeKind.Unknown }]
        ? new([SqlType.Jsonb, Path], SqlType.Boolean, new DelegateKernel((in RowCall call) =>
        {
            using var document = Document(call, 0);
            var value = document.RootElement;
            call.Return(test(Texts(call, 1), key => Has(value, key)));
        }))
        : null;

    private static void Concat(in RowCall call)
    {
        var (a, b) = (JsonNode.Parse(call.Text(0)), JsonNode.Parse(call.Text(1)));
        if (a is JsonObject left && b is JsonObject right)
        {
            foreach (var (key, value) in right)
                left[key] = value?.DeepClone();
            Return(call, left);
            return;
        }

        var joined = new JsonArray();
        foreach (var side in new[] { a, b })
        {
            if (side is not JsonArray array)
                joined.Add(side?.DeepClone());
            else
                array.ToList().ForEach(element => joined.Add(element?.DeepClone()));
        }

        Return(call, joined);
    }

    private static ScalarBinding? Without(IReadOnlyList<SqlType> types)
    {
        if (types is not [{ Kind: SqlTypeKind.Jsonb }, var what])
            return null;
        return what.Kind switch
        {
            SqlTypeKind.Integer or SqlTypeKind.SmallInt =>
                new([SqlType.Jsonb, SqlType.Integer], SqlType.Jsonb, new DelegateKernel(static (in RowCall call) =>
                {
                    if (JsonNode.Parse(call.Text(0)) is not JsonArray array)
                    {
                        call.Fail(PostgresErrorCodes.InvalidParameterValue, "cannot delete from object using integer index");
                        return;
                    }

                    var index = call.Int(1) < 0 ? array.Count + call.Int(1) : call.Int(1);
                    if (index >= 0 && index < array.Count)
                        array.RemoveAt(index);
                    Return(call, array);
                })),
            SqlTypeKind.Array => new([SqlType.Jsonb, Path], SqlType.Jsonb,
                new DelegateKernel(static (in RowCall call) => Remove(call, Texts(call, 1)))),
            _ when TypeCoercion.IsText(what) => new([SqlType.Jsonb, SqlType.Varchar], SqlType.Jsonb,
                new DelegateKernel(static (in RowCall call) => Remove(call, [Encoding.UTF8.GetString(call.Text(1))]))),
            _ => null,
        };
    }

    private static void Remove(in RowCall call, List<string> keys)
    {
        var node = JsonNode.Parse(call.Text(0));
        switch (node)
        {
            case JsonObject members:
                keys.ForEach(key => members.Remove(key));
                Return(call, members);
                break;
            case JsonArray array:
                Return(call, new JsonArray([.. array.Where(element => element is null || element.GetValueKind() != JsonValueKind.String
                    || !keys.Contains(element.GetValue<string>())).Select(static element => element?.DeepClone())]));
                break;
            default:
                call.Fail(PostgresErrorCodes.InvalidParameterValue, "cannot delete from scalar");
                break;
        }
    }

    /// <summary>The place in an array that a step of a path means; null when it has none there.</summary>
    public static int? Place(JsonArray array, string step)
    {
        if (!int.TryParse(step, out var index))
            return null;
        index = index < 0 ? array.Count + index : index;
        return index >= 0 && index < array.Count ? index : null;
    }

    /// <summary>Whether a path's last step is the place of an element; an error is reported where not.</summary>
    public static bool EndsInPlace(in RowCall call, List<string> path)
    {
        if (int.TryParse(path[^1], out _))
            return true;
        call.Fail(Npgsql.PostgresErrorCodes.InvalidTextRepresentation,
            $"path element at position {path.Count} is not an integer: \"{path[^1]}\"");
        return false;
    }
}
