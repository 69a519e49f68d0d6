using System.Collections.Frozen;
using System.Globalization;
using StreamSQL.Broker.Configs;
using StreamSQL.Kafka;
using StreamSQL.Kafka.Records;
using StreamSQL.Storage.Logs;

namespace StreamSQL.Broker.Topics;

/// <summary>A topic's configs: the values that were set, over the broker's configs and Kafka's defaults. Immutable.</summary>
public sealed class TopicConfig
{
    private readonly FrozenDictionary<string, string> _overrides;
    private readonly BrokerConfig _broker;

    private TopicConfig(FrozenDictionary<string, string> overrides, BrokerConfig broker)
    {
        _overrides = overrides;
        _broker = broker;
        MaxMessageBytes = (int)Number("max.message.bytes");
        IsCompacted = Text("cleanup.policy").Contains("compact", StringComparison.Ordinal);
        IsDeleted = Text("cleanup.policy").Contains("delete", StringComparison.Ordinal);
        UsesAppendTime = Text("message.timestamp.type") == "LogAppendTime";
        TimestampBeforeMaxMs = Number("message.timestamp.before.max.ms");
        TimestampAfterMaxMs = Number("message.timestamp.after.max.ms");
        Compression = CompressionOf(Text("compression.type"));
        CompressionLevel = Compression switch
        {
            CompressionType.Gzip => (int)Number("compression.gzip.level"),
            CompressionType.Lz4 => (int)Number("compression.lz4.level"),
            CompressionType.Zstd => (int)Number("compression.zstd.level"),
            _ => null,
        };
        Log = new LogConfig
        {
            SegmentBytes = (int)Number(overrides.ContainsKey("internal.segment.bytes") ? "internal.segment.bytes" : "segment.bytes"),
            SegmentMs = Number("segment.ms"),
            SegmentJitterMs = Number("segment.jitter.ms"),
            FlushPolicy = FlushPolicies.Parse(Text("flush.policy")),
            FlushMessages = Number("flush.messages"),
            FlushMs = Number("flush.ms"),
            IndexIntervalBytes = (int)Math.Max(1, Number("index.interval.bytes")),
            RetentionMs = IsDeleted ? Number("retention.ms") : -1,
            RetentionBytes = IsDeleted ? Number("retention.bytes") : -1,
            IsCompacted = IsCompacted,
            DeleteRetentionMs = Number("delete.retention.ms"),
            MinCleanableDirtyRatio = double.Parse(Text("min.cleanable.dirty.ratio"), CultureInfo.InvariantCulture),
            MinCompactionLagMs = Number("min.compaction.lag.ms"),
            MaxCompactionLagMs = Number("max.compaction.lag.ms"),
        };
    }

    /// <summary>The values that were set.</summary>
    public IReadOnlyDictionary<string, string> Overrides => _overrides;

    /// <summary><c>max.message.bytes</c>: the largest batch.</summary>
    public int MaxMessageBytes { get; }

    /// <summary>Whether <c>cleanup.policy</c> includes <c>compact</c>: then records need keys.</summary>
    public bool IsCompacted { get; }

    /// <summary>Whether <c>cleanup.policy</c> includes <c>delete</c>: old records go.</summary>
    public bool IsDeleted { get; }

    /// <summary>Whether the broker stamps its own time (<c>message.timestamp.type=LogAppendTime</c>).</summary>
    public bool UsesAppendTime { get; }

    /// <summary>
    /// <c>message.timestamp.before.max.ms</c>: how far a record's time may lie before the broker's; not with append time.
    /// </summary>
    public long TimestampBeforeMaxMs { get; }

    /// <summary><c>message.timestamp.after.max.ms</c>: how far a record's time may lie after the broker's; not with append time.</summary>
    public long TimestampAfterMaxMs { get; }

    /// <summary><c>compression.type</c>: the compression in which batches are kept; null for that of the producer.</summary>
    public CompressionType? Compression { get; }

    /// <summary>
    /// The level of that compression (<c>compression.gzip.level</c>, <c>compression.lz4.level</c>, <c>compression.zstd.level</c>); null
    /// where it has none.
    /// </summary>
    public int? CompressionLevel { get; }

    /// <summary>What the partition logs need of it.</summary>
    public LogConfig Log { get; }

    /// <summary>Checks and takes values.</summary>
    /// <param name="overrides">The values.</param>
    /// <param name="broker">The broker's configs, which hold where there is no value.</param>
    /// <exception cref="KafkaException"><see cref="ErrorCode.InvalidConfig"/> naming the config.</exception>
    public static TopicConfig Create(IEnumerable<KeyValuePair<string, string>> overrides, BrokerConfig broker)
    {
        var values = new Dictionary<string, string>();
        foreach (var (name, value) in overrides)
        {
            if (!TopicConfigs.All.TryGetValue(name, out var definition))
                throw new KafkaException(ErrorCode.InvalidConfig, $"Unknown topic config '{name}'.");
            values[name] = definition.Normalize(value)
                ?? throw new KafkaException(ErrorCode.InvalidConfig, $"Invalid value '{value}' for topic config '{name}'.");
        }

        var config = new TopicConfig(values.ToFrozenDictionary(), broker);
        config.Check();
        return config;
    }

    /// <summary>
    /// Takes values that were accepted when they were set; an earlier version may have had wider bounds. Names that are known no more are
    /// left out.
    /// </summary>
    public static TopicConfig Restore(IEnumerable<KeyValuePair<string, string>> overrides, BrokerConfig broker) =>
        new(overrides.Where(static o => TopicConfigs.All.ContainsKey(o.Key)).ToFrozenDictionary(), broker);

    /// <summary>The same values over other configs of the broker.</summary>
    public TopicConfig Over(BrokerConfig broker) => new(_overrides, broker);

    /// <summary>The value in force, as text.</summary>
    public string Text(string name) =>
        _overrides.TryGetValue(name, out var value) ? value : _broker.Inherited(TopicConfigs.All[name])!;

    private static CompressionType? CompressionOf(string name) => name switch
    {
        "uncompressed" => CompressionType.None,
        "gzip" => CompressionType.Gzip,
        "snappy" => CompressionType.Snappy,
        "lz4" => CompressionType.Lz4,
        "zstd" => CompressionType.Zstd,
        _ => null,
    };

    private void Check()
    {
        if (Text("remote.storage.enable") == "true")
            throw new KafkaException(ErrorCode.InvalidConfig, "This broker has no remote storage.");
        if (Number("min.compaction.lag.ms") > Number("max.compaction.lag.ms"))
            throw new KafkaException(ErrorCode.InvalidConfig, "min.compaction.lag.ms is larger than max.compaction.lag.ms.");
    }

    private long Number(string name) => long.Parse(Text(name), CultureInfo.InvariantCulture);
}
