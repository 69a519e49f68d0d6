using System.Text;
using System.Text.Json;
using Npgsql;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Functions.Json;
using StreamSQL.Data.Functions.Kernels;
using StreamSQL.Data.Types;

namespace StreamSQL.Data.Functions.Tables;

/// <summary>The functions that give the elements and members of JSON as rows.</summary>
internal static class JsonTableFunctions
{
    public static IEnumerable<TableFunction> All() => [.. Of("JSON", SqlType.Json), .. Of("JSONB", SqlType.Jsonb)];

    private static IEnumerable<TableFunction> Of(string prefix, SqlType type) =>
    [
        Define(prefix + "_ARRAY_ELEMENTS", "The elements of an array.", type, type,
            static (in RowCall call) => Elements(call, asText: false)),
        Define(prefix + "_ARRAY_ELEMENTS_TEXT", "The elements of an array as text.", type, SqlType.Varchar,
            static (in RowCall call) => Elements(call, asText: true)),
        Define(prefix + "_EACH", "The members of an object.", type, Member(type), static (in RowCall call) => Members(call, asText: false)),
        Define(prefix + "_EACH_TEXT", "The members of an object, their values as text.", type, Member(SqlType.Varchar),
            static (in RowCall call) => Members(call, asText: true)),
        Define(prefix + "_OBJECT_KEYS", "The keys of an object.", type, SqlType.Varchar, Keys),
    ];

    private static SqlType Member(SqlType value) =>
        SqlType.RowOf([new StructField("key", SqlType.Varchar), new StructField("value", value)]);

    private static TableFunction Define(string name, string description, SqlType json, SqlType row, RowBody body) =>
        PostgresTableFunctions.FromList(new PostgresFunction(
            name, "JSON", description, [$"{name.ToLowerInvariant()}({json}) -> {row}"],
            types => types.Count == 1 && PostgresJsonFunctions.Takes(types[0], json) ? new([json], SqlType.ArrayOf(row),
                new DelegateKernel(body)) : null), column: name.Contains("_ARRAY_", StringComparison.Ordinal) ? "value" : null);

    private static void Elements(in RowCall call, bool asText)
    {
        using var document = JsonOperators.Document(call, 0);
        if (document.RootElement.ValueKind != JsonValueKind.Array)
        {
            call.Fail(PostgresErrorCodes.InvalidParameterValue,
                document.RootElement.ValueKind == JsonValueKind.Object ? "cannot extract elements from an object"
                    : "cannot extract elements from a scalar");
            return;
        }

        var result = (ArrayColumn)call.Result;
        var at = result.Allocate(call.Row, document.RootElement.GetArrayLength());
        foreach (var element in document.RootElement.EnumerateArray())
            Set(result.Elements, at++, element, asText);
    }

    private static void Members(in RowCall call, bool asText)
    {
        using var document = JsonOperators.Document(call, 0);
        if (!RequireObject(call, document.RootElement))
            return;
        var result = (ArrayColumn)call.Result;
        var at = result.Allocate(call.Row, document.RootElement.GetPropertyCount());
        var fields = ((StructColumn)result.Elements).Fields;
        foreach (var member in document.RootElement.EnumerateObject())
        {
            ((BytesColumn)fields[0]).Set(at, Encoding.UTF8.GetBytes(member.Name));
            Set(fields[1], at++, member.Value, asText);
        }
    }

    private static void Keys(in RowCall call)
    {
        using var document = JsonOperators.Document(call, 0);
        if (!RequireObject(call, document.RootElement))
            return;
        var result = (ArrayColumn)call.Result;
        var at = result.Allocate(call.Row, document.RootElement.GetPropertyCount());
        foreach (var member in document.RootElement.EnumerateObject())
            ((BytesColumn)result.Elements).Set(at++, Encoding.UTF8.GetBytes(member.Name));
    }

    private static bool RequireObject(in RowCall call, JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.Object)
            return true;
        call.Fail(PostgresErrorCodes.InvalidParameterValue,
            value.ValueKind == JsonValueKind.Array ? "cannot take the members of an array" : "cannot take the members of a scalar");
        return false;
    }

    private static void Set(Column column, int row, JsonElement value, bool asText)
    {
        if (asText && value.ValueKind == JsonValueKind.Null)
            column.SetNull(row);
        else
            ((BytesColumn)column).Set(row,
                Encoding.UTF8.GetBytes(asText && value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText()));
    }
}
