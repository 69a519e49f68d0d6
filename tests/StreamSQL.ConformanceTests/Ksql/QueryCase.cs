using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace StreamSQL.ConformanceTests.Ksql;

/// <summary>
/// One line of <c>qtt.jsonl</c>, <c>rqtt.jsonl</c> or <c>sql.jsonl</c>: statements, input records, and
/// the output records, rows or error that ksqlDB gave.
/// </summary>
internal sealed partial record QueryCase
{
    public required string Id { get; init; }

    public required string Name { get; init; }

    public required bool IsEnabled { get; init; }

    /// <summary>Whether the last statement must fail.</summary>
    public required bool ExpectsError { get; init; }

    /// <summary>The text that ksqlDB's error had in it; null when there is none.</summary>
    public required string? ExpectedMessage { get; init; }

    /// <summary>Formats of keys and values together.</summary>
    public required IReadOnlyList<string> Formats { get; init; }

    /// <summary>Functions that exist only in ksqlDB's test code.</summary>
    public required IReadOnlyList<string> ForeignFunctions { get; init; }

    public required IReadOnlyDictionary<string, string> Properties { get; init; }

    public required IReadOnlyList<DeclaredTopic> Topics { get; init; }

    public required IReadOnlyList<string> Statements { get; init; }

    public required IReadOnlyList<CaseRecord> Inputs { get; init; }

    public required IReadOnlyList<CaseRecord> Outputs { get; init; }

    public required IReadOnlyList<ExpectedSource> Sources { get; init; }

    /// <summary>The rows of each query among the statements, in order.</summary>
    public required IReadOnlyList<ExpectedRows> Responses { get; init; }

    /// <summary>Whether the inputs come only when the last query is running.</summary>
    public required bool FeedsRunningQuery { get; init; }

    /// <summary>
    /// How many schemas ksqlDB's tests register before those of the declared topics: the ids of the latter begin after them. They are those
    /// of the sources that a statement describes with columns, in topics that are not declared.
    /// </summary>
    public int SchemasBeforeTopics => Statements
        .Where(statement => SourceWithColumns().IsMatch(statement)
            && Topics.All(topic => !statement.Contains($"'{topic.Name}'", StringComparison.OrdinalIgnoreCase)))
        .Sum(static statement => SchemaFormat().Count(statement));

    /// <summary>Reads a file of cases, one a line.</summary>
    public static IEnumerable<QueryCase> ReadFile(string path)
    {
        foreach (var line in File.ReadLines(path, Encoding.UTF8))
        {
            using var document = JsonDocument.Parse(line);
            yield return Read(document.RootElement);
        }
    }

    [GeneratedRegex(@"^\s*CREATE\s+(STREAM|TABLE)\s+\w+\s*\(", RegexOptions.IgnoreCase)]
    private static partial Regex SourceWithColumns();

    [GeneratedRegex(@"format\s*=\s*'(AVRO|PROTOBUF|JSON_SR)'", RegexOptions.IgnoreCase)]
    private static partial Regex SchemaFormat();

    private static QueryCase Read(JsonElement line) => new()
    {
        Id = line.GetProperty("id").GetString()!,
        Name = line.GetProperty("name").GetString()!,
        IsEnabled = line.GetProperty("enabled").GetBoolean(),
        ExpectsError = line.GetProperty("kind").GetString() == "error",
        ExpectedMessage = (Optional(line, "expected_exception") ?? Optional(line, "expected_error")) is { } error
            && Optional(error, "message") is { } message
            ? message.GetString()
            : null,
        Formats = [.. line.GetProperty("formats").EnumerateObject().SelectMany(static side => Strings(side.Value)).Distinct()],
        ForeignFunctions = [.. Strings(line.GetProperty("other_functions"))],
        Properties = line.GetProperty("properties").EnumerateObject()
            .ToDictionary(static p => p.Name,
                static p => p.Value.ValueKind == JsonValueKind.String ? p.Value.GetString()! : p.Value.GetRawText()),
        Topics = [.. line.GetProperty("topics").EnumerateArray().Select(DeclaredTopic.Read)],
        Statements = [.. Strings(line.GetProperty("statements"))],
        Inputs = [.. Items(line, "inputs").Select(CaseRecord.Read)],
        Outputs = [.. Items(line, "outputs").Select(CaseRecord.Read)],
        Sources = Optional(line, "post") is { } post && Optional(post, "sources") is { } sources
            ? [.. sources.EnumerateArray().Select(ExpectedSource.Read)]
            : [],
        Responses = [.. Items(line, "responses").Where(static response => Optional(response, "query") is not null)
            .Select(ExpectedRows.Read)],
        FeedsRunningQuery = Optional(line, "input_conditions") is { } conditions
            && Optional(conditions, "waitForActivePushQuery")?.GetBoolean() is true,
    };

    internal static JsonElement? Optional(JsonElement owner, string name) =>
        owner.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    private static IEnumerable<JsonElement> Items(JsonElement owner, string name) =>
        Optional(owner, name) is { } array ? array.EnumerateArray() : [];

    private static IEnumerable<string> Strings(JsonElement array) => array.EnumerateArray().Select(static item => item.GetString()!);
}

/// <summary>A topic that is there before the statements run.</summary>
internal sealed record DeclaredTopic(string Name, string? KeyFormat, string? ValueFormat, CaseSchema? KeySchema, CaseSchema? ValueSchema)
{
    public static DeclaredTopic Read(JsonElement topic) => new(
        topic.GetProperty("name").GetString()!, QueryCase.Optional(topic, "keyFormat")?.ToString(),
        QueryCase.Optional(topic, "valueFormat")?.ToString(),
        CaseSchema.Read(topic, "key"), CaseSchema.Read(topic, "value"));
}

/// <summary>A stream or table that must be there after the statements ran.</summary>
internal sealed record ExpectedSource(string Name, string Type, string? Schema, string? KeyFormat, string? WindowType, string? ValueFormat)
{
    public static ExpectedSource Read(JsonElement source)
    {
        var keyFormat = QueryCase.Optional(source, "keyFormat");
        return new(
            source.GetProperty("name").GetString()!, source.GetProperty("type").GetString()!,
            QueryCase.Optional(source, "schema")?.GetString(),
            keyFormat is { } key ? QueryCase.Optional(key, "format")?.GetString() : null,
            keyFormat is { } window ? QueryCase.Optional(window, "windowType")?.GetString() : null,
            QueryCase.Optional(source, "valueFormat")?.GetString());
    }
}

/// <summary>One line of <c>plans.jsonl</c>: the streams and tables that ksqlDB planned for the statements of a query case.</summary>
/// <param name="Id">The case's.</param>
/// <param name="Name">The case's.</param>
/// <param name="Sources">What is there after its statements.</param>
internal sealed record PlannedSchemas(string Id, string Name, IReadOnlyList<ExpectedSource> Sources)
{
    /// <summary>Reads a file of plans, one a line.</summary>
    public static IEnumerable<PlannedSchemas> ReadFile(string path)
    {
        foreach (var line in File.ReadLines(path, Encoding.UTF8))
        {
            using var document = JsonDocument.Parse(line);
            var plan = document.RootElement;
            yield return new(
                plan.GetProperty("id").GetString()!, plan.GetProperty("name").GetString()!,
                [.. plan.GetProperty("sources").EnumerateArray().Select(ExpectedSource.Read)]);
        }
    }
}

/// <summary>The rows that a query must give.</summary>
/// <param name="Schema">Names and types of the columns.</param>
/// <param name="Rows">The rows, in any order, each a list of values.</param>
/// <param name="Ends">Whether the query must end by itself.</param>
internal sealed record ExpectedRows(string? Schema, IReadOnlyList<JsonElement> Rows, bool Ends)
{
    public static ExpectedRows Read(JsonElement response)
    {
        var parts = response.GetProperty("query").EnumerateArray().ToList();
        return new(
            parts.Select(static part => QueryCase.Optional(part, "header"))
                .FirstOrDefault(static header => header is not null)?.GetProperty("schema").GetString(),
            [.. parts.Where(static part => part.TryGetProperty("row", out _))
                .Select(static part => part.GetProperty("row").GetProperty("columns").Clone())],
            parts.Any(static part => part.TryGetProperty("finalMessage", out _)));
    }
}

/// <summary>A record as a case writes it. Numbers keep the text of the file, since their scale matters.</summary>
/// <param name="Topic">The topic.</param>
/// <param name="Key">Null is no key.</param>
/// <param name="Value">Null is a tombstone.</param>
/// <param name="Timestamp">Null for an output whose time is not looked at.</param>
/// <param name="Window">The window of the key, where it has one.</param>
/// <param name="Headers">The headers.</param>
internal sealed record CaseRecord(
    string Topic, JsonElement? Key, JsonElement? Value, long? Timestamp, CaseWindow? Window, IReadOnlyList<CaseHeader> Headers)
{
    public static CaseRecord Read(JsonElement record) => new(
        record.GetProperty("topic").GetString()!,
        QueryCase.Optional(record, "key")?.Clone(),
        QueryCase.Optional(record, "value")?.Clone(),
        QueryCase.Optional(record, "timestamp")?.GetInt64(),
        QueryCase.Optional(record, "window") is { } window ? CaseWindow.Read(window) : null,
        QueryCase.Optional(record, "headers") is { } headers ? [.. headers.EnumerateArray().Select(CaseHeader.Read)] : []);

    public override string ToString() =>
        $"{Topic} {Text(Key)} {(Window is null ? "" : $"{Window} ")}= {Text(Value)}{(Timestamp is null ? "" : $" @{Timestamp}")}" +
            $"{string.Concat(Headers.Select(static h => $" {h}"))}";

    private static string Text(JsonElement? element) => element?.GetRawText() ?? "null";
}

/// <summary>The window of a record's key, in milliseconds.</summary>
internal sealed record CaseWindow(long Start, long End, bool IsSession)
{
    public static CaseWindow Read(JsonElement window) => new(
        window.GetProperty("start").GetInt64(), window.GetProperty("end").GetInt64(), window.GetProperty("type").GetString() == "SESSION");

    public override string ToString() => $"[{Start}, {End}{(IsSession ? "]" : ")")}";
}

/// <summary>A header of a record; a null value is none.</summary>
internal sealed record CaseHeader(string Name, string? Base64)
{
    public static CaseHeader Read(JsonElement header) => new(
        header.GetProperty("key").GetString()!, QueryCase.Optional(header, "value_base64")?.GetString());
}
