using StreamSQL.Kafka;
using StreamSQL.Kafka.Client;

namespace StreamSQL.Broker.Offsets;

/// <summary>An offset that a group has committed.</summary>
/// <param name="Offset">The next offset to read.</param>
/// <param name="LeaderEpoch">The leader epoch of the last record read; -1 when not said.</param>
/// <param name="Metadata">What the client wanted kept.</param>
/// <param name="CommitTimestampMs">When it was committed.</param>
public sealed record CommittedOffset(long Offset, int LeaderEpoch, string Metadata, long CommitTimestampMs)
{
    /// <summary>Where in its partition of <c>__consumer_offsets</c> it stands: of two commits the later one counts.</summary>
    internal long LogOffset { get; init; }
}

/// <summary>A partition's offset to commit.</summary>
/// <param name="Partition">The partition that was read.</param>
/// <param name="Offset">The next offset to read.</param>
/// <param name="LeaderEpoch">The leader epoch of the last record read; -1 when not said.</param>
/// <param name="Metadata">What the client wants kept.</param>
public readonly record struct OffsetToCommit(TopicPartition Partition, long Offset, int LeaderEpoch = -1, string Metadata = "");

/// <summary>A partition's committed offset as fetched.</summary>
/// <param name="Partition">The partition.</param>
/// <param name="Error"><see cref="ErrorCode.UnstableOffsetCommit"/> when an open transaction may still move it (KIP-447).</param>
/// <param name="Committed">The offset; null when there is none.</param>
public readonly record struct FetchedOffset(TopicPartition Partition, ErrorCode Error, CommittedOffset? Committed);
