using StreamSQL.Kafka.Client;
using StreamSQL.Kafka.Records;

namespace StreamSQL.Server.Demo;

/// <summary>
/// Loads records into a topic in order, each once: a chunk and the count of records loaded so far are one transaction, so a loader that is
/// opened again goes on where the last one stopped.
/// </summary>
internal sealed class SampleLoader : IAsyncDisposable
{
    private const string GroupId = "streamsql-demo";
    private static readonly TimeSpan TransactionTimeout = TimeSpan.FromMinutes(1);

    private readonly ITransactionalProducer _producer;
    private readonly RecordBatchBuilder[] _builders;
    private readonly TopicPartition _progress;
    private readonly string _topic;
    private readonly TimeProvider _time;

    private SampleLoader(ITransactionalProducer producer, string topic, int partitions, long loaded, TimeProvider time)
    {
        _producer = producer;
        _topic = topic;
        _progress = new(topic, 0);
        _builders = new RecordBatchBuilder[partitions];
        for (var i = 0; i < partitions; i++)
            _builders[i] = new RecordBatchBuilder();
        _time = time;
        Loaded = loaded;
    }

    /// <summary>Records loaded so far, also by earlier loaders.</summary>
    public long Loaded { get; private set; }

    /// <summary>Opens the loader of a topic.</summary>
    public static async Task<SampleLoader> OpenAsync(IBrokerClient broker, string topic, TimeProvider time, CancellationToken cancellation)
    {
        var metadata = (await broker.GetTopicsAsync([topic], cancellation)).Single();
        var producer = await broker.OpenTransactionalProducerAsync($"{GroupId}-{topic}", TransactionTimeout, cancellation);
        var committed = await broker.GetCommittedOffsetsAsync(GroupId, cancellation);
        return new(producer, topic, metadata.PartitionCount, committed.GetValueOrDefault(new(topic, 0)), time);
    }

    /// <summary>Appends the next records, each to the partition of its key; they become visible together.</summary>
    public async Task AppendAsync(IEnumerable<SampleRecord> records, CancellationToken cancellation)
    {
        var count = 0;
        var now = _time.GetUtcNow().ToUnixTimeMilliseconds();
        foreach (var record in records)
        {
            var partition = KeyPartitioner.PartitionOf(record.Key, _builders.Length);
            _builders[partition].Append(record.Key, hasKey: true, record.Value, hasValue: true, now);
            count++;
        }

        var batches = new List<PartitionBatch>(_builders.Length);
        for (var partition = 0; partition < _builders.Length; partition++)
        {
            if (_builders[partition].Count > 0)
                batches.Add(new(new(_topic, partition), _builders[partition].Build()));
        }

        await _producer.CommitAsync(new(batches, GroupId, [new(_progress, Loaded + count)]), cancellation);
        Loaded += count;
        foreach (var builder in _builders)
            builder.Reset();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var builder in _builders)
            builder.Dispose();
        await _producer.DisposeAsync();
    }
}
