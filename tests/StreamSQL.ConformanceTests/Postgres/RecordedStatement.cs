using System.Text.Json;
using System.Text.Json.Serialization;

namespace StreamSQL.ConformanceTests.Postgres;

/// <summary>A statement that a client sent to PostgreSQL 15, and what came back.</summary>
internal sealed record RecordedStatement(
    [property: JsonPropertyName("n")] int Number,
    [property: JsonPropertyName("label")] string Label,
    [property: JsonPropertyName("tier")] int Tier,
    [property: JsonPropertyName("proto")] string Protocol,
    [property: JsonPropertyName("sql")] string Sql,
    [property: JsonPropertyName("params")] IReadOnlyList<RecordedParameter> Parameters,
    [property: JsonPropertyName("columns")] IReadOnlyList<IReadOnlyList<RecordedColumn>> Results,
    [property: JsonPropertyName("rows_on_pg15")] int? Rows,
    [property: JsonPropertyName("error_on_pg15")] JsonElement? Error)
{
    /// <summary>Whether PostgreSQL refused it: then an error is the right answer.</summary>
    public bool IsRefused => Error is { ValueKind: not (JsonValueKind.Null or JsonValueKind.False or JsonValueKind.Undefined) };

    /// <summary>Whether it begins a transaction block, which then has to be ended.</summary>
    public bool BeginsBlock => Sql.TrimStart().StartsWith("BEGIN", StringComparison.OrdinalIgnoreCase);

    /// <summary>Reads a file with one statement a line.</summary>
    public static IReadOnlyList<RecordedStatement> ReadFile(string path) =>
        [.. File.ReadLines(path).Where(static line => line.Length > 0)
            .Select(static line => JsonSerializer.Deserialize<RecordedStatement>(line)!)];
}

/// <summary>A parameter: its declared type (0 for none) and its value as text.</summary>
internal sealed record RecordedParameter([property: JsonPropertyName("oid")] uint Oid, [property: JsonPropertyName("value")] string? Value);

/// <summary>A column of a result.</summary>
internal sealed record RecordedColumn([property: JsonPropertyName("name")] string Name, [property: JsonPropertyName("oid")] uint Oid);
