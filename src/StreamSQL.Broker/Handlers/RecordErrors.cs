using StreamSQL.Broker.Partitions;
using StreamSQL.Kafka;
using StreamSQL.Kafka.Messages;
using StreamSQL.Kafka.Records;

namespace StreamSQL.Broker.Handlers;

/// <summary>Tells a producer which of its records made the batch fail (KIP-467). Only for batches that were refused.</summary>
internal static class RecordErrors
{
    private const int MaxDecompressedBytes = 16 * 1024 * 1024;
    private const int MaxErrors = 1000;

    /// <summary>
    /// Adds the records without keys that a compacted topic cannot take, and those whose time is out of bounds; nothing when the batch
    /// failed for another reason.
    /// </summary>
    public static void Explain(ProduceResponse.Partition answer, ReadOnlyMemory<byte> records, Partition partition)
    {
        if (RecordBatchValidator.CheckIntact(records.Span, out RecordBatchHeader batch) != ErrorCode.None)
            return;
        using var decompressed = new PooledBuffer(MaxDecompressedBytes);
        try
        {
            var reader = new RecordBatchReader(batch.PlainRecords(decompressed), batch.Count);
            for (int i = 0; reader.MoveNext() && answer.RecordErrors.Count < MaxErrors; i++)
            {
                if (WhatIsWrong(reader, batch.BaseTimestamp, answer.ErrorCode, partition) is { } message)
                    answer.RecordErrors.Add(new() { BatchIndex = i, BatchIndexErrorMessage = message });
            }
        }
        catch (KafkaException)
        {
            answer.RecordErrors.Clear(); // malformed: no record in particular is at fault
        }
        if (answer.RecordErrors.Count > 0)
            answer.ErrorMessage = $"{answer.RecordErrors.Count} records cannot be written to {partition.Name}: " +
                $"{answer.RecordErrors[0].BatchIndexErrorMessage}";
    }

    private static string? WhatIsWrong(RecordBatchReader reader, long baseTimestamp, ErrorCode error, Partition partition)
    {
        if (error == ErrorCode.InvalidRecord)
            return partition.Config.IsCompacted && !reader.HasKey ? "A compacted topic needs keys; this record has none." : null;
        long time = baseTimestamp + reader.TimestampDelta;
        long earliest = partition.EarliestTimestamp, latest = partition.LatestTimestamp;
        return RecordBatchValidator.IsWithin(time, earliest, latest)
            ? null
            : $"The timestamp {time} is not between {Math.Max(0, earliest)} and {latest} (message.timestamp.before.max.ms, " +
                "message.timestamp.after.max.ms).";
    }
}
