using StreamSQL.Kafka;
using StreamSQL.Kafka.Client;
using StreamSQL.Kafka.Compression;
using StreamSQL.Kafka.Records;

namespace StreamSQL.Connect.Schemas;

/// <summary>
/// The topic that the registry is stored in: one partition, compacted. It is made when the first record is written, so that a server
/// without schemas has none. Not thread-safe.
/// </summary>
internal sealed class SchemasTopic(IBrokerClient broker, short replicationFactor, TimeProvider time) : IDisposable
{
    /// <summary>Its name.</summary>
    public const string Name = "_schemas";

    private const int FetchBytes = 1 << 20;
    private const int MaxDecompressedBytes = 1 << 28;
    private static readonly TimeSpan s_fetchWait = TimeSpan.FromSeconds(1);

    private static readonly Dictionary<string, string> s_configs = new() { ["cleanup.policy"] = "compact" };
    private readonly TopicPartition _partition = new(Name, 0);
    private readonly PooledBuffer _decompressed = new(MaxDecompressedBytes);
    private bool _exists;
    private long _position;

    /// <summary>Applies all records that the topic holds and that were not applied yet.</summary>
    /// <exception cref="InvalidDataException">A record is none of a registry's.</exception>
    /// <exception cref="KafkaException">The broker refused.</exception>
    public async ValueTask ReadAsync(Action<RegistryRecord> apply, CancellationToken cancellation)
    {
        if (!_exists && (await broker.GetTopicsAsync([Name], cancellation)).Count == 0)
            return;
        _exists = true;
        var bounds = await broker.GetOffsetsAsync(_partition, cancellation);
        _position = Math.Max(_position, bounds.LogStart);
        while (_position < bounds.LastStable)
        {
            using var fetched = await broker.FetchAsync(_partition, _position, FetchBytes, s_fetchWait, IsolationLevel.ReadCommitted,
                cancellation);
            if (fetched.Batches.IsEmpty)
                _position = bounds.LastStable; // compaction has taken what was there
            else
                Apply(fetched.Batches.Span, apply);
        }
    }

    /// <summary>Appends records, all or none. They count once <see cref="ReadAsync"/> has come to them.</summary>
    /// <exception cref="KafkaException">The broker refused.</exception>
    public async ValueTask AppendAsync(IReadOnlyList<RegistryRecord> records, CancellationToken cancellation)
    {
        if (!_exists)
            await CreateAsync(cancellation);
        using var builder = new RecordBatchBuilder();
        foreach (var record in records)
        {
            var (key, value) = RegistryRecordCodec.Encode(record);
            builder.Append(key, hasKey: true, value, hasValue: value is not null, time.GetUtcNow().ToUnixTimeMilliseconds());
        }

        // From here on the records may be durable, cancelled or not.
        await broker.ProduceAsync(_partition, builder.Build(), CancellationToken.None);
    }

    /// <inheritdoc/>
    public void Dispose() => _decompressed.Dispose();

    private async ValueTask CreateAsync(CancellationToken cancellation)
    {
        try
        {
            await broker.CreateTopicAsync(new NewTopic(Name, 1, replicationFactor, s_configs), cancellation);
        }
        catch (KafkaException error) when (error.Code == ErrorCode.TopicAlreadyExists)
        {
            // Another node was faster.
        }

        _exists = true;
    }

    private void Apply(ReadOnlySpan<byte> batches, Action<RegistryRecord> apply)
    {
        while (RecordBatchHeader.TryRead(batches, out var batch))
        {
            if (!batch.Attributes.IsControl)
                ApplyBatch(batch, apply);
            _position = Math.Max(_position, batch.NextOffset);
            batches = batches[batch.SizeInBytes..];
        }
    }

    private void ApplyBatch(RecordBatchHeader batch, Action<RegistryRecord> apply)
    {
        var records = batch.Records;
        if (batch.Attributes.Compression != CompressionType.None)
        {
            _decompressed.Clear();
            RecordCompression.Decompress(batch.Attributes.Compression, records, _decompressed);
            records = _decompressed.WrittenSpan;
        }

        var reader = new RecordBatchReader(records, batch.Count);
        while (reader.MoveNext())
        {
            if (batch.BaseOffset + reader.OffsetDelta >= _position && reader.HasKey
                && RegistryRecordCodec.Decode(reader.Key, reader.Value, reader.HasValue) is { } record)
                apply(record);
        }
    }
}
