using System.Text;
using System.Text.Json.Nodes;
using Npgsql;
using StreamSQL.Data.Functions.Kernels;
using StreamSQL.Data.Types;

namespace StreamSQL.Data.Functions.Json;

/// <summary>jsonb_insert, jsonb_set_lax, json[b]_object of texts, and <c>#-</c>.</summary>
internal static class JsonbChanges
{
    private const string Category = "JSON";

    private static readonly SqlType Path = SqlType.ArrayOf(SqlType.Varchar);

    public static IEnumerable<ScalarFunction> All() =>
    [
        new PostgresFunction("#-", Category, "A value without what is at a path.", ["jsonb #- path -> jsonb"],
            static types => types is [{ Kind: SqlTypeKind.Jsonb }, { Kind: SqlTypeKind.Array or SqlTypeKind.Unknown }]
            ? new([SqlType.Jsonb, Path], SqlType.Jsonb, new DelegateKernel(RemoveAt)) : null),
        new PostgresFunction("JSONB_INSERT", Category, "A value with another one put in at a path.",
            ["jsonb_insert(jsonb, path, jsonb [, after BOOLEAN]) -> jsonb"],
            static types => types.Count is 3 or 4 && PostgresJsonFunctions.Takes(types[0], SqlType.Jsonb)
                ? new([.. new[] { SqlType.Jsonb, Path, SqlType.Jsonb, SqlType.Boolean }.Take(types.Count)], SqlType.Jsonb,
                    new DelegateKernel(Insert)) : null),
        new PostgresFunction("JSONB_SET_LAX", Category, "jsonb_set that says what becomes of a value that is NULL.",
            ["jsonb_set_lax(jsonb, path, jsonb [, create BOOLEAN [, null VARCHAR]]) -> jsonb"],
            static types => types.Count is >= 3 and <= 5 && PostgresJsonFunctions.Takes(types[0], SqlType.Jsonb)
                ? new([.. new[] { SqlType.Jsonb, Path, SqlType.Jsonb, SqlType.Boolean, SqlType.Varchar }.Take(types.Count)], SqlType.Jsonb,
                    new NullableDelegateKernel(SetLax)) : null),
        Object("JSON_OBJECT", SqlType.Json),
        Object("JSONB_OBJECT", SqlType.Jsonb),
    ];

    private static PostgresFunction Object(string name, SqlType result) => new(
        name, Category, "An object of keys and values, by turns in one list or in two.",
        [$"{name.ToLowerInvariant()}(ARRAY<VARCHAR> [, ARRAY<VARCHAR>]) -> {result}"],
        types => types.Count is 1 or 2 && types.All(static type => TypeCoercion.CanImplicitlyCast(type, Path, RuleSet.Postgres))
            ? new([.. types.Select(static _ => Path)], result, new DelegateKernel((in RowCall call) => Make(call, result))) : null);

    private static void Make(in RowCall call, SqlType result)
    {
        var (keys, values) = (Texts(call, 0), call.Count > 1 ? Texts(call, 1) : null);
        if (values is null && keys.Count % 2 != 0)
        {
            call.Fail(PostgresErrorCodes.ArraySubscriptError, "array must have even number of elements");
            return;
        }

        if (values is null)
            (keys, values) = ([.. keys.Where(static (_, i) => i % 2 == 0)], [.. keys.Where(static (_, i) => i % 2 == 1)]);
        if (keys.Count != values.Count || keys.Contains(null))
        {
            call.Fail(keys.Count != values.Count ? PostgresErrorCodes.ArraySubscriptError : PostgresErrorCodes.NullValueNotAllowed,
                keys.Count != values.Count ? "mismatched array dimensions" : "null value not allowed for object key");
            return;
        }

        var text = new System.Buffers.ArrayBufferWriter<byte>();
        for (var i = 0; i < keys.Count; i++)
        {
            System.Buffers.BuffersExtensions.Write(text, i == 0 ? "{"u8 : ", "u8);
            JsonValue.WriteString(keys[i]!, text);
            System.Buffers.BuffersExtensions.Write(text, " : "u8);
            if (values[i] is { } value)
                JsonValue.WriteString(value, text);
            else
                System.Buffers.BuffersExtensions.Write(text, "null"u8);
        }

        System.Buffers.BuffersExtensions.Write(text, keys.Count == 0 ? "{}"u8 : "}"u8);
        if (result.Kind == SqlTypeKind.Json)
        {
            call.Return(text.WrittenSpan);
            return;
        }

        using var document = JsonValue.TryParse(text.WrittenSpan)!;
        call.Return(JsonValue.ToJsonb(document.RootElement));
    }

    private static List<string?> Texts(in RowCall call, int index)
    {
        var array = (Columns.ArrayColumn)call.Argument(index);
        var row = array.Physical(call.Row);
        var texts = new List<string?>();
        for (var i = array.Starts[row]; i < array.Starts[row] + array.Lengths[row]; i++)
            texts.Add(array.Elements.IsNull(i) ? null : Encoding.UTF8.GetString(((Columns.BytesColumn)array.Elements)[i]));
        return texts;
    }

    // What holds the last step of a path; null where the path leads nowhere.
    private static JsonNode? Owner(JsonNode root, List<string> path)
    {
        JsonNode? at = root;
        for (var i = 0; i < path.Count - 1 && at is not null; i++)
            at = at is JsonObject members ? members[path[i]] : at is JsonArray array
                && JsonOperators.Place(array, path[i]) is { } place ? array[place] : null;
        return path.Count == 0 ? null : at;
    }

    private static void RemoveAt(in RowCall call)
    {
        var (node, path) = (JsonNode.Parse(call.Text(0)), JsonOperators.Texts(call, 1));
        if (node is not (JsonObject or JsonArray))
        {
            call.Fail(PostgresErrorCodes.InvalidParameterValue, "cannot delete path in scalar");
            return;
        }

        switch (Owner(node, path))
        {
            case JsonObject members:
                members.Remove(path[^1]);
                break;
            case JsonArray when !JsonOperators.EndsInPlace(call, path):
                return;
            case JsonArray array when JsonOperators.Place(array, path[^1]) is { } place:
                array.RemoveAt(place);
                break;
        }

        JsonOperators.Return(call, node);
    }

    private static void Insert(in RowCall call)
    {
        var (node, path, value) = (JsonNode.Parse(call.Text(0)), JsonOperators.Texts(call, 1), JsonNode.Parse(call.Text(2)));
        if (node is not (JsonObject or JsonArray))
        {
            call.Fail(PostgresErrorCodes.InvalidParameterValue, "cannot set path in scalar");
            return;
        }

        switch (Owner(node, path))
        {
            case JsonObject members when members.ContainsKey(path[^1]):
                call.Fail(PostgresErrorCodes.InvalidParameterValue, "cannot replace existing key");
                return;
            case JsonObject members:
                members[path[^1]] = value;
                break;
            case JsonArray when !JsonOperators.EndsInPlace(call, path):
                return;
            case JsonArray array:
                var index = int.Parse(path[^1], System.Globalization.CultureInfo.InvariantCulture);
                var place = index < 0 ? array.Count + index : index;
                array.Insert(Math.Clamp(place + (call.Count > 3 && call.Flag(3) && place >= 0 ? 1 : 0), 0, array.Count), value);
                break;
        }

        JsonOperators.Return(call, node);
    }

    private static void SetLax(in RowCall call)
    {
        for (var i = 0; i < call.Count; i++)
        {
            if (i == 2 || !call.IsNull(i))
                continue;
            call.ReturnNull();
            return;
        }

        if (!call.IsNull(2))
        {
            PostgresJsonFunctions.Set(call);
            return;
        }

        switch (call.Count > 4 ? Encoding.UTF8.GetString(call.Text(4)) : "use_json_null")
        {
            case "use_json_null":
                PostgresJsonFunctions.Set(call, value: null);
                break;
            case "delete_key":
                RemoveAt(call);
                break;
            case "return_target":
                call.ReturnArgument(0);
                break;
            case "raise_exception":
                call.Fail(PostgresErrorCodes.NullValueNotAllowed, "JSON value must not be null");
                break;
            default:
                call.Fail(PostgresErrorCodes.InvalidParameterValue,
                    "null_value_treatment must be \"delete_key\", \"return_target\", \"use_json_null\", or \"raise_exception\"");
                break;
        }
    }
}
