using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Npgsql;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Formats.Rows;
using StreamSQL.Data.Functions.Kernels;
using StreamSQL.Data.Types;

namespace StreamSQL.Data.Functions.Json;

/// <summary>PostgreSQL's functions of json and jsonb: making, changing, describing.</summary>
public static class PostgresJsonFunctions
{
    /// <summary>The function that gives the elements of a JSON array as texts, for columns of json_to_record that are arrays.</summary>
    public const string ElementsName = "JSON(ELEMENTS)";

    internal static IEnumerable<ScalarFunction> All()
    {
        yield return new PostgresFunction(ElementsName, "JSON", "The elements of a JSON array as texts.", ["json -> ARRAY<VARCHAR>"],
            static types => types is [{ Kind: SqlTypeKind.Json or SqlTypeKind.Jsonb } json]
                ? new([json], SqlType.ArrayOf(SqlType.Varchar), new DelegateKernel(Elements)) : null);
        foreach (var (prefix, type) in new[] { ("JSON", SqlType.Json), ("JSONB", SqlType.Jsonb) })
        {
            foreach (var function in Of(prefix, type))
                yield return function;
        }

        yield return Lined("ROW_TO_JSON");
        yield return Lined("ARRAY_TO_JSON");
        yield return new PostgresFunction("JSONB_SET", "JSON", "A value with another one at a path.",
            ["jsonb_set(jsonb, path, jsonb [, create BOOLEAN]) -> jsonb"], static types => types.Count is 3 or 4
            ? new([SqlType.Jsonb, SqlType.ArrayOf(SqlType.Varchar), SqlType.Jsonb,
                .. types.Count == 4 ? [SqlType.Boolean] : Array.Empty<SqlType>()], SqlType.Jsonb, new DelegateKernel(Set))
            : null);
        yield return new PostgresFunction("JSONB_PRETTY", "JSON", "A value over several lines.", ["jsonb_pretty(jsonb) -> VARCHAR"],
            static types => types.Count == 1
            ? new([SqlType.Jsonb], SqlType.Varchar, new DelegateKernel(Pretty))
            : null);
    }

    private static IEnumerable<PostgresFunction> Of(string prefix, SqlType type)
    {
        var name = prefix.ToLowerInvariant();
        PostgresFunction One(string suffix, string description, SqlType result, RowBody body) =>
            new(prefix + suffix, "JSON", description, [$"{name}{suffix.ToLowerInvariant()}({name}) -> {result}"],
                types => types.Count == 1 && Takes(types[0], type) ? new([type], result, new DelegateKernel(body)) : null);

        yield return Value("TO_" + prefix, type);
        yield return Build(prefix + "_BUILD_ARRAY", type, isObject: false);
        yield return Build(prefix + "_BUILD_OBJECT", type, isObject: true);
        yield return One("_TYPEOF", "What a value is: object, array, string, number, boolean or null.", SqlType.Varchar, TypeOf);
        yield return One("_ARRAY_LENGTH", "How many elements an array has.", SqlType.Integer, ArrayLength);
        yield return One("_STRIP_NULLS", "A value without members that are null.", type,
            (in RowCall call) => StripNulls(call, type.Kind == SqlTypeKind.Jsonb));
        yield return Extract(prefix + "_EXTRACT_PATH", type, asText: false);
        yield return Extract(prefix + "_EXTRACT_PATH_TEXT", type, asText: true);
    }

    /// <summary>Whether a JSON parameter takes an argument: JSON of its kind, or an untyped constant.</summary>
    internal static bool Takes(SqlType argument, SqlType json) => argument.Equals(json) || argument.Kind == SqlTypeKind.Unknown;

    private static SqlType Known(SqlType type) => type.Kind == SqlTypeKind.Unknown ? SqlType.Varchar : type;

    private static PostgresFunction Value(string name, SqlType result) =>
        new(name, "JSON", "Any value as JSON.", [$"{name.ToLowerInvariant()}(value) -> {result}"],
            types => types.Count == 1 ? new([Known(types[0])], result,
                new DelegateKernel((in RowCall call) => call.Return(Text(call, 0, result)))) : null);

    private static PostgresFunction Lined(string name) =>
        new(name, "JSON", "A value as JSON; where the flag is true, each of its parts on a line of its own.",
            [$"{name.ToLowerInvariant()}(value [, BOOLEAN]) -> json"],
            types => types.Count is 1 or 2 && types[0].IsNested
                ? new([.. new[] { types[0], SqlType.Boolean }.Take(types.Count)], SqlType.Json,
                    new DelegateKernel(static (in RowCall call) => call.Return(Lines(call))))
                : null);

    private static byte[] Lines(in RowCall call) => Text(call, 0, call.Count > 1 && call.Flag(1) ? JsonLayout.Lines : JsonLayout.Compact);

    private static PostgresFunction Build(string name, SqlType result, bool isObject) =>
        new(name, "JSON", isObject ? "An object of keys and values." : "An array of the values.",
            [$"{name.ToLowerInvariant()}(value, ...) -> {result}"],
            types => isObject && types.Count % 2 != 0
                ? new([.. types.Select(Known)], result,
                    new NullableDelegateKernel(static (in RowCall call) =>
                        call.Fail(PostgresErrorCodes.InvalidParameterValue, "argument list must have even number of elements")))
                : new([.. types.Select((type, i) => isObject && i % 2 == 0 && CanBeKey(type) ? SqlType.Varchar : Known(type))], result,
                    new NullableDelegateKernel((in RowCall call) => Make(call, result, isObject))));

    private static PostgresFunction Extract(string name, SqlType json, bool asText) =>
        new(name, "JSON", "The value at a path.", [$"{name.ToLowerInvariant()}(json, VARCHAR, ...)"],
            types => types.Count > 1 && Takes(types[0], json)
                ? new([json, .. types.Skip(1).Select(static _ => SqlType.Varchar)], asText ? SqlType.Varchar : json,
                    new DelegateKernel((in RowCall call) =>
                    {
                        using var document = JsonOperators.Document(call, 0);
                        var path = new List<string>();
                        for (var i = 1; i < call.Count; i++)
                            path.Add(Encoding.UTF8.GetString(call.Text(i)));
                        JsonOperators.Return(call, JsonOperators.Find(document.RootElement, path), asText);
                    }))
                : null);

    /// <summary>An argument as JSON: json without spaces, jsonb with its own.</summary>
    private static byte[] Text(in RowCall call, int index, SqlType result) => result.Kind == SqlTypeKind.Jsonb
        ? Normal(Text(call, index, JsonLayout.Compact))
        : Text(call, index, JsonLayout.Compact);

    private static byte[] Text(in RowCall call, int index, JsonLayout layout)
    {
        var writer = new ArrayBufferWriter<byte>();
        JsonbText.Format(call.Argument(index), call.Row, writer, StatementClock.FormsOf(call.Time), layout);
        return writer.WrittenSpan.ToArray();
    }

    private static byte[] Normal(ReadOnlySpan<byte> text)
    {
        using var document = JsonValue.TryParse(text) ?? throw new InvalidOperationException("what was written as JSON is no JSON");
        return JsonValue.ToJsonb(document.RootElement);
    }

    private static void WriteCompact(JsonElement value, ArrayBufferWriter<byte> writer)
    {
        var separator = ""u8;
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                writer.Write("{"u8);
                foreach (var member in value.EnumerateObject())
                {
                    writer.Write(separator);
                    JsonValue.WriteString(member.Name, writer);
                    writer.Write(":"u8);
                    WriteCompact(member.Value, writer);
                    separator = ","u8;
                }

                writer.Write("}"u8);
                break;
            case JsonValueKind.Array:
                writer.Write("["u8);
                foreach (var element in value.EnumerateArray())
                {
                    writer.Write(separator);
                    WriteCompact(element, writer);
                    separator = ","u8;
                }

                writer.Write("]"u8);
                break;
            default:
                writer.Write(Encoding.UTF8.GetBytes(value.GetRawText()));
                break;
        }
    }

    private static bool CanBeKey(SqlType type) => !type.IsNested && type.Kind is not (SqlTypeKind.Json or SqlTypeKind.Jsonb);

    private static void Make(in RowCall call, SqlType result, bool isObject)
    {
        var writer = new ArrayBufferWriter<byte>();
        writer.Write(isObject ? "{"u8 : "["u8);
        for (var i = 0; i < call.Count; i++)
        {
            if (isObject && i % 2 == 0 && call.IsNull(i))
            {
                call.Fail(PostgresErrorCodes.InvalidParameterValue, $"argument {i + 1} cannot be null");
                return;
            }

            if (isObject && i % 2 == 0 && !CanBeKey(call.Argument(i).Type))
            {
                call.Fail(PostgresErrorCodes.InvalidParameterValue, "key value must be scalar, not array, composite, or json");
                return;
            }

            if (i > 0)
                writer.Write(isObject && i % 2 == 1 ? " : "u8 : ", "u8);
            writer.Write(Text(call, i, result));
        }

        writer.Write(isObject ? "}"u8 : "]"u8);
        call.Return(result.Kind == SqlTypeKind.Jsonb ? Normal(writer.WrittenSpan) : writer.WrittenSpan);
    }

    private static void Elements(in RowCall call)
    {
        using var document = JsonOperators.Document(call, 0);
        if (document.RootElement.ValueKind == JsonValueKind.Null)
        {
            call.ReturnNull();
            return;
        }

        if (document.RootElement.ValueKind != JsonValueKind.Array)
        {
            call.Fail(PostgresErrorCodes.InvalidTextRepresentation, "expected JSON array");
            return;
        }

        var result = (ArrayColumn)call.Result;
        var at = result.Allocate(call.Row, document.RootElement.GetArrayLength());
        foreach (var element in document.RootElement.EnumerateArray())
        {
            if (element.ValueKind == JsonValueKind.Null)
                result.Elements.SetNull(at++);
            else
                ((BytesColumn)result.Elements).Set(at++,
                    Encoding.UTF8.GetBytes(element.ValueKind == JsonValueKind.String ? element.GetString()! : element.GetRawText()));
        }
    }

    private static void TypeOf(in RowCall call)
    {
        using var document = JsonOperators.Document(call, 0);
        call.Return(document.RootElement.ValueKind switch
        {
            JsonValueKind.Object => "object"u8,
            JsonValueKind.Array => "array"u8,
            JsonValueKind.String => "string"u8,
            JsonValueKind.Number => "number"u8,
            JsonValueKind.Null => "null"u8,
            _ => "boolean"u8,
        });
    }

    private static void ArrayLength(in RowCall call)
    {
        using var document = JsonOperators.Document(call, 0);
        if (document.RootElement.ValueKind == JsonValueKind.Array)
            call.Return(document.RootElement.GetArrayLength());
        else
            call.Fail(PostgresErrorCodes.InvalidParameterValue,
                document.RootElement.ValueKind == JsonValueKind.Object ? "cannot get array length of a non-array"
                    : "cannot get array length of a scalar");
    }

    private static void StripNulls(in RowCall call, bool binary)
    {
        var node = JsonNode.Parse(call.Text(0));
        Strip(node);
        using var document = JsonDocument.Parse(node?.ToJsonString() ?? "null");
        var writer = new ArrayBufferWriter<byte>();
        if (binary)
            JsonValue.WriteJsonb(document.RootElement, writer);
        else
            WriteCompact(document.RootElement, writer);
        call.Return(writer.WrittenSpan);
    }

    private static void Strip(JsonNode? node)
    {
        if (node is JsonArray array)
        {
            foreach (var element in array)
                Strip(element);
        }
        else if (node is JsonObject members)
        {
            foreach (var key in members.Where(static member => member.Value is null).Select(static member => member.Key).ToList())
                members.Remove(key);
            foreach (var (_, value) in members)
                Strip(value);
        }
    }

    /// <summary>jsonb_set: the value, the path, the new value and, perhaps, whether it may be created.</summary>
    internal static void Set(in RowCall call) => Set(call, JsonNode.Parse(call.Text(2)));

    /// <summary>The same with another new value.</summary>
    internal static void Set(in RowCall call, JsonNode? value)
    {
        var (node, path) = (JsonNode.Parse(call.Text(0)), JsonOperators.Texts(call, 1));
        var creates = call.Count < 4 || call.Flag(3);
        if (node is not (JsonObject or JsonArray))
        {
            call.Fail(PostgresErrorCodes.InvalidParameterValue, "cannot set path in scalar");
            return;
        }

        var at = node;
        for (var i = 0; i < path.Count - 1 && at is not null; i++)
            at = at is JsonObject members ? members[path[i]] : at is JsonArray array
                && JsonOperators.Place(array, path[i]) is { } place ? array[place] : null;
        if (path.Count > 0 && at is JsonObject owner && (creates || owner.ContainsKey(path[^1])))
            owner[path[^1]] = value;
        else if (path.Count > 0 && at is JsonArray list)
        {
            if (!JsonOperators.EndsInPlace(call, path))
                return;
            SetElement(list, path[^1], value, creates);
        }

        JsonOperators.Return(call, node);
    }

    private static void SetElement(JsonArray list, string step, JsonNode? value, bool creates)
    {
        if (JsonOperators.Place(list, step) is { } place)
            list[place] = value;
        else if (creates && int.TryParse(step, out var index))
            list.Insert(index < 0 ? 0 : list.Count, value);
    }

    private static void Pretty(in RowCall call)
    {
        using var document = JsonOperators.Document(call, 0);
        var writer = new ArrayBufferWriter<byte>();
        WritePretty(document.RootElement, writer, 0);
        call.Return(writer.WrittenSpan);
    }

    private static void WritePretty(JsonElement value, ArrayBufferWriter<byte> writer, int depth)
    {
        var isObject = value.ValueKind == JsonValueKind.Object;
        if (!isObject && value.ValueKind != JsonValueKind.Array)
        {
            JsonValue.WriteJsonb(value, writer);
            return;
        }

        var isFirst = true;
        writer.Write(isObject ? "{"u8 : "["u8);
        foreach (var (name, item) in isObject ? JsonValue.Members(value)
            .Select(static m => ((string?)m.Name, m.Value)) : value.EnumerateArray().Select(static e => ((string?)null, e)))
        {
            NewLine(writer, depth + 1, isFirst ? ""u8 : ","u8);
            isFirst = false;
            if (name is not null)
            {
                JsonValue.WriteString(name, writer);
                writer.Write(": "u8);
            }

            WritePretty(item, writer, depth + 1);
        }

        NewLine(writer, depth, ""u8);
        writer.Write(isObject ? "}"u8 : "]"u8);
    }

    private static void NewLine(ArrayBufferWriter<byte> writer, int depth, ReadOnlySpan<byte> before)
    {
        writer.Write(before);
        writer.Write("\n"u8);
        writer.GetSpan(4 * depth)[..(4 * depth)].Fill((byte)' ');
        writer.Advance(4 * depth);
    }
}
