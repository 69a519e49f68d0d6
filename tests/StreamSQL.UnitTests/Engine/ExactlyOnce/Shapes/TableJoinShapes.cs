using System.Globalization;

namespace StreamSQL.UnitTests.Engine.ExactlyOnce.Shapes;

/// <summary>
/// Two tables joined by their primary keys. Each side is a part of the row; a row that is not there tells less, by the kind of join.
/// </summary>
internal sealed class TableJoinShape(string name, string kind) : TableShape(name)
{
    public static IEnumerable<TableJoinShape> All => [new("tables_inner", "INNER"), new("tables_left", "LEFT"), new("tables_full", "FULL")];

    public override string Statements => $"""
        CREATE TABLE {Name} WITH (KAFKA_TOPIC = '{Name}') AS SELECT {(kind == "FULL" ? "ROWKEY AS id" : "p.id AS id")}, p.seq AS lseq, p.v AS lv, q.seq AS rseq, q.v AS rv
            FROM people p {kind} JOIN places q ON p.id = q.id EMIT CHANGES
        """;

    public override string Query => $"SELECT id, lseq, lv, rseq, rv FROM {Name}";

    protected override IReadOnlyList<string> Columns => ["LSEQ", "LV", "RSEQ", "RV"];

    protected override IReadOnlyList<IReadOnlyList<ResultEvent>> Events(RunResult run) =>
        [Versions(run, InputTopic.People), Versions(run, InputTopic.Places)];

    protected override IEnumerable<(int Part, string? Value)> Split(string? row)
    {
        if (row?.Split('|') is { } fields)
            return [(0, Side(fields[0], fields[1])), (1, Side(fields[2], fields[3]))];
        return kind switch
        {
            "FULL" => [(0, null), (1, null)],
            "LEFT" => [(0, null)],
            _ => [],
        };
    }

    protected override string? Join(IReadOnlyList<string?> parts)
    {
        var isThere = kind switch
        {
            "FULL" => parts[0] is not null || parts[1] is not null,
            "LEFT" => parts[0] is not null,
            _ => parts[0] is not null && parts[1] is not null,
        };
        return isThere ? $"{parts[0] ?? "|"}|{parts[1] ?? "|"}" : null;
    }

    private static string? Side(string number, string value) => number.Length == 0 ? null : $"{number}|{value}";

    private static List<ResultEvent> Versions(RunResult run, InputTopic topic) =>
    [
        .. run.History.Of(topic).SelectMany(static rows => rows).Select(static row => new ResultEvent(
            [(row.Key, row.IsTombstone ? null : string.Create(CultureInfo.InvariantCulture, $"{row.Number}|{row.Value}"))])),
    ];
}
