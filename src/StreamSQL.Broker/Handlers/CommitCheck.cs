using StreamSQL.Broker.Offsets;
using StreamSQL.Kafka;
using StreamSQL.Kafka.Client;

namespace StreamSQL.Broker.Handlers;

/// <summary>Checks the partitions of an offset commit one by one, and gathers those that may be committed.</summary>
internal sealed class CommitCheck(BrokerHost host)
{
    /// <summary>What passed.</summary>
    public List<OffsetToCommit> Accepted { get; } = [];

    /// <summary>Checks a partition.</summary>
    public ErrorCode Check(TopicPartition partition, long offset, int leaderEpoch, string? metadata)
    {
        if (host.Topics.Find(partition) is null)
            return ErrorCode.UnknownTopicOrPartition;
        if (metadata?.Length > host.Options.Groups.MaxOffsetMetadataLength)
            return ErrorCode.OffsetMetadataTooLarge;
        Accepted.Add(new OffsetToCommit(partition, offset, leaderEpoch, metadata ?? ""));
        return ErrorCode.None;
    }
}
