using StreamSQL.Kafka.Records;

namespace StreamSQL.Broker.Partitions;

/// <summary>A batch that an idempotent producer has appended.</summary>
internal readonly record struct ProducedBatch(int BaseSequence, int LastSequence, long BaseOffset);

/// <summary>What a partition knows of one producer: its epoch, its last five batches (KIP-98), its open transaction.</summary>
internal sealed class ProducerEntry(long producerId)
{
    /// <summary>Batches that a client may have in flight, hence may send again.</summary>
    public const int KeptBatches = 5;

    private readonly ProducedBatch[] _batches = new ProducedBatch[KeptBatches];
    private int _next;

    public long ProducerId { get; } = producerId;

    /// <summary>The producer's epoch; -1 before its first batch or marker.</summary>
    public short Epoch { get; private set; } = -1;

    /// <summary>Batches kept, at most five.</summary>
    public int Count { get; private set; }

    /// <summary>Where the open transaction begins in this partition; -1 without one.</summary>
    public long TransactionStart { get; set; } = -1;

    /// <summary>The epoch of the coordinator that wrote the last marker.</summary>
    public int CoordinatorEpoch { get; set; } = -1;

    /// <summary>Markers seen; a transactional append that was verified before the last one is late (KIP-890).</summary>
    public int Markers { get; set; }

    /// <summary>The broker's time at its last batch or marker, for expiry (records may carry times long past).</summary>
    public long LastTimestamp { get; set; } = -1;

    /// <summary>The sequence of its last record; -1 without batches in this epoch.</summary>
    public int LastSequence => Count == 0 ? ProducerSequence.None : Kept(Count - 1).LastSequence;

    /// <summary>A kept batch, oldest first.</summary>
    public ProducedBatch Kept(int index) => _batches[(_next - Count + index + (2 * KeptBatches)) % KeptBatches];

    /// <summary>The offset that a batch got when it was appended before; -1 when it is new.</summary>
    public long FindDuplicate(short epoch, int baseSequence, int lastSequence)
    {
        for (var i = Count - 1; i >= 0 && epoch == Epoch; i--)
        {
            var batch = Kept(i);
            if (batch.BaseSequence == baseSequence && batch.LastSequence == lastSequence)
                return batch.BaseOffset;
        }

        return -1;
    }

    /// <summary>Adds a batch that was appended. A new epoch forgets the batches of the old one.</summary>
    public void Add(short epoch, ProducedBatch batch, long nowMs)
    {
        SetEpoch(epoch);
        _batches[_next] = batch;
        _next = (_next + 1) % KeptBatches;
        Count = Math.Min(KeptBatches, Count + 1);
        LastTimestamp = nowMs;
    }

    public ProducerEntry Clone()
    {
        var clone = new ProducerEntry(ProducerId)
        {
            Epoch = Epoch,
            Count = Count,
            TransactionStart = TransactionStart,
            CoordinatorEpoch = CoordinatorEpoch,
            Markers = Markers,
            LastTimestamp = LastTimestamp,
            _next = _next,
        };
        _batches.CopyTo(clone._batches, 0);
        return clone;
    }

    public void SetEpoch(short epoch)
    {
        if (epoch == Epoch)
            return;
        Epoch = epoch;
        Count = 0;
        _next = 0;
    }
}
