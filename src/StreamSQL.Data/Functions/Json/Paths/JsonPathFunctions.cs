using System.Buffers;
using System.Text;
using System.Text.Json;
using Npgsql;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Functions.Kernels;
using StreamSQL.Data.Types;

namespace StreamSQL.Data.Functions.Json.Paths;

/// <summary>PostgreSQL's functions and operators of SQL/JSON paths: jsonb_path_..., <c>@?</c> and <c>@@</c>.</summary>
internal static class JsonPathFunctions
{
    private const string Category = "JSON";

    public static IEnumerable<ScalarFunction> All()
    {
        foreach (var zone in new[] { "", "_TZ" })
        {
            yield return Of("JSONB_PATH_EXISTS" + zone, "Whether a path gives a value.", SqlType.Boolean,
                static (call, values) => call.Return(values.Count > 0));
            yield return Of("JSONB_PATH_MATCH" + zone, "Whether a path's condition holds.", SqlType.Boolean, Match);
            yield return Of("JSONB_PATH_QUERY_ARRAY" + zone, "The values of a path as an array.", SqlType.Jsonb, ReturnArray);
            yield return Of("JSONB_PATH_QUERY_FIRST" + zone, "The first value of a path.", SqlType.Jsonb, static (call, values) =>
            {
                if (values.Count > 0)
                    call.Return(JsonValue.ToJsonb(values[0]));
                else
                    call.ReturnNull();
            });
        }

        yield return Operator("@?", "Whether a path gives a value; NULL where that fails.",
            static (call, values) => call.Return(values.Count > 0));
        yield return Operator("@@", "Whether a path's condition holds; NULL where that cannot be told.", static (call, values) =>
        {
            if (values is [{ ValueKind: JsonValueKind.True or JsonValueKind.False } only])
                call.Return(only.GetBoolean());
            else
                call.ReturnNull();
        });
    }

    /// <summary>jsonb_path_query as a list.</summary>
    public static ScalarFunction Query { get; } = Of("JSONB_PATH_QUERY", "A row for each value of a path.", SqlType.ArrayOf(SqlType.Jsonb),
        static (call, values) =>
        {
            var rows = (ArrayColumn)call.Result;
            var at = rows.Allocate(call.Row, values.Count);
            foreach (var value in values)
                ((BytesColumn)rows.Elements).Set(at++, JsonValue.ToJsonb(value));
        });

    private delegate void Body(RowCall call, List<JsonElement> values);

    private static PostgresFunction Of(string name, string description, SqlType result, Body body) => new(
        name, Category, description, [$"{name.ToLowerInvariant()}(jsonb, path VARCHAR [, variables jsonb [, silent BOOLEAN]]) -> {result}"],
        types => types.Count is >= 2 and <= 4 && PostgresJsonFunctions.Takes(types[0], SqlType.Jsonb)
            && TypeCoercion.CanImplicitlyCast(types[1], SqlType.Varchar, RuleSet.Postgres)
            ? new([.. new[] { SqlType.Jsonb, SqlType.Varchar, SqlType.Jsonb, SqlType.Boolean }.Take(types.Count)], result,
                new DelegateKernel(Evaluated(body, isSilent: false)))
            : null);

    private static PostgresFunction Operator(string symbol, string description, Body body) => new(
        symbol, Category, description, [$"jsonb {symbol} VARCHAR -> BOOLEAN"],
        types => types is [{ Kind: SqlTypeKind.Jsonb }, var path] && TypeCoercion.CanImplicitlyCast(path, SqlType.Varchar, RuleSet.Postgres)
            ? new([SqlType.Jsonb, SqlType.Varchar], SqlType.Boolean, new DelegateKernel(Evaluated(body, isSilent: true)))
            : null);

    private static RowBody Evaluated(Body body, bool isSilent)
    {
        var paths = new CompiledCache<JsonPathQuery>();
        return (in RowCall call) =>
        {
            if (paths.Get(call.Text(1), static text => PathParser.TryParse(Encoding.UTF8.GetString(text), out _)) is not { } path)
            {
                PathParser.TryParse(Encoding.UTF8.GetString(call.Text(1)), out var error);
                if (call.Text(1).IsEmpty)
                    call.Fail(PostgresErrorCodes.InvalidTextRepresentation, "invalid input syntax for type jsonpath: \"\"");
                else
                    call.Fail(PostgresErrorCodes.SyntaxError, error);
                return;
            }

            try
            {
                using var document = JsonOperators.Document(call, 0);
                using var variables = call.Count > 2 ? JsonOperators.Document(call, 2) : null;
                body(call, new PathEvaluator(path, document.RootElement, variables?.RootElement).Evaluate());
            }
            catch (PathException e)
            {
                if (isSilent || (call.Count > 3 && call.Flag(3)))
                    call.ReturnNull();
                else
                    call.Fail(e.SqlState, e.Message);
            }
        };
    }

    private static void Match(RowCall call, List<JsonElement> values)
    {
        if (values is [{ ValueKind: JsonValueKind.True or JsonValueKind.False } only])
            call.Return(only.GetBoolean());
        else if (values is [{ ValueKind: JsonValueKind.Null }])
            call.ReturnNull();
        else
            call.Fail("22038", "single boolean result is expected");
    }

    private static void ReturnArray(RowCall call, List<JsonElement> values)
    {
        var writer = new ArrayBufferWriter<byte>();
        writer.Write("["u8);
        for (var i = 0; i < values.Count; i++)
        {
            if (i > 0)
                writer.Write(", "u8);
            JsonValue.WriteJsonb(values[i], writer);
        }

        writer.Write("]"u8);
        call.Return(writer.WrittenSpan);
    }
}
