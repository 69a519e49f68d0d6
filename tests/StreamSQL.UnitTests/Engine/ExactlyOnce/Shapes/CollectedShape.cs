using System.Globalization;

namespace StreamSQL.UnitTests.Engine.ExactlyOnce.Shapes;

/// <summary>Aggregates whose states are more than a number: the latest, the earliest, distinct values, the greatest few.</summary>
internal sealed class CollectedShape() : TableShape("collected")
{
    public override string Statements => """
        CREATE TABLE collected WITH (KAFKA_TOPIC = 'collected') AS SELECT id, COUNT(*) AS n, LATEST_BY_OFFSET(v) AS latest, EARLIEST_BY_OFFSET(v) AS earliest,
            COLLECT_SET(g) AS gs, COUNT_DISTINCT(v) AS vs, TOPK(v, 3) AS top FROM late GROUP BY id EMIT CHANGES
        """;

    public override string Query => "SELECT id, n, latest, earliest, ARRAY_JOIN(gs, '+'), vs, ARRAY_JOIN(top, '+') FROM collected";

    protected override IReadOnlyList<string> Columns => ["N", "LATEST", "EARLIEST", "GS", "VS", "TOP"];

    protected override IReadOnlyList<IReadOnlyList<ResultEvent>> Events(RunResult run) =>
        [[.. run.History.Of(InputTopic.Late).SelectMany(Events)]];

    private static IEnumerable<ResultEvent> Events(IReadOnlyList<InputRow> rows)
    {
        var seen = new Dictionary<string, (int Count, int Earliest, List<string> Groups, HashSet<int> Values, List<int> Top)>();
        foreach (var row in rows)
        {
            var (count, earliest, groups, values, top) = seen.GetValueOrDefault(row.Key, (0, row.Value, [], [], []));
            if (!groups.Contains(row.Group))
                groups.Add(row.Group);
            values.Add(row.Value);
            top.Add(row.Value);
            top = [.. top.OrderDescending().Take(3)];
            seen[row.Key] = (count + 1, earliest, groups, values, top);
            yield return new ResultEvent([(row.Key, string.Create(
                CultureInfo.InvariantCulture,
                $"{count + 1}|{row.Value}|{earliest}|{string.Join('+', groups)}|{values.Count}|{string.Join('+', top)}"))]);
        }
    }
}
