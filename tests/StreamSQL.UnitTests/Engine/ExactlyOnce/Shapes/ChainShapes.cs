using System.Globalization;

namespace StreamSQL.UnitTests.Engine.ExactlyOnce.Shapes;

/// <summary>Windows over a stream that another query filters: stream time is that of the rows that are left.</summary>
internal sealed class ChainedWindowShape() : TableShape("chained_windows")
{
    public override string Statements => """
        CREATE STREAM chained WITH (KAFKA_TOPIC = 'chained') AS SELECT id, v FROM late WHERE v % 2 = 0 EMIT CHANGES;
        CREATE TABLE chained_windows WITH (KAFKA_TOPIC = 'chained_windows') AS SELECT id, COUNT(*) AS n, SUM(v) AS total, MIN(v) AS lo, MAX(v) AS hi FROM chained
            WINDOW TUMBLING (SIZE 30 SECONDS, RETENTION 3650 DAYS, GRACE PERIOD 20 SECONDS) GROUP BY id EMIT CHANGES
        """;

    public override string Query => "SELECT id, windowstart, n, total, lo, hi FROM chained_windows";

    public override int WindowBounds => 1;

    protected override IReadOnlyList<string> Columns => ["N", "TOTAL", "LO", "HI"];

    protected override IReadOnlyList<IReadOnlyList<ResultEvent>> Events(RunResult run) =>
        [[.. run.History.Of(InputTopic.Late)
            .SelectMany(static rows => new WindowOracle(30_000, 30_000, 20_000).Run(rows.Where(static row => row.Value % 2 == 0)))]];
}

/// <summary>A table by its latest value: what the next shape groups.</summary>
internal sealed class LatestShape() : TableShape("latest")
{
    public override string Statements => """
        CREATE TABLE latest WITH (KAFKA_TOPIC = 'latest') AS SELECT id, MAX(src) AS src, COUNT(*) AS n, LATEST_BY_OFFSET(g) AS g FROM late GROUP BY id EMIT CHANGES
        """;

    public override string Query => "SELECT id, src, n, g FROM latest";

    protected override IReadOnlyList<string> Columns => ["SRC", "N", "G"];

    protected override IReadOnlyList<IReadOnlyList<ResultEvent>> Events(RunResult run) =>
        [[.. run.History.Of(InputTopic.Late).SelectMany(Events)]];

    private static IEnumerable<ResultEvent> Events(IReadOnlyList<InputRow> rows)
    {
        var counts = new Dictionary<string, int>();
        foreach (var row in rows)
        {
            counts[row.Key] = counts.GetValueOrDefault(row.Key) + 1;
            yield return new ResultEvent(
                [(row.Key, string.Create(CultureInfo.InvariantCulture, $"{row.Source}|{counts[row.Key]}|{row.Group}"))]);
        }
    }
}

/// <summary>
/// An aggregate over the table of <see cref="LatestShape"/>: a chain of two queries with state. Its input is that table's topic as it was
/// committed, whose rows the other shape checks.
/// </summary>
internal sealed class ChainedGroupShape() : TableShape("chained_groups")
{
    private const string Input = "latest";

    public override string Statements => $"""
        CREATE TABLE chained_groups WITH (KAFKA_TOPIC = 'chained_groups') AS SELECT g, {SourceParts.Expressions(InputTopic.Late, value: "n")} FROM {Input} GROUP BY g EMIT CHANGES
        """;

    public override string Query => "SELECT g, n0, s0, n1, s1, n2, s2 FROM chained_groups WHERE n0 + n1 + n2 > 0";

    protected override IReadOnlyList<string> Columns => SourceParts.Columns(InputTopic.Late);

    protected override IReadOnlyList<IReadOnlyList<ResultEvent>> Events(RunResult run) =>
    [
        .. run.Outputs[Input].Partitions.Select(static records => GroupMoves.Events(
            records.Select(static record => (record.Key!, record.Fields?["G"],
                long.Parse(record.Fields?["N"] ?? "0", CultureInfo.InvariantCulture))))),
    ];

    protected override IEnumerable<(int Part, string? Value)> Split(string? row) => SourceParts.Split(row, InputTopic.Late.Partitions);

    protected override string? Join(IReadOnlyList<string?> parts) => SourceParts.Join(parts);
}
