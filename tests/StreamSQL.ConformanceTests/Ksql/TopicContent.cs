using System.Buffers.Binary;
using System.Text;
using StreamSQL.Kafka.Client;
using StreamSQL.Kafka.Records;

namespace StreamSQL.ConformanceTests.Ksql;

/// <summary>A record as it stands in a topic.</summary>
internal sealed record StoredRecord(byte[]? Key, byte[]? Value, long Timestamp, IReadOnlyList<CaseHeader> Headers);

/// <summary>Reads topics from the beginning, without control records.</summary>
internal static class TopicContent
{
    private const int FetchBytes = 1 << 20;

    /// <summary>All committed records of a topic, partition by partition; null when there is no such topic.</summary>
    public static async Task<List<StoredRecord>?> ReadAsync(IBrokerClient broker, string topic, CancellationToken cancellation)
    {
        var found = await broker.GetTopicsAsync([topic], cancellation);
        if (found.Count == 0)
            return null;
        var records = new List<StoredRecord>();
        for (var partition = 0; partition < found[0].PartitionCount; partition++)
            await ReadPartitionAsync(broker, new(topic, partition), records, cancellation);
        return records;
    }

    private static async Task ReadPartitionAsync(IBrokerClient broker, TopicPartition partition, List<StoredRecord> records,
        CancellationToken cancellation)
    {
        var bounds = await broker.GetOffsetsAsync(partition, cancellation);
        var offset = bounds.LogStart;
        while (offset < bounds.LastStable)
        {
            using var fetched = await broker.FetchAsync(partition, offset, FetchBytes, TimeSpan.Zero, IsolationLevel.ReadCommitted,
                cancellation);
            offset = Decode(fetched.Batches.Span, offset, records);
        }
    }

    private static long Decode(ReadOnlySpan<byte> batches, long offset, List<StoredRecord> records)
    {
        while (RecordBatchHeader.TryRead(batches, out var batch))
        {
            var reader = new RecordBatchReader(batch);
            while (!batch.Attributes.IsControl && reader.MoveNext())
            {
                if (batch.BaseOffset + reader.OffsetDelta >= offset)
                    records.Add(new(
                        reader.HasKey ? reader.Key.ToArray() : null, reader.HasValue ? reader.Value.ToArray() : null,
                        batch.BaseTimestamp + reader.TimestampDelta, Headers(reader.GetHeaders())));
            }

            offset = Math.Max(offset, batch.NextOffset);
            batches = batches[batch.SizeInBytes..];
        }

        return offset;
    }

    private static List<CaseHeader> Headers(RecordHeaderReader reader)
    {
        var headers = new List<CaseHeader>();
        while (reader.MoveNext())
            headers.Add(new(Encoding.UTF8.GetString(reader.Name), reader.HasValue ? Convert.ToBase64String(reader.Value) : null));
        return headers;
    }

    /// <summary>
    /// Cuts the window off a key: Kafka Streams writes it behind the key, a time window as its start, a session as its end and its start.
    /// </summary>
    public static (byte[] Key, long Start, long? End) SplitWindow(byte[] key, bool isSession)
    {
        var at = key.Length - (isSession ? 2 : 1) * sizeof(long);
        return at < 0
            ? throw new FormatException("The key is too short to hold a window.")
            : isSession
                ? (key[..at], BinaryPrimitives.ReadInt64BigEndian(key.AsSpan(at + sizeof(long))),
                    BinaryPrimitives.ReadInt64BigEndian(key.AsSpan(at)))
                : (key[..at], BinaryPrimitives.ReadInt64BigEndian(key.AsSpan(at)), null);
    }

    /// <summary>The opposite of <see cref="SplitWindow"/>.</summary>
    public static byte[] AppendWindow(byte[] key, CaseWindow window)
    {
        var whole = new byte[key.Length + (window.IsSession ? 2 : 1) * sizeof(long)];
        key.CopyTo(whole, 0);
        if (window.IsSession)
            BinaryPrimitives.WriteInt64BigEndian(whole.AsSpan(key.Length), window.End);
        BinaryPrimitives.WriteInt64BigEndian(whole.AsSpan(whole.Length - sizeof(long)), window.Start);
        return whole;
    }
}
