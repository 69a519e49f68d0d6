namespace StreamSQL.UnitTests.Engine.ExactlyOnce;

/// <summary>The rows that were acknowledged, in the order of each partition: the oracles' input.</summary>
internal sealed class History
{
    private readonly Dictionary<int, List<InputRow>> _rows =
        InputTopic.All.SelectMany(static topic => Enumerable.Range(0, topic.Partitions).Select(topic.Source))
            .ToDictionary(static source => source, static _ => new List<InputRow>());

    /// <summary>All rows.</summary>
    public int Count => _rows.Values.Sum(static rows => rows.Count);

    /// <summary>The rows of a partition.</summary>
    public IReadOnlyList<InputRow> Of(InputTopic topic, int partition) => _rows[topic.Source(partition)];

    /// <summary>The rows of each partition of a topic.</summary>
    public IReadOnlyList<IReadOnlyList<InputRow>> Of(InputTopic topic) =>
        [.. Enumerable.Range(0, topic.Partitions).Select(partition => Of(topic, partition))];

    /// <summary>How many rows each partition has, by its number.</summary>
    public Dictionary<int, int> Counts() => _rows.ToDictionary(static pair => pair.Key, static pair => pair.Value.Count);

    /// <summary>Adds what was acknowledged.</summary>
    public void Add(InputBatch batch)
    {
        foreach (var row in batch.Rows.SelectMany(static rows => rows))
            _rows[row.Source].Add(row);
    }
}
