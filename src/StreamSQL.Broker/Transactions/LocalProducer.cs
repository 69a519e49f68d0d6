using System.Runtime.InteropServices;
using StreamSQL.Broker.Partitions;
using StreamSQL.Kafka.Client;
using StreamSQL.Kafka.Records;

namespace StreamSQL.Broker.Transactions;

/// <summary>What the coordinator keeps for a transactional producer in this process. One commit at a time.</summary>
internal sealed class LocalProducer(string transactionalId, long producerId, short epoch) : IDisposable
{
    // Sequences are per partition; a producer that has written to more than this begins them anew, which an empty state accepts.
    private const int MaxPartitions = 100_000;
    private readonly Dictionary<Partition, int> _sequences = [];
    private readonly RecordBatchBuilder _offsetsBatch = new();

    public string TransactionalId { get; } = transactionalId;

    public long ProducerId { get; } = producerId;

    public short Epoch { get; } = epoch;

    /// <summary>Whether its owner has closed it.</summary>
    public bool IsDisposed { get; private set; }

    /// <summary>The partition of each batch of the commit in hand.</summary>
    public List<Partition> Partitions { get; } = [];

    /// <summary>An empty builder for the batch of offsets.</summary>
    public RecordBatchBuilder BeginOffsets()
    {
        _offsetsBatch.Reset();
        return _offsetsBatch;
    }

    /// <summary>The first of so many sequences for records of a partition.</summary>
    public int TakeSequences(Partition partition, int count)
    {
        if (_sequences.Count >= MaxPartitions)
            _sequences.Clear();
        ref var next = ref CollectionsMarshal.GetValueRefOrAddDefault(_sequences, partition, out _);
        var first = next;
        next = ProducerSequence.Add(first, count);
        return first;
    }

    /// <summary>Gives back the sequences that were taken last, because nothing was appended with them.</summary>
    public void ReturnSequences(Partition partition, int count) =>
        _sequences[partition] = ProducerSequence.Add(_sequences.GetValueOrDefault(partition), -count);

    /// <summary>Bytes that the commit writes, about.</summary>
    public static long ContentBytes(TransactionContent content)
    {
        const int OffsetBytes = 256;
        var bytes = (long)OffsetBytes * content.Offsets.Count;
        for (var i = 0; i < content.Batches.Count; i++)
            bytes += content.Batches[i].Batch.Length + TransactionMarker.BatchSize;
        return bytes;
    }

    public void Dispose()
    {
        IsDisposed = true;
        _offsetsBatch.Dispose();
    }
}
