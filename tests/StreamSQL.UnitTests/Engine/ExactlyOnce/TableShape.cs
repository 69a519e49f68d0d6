using System.Text;
using StreamSQL.Kafka.Records;

namespace StreamSQL.UnitTests.Engine.ExactlyOnce;

/// <summary>
/// A shape whose result is a table. At the end of every transaction, what its task has written to a partition, folded, must be the oracle's
/// result of a prefix of each input partition, the same prefixes for all keys of the task, and none shorter than before. Where several
/// input partitions make up one row, the row has columns for each of them (its parts), and the oracle gives each part by itself.
/// </summary>
internal abstract class TableShape(string name) : Shape(name)
{
    /// <summary>The columns of the value, in the order of the pull query behind key and window.</summary>
    protected abstract IReadOnlyList<string> Columns { get; }

    /// <summary>The events of each part. Keys are key and window, with bars between.</summary>
    protected abstract IReadOnlyList<IReadOnlyList<ResultEvent>> Events(RunResult run);

    /// <summary>What a row (null: none) says of its parts; a part that it does not tell is left out.</summary>
    protected virtual IEnumerable<(int Part, string? Value)> Split(string? row) => [(0, row)];

    /// <summary>A row made of its parts; null when there is none.</summary>
    protected virtual string? Join(IReadOnlyList<string?> parts) => parts[0];

    /// <inheritdoc/>
    public override IEnumerable<string> ExpectedRows(RunResult run)
    {
        var parts = Events(run).Select(Fold).ToArray();
        foreach (var key in parts.SelectMany(static part => part.Keys).Distinct())
        {
            if (Join([.. parts.Select(part => part.GetValueOrDefault(key))]) is { } row)
                yield return $"{key}|{row}";
        }
    }

    /// <inheritdoc/>
    public override IEnumerable<string> CheckPulled(OutputLog log, IReadOnlyCollection<string> pulled)
    {
        var committed = log.All.Where(static record => record.Fields is not null)
            .Select(record => $"{record.FullKey}|{record.Row(Columns)}").ToHashSet();
        return pulled.Where(row => !committed.Contains(row))
            .Select(row => $"{Name}: a pull query has seen {row}, which was never committed");
    }

    /// <inheritdoc/>
    public override IEnumerable<string> Check(RunResult run)
    {
        var events = Events(run);
        var log = run.Outputs[Name];
        foreach (var anomaly in CheckEnd(run, log))
            yield return $"{Name}: {anomaly}";
        for (var partition = 0; partition < log.Partitions.Count; partition++)
        {
            foreach (var anomaly in CheckPlaces(log.Partitions[partition], partition, log.Partitions.Count))
                yield return $"{Name} partition {partition}: {anomaly}";

            // A key belongs to one task, and each task has a producer of its own.
            foreach (var task in log.Partitions[partition].GroupBy(static record => record.Producer))
            {
                var keys = task.Select(static record => record.Key!).ToHashSet();
                PrefixChase[] chases =
                    [.. events.Select((part, number) => new PrefixChase(Of(part, keys), Split(null).Any(told => told.Part == number)))];
                if (CheckPrefixes(task, chases) is { } anomaly)
                    yield return $"{Name} partition {partition}, producer {task.Key}: {anomaly}";
            }
        }
    }

    private IEnumerable<string> CheckEnd(RunResult run, OutputLog log)
    {
        var rows = new Dictionary<string, string?>();
        foreach (var record in log.All)
            rows[record.FullKey] = record.Row(Columns);
        var left = rows.Where(row => row.Value is not null && Join([.. Split(row.Value).Select(static told => told.Value)]) is not null)
            .Select(static row => $"{row.Key}|{row.Value}").ToHashSet();
        var missing = ExpectedRows(run).Where(row => !left.Remove(row)).ToArray();
        if (missing.Length > 0)
            yield return $"in the end {missing.Length} rows are missing, the first {missing[0]}";
        if (left.Count > 0)
            yield return $"in the end {left.Count} rows are too many, the first {left.First()}";
    }

    private static IEnumerable<string> CheckPlaces(IReadOnlyList<OutputRecord> records, int partition, int partitions)
    {
        var owners = new Dictionary<string, long>();
        foreach (var record in records)
        {
            var place = KeyPartitioner.PartitionOf(Encoding.UTF8.GetBytes(record.Key!), partitions);
            if (place != partition)
                yield return $"offset {record.Offset}: key '{record.FullKey}' belongs to partition {place}";
            if (!owners.TryAdd(record.Key!, record.Producer) && owners[record.Key!] != record.Producer)
                yield return $"offset {record.Offset}: key '{record.FullKey}' is written by producers {owners[record.Key!]} and {record.Producer}";
        }
    }

    private string? CheckPrefixes(IEnumerable<OutputRecord> records, PrefixChase[] chases)
    {
        foreach (var record in records)
        {
            var told = Split(record.Row(Columns)).ToArray();
            for (var part = 0; part < chases.Length; part++)
            {
                var value = told.Where(t => t.Part == part).ToArray();
                if (value.Length == 0)
                    chases[part].Forget(record.FullKey);
                else
                    chases[part].Observe(record.FullKey, value[0].Value);
            }

            for (var part = 0; record.EndsTransaction && part < chases.Length; part++)
            {
                if (chases[part].CatchUp() is { } anomaly)
                    return $"offset {record.Offset}, part {part}: {anomaly}";
            }
        }

        return null;
    }

    private static ResultEvent[] Of(IReadOnlyList<ResultEvent> events, HashSet<string> keys) =>
    [
        .. events.Select(e => new ResultEvent([.. e.Changes.Where(change => keys.Contains(change.Key.Split('|')[0]))]))
            .Where(static e => e.Changes.Count > 0),
    ];

    private static Dictionary<string, string?> Fold(IReadOnlyList<ResultEvent> events)
    {
        var state = new Dictionary<string, string?>();
        foreach (var (key, value) in events.SelectMany(static e => e.Changes))
            state[key] = value;
        return state;
    }
}
