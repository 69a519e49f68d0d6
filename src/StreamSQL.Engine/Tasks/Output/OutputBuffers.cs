using StreamSQL.Kafka.Client;
using StreamSQL.Kafka.Records;

namespace StreamSQL.Engine.Tasks.Output;

/// <summary>
/// What a task has written since its last commit: record batches by topic partition, to be taken into one transaction. Bounded by the
/// commit group, which commits when it holds too much. Not thread-safe.
/// </summary>
internal sealed class OutputBuffers : IDisposable
{
    // Kafka's default for max.message.bytes is 1 MiB: larger batches are cut.
    private const int MaxBatchBytes = 900 * 1024;

    private readonly Dictionary<TopicPartition, Buffer> _buffers = [];

    /// <summary>Bytes buffered.</summary>
    public long SizeInBytes { get; private set; }

    /// <summary>The buffer of a partition; keep it, it lives as long as the task.</summary>
    public Buffer For(TopicPartition partition)
    {
        if (!_buffers.TryGetValue(partition, out var buffer))
            _buffers.Add(partition, buffer = new Buffer(this, partition));
        return buffer;
    }

    /// <summary>
    /// Adds all batches to a transaction. They lie in the buffers: <see cref="Clear"/> only when the transaction has ended.
    /// </summary>
    public void AddTo(List<PartitionBatch> batches)
    {
        foreach (var buffer in _buffers.Values)
            buffer.AddTo(batches);
    }

    /// <summary>Forgets what was written; the memory is kept.</summary>
    public void Clear()
    {
        foreach (var buffer in _buffers.Values)
            buffer.Clear();
        SizeInBytes = 0;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var buffer in _buffers.Values)
            buffer.Dispose();
    }

    /// <summary>The record batches for one partition.</summary>
    internal sealed class Buffer(OutputBuffers owner, TopicPartition partition) : IDisposable
    {
        private readonly List<RecordBatchBuilder> _builders = [new()];
        private int _current;

        /// <summary>Appends a record; a null key or value is told by its flag.</summary>
        public void Append(
            ReadOnlySpan<byte> key, bool hasKey, ReadOnlySpan<byte> value, bool hasValue, long timestampMs,
            ReadOnlySpan<byte> headers = default, int headerCount = 0)
        {
            var builder = _builders[_current];
            var before = builder.Count == 0 ? 0 : builder.SizeInBytes;
            if (builder.Count > 0 && before + key.Length + value.Length > MaxBatchBytes)
            {
                if (++_current == _builders.Count)
                    _builders.Add(new RecordBatchBuilder());
                builder = _builders[_current];
                before = 0;
            }

            builder.Append(key, hasKey, value, hasValue, timestampMs, headers, headerCount);
            owner.SizeInBytes += builder.SizeInBytes - before;
        }

        /// <summary>Adds the batches to a transaction, in order.</summary>
        public void AddTo(List<PartitionBatch> batches)
        {
            for (var i = 0; i <= _current && _builders[i].Count > 0; i++)
                batches.Add(new PartitionBatch(partition, _builders[i].Build()));
        }

        /// <summary>Forgets what was written; one buffer is kept.</summary>
        public void Clear()
        {
            for (var i = _builders.Count - 1; i > 0; i--)
                _builders[i].Dispose();
            _builders.RemoveRange(1, _builders.Count - 1);
            _builders[0].Reset();
            _current = 0;
        }

        /// <inheritdoc/>
        public void Dispose()
        {
            foreach (var builder in _builders)
                builder.Dispose();
        }
    }
}
