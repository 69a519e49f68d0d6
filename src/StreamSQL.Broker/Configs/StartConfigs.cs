using System.Globalization;
using StreamSQL.Broker.Groups;

namespace StreamSQL.Broker.Configs;

/// <summary>
/// The broker configs that are given at the start and stay, by Kafka's names: what <see cref="StartValues"/> tells, the other way round.
/// </summary>
public static class StartConfigs
{
    private static readonly Dictionary<string, Func<BrokerOptions, string, BrokerOptions>> Setters = new(StringComparer.Ordinal)
    {
        ["num.partitions"] = static (o, v) => o with { Topics = o.Topics with { Partitions = Int(v) } },
        ["auto.create.topics.enable"] = static (o, v) => o with { AutoCreateTopics = v == "true" },
        ["offsets.topic.num.partitions"] = static (o, v) => o with { Topics = o.Topics with { InternalPartitions = Int(v) } },
        ["transaction.max.timeout.ms"] = static (o, v) => o with { MaxTransactionTimeout = Ms(v) },
        ["transactional.id.expiration.ms"] = static (o, v) => o with { TransactionalIdExpiry = Ms(v) },
        ["producer.id.expiration.ms"] = static (o, v) => o with { ProducerExpiry = Ms(v) },
        ["log.retention.check.interval.ms"] = static (o, v) => o with { RetentionInterval = Ms(v) },
        ["log.flush.policy"] = static (o, v) => o with { FlushPolicy = FlushPolicies.Parse(v) },
        ["log.cleaner.backoff.ms"] = static (o, v) => o with { Cleaner = o.Cleaner with { Backoff = Ms(v) } },
        ["log.cleaner.dedupe.buffer.size"] = static (o, v) => o with { Cleaner = o.Cleaner with { DedupeBufferBytes = Int64(v) } },
        ["group.initial.rebalance.delay.ms"] = static (o, v) => o with { Groups = o.Groups with { InitialRebalanceDelay = Ms(v) } },
        ["group.min.session.timeout.ms"] = static (o, v) => o with { Groups = o.Groups with { MinSessionTimeout = Ms(v) } },
        ["group.max.session.timeout.ms"] = static (o, v) => o with { Groups = o.Groups with { MaxSessionTimeout = Ms(v) } },
        ["group.max.size"] = static (o, v) => o with { Groups = o.Groups with { MaxSize = Int(v) } },
        ["group.consumer.max.size"] = static (o, v) => o with { Groups = o.Groups with { ConsumerMaxSize = Int(v) } },
        ["group.consumer.migration.policy"] = static (o, v) => o with { Groups = o.Groups with { MigrationPolicy = Policy(v) } },
        ["offsets.retention.minutes"] = static (o, v) =>
            o with { Groups = o.Groups with { OffsetsRetention = TimeSpan.FromMinutes(Int(v)) } },
        ["offsets.retention.check.interval.ms"] = static (o, v) =>
            o with { Groups = o.Groups with { OffsetsRetentionCheckInterval = Ms(v) } },
        ["offsets.commit.timeout.ms"] = static (o, v) => o with { Groups = o.Groups with { WriteTimeout = Ms(v) } },
        ["offset.metadata.max.bytes"] = static (o, v) => o with { Groups = o.Groups with { MaxOffsetMetadataLength = Int(v) } },
    };

    /// <summary>The configs that can be given.</summary>
    public static IReadOnlyCollection<string> Names => Setters.Keys;

    /// <summary>Options with some of them set.</summary>
    /// <param name="options">The options.</param>
    /// <param name="values">Values by name.</param>
    /// <exception cref="ArgumentException">There is no such config, or it does not take the value: the
    /// message says which and what would do.</exception>
    public static BrokerOptions Apply(BrokerOptions options, IEnumerable<KeyValuePair<string, string>> values)
    {
        foreach ((string name, string value) in values)
        {
            if (!Setters.TryGetValue(name, out Func<BrokerOptions, string, BrokerOptions>? set))
                throw new ArgumentException(
                    $"'{name}' cannot be given at the start. These can: {string.Join(", ", Names.Order(StringComparer.Ordinal))}.");
            ConfigDefinition definition = BrokerConfigs.All[name];
            string normal = definition.Normalize(value)
                ?? throw new ArgumentException(
                    $"'{name}' does not take '{value}'; it is of type {definition.Type}. {definition.Documentation}");
            options = set(options, normal);
        }

        return options;
    }

    private static int Int(string value) => int.Parse(value, CultureInfo.InvariantCulture);

    private static long Int64(string value) => long.Parse(value, CultureInfo.InvariantCulture);

    private static TimeSpan Ms(string value) => TimeSpan.FromMilliseconds(Int64(value));

    private static MigrationPolicy Policy(string value) => Enum.Parse<MigrationPolicy>(value, ignoreCase: true);
}
