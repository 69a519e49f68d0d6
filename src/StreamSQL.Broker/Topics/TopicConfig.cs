using System.Collections.Frozen;
using System.Globalization;
using StreamSQL.Kafka;
using StreamSQL.Storage.Logs;

namespace StreamSQL.Broker.Topics;

/// <summary>The type of a topic config, by the numbers of DescribeConfigs.</summary>
public enum TopicConfigType : byte
{
    /// <summary>true or false.</summary>
    Boolean = 1,

    /// <summary>Text.</summary>
    String = 2,

    /// <summary>32-bit.</summary>
    Int = 3,

    /// <summary>64-bit.</summary>
    Long = 5,

    /// <summary>Floating point.</summary>
    Double = 6,

    /// <summary>Words with commas between.</summary>
    List = 7,
}

/// <summary>A topic config: its name, type, default, and what is accepted.</summary>
/// <param name="Name">Kafka's name.</param>
/// <param name="Type">Its type.</param>
/// <param name="Default">The default as text.</param>
/// <param name="Minimum">The least number accepted.</param>
/// <param name="Words">The words accepted, or null.</param>
public sealed record TopicConfigDefinition(
    string Name, TopicConfigType Type, string Default, long Minimum = long.MinValue, IReadOnlyList<string>? Words = null)
{
    /// <summary>Whether a value is of the type and within bounds.</summary>
    public bool Accepts(string value) => Type switch
    {
        TopicConfigType.Boolean => value is "true" or "false",
        TopicConfigType.Int => int.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var i) && i >= Minimum,
        TopicConfigType.Long =>
            long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var l) && l >= Minimum,
        TopicConfigType.Double => double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var d) && d is >= 0 and <= 1,
        TopicConfigType.List => value.Split(',', StringSplitOptions.TrimEntries).All(w => Words!.Contains(w)),
        _ => Words is null || Words.Contains(value),
    };
}

/// <summary>A topic's configs: the values that were set, over Kafka's defaults. Immutable.</summary>
public sealed class TopicConfig
{
    private readonly FrozenDictionary<string, string> _overrides;

    private TopicConfig(FrozenDictionary<string, string> overrides)
    {
        _overrides = overrides;
        MaxMessageBytes = (int)Number("max.message.bytes");
        IsCompacted = Text("cleanup.policy").Contains("compact", StringComparison.Ordinal);
        var deletes = Text("cleanup.policy").Contains("delete", StringComparison.Ordinal);
        UsesAppendTime = Text("message.timestamp.type") == "LogAppendTime";
        Log = new LogConfig
        {
            SegmentBytes = (int)Number("segment.bytes"),
            SegmentMs = Number("segment.ms"),
            IndexIntervalBytes = (int)Math.Max(1, Number("index.interval.bytes")),
            RetentionMs = deletes ? Number("retention.ms") : -1,
            RetentionBytes = deletes ? Number("retention.bytes") : -1,
            IsCompacted = IsCompacted,
            DeleteRetentionMs = Number("delete.retention.ms"),
            MinCleanableDirtyRatio = double.Parse(Text("min.cleanable.dirty.ratio"), CultureInfo.InvariantCulture),
            MinCompactionLagMs = Number("min.compaction.lag.ms"),
            MaxCompactionLagMs = Number("max.compaction.lag.ms"),
        };
    }

    /// <summary>All topic configs, by name.</summary>
    public static IReadOnlyDictionary<string, TopicConfigDefinition> Definitions { get; } = new TopicConfigDefinition[]
    {
        new("cleanup.policy", TopicConfigType.List, "delete", Words: ["delete", "compact"]),
        new("compression.type", TopicConfigType.String, "producer", Words: ["producer", "uncompressed", "gzip", "snappy", "lz4", "zstd"]),
        new("delete.retention.ms", TopicConfigType.Long, "86400000", 0),
        new("file.delete.delay.ms", TopicConfigType.Long, "60000", 0),
        new("flush.messages", TopicConfigType.Long, "9223372036854775807", 1),
        new("flush.ms", TopicConfigType.Long, "9223372036854775807", 0),
        new("index.interval.bytes", TopicConfigType.Int, "4096", 0),
        new("max.compaction.lag.ms", TopicConfigType.Long, "9223372036854775807", 1),
        new("max.message.bytes", TopicConfigType.Int, "1048588", 0),
        new("message.timestamp.after.max.ms", TopicConfigType.Long, "9223372036854775807", 0),
        new("message.timestamp.before.max.ms", TopicConfigType.Long, "9223372036854775807", 0),
        new("message.timestamp.type", TopicConfigType.String, "CreateTime", Words: ["CreateTime", "LogAppendTime"]),
        new("min.cleanable.dirty.ratio", TopicConfigType.Double, "0.5"),
        new("min.compaction.lag.ms", TopicConfigType.Long, "0", 0),
        new("min.insync.replicas", TopicConfigType.Int, "1", 1),
        new("preallocate", TopicConfigType.Boolean, "false"),
        new("retention.bytes", TopicConfigType.Long, "-1", -1),
        new("retention.ms", TopicConfigType.Long, "604800000", -1),
        new("segment.bytes", TopicConfigType.Int, "1073741824", 14),
        new("segment.index.bytes", TopicConfigType.Int, "10485760", 4),
        new("segment.jitter.ms", TopicConfigType.Long, "0", 0),
        new("segment.ms", TopicConfigType.Long, "604800000", 1),
        new("unclean.leader.election.enable", TopicConfigType.Boolean, "false"),
    }.ToFrozenDictionary(d => d.Name);

    /// <summary>Kafka's defaults.</summary>
    public static TopicConfig Default { get; } = new(FrozenDictionary<string, string>.Empty);

    /// <summary>The values that were set.</summary>
    public IReadOnlyDictionary<string, string> Overrides => _overrides;

    /// <summary><c>max.message.bytes</c>: the largest batch.</summary>
    public int MaxMessageBytes { get; }

    /// <summary>Whether <c>cleanup.policy</c> includes <c>compact</c>: then records need keys.</summary>
    public bool IsCompacted { get; }

    /// <summary>Whether the broker stamps its own time (<c>message.timestamp.type=LogAppendTime</c>).</summary>
    public bool UsesAppendTime { get; }

    /// <summary>What the partition logs need of it.</summary>
    public LogConfig Log { get; }

    /// <summary>Checks and takes values.</summary>
    /// <exception cref="KafkaException"><see cref="ErrorCode.InvalidConfig"/> naming the config.</exception>
    public static TopicConfig Create(IEnumerable<KeyValuePair<string, string>> overrides)
    {
        var values = new Dictionary<string, string>();
        foreach (var (name, value) in overrides)
        {
            if (!Definitions.TryGetValue(name, out var definition))
                throw new KafkaException(ErrorCode.InvalidConfig, $"Unknown topic config '{name}'.");
            if (!definition.Accepts(value))
                throw new KafkaException(ErrorCode.InvalidConfig, $"Invalid value '{value}' for topic config '{name}'.");
            values[name] = value;
        }

        return values.Count == 0 ? Default : new TopicConfig(values.ToFrozenDictionary());
    }

    /// <summary>The value in force, as text.</summary>
    public string Text(string name) => _overrides.TryGetValue(name, out var value) ? value : Definitions[name].Default;

    private long Number(string name) => long.Parse(Text(name), CultureInfo.InvariantCulture);
}
