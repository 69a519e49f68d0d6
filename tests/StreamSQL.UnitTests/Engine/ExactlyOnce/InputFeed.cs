using System.Globalization;

namespace StreamSQL.UnitTests.Engine.ExactlyOnce;

/// <summary>Random rows for all topics, whose times go on together. One batch is acknowledged before the next is made.</summary>
internal sealed class InputFeed(Random random, History history)
{
    private const long FirstTime = 1_700_000_000_000;
    private const int MaxRows = 24;
    private const int MaxStepMs = 400;
    private const int CalmMs = 20_000;
    private const int OutOfOrderMs = 60_000;
    private const int LateMs = 600_000;
    private const long EndMs = 10L * 24 * 60 * 60 * 1000;
    private const int MaxValue = 100;

    private long _clock = FirstTime;

    /// <summary>The next rows, for any topic.</summary>
    public InputBatch Next() => Next(InputTopic.All[random.Next(InputTopic.All.Count)]);

    /// <summary>The next rows of a topic.</summary>
    public InputBatch Next(InputTopic topic) =>
        Make(topic, Enumerable.Range(0, random.Next(1, MaxRows)).Select(_ => $"{topic.KeyPrefix}{random.Next(topic.Keys)}"), TimeOf);

    /// <summary>A row for every key, so late that all windows close.</summary>
    public InputBatch Closing(InputTopic topic) =>
        Make(topic, Enumerable.Range(0, topic.Keys).Select(key => $"{topic.KeyPrefix}{key}"), _ => _clock + EndMs);

    private InputBatch Make(InputTopic topic, IEnumerable<string> keys, Func<InputTopic, long> timeOf)
    {
        var known = history.Counts();
        var rows = Enumerable.Range(0, topic.Partitions).Select(static _ => new List<InputRow>()).ToArray();
        foreach (var key in keys)
        {
            _clock += random.Next(MaxStepMs);
            var partition = topic.PartitionOf(key);
            var source = topic.Source(partition);
            var tags = new int[random.Next(4)];
            for (var i = 0; i < tags.Length; i++)
                tags[i] = random.Next(MaxValue);
            rows[partition].Add(new InputRow(
                source, known[source] + rows[partition].Count, key, timeOf(topic), topic.IsTable && random.Next(6) == 0,
                string.Create(CultureInfo.InvariantCulture, $"g{random.Next(InputTopic.Groups)}"), random.Next(MaxValue),
                tags) { Known = known });
        }

        return new InputBatch(topic, rows);
    }

    private long TimeOf(InputTopic topic)
    {
        if (!topic.HasLateRows)
            return _clock - random.Next(CalmMs);
        return random.Next(20) switch
        {
            0 => _clock - random.Next(LateMs),
            < 5 => _clock - random.Next(OutOfOrderMs),
            _ => _clock,
        };
    }
}
