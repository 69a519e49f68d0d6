using System.Text;
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
