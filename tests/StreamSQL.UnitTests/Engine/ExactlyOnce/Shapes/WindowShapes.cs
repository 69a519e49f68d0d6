namespace StreamSQL.UnitTests.Engine.ExactlyOnce.Shapes;

/// <summary>Tumbling and hopping windows of the stream with late rows, by its own key.</summary>
internal sealed class WindowShape(string name, string window, WindowOracle template) : TableShape(name)
{
    public static WindowShape Tumbling => new("tumbling", "TUMBLING (SIZE 30 SECONDS, RETENTION 3650 DAYS, GRACE PERIOD 60 SECONDS)",
        new WindowOracle(30_000, 30_000, 60_000));

    public static WindowShape Hopping => new(
        "hopping", "HOPPING (SIZE 90 SECONDS, ADVANCE BY 30 SECONDS, RETENTION 3650 DAYS, GRACE PERIOD 45 SECONDS)",
        new WindowOracle(90_000, 30_000, 45_000));

    public override string Statements =>
        $"CREATE TABLE {Name} WITH (KAFKA_TOPIC = '{Name}') AS SELECT id, COUNT(*) AS n, SUM(v) AS total, MIN(v) AS lo, MAX(v) AS hi " +
            $"FROM late WINDOW {window} GROUP BY id EMIT CHANGES";

    public override string Query => $"SELECT id, windowstart, n, total, lo, hi FROM {Name}";

    public override int WindowBounds => 1;

    protected override IReadOnlyList<string> Columns => ["N", "TOTAL", "LO", "HI"];

    protected override IReadOnlyList<IReadOnlyList<ResultEvent>> Events(RunResult run) =>
        [[.. run.History.Of(InputTopic.Late).SelectMany(rows => template.Fresh().Run(rows))]];
}

/// <summary>EMIT FINAL: each window comes once, when its partition's time has closed it.</summary>
internal sealed class FinalWindowShape(string name, string window, WindowOracle template) : StreamShape(name)
{
    public static FinalWindowShape Tumbling =>
        new("final_tumbling", "TUMBLING (SIZE 30 SECONDS, GRACE PERIOD 30 SECONDS)", new WindowOracle(30_000, 30_000, 30_000));

    public static FinalWindowShape Hopping =>
        new("final_hopping", "HOPPING (SIZE 60 SECONDS, ADVANCE BY 20 SECONDS, GRACE PERIOD 30 SECONDS)",
            new WindowOracle(60_000, 20_000, 30_000));

    public override string Statements =>
        $"CREATE TABLE {Name} WITH (KAFKA_TOPIC = '{Name}') AS SELECT id, COUNT(*) AS n, SUM(v) AS total, MIN(v) AS lo, MAX(v) AS hi " +
            $"FROM late WINDOW {window} GROUP BY id EMIT FINAL";

    // Windows that have been given out leave the state when their retention is over: what stays is in the topic.
    public override string Query => "";

    public override int WindowBounds => 1;

    protected override IReadOnlyList<string> Columns => ["N", "TOTAL", "LO", "HI"];

    protected override bool IsOrdered => false;

    protected override IEnumerable<ExpectedRow> Expected(RunResult run)
    {
        foreach (var rows in run.History.Of(InputTopic.Late))
        {
            var oracle = template.Fresh();
            oracle.Run(rows);
            foreach (var (key, start, row) in oracle.Closed())
                yield return new ExpectedRow(0, $"{key}|{start}", row);
        }
    }
}
