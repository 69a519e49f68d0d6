using StreamSQL.Kafka;
using StreamSQL.Kafka.Compression;
using StreamSQL.Kafka.Records;

namespace StreamSQL.Broker.Partitions;

/// <summary>A record, or a transaction's marker, of one of the broker's own topics.</summary>
internal readonly record struct StoredRecord(
    long Offset, long ProducerId, bool IsTransactional, TransactionMarker? Marker,
    ReadOnlyMemory<byte> Key, ReadOnlyMemory<byte> Value, bool HasValue);

/// <summary>Reads the broker's own topics back, record by record, when it starts.</summary>
internal static class PartitionRecords
{
    private const int ReadBytes = 1024 * 1024;
    private const int MaxDecompressedBytes = 64 * 1024 * 1024;

    /// <summary>All records of a partition, decided or not, in order. A record's memory is its own.</summary>
    public static IEnumerable<StoredRecord> ReadAll(Partition partition)
    {
        var (offset, end) = (partition.StartOffset, partition.EndOffset);
        while (offset < end)
        {
            List<StoredRecord> records = [];
            using (var read = partition.Log.ReadIntact(offset, ReadBytes, end))
            {
                if (read.IsEmpty)
                    yield break;
                Collect(read.Batches.ToArray(), offset, records);
                offset = read.NextOffset;
            }

            foreach (var record in records)
                yield return record;
        }
    }

    private static void Collect(ReadOnlyMemory<byte> batches, long fromOffset, List<StoredRecord> records)
    {
        while (RecordBatchHeader.TryRead(batches.Span, out var batch))
        {
            if (batch.Attributes.IsControl)
            {
                if (TransactionMarker.TryRead(batch, out var marker))
                    records.Add(new StoredRecord(batch.BaseOffset, batch.ProducerId, true, marker, default, default, false));
            }
            else
            {
                CollectRecords(batches[..batch.SizeInBytes], batch, fromOffset, records);
            }

            batches = batches[batch.SizeInBytes..];
        }
    }

    private static void CollectRecords(ReadOnlyMemory<byte> bytes, RecordBatchHeader batch, long fromOffset, List<StoredRecord> records)
    {
        var content = bytes[RecordBatchHeader.Size..];
        if (batch.Attributes.Compression != CompressionType.None)
        {
            using var plain = new PooledBuffer(MaxDecompressedBytes);
            RecordCompression.Decompress(batch.Attributes.Compression, batch.Records, plain);
            content = plain.WrittenSpan.ToArray();
        }

        var reader = new RecordBatchReader(content.Span, batch.Count);
        while (reader.MoveNext())
        {
            var offset = batch.BaseOffset + reader.OffsetDelta;
            if (offset < fromOffset)
                continue;
            var key = content.Slice(reader.KeyStart, reader.Key.Length);
            var value = content.Slice(reader.ValueStart, reader.Value.Length);
            records.Add(new StoredRecord(offset, batch.ProducerId, batch.Attributes.IsTransactional, null, key, value, reader.HasValue));
        }
    }
}
