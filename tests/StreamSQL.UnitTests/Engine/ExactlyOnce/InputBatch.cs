using System.Text;
using StreamSQL.Kafka.Client;
using StreamSQL.Kafka.Records;

namespace StreamSQL.UnitTests.Engine.ExactlyOnce;

/// <summary>Rows that are sent to one topic together, by partition.</summary>
internal sealed record InputBatch(InputTopic Topic, IReadOnlyList<IReadOnlyList<InputRow>> Rows)
{
    /// <summary>The same rows with a value that would spoil every result: for transactions that are aborted.</summary>
    public InputBatch Poisoned() =>
        this with { Rows = [.. Rows.Select(static rows =>
            rows.Select(static row => row with { Number = -1, Value = 1_000_000, IsTombstone = false }).ToArray())] };

    /// <summary>A record batch for each partition that has rows.</summary>
    public IEnumerable<(TopicPartition Partition, byte[] Batch)> Encode() => Encode(static builder => builder.Build());

    /// <summary>The same, as the first of a new epoch of a transactional producer.</summary>
    public IEnumerable<(TopicPartition Partition, byte[] Batch)> Encode(long producerId, short producerEpoch) =>
        Encode(builder => builder.Build(producerId, producerEpoch, baseSequence: 0, transactional: true));

    private IEnumerable<(TopicPartition Partition, byte[] Batch)> Encode(Func<RecordBatchBuilder, Memory<byte>> build)
    {
        for (var partition = 0; partition < Rows.Count; partition++)
        {
            if (Rows[partition].Count == 0)
                continue;
            using var builder = new RecordBatchBuilder();
            foreach (var row in Rows[partition])
            {
                var value = row.Encode();
                builder.Append(Encoding.UTF8.GetBytes(row.Key), true, value, value is not null, row.Time);
            }

            yield return (new TopicPartition(Topic.Name, partition), build(builder).ToArray());
        }
    }
}
