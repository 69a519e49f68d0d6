using System.Globalization;

namespace StreamSQL.UnitTests.Engine.ExactlyOnce.Shapes;

/// <summary>
/// Two streams joined within 3 seconds, 5 back, with a grace period that no row is later than: every pair comes once, and a row that
/// nothing matches comes once without a match.
/// </summary>
internal sealed class StreamJoinShape(string name, string kind) : StreamShape(name)
{
    private const long BeforeMs = 5_000;
    private const long AfterMs = 3_000;
    private const long GraceMs = 60_000;

    public static IEnumerable<StreamJoinShape> All =>
        [new("streams_inner", "INNER"), new("streams_left", "LEFT"), new("streams_full", "FULL")];

    public override string Statements => $"""
        CREATE STREAM {Name} WITH (KAFKA_TOPIC = '{Name}') AS SELECT {(kind == "FULL" ? "ROWKEY AS id" : "l.id AS id")}, l.seq AS lseq, l.v AS lv, r.seq AS rseq, r.v AS rv
            FROM calm l {kind} JOIN other r WITHIN (5 SECONDS, 3 SECONDS) GRACE PERIOD 60 SECONDS ON l.id = r.id EMIT CHANGES
        """;

    public override string Query => $"SELECT id, lseq, lv, rseq, rv FROM {Name}";

    protected override IReadOnlyList<string> Columns => ["LSEQ", "LV", "RSEQ", "RV"];

    protected override bool IsOrdered => false;

    protected override IEnumerable<ExpectedRow> Expected(RunResult run)
    {
        for (var partition = 0; partition < InputTopic.Calm.Partitions; partition++)
        {
            var (left, right) = (run.History.Of(InputTopic.Calm, partition), run.History.Of(InputTopic.Other, partition));
            var streamTime = left.Concat(right).Select(static row => row.Time).DefaultIfEmpty(long.MinValue).Max();
            var (leftByKey, rightByKey) = (ByKey(left), ByKey(right));
            foreach (var l in left)
            {
                var matches = Between(rightByKey, l.Key, l.Time - BeforeMs, l.Time + AfterMs).ToArray();
                foreach (var r in matches)
                    yield return Pair(l, r);
                if (matches.Length == 0 && kind != "INNER" && l.Time + AfterMs + GraceMs < streamTime)
                    yield return Pair(l, null);
            }

            if (kind != "FULL")
                continue;
            foreach (var r in right.Where(r => r.Time + BeforeMs + GraceMs < streamTime
                && !Between(leftByKey, r.Key, r.Time - AfterMs, r.Time + BeforeMs).Any()))
                yield return Pair(null, r);
        }
    }

    private static Dictionary<string, InputRow[]> ByKey(IReadOnlyList<InputRow> rows) =>
        rows.GroupBy(static row => row.Key).ToDictionary(static key => key.Key, static key => key.ToArray());

    private static IEnumerable<InputRow> Between(Dictionary<string, InputRow[]> rows, string key, long from, long to) =>
        rows.GetValueOrDefault(key, []).Where(row => row.Time >= from && row.Time <= to);

    private static ExpectedRow Pair(InputRow? left, InputRow? right) => new(
        0, (left ?? right)!.Key, string.Create(CultureInfo.InvariantCulture,
            $"{left?.Number}|{left?.Value}|{right?.Number}|{right?.Value}"));
}
