using System.Text;
using StreamSQL.Kafka;
using StreamSQL.Kafka.Compression;
using StreamSQL.Kafka.Records;

namespace StreamSQL.UnitTests.Storage;

/// <summary>Record batches for tests.</summary>
internal static class TestBatches
{
    /// <summary>A batch with one record per value, each a millisecond after the one before.</summary>
    public static byte[] Of(long timestamp, params string[] values)
    {
        using var builder = new RecordBatchBuilder();
        foreach (var value in values)
            builder.Append(default, false, Encoding.UTF8.GetBytes(value), true, timestamp++);
        return builder.Build().ToArray();
    }

    /// <summary>A batch of one record with a value of so many bytes.</summary>
    public static byte[] Sized(int valueBytes, long timestamp = 1000) => Of(timestamp, new string('x', valueBytes));

    /// <summary>A batch of an idempotent producer.</summary>
    public static byte[] Produced(long producerId, short epoch, int sequence, bool transactional, params string[] values)
    {
        var batch = Of(1000, values);
        RecordBatchHeader.StampProducer(batch, producerId, epoch, sequence, transactional);
        return batch;
    }

    /// <summary>A batch of records with keys; a record without a value is a tombstone.</summary>
    public static byte[] Keyed(long timestamp, params (string Key, string? Value)[] records)
    {
        using var builder = new RecordBatchBuilder();
        foreach (var (key, value) in records)
            builder.Append(Encoding.UTF8.GetBytes(key), true, Encoding.UTF8.GetBytes(value ?? ""), value is not null, timestamp++);
        return builder.Build().ToArray();
    }

    /// <summary>The same batch with its records compressed.</summary>
    public static byte[] Compressed(byte[] batch, CompressionType compression)
    {
        RecordBatchHeader.TryRead(batch, out var header).ShouldBeTrue();
        using var output = new PooledBuffer();
        RecordBatchCompressor.Recompress(header, compression, int.MaxValue, output);
        return output.WrittenSpan.ToArray();
    }

    /// <summary>All records in consecutive batches, markers left out.</summary>
    public static List<TestRecord> Records(ReadOnlySpan<byte> batches)
    {
        var records = new List<TestRecord>();
        while (RecordBatchHeader.TryRead(batches, out var batch))
        {
            RecordBatchValidator.CheckIntact(batch.Batch, out _).ShouldBe(ErrorCode.None);
            if (!batch.Attributes.IsControl)
                records.AddRange(RecordsOf(batch));
            batches = batches[batch.SizeInBytes..];
        }

        return records;
    }

    /// <summary>The records of one batch, compressed or not.</summary>
    public static List<TestRecord> RecordsOf(RecordBatchHeader batch)
    {
        var records = new List<TestRecord>();
        using var plain = new PooledBuffer();
        if (batch.Count > 0)
            RecordCompression.Decompress(batch.Attributes.Compression, batch.Records, plain);
        var reader = new RecordBatchReader(plain.WrittenSpan, batch.Count);
        while (reader.MoveNext())
        {
            records.Add(new TestRecord(
                batch.BaseOffset + reader.OffsetDelta,
                batch.BaseTimestamp + reader.TimestampDelta,
                reader.HasKey ? Encoding.UTF8.GetString(reader.Key) : null,
                reader.HasValue ? Encoding.UTF8.GetString(reader.Value) : null));
        }

        return records;
    }

    /// <summary>The values of all records in consecutive batches.</summary>
    public static List<string> Values(ReadOnlySpan<byte> batches)
    {
        var values = new List<string>();
        while (RecordBatchHeader.TryRead(batches, out var batch))
        {
            var reader = new RecordBatchReader(batch);
            while (!batch.Attributes.IsControl && reader.MoveNext())
                values.Add(Encoding.UTF8.GetString(reader.Value));
            batches = batches[batch.SizeInBytes..];
        }

        return values;
    }
}

/// <summary>A record as tests see it.</summary>
internal sealed record TestRecord(long Offset, long Timestamp, string? Key, string? Value);
