using StreamSQL.Broker.Offsets;
using StreamSQL.Kafka;
using StreamSQL.Kafka.Client;

namespace StreamSQL.Broker.Handlers;

/// <summary>Checks the partitions of an offset commit one by one, and gathers those that may be committed.</summary>
internal sealed class CommitCheck(BrokerServices services)
{
    /// <summary>What passed.</summary>
    public List<OffsetToCommit> Accepted { get; } = [];

    /// <summary>Checks a partition.</summary>
    public ErrorCode Check(TopicPartition partition, long offset, int leaderEpoch, string? metadata)
    {
        if (services.Topics.Find(partition) is null)
            return services.Topics.WhyMissing(partition.Topic);
        if (metadata?.Length > services.Host.Options.Groups.MaxOffsetMetadataLength)
            return ErrorCode.OffsetMetadataTooLarge;
        Accepted.Add(new OffsetToCommit(partition, offset, leaderEpoch, metadata ?? ""));
        return ErrorCode.None;
    }
}
