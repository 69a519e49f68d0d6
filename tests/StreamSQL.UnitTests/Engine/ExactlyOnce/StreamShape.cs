using System.Text;
using StreamSQL.Kafka.Records;

namespace StreamSQL.UnitTests.Engine.ExactlyOnce;

/// <summary>A row that an oracle expects.</summary>
/// <param name="Origin">The input partition that it comes from.</param>
/// <param name="Key">Its key, with a window's bounds behind it.</param>
/// <param name="Row">Its values.</param>
internal sealed record ExpectedRow(int Origin, string Key, string Row);

/// <summary>
/// A shape whose result is a stream. Each row comes once; where the order is settled, the rows of one input partition stand in each output
/// partition in that order, so that whatever is committed is the result of a prefix of each input partition.
/// </summary>
internal abstract class StreamShape(string name) : Shape(name)
{
    /// <summary>The columns of the value, in the order of the pull query behind the key.</summary>
    protected abstract IReadOnlyList<string> Columns { get; }

    /// <summary>All rows; those of one origin in their order.</summary>
    protected abstract IEnumerable<ExpectedRow> Expected(RunResult run);

    /// <summary>
    /// Rows that may have come already, once, beside the expected ones: for results that depend on who
    /// was idle. Only where the order is not settled.
    /// </summary>
    protected virtual IEnumerable<ExpectedRow> Possible(RunResult run) => [];

    /// <summary>Whether the rows of one origin come in their order.</summary>
    protected virtual bool IsOrdered => true;

    /// <summary>The input partition that a record says it comes from.</summary>
    protected virtual int OriginOf(OutputRecord record) =>
        int.Parse(record.Fields!["SRC"]!, System.Globalization.CultureInfo.InvariantCulture);

    /// <inheritdoc/>
    public override IEnumerable<string> ExpectedRows(RunResult run) => Expected(run).Select(static row => $"{row.Key}|{row.Row}");

    /// <inheritdoc/>
    public override IEnumerable<string> Check(RunResult run)
    {
        var log = run.Outputs[Name];
        var expected = Expected(run).ToArray();
        var possible = Possible(run).Select(static row => $"{row.Key}|{row.Row}").ToArray();
        for (var partition = 0; partition < log.Partitions.Count; partition++)
        {
            var own = expected.Where(row => PartitionOf(row.Key.Split('|')[0], log.Partitions.Count) == partition).ToArray();
            var anomalies = IsOrdered ? InOrder(log.Partitions[partition], own) : InAnyOrder(log.Partitions[partition], own, possible);
            foreach (var anomaly in anomalies)
                yield return $"{Name} partition {partition}: {anomaly}";
        }
    }

    private IEnumerable<string> InOrder(IReadOnlyList<OutputRecord> records, ExpectedRow[] expected)
    {
        var rest = expected.GroupBy(static row => row.Origin)
            .ToDictionary(static rows => rows.Key, static rows => new Queue<ExpectedRow>(rows));
        foreach (var record in records)
        {
            var row = $"{record.FullKey}|{record.Row(Columns)}";
            var origin = OriginOf(record);
            var next = rest.GetValueOrDefault(origin) is { Count: > 0 } queue ? queue.Dequeue() : null;
            if (next is null || $"{next.Key}|{next.Row}" != row)
            {
                yield return $"offset {record.Offset}, of {origin}: {row}, expected {next?.Key}|{next?.Row}";
                yield break;
            }
        }

        foreach (var (origin, rows) in rest.Where(static rows => rows.Value.Count > 0))
            yield return $"{rows.Count} rows of {origin} are missing, the first {rows.Peek()}";
    }

    private IEnumerable<string> InAnyOrder(IReadOnlyList<OutputRecord> records, ExpectedRow[] expected, string[] possible)
    {
        var early = possible.ToHashSet();
        var rest = new Dictionary<string, int>();
        foreach (var row in expected)
            rest[$"{row.Key}|{row.Row}"] = rest.GetValueOrDefault($"{row.Key}|{row.Row}") + 1;
        foreach (var record in records)
        {
            var row = $"{record.FullKey}|{record.Row(Columns)}";
            if (!rest.TryGetValue(row, out var count))
            {
                if (!early.Remove(row))
                    yield return $"offset {record.Offset}: {row} is not expected";
            }
            else if (count == 0)
                yield return $"offset {record.Offset}: {row} comes again";
            else
                rest[row]--;
        }

        var missing = rest.Where(static row => row.Value > 0).Select(static row => row.Key).ToArray();
        if (missing.Length > 0)
            yield return $"{missing.Length} rows are missing, the first {missing[0]}";
    }

    private static int PartitionOf(string key, int partitions) => KeyPartitioner.PartitionOf(Encoding.UTF8.GetBytes(key), partitions);
}
