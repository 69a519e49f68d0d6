using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using StreamSQL.Kafka.Client;
using StreamSQL.Kafka.Records;

namespace StreamSQL.UnitTests.Engine.ExactlyOnce;

/// <summary>A committed record of an output topic.</summary>
/// <param name="Offset">Its offset.</param>
/// <param name="Producer">The id of the producer that wrote it.</param>
/// <param name="Key">Its key, without the window.</param>
/// <param name="Window">The window behind it: its start, or of a session its end and start; empty for none.</param>
/// <param name="Fields">The fields of its value, as text; null for a tombstone.</param>
internal sealed record OutputRecord(long Offset, long Producer, string? Key, long[] Window, IReadOnlyDictionary<string, string?>? Fields)
{
    /// <summary>Whether a transaction of its producer ends behind it: what that producer wrote up to here is a committed prefix.</summary>
    public bool EndsTransaction { get; set; }

    /// <summary>Key and window with bars between: of a session its start and its end.</summary>
    public string FullKey => string.Join('|', Window.Reverse().Select(static bound => $"{bound}").Prepend(Key));

    /// <summary>Columns with bars between; null for a tombstone.</summary>
    public string? Row(IEnumerable<string> columns) => Fields is null ? null : string.Join('|', columns.Select(column => Fields[column]));
}

/// <summary>What readers of committed records find in a topic, with the places where transactions end.</summary>
internal sealed class OutputLog
{
    private const int MaxBytes = 1024 * 1024;

    private readonly List<OutputRecord>[] _partitions;
    private readonly int _windowBounds;

    private OutputLog(int partitions, int windowBounds)
    {
        _partitions = [.. Enumerable.Range(0, partitions).Select(static _ => new List<OutputRecord>())];
        _windowBounds = windowBounds;
    }

    /// <summary>The records by partition.</summary>
    public IReadOnlyList<IReadOnlyList<OutputRecord>> Partitions => _partitions;

    /// <summary>All records.</summary>
    public IEnumerable<OutputRecord> All => _partitions.SelectMany(static records => records);

    /// <summary>Transactions that wrote here.</summary>
    public int Transactions => All.Count(static record => record.EndsTransaction);

    /// <summary>Reads a topic from its beginning to its present end.</summary>
    /// <param name="broker">The broker.</param>
    /// <param name="topic">The topic.</param>
    /// <param name="windowBounds">How many bounds of windows stand behind its keys.</param>
    public static async Task<OutputLog> ReadAsync(IBrokerClient broker, string topic, int windowBounds)
    {
        var metadata = (await broker.GetTopicsAsync([topic], default)).Single();
        var log = new OutputLog(metadata.PartitionCount, windowBounds);
        for (var partition = 0; partition < metadata.PartitionCount; partition++)
            await log.ReadAsync(broker, new TopicPartition(topic, partition));
        return log;
    }

    private async Task ReadAsync(IBrokerClient broker, TopicPartition partition)
    {
        var offsets = await broker.GetOffsetsAsync(partition, default);
        if (offsets.LastStable != offsets.HighWatermark)
            throw new InvalidDataException($"a transaction of {partition} is still open");
        for (var offset = offsets.LogStart; offset < offsets.LastStable;)
        {
            using var fetched = await broker.FetchAsync(partition, offset, MaxBytes, TimeSpan.FromSeconds(5),
                IsolationLevel.ReadCommitted, default);
            if (fetched.Batches.IsEmpty)
                throw new InvalidDataException($"{partition} ends at {offset} of {offsets.LastStable}");
            offset = Read(fetched, _partitions[partition.Partition], offset);
        }
    }

    /// <summary>
    /// As every client does it: of the transactions that the broker lists, what lies between their
    /// first offsets and their markers is left out.
    /// </summary>
    private long Read(FetchedRecords fetched, List<OutputRecord> target, long offset)
    {
        var rest = fetched.Batches.Span;
        var pending = new Queue<AbortedTransaction>(fetched.Aborted.OrderBy(static aborted => aborted.FirstOffset));
        var aborting = new HashSet<long>();
        while (RecordBatchHeader.TryRead(rest, out var batch))
        {
            rest = rest[batch.SizeInBytes..];
            while (pending.TryPeek(out var next) && next.FirstOffset <= batch.LastOffset)
                aborting.Add(pending.Dequeue().ProducerId);
            if (batch.NextOffset <= offset)
                continue;
            var isAborted = aborting.Contains(batch.ProducerId);
            if (batch.Attributes.IsControl)
            {
                aborting.Remove(batch.ProducerId);
                var (producer, isCommit) = (batch.ProducerId, !isAborted);
                if (isCommit && target.FindLast(record => record.Producer == producer) is { } last)
                    last.EndsTransaction = true;
            }
            else if (!isAborted)
            {
                Read(batch, target, offset);
            }

            offset = batch.NextOffset;
        }

        return offset;
    }

    private void Read(RecordBatchHeader batch, List<OutputRecord> target, long from)
    {
        var reader = new RecordBatchReader(batch);
        while (reader.MoveNext())
        {
            if (batch.BaseOffset + reader.OffsetDelta < from)
                continue;
            var key = reader.Key;
            var window = new long[reader.HasKey ? _windowBounds : 0];
            for (var i = 0; i < window.Length; i++)
                window[i] = BinaryPrimitives.ReadInt64BigEndian(key[^(8 * (window.Length - i))..]);
            target.Add(new OutputRecord(
                batch.BaseOffset + reader.OffsetDelta, batch.ProducerId,
                reader.HasKey ? Encoding.UTF8.GetString(key[..^(8 * window.Length)]) : null, window,
                reader.HasValue ? Fields(reader.Value) : null));
        }
    }

    private static Dictionary<string, string?> Fields(ReadOnlySpan<byte> value)
    {
        using var document = JsonDocument.Parse(value.ToArray());
        return document.RootElement.EnumerateObject().ToDictionary(static field => field.Name, static field => Text(field.Value));
    }

    private static string? Text(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => null,
        JsonValueKind.String => value.GetString(),
        JsonValueKind.Array => string.Join('+', value.EnumerateArray().Select(Text)),
        _ => value.GetRawText(),
    };
}
