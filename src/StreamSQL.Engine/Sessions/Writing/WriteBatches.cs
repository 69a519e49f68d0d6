using Npgsql;
using StreamSQL.Data.Errors;
using StreamSQL.Kafka.Client;
using StreamSQL.Kafka.Records;

namespace StreamSQL.Engine.Sessions.Writing;

/// <summary>The record batches of a transaction's writes, by partition, in the order in which they were written.</summary>
internal sealed class WriteBatches : IDisposable
{
    // Well below max.message.bytes, whose default is 1 MiB.
    private const int FullBatchBytes = 256 * 1024;

    // A transaction on the embedded broker is not checked record by record: what a topic takes by default is the limit.
    private const int MaxBatchBytes = 1024 * 1024;

    private readonly Dictionary<TopicPartition, List<RecordBatchBuilder>> _byPartition = [];

    private WriteBatches()
    {
    }

    /// <summary>The batches of each partition.</summary>
    public IReadOnlyDictionary<TopicPartition, List<RecordBatchBuilder>> ByPartition => _byPartition;

    /// <summary>How many batches there are.</summary>
    public int Count { get; private set; }

    /// <summary>Makes the batches.</summary>
    public static WriteBatches Of(IReadOnlyList<RowWrite> writes)
    {
        var batches = new WriteBatches();
        foreach (var write in writes)
            batches.Add(write);
        return batches;
    }

    /// <summary>Builds them for a transaction.</summary>
    /// <exception cref="SqlException">54000: a record is too large.</exception>
    public List<PartitionBatch> Build()
    {
        var built = new List<PartitionBatch>(Count);
        foreach (var (partition, builders) in _byPartition)
        {
            foreach (var builder in builders)
            {
                if (builder.SizeInBytes > MaxBatchBytes)
                    throw new SqlException(PostgresErrorCodes.ProgramLimitExceeded,
                        $"a row for {partition.Topic} has {builder.SizeInBytes} bytes, more than the {MaxBatchBytes} that a record may " +
                            "have");
                built.Add(new PartitionBatch(partition, builder.Build()));
            }
        }

        return built;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var builder in _byPartition.Values.SelectMany(static builders => builders))
            builder.Dispose();
        _byPartition.Clear();
    }

    private void Add(RowWrite write)
    {
        var partitions = write.Target.Partitions;
        var nextWithoutKey = 0;
        for (var i = 0; i < write.Count; i++)
        {
            var hasKey = write.Partitions[i] >= 0;
            var hasValue = !write.IsDelete && !write.Values.IsNull(i);
            var partition = new TopicPartition(write.Target.Topic, hasKey ? write.Partitions[i] : nextWithoutKey++ % partitions);
            BuilderOf(partition).Append(
                hasKey ? write.Keys[i] : default, hasKey, hasValue ? write.Values[i] : default, hasValue,
                write.Rows.RowTime.Values[write.Rows.Selection[i]]);
        }
    }

    private RecordBatchBuilder BuilderOf(TopicPartition partition)
    {
        if (!_byPartition.TryGetValue(partition, out var builders))
            _byPartition.Add(partition, builders = []);
        if (builders.Count == 0 || builders[^1].SizeInBytes >= FullBatchBytes)
        {
            builders.Add(new RecordBatchBuilder());
            Count++;
        }

        return builders[^1];
    }
}
