namespace StreamSQL.UnitTests.Engine.ExactlyOnce.Shapes;

/// <summary>Parts of a row that are a count and a sum for each partition of the input.</summary>
internal static class SourceParts
{
    private const string Nothing = "0|0";

    /// <summary>The columns of the parts.</summary>
    public static IReadOnlyList<string> Columns(InputTopic topic) =>
        [.. Enumerable.Range(0, topic.Partitions).SelectMany(static p => new[] { $"N{p}", $"S{p}" })];

    /// <summary>The expressions of the parts.</summary>
    public static string Expressions(InputTopic topic, string source = "src", string value = "v") =>
        string.Join(", ", Enumerable.Range(0, topic.Partitions).Select(p =>
            $"SUM(CASE WHEN {source} = {topic.Source(p)} THEN 1 ELSE 0 END) AS n{p}, SUM(CASE WHEN {source} = {topic.Source(p)} THEN " +
                $"{value} ELSE 0 END) AS s{p}"));

    /// <summary>A count and a sum; null for nothing.</summary>
    public static string? Part(long count, long sum) => count == 0 && sum == 0 ? null : $"{count}|{sum}";

    /// <summary>The parts of a row.</summary>
    public static IEnumerable<(int Part, string? Value)> Split(string? row, int parts)
    {
        var fields = row?.Split('|');
        for (var part = 0; part < parts; part++)
        {
            var value = fields is null ? Nothing : $"{fields[2 * part]}|{fields[(2 * part) + 1]}";
            yield return (part, value == Nothing ? null : value);
        }
    }

    /// <summary>The row of some parts; null when all are nothing.</summary>
    public static string? Join(IReadOnlyList<string?> parts) =>
        parts.All(static part => part is null) ? null : string.Join('|', parts.Select(static part => part ?? Nothing));
}

/// <summary>
/// GROUP BY something else than the key, with or without windows, over a stream without late rows: rows of all input partitions meet.
/// </summary>
internal sealed class RegroupedShape(string name, string window, long? sizeMs) : TableShape(name)
{
    public static RegroupedShape Unwindowed => new("regrouped", "", null);

    public static RegroupedShape Windowed =>
        new("regrouped_windows", "WINDOW TUMBLING (SIZE 30 SECONDS, RETENTION 3650 DAYS, GRACE PERIOD 60 SECONDS)", 30_000);

    public override string Statements => $"""
        CREATE TABLE {Name} WITH (KAFKA_TOPIC = '{Name}') AS SELECT g, {SourceParts.Expressions(InputTopic.Calm)} FROM calm {window} GROUP BY g EMIT CHANGES
        """;

    public override string Query => $"SELECT g, {(sizeMs is null ? "" : "windowstart, ")}n0, s0, n1, s1, n2, s2 FROM {Name}";

    public override int WindowBounds => sizeMs is null ? 0 : 1;

    protected override IReadOnlyList<string> Columns => SourceParts.Columns(InputTopic.Calm);

    protected override IReadOnlyList<IReadOnlyList<ResultEvent>> Events(RunResult run) =>
        [.. run.History.Of(InputTopic.Calm).Select(Events)];

    protected override IEnumerable<(int Part, string? Value)> Split(string? row) => SourceParts.Split(row, InputTopic.Calm.Partitions);

    protected override string? Join(IReadOnlyList<string?> parts) => SourceParts.Join(parts);

    private List<ResultEvent> Events(IReadOnlyList<InputRow> rows)
    {
        var groups = new Dictionary<string, (long Count, long Sum)>();
        var events = new List<ResultEvent>();
        foreach (var row in rows)
        {
            var key = sizeMs is { } size ? $"{row.Group}|{row.Time - (row.Time % size)}" : row.Group;
            var (count, sum) = groups.GetValueOrDefault(key);
            groups[key] = (count + 1, sum + row.Value);
            events.Add(new ResultEvent([(key, SourceParts.Part(count + 1, sum + row.Value))]));
        }

        return events;
    }
}

/// <summary>
/// EMIT FINAL behind a repartition: a window comes once, with the rows of all input partitions, at the
/// latest when the slowest of them has closed it.
/// </summary>
internal sealed class RegroupedFinalShape() : StreamShape("regrouped_final")
{
    private const long SizeMs = 30_000;
    private const long GraceMs = 60_000;

    public override string Statements => """
        CREATE TABLE regrouped_final WITH (KAFKA_TOPIC = 'regrouped_final') AS SELECT g, COUNT(*) AS n, SUM(v) AS total FROM calm
            WINDOW TUMBLING (SIZE 30 SECONDS, GRACE PERIOD 60 SECONDS) GROUP BY g EMIT FINAL
        """;

    public override string Query => "";

    public override int WindowBounds => 1;

    protected override IReadOnlyList<string> Columns => ["N", "TOTAL"];

    protected override bool IsOrdered => false;

    protected override IEnumerable<ExpectedRow> Expected(RunResult run) => ClosedAt(run, times => times.Min());

    /// <summary>While all input partitions are read to their ends, none holds time back: then it is that of the fastest.</summary>
    protected override IEnumerable<ExpectedRow> Possible(RunResult run) => ClosedAt(run, times => times.Max());

    private static IEnumerable<ExpectedRow> ClosedAt(RunResult run, Func<IEnumerable<long>, long> streamTime)
    {
        var partitions = run.History.Of(InputTopic.Calm);
        var closed = streamTime(partitions.Where(static rows => rows.Any()).Select(static rows => rows.Max(static row => row.Time))
            .DefaultIfEmpty()) - GraceMs;
        return partitions.SelectMany(static rows => rows)
            .GroupBy(static row => (row.Group, Start: row.Time - (row.Time % SizeMs)))
            .Where(window => window.Key.Start + SizeMs <= closed)
            .Select(static window => new ExpectedRow(0, $"{window.Key.Group}|{window.Key.Start}",
                $"{window.Count()}|{window.Sum(static row => row.Value)}"));
    }
}
