namespace StreamSQL.Broker.Topics;

/// <summary>
/// Topics of the engine in this process that clients of the Kafka listeners are kept from: whoever can connect there would else read the
/// verifiers of passwords and write roles and queries of their own. The engine, which goes in by
/// <see cref="BrokerHost.Client"/>, is not asked.
/// </summary>
/// <param name="Hidden">Topics that clients neither see nor touch: TOPIC_AUTHORIZATION_FAILED.</param>
/// <param name="OwnPrefix">What the names of the engine's other topics begin with: clients may read
/// them, and not write to them; null for none.</param>
public sealed record TopicGuard(IReadOnlySet<string> Hidden, string? OwnPrefix)
{
    /// <summary>Clients may do all.</summary>
    public static TopicGuard None { get; } = new(new HashSet<string>(), null);

    /// <summary>Whether clients do not see a topic.</summary>
    public bool Hides(string topic) => Hidden.Contains(topic);

    /// <summary>Whether clients may not write to a topic, or change it.</summary>
    public bool IsReadOnly(string topic) => Hides(topic)
        || (OwnPrefix is not null && topic.StartsWith(OwnPrefix, StringComparison.Ordinal));
}
