using System.Globalization;

namespace StreamSQL.UnitTests.Engine.ExactlyOnce.Shapes;

/// <summary>
/// A table's column joined with another table's primary key. Left row and right row come from different partitions and meet by messages, so
/// only each key's own sequence is settled: its left row never gets older, nor does what it has found
/// under one foreign key, and what it found was there.
/// </summary>
internal sealed class ForeignKeyShape(string name, bool isLeft) : Shape(name)
{
    public static IEnumerable<ForeignKeyShape> All => [new("foreign_inner", isLeft: false), new("foreign_left", isLeft: true)];

    private static readonly string[] _columns = ["LSEQ", "G", "RSEQ", "RV"];

    public override string Statements => $"""
        CREATE TABLE {Name} WITH (KAFKA_TOPIC = '{Name}') AS SELECT p.id AS id, p.seq AS lseq, p.g AS g, o.seq AS rseq, o.v AS rv
            FROM people p {(isLeft ? "LEFT" : "INNER")} JOIN owners o ON p.g = o.id EMIT CHANGES
        """;

    public override string Query => $"SELECT id, lseq, g, rseq, rv FROM {Name}";

    public override IEnumerable<string> ExpectedRows(RunResult run)
    {
        var owners = Last(run, InputTopic.Owners);
        foreach (var row in Last(run, InputTopic.People).Values)
        {
            var owner = owners.GetValueOrDefault(row.Group);
            if (owner is not null || isLeft)
                yield return string.Create(CultureInfo.InvariantCulture,
                    $"{row.Key}|{row.Number}|{row.Group}|{owner?.Number}|{owner?.Value}");
        }
    }

    public override IEnumerable<string> Check(RunResult run)
    {
        var state = new Dictionary<string, string>();
        foreach (var key in run.Outputs[Name].All.GroupBy(static record => record.Key!))
        {
            if (CheckKey(run, key.Key, key) is { } anomaly)
                yield return $"{Name}: {anomaly}";
            if (key.Last().Row(_columns) is { } row)
                state[key.Key] = row;
        }

        var expected = ExpectedRows(run).ToHashSet();
        foreach (var (key, row) in state)
        {
            if (!expected.Remove($"{key}|{row}"))
                yield return $"{Name}: in the end '{key}' is {row}, which is not expected";
        }

        if (expected.Count > 0)
            yield return $"{Name}: in the end {expected.Count} rows are missing, the first {expected.First()}";
    }

    private string? CheckKey(RunResult run, string key, IEnumerable<OutputRecord> records)
    {
        var left = run.History.Of(InputTopic.People, InputTopic.People.PartitionOf(key)).Where(row => row.Key == key)
            .ToDictionary(static row => row.Number);
        var lastLeft = -1;
        var lastRight = new Dictionary<string, int>();
        foreach (var record in records.Where(static record => record.Fields is not null))
        {
            var (number, group, right) = (Number(record, "LSEQ")!.Value, record.Fields!["G"]!, Number(record, "RSEQ"));
            if (number < lastLeft || !left.TryGetValue(number, out var row) || row.IsTombstone || row.Group != group)
                return $"offset {record.Offset}: '{key}' has left row {number} in {group}, after {lastLeft}";
            lastLeft = number;
            if (right is null)
            {
                if (!isLeft)
                    return $"offset {record.Offset}: '{key}' has no right row";
                continue;
            }

            var owner = run.History.Of(InputTopic.Owners, InputTopic.Owners.PartitionOf(group)).ElementAtOrDefault(right.Value);
            if (owner is null || owner.Key != group || owner.IsTombstone || Number(record, "RV") != owner.Value
                || right < lastRight.GetValueOrDefault(group, -1))
                return $"offset {record.Offset}: '{key}' has right row {right} of {group}, after {lastRight.GetValueOrDefault(group, -1)}";
            lastRight[group] = right.Value;
        }

        return null;
    }

    private static int? Number(OutputRecord record, string column) =>
        record.Fields![column] is { } text ? int.Parse(text, CultureInfo.InvariantCulture) : null;

    private static Dictionary<string, InputRow> Last(RunResult run, InputTopic topic) =>
        run.History.Of(topic).SelectMany(static rows => rows)
        .GroupBy(static row => row.Key).Select(static rows => rows.Last()).Where(static row => !row.IsTombstone)
        .ToDictionary(static row => row.Key);
}
