using StreamSQL.Broker.Partitions;
using StreamSQL.Kafka.Client;

namespace StreamSQL.Broker.Topics;

/// <summary>
/// A topic and its partitions. A change of config or of the number of partitions makes a new object over the same partitions.
/// </summary>
public sealed class Topic
{
    internal Topic(string name, Guid id, TopicConfig config, Partition[] partitions)
    {
        Name = name;
        Id = id;
        Config = config;
        Partitions = partitions;
    }

    /// <summary>The name.</summary>
    public string Name { get; }

    /// <summary>The id: unique for ever, unlike the name.</summary>
    public Guid Id { get; }

    /// <summary>The configs.</summary>
    public TopicConfig Config { get; }

    /// <summary>The partitions, by index.</summary>
    public IReadOnlyList<Partition> Partitions { get; }

    /// <summary>Whether it is one of the broker's own.</summary>
    public bool IsInternal => TopicName.IsInternal(Name);

    internal TopicMetadata Metadata => new(Name, Id, Partitions.Count, IsInternal);
}
