using System.Globalization;
using System.Text;
using StreamSQL.ClusterTests.Crashes.Checking;
using StreamSQL.Kafka.Client;
using StreamSQL.Kafka.Records;

namespace StreamSQL.ClusterTests.Crashes.Load;

/// <summary>The topic of the load: its records' values are PRODUCER-NUMBER, and at times a blank and padding.</summary>
internal static class LoadTopic
{
    public const string Name = "load";
    public const int Partitions = 4;
    private const int KeysOfPartition = 4;

    public static TopicPartition Partition(int index) => new(Name, index);

    /// <summary>The key of a record: a key is always in the same partition, as a query over keys wants it.</summary>
    public static string Key(int partition, long number) =>
        string.Create(CultureInfo.InvariantCulture, $"p{partition}k{number % KeysOfPartition}");

    /// <summary>A batch of records with consecutive numbers.</summary>
    public static byte[] Batch(int producer, int partition, long firstNumber, int count, int padding)
    {
        using var builder = new RecordBatchBuilder();
        for (long number = firstNumber; number < firstNumber + count; number++)
        {
            string value = string.Create(CultureInfo.InvariantCulture, $"{producer}-{number}")
                + (padding > 0 ? " " + new string('x', padding) : "");
            builder.Append(Encoding.ASCII.GetBytes(Key(partition, number)), true, Encoding.ASCII.GetBytes(value), true,
                DateTimeOffset.UtcNow.ToUnixTimeMilliseconds());
        }

        return builder.Build().ToArray();
    }

    /// <summary>The record that a value names.</summary>
    public static RecordId Parse(ReadOnlySpan<byte> value)
    {
        int end = value.IndexOf((byte)' ');
        ReadOnlySpan<byte> name = end < 0 ? value : value[..end];
        int dash = name.IndexOf((byte)'-');
        return new RecordId(
            int.Parse(name[..dash], CultureInfo.InvariantCulture), long.Parse(name[(dash + 1)..], CultureInfo.InvariantCulture));
    }

    /// <summary>
    /// The records of a fetch at or after an offset. Aborted ones are left out where the broker lists them, as every client does it: from a
    /// transaction's first offset on, until its marker.
    /// </summary>
    public static long Read(FetchedRecords fetched, int partition, long offset, long at, List<SeenRecord> seen)
    {
        ReadOnlySpan<byte> rest = fetched.Batches.Span;
        var pending = new Queue<AbortedTransaction>(fetched.Aborted.OrderBy(static a => a.FirstOffset));
        var aborting = new HashSet<long>();
        while (RecordBatchHeader.TryRead(rest, out RecordBatchHeader batch))
        {
            rest = rest[batch.SizeInBytes..];
            while (pending.TryPeek(out AbortedTransaction next) && next.FirstOffset <= batch.LastOffset)
                aborting.Add(pending.Dequeue().ProducerId);
            if (batch.Attributes.IsControl)
                aborting.Remove(batch.ProducerId);
            else if (!batch.Attributes.IsTransactional || !aborting.Contains(batch.ProducerId))
                Read(batch, partition, offset, at, seen);
            offset = Math.Max(offset, batch.NextOffset);
        }

        return offset;
    }

    private static void Read(RecordBatchHeader batch, int partition, long from, long at, List<SeenRecord> seen)
    {
        var reader = new RecordBatchReader(batch);
        while (reader.MoveNext())
        {
            long offset = batch.BaseOffset + reader.OffsetDelta;
            if (offset >= from)
                seen.Add(new SeenRecord(partition, offset, Parse(reader.Value), at));
        }
    }
}
