using StreamSQL.Kafka;
using StreamSQL.Kafka.Client;
using StreamSQL.Storage.Logs;

namespace StreamSQL.Broker.Partitions;

/// <summary>What a read of a partition came to.</summary>
/// <param name="Error">None, or <see cref="ErrorCode.OffsetOutOfRange"/>.</param>
/// <param name="Records">Whole batches in a leased buffer; to be disposed once.</param>
/// <param name="Offsets">The partition's bounds at the time.</param>
/// <param name="Aborted">Aborted transactions that overlap the batches; empty for read-uncommitted.</param>
public readonly record struct PartitionRead(
    ErrorCode Error, LogRead Records, PartitionOffsets Offsets, IReadOnlyList<AbortedTransaction> Aborted);
