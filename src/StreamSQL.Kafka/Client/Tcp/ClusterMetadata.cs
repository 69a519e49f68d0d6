using System.Collections.Immutable;
using System.Net;

namespace StreamSQL.Kafka.Client.Tcp;

/// <summary>What a client knows of its cluster. Immutable: each answer to a metadata request makes a new one.</summary>
internal sealed record ClusterMetadata
{
    /// <summary>No controller, or no leader, is known.</summary>
    public const int NoNode = -1;

    /// <summary>Where the brokers are, by node id.</summary>
    public ImmutableDictionary<int, DnsEndPoint> Nodes { get; init; } = ImmutableDictionary<int, DnsEndPoint>.Empty;

    /// <summary>The broker that takes administrative requests.</summary>
    public int Controller { get; init; } = NoNode;

    /// <summary>The topics asked for so far.</summary>
    public ImmutableDictionary<string, ClusterTopic> Topics { get; init; } = ImmutableDictionary<string, ClusterTopic>.Empty;

    /// <summary>The leader of a partition, or <see cref="NoNode"/>.</summary>
    public int LeaderOf(TopicPartition partition) =>
        Topics.TryGetValue(partition.Topic, out ClusterTopic? topic) && (uint)partition.Partition < (uint)topic.Leaders.Length
            ? topic.Leaders[partition.Partition]
            : NoNode;
}

/// <summary>A topic of the cluster.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Id">Its id; empty when the cluster is too old for ids.</param>
/// <param name="IsInternal">Whether it belongs to the brokers.</param>
/// <param name="Leaders">The leader of each partition.</param>
internal sealed record ClusterTopic(string Name, Guid Id, bool IsInternal, ImmutableArray<int> Leaders)
{
    public TopicMetadata Describe() => new(Name, Id, Leaders.Length, IsInternal);
}
