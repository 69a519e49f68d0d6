using StreamSQL.Broker.Topics;
using StreamSQL.Kafka;
using StreamSQL.Kafka.Client;
using StreamSQL.Storage.Cleaning;
using StreamSQL.Storage.Files;
using StreamSQL.Storage.Logs;

namespace StreamSQL.Broker.Partitions;

/// <summary>
/// A partition as its leader sees it: judges batches and appends them to the log, knows what is committed (high watermark) and what is
/// decided
/// (last stable offset), and wakes those who wait for data. All state is guarded by the log's gate and follows the log's order.
/// </summary>
public sealed partial class Partition
{
    private readonly LogStore _store;
    private readonly TimeProvider _time;
    private readonly ProducerStates _producers = new();
    private readonly List<(IPartitionObserver Observer, int Slot)> _observers = [];
    private readonly Queue<(long First, long Marker)> _endedNotDurable = new();
    private long _lastStableOffset;

    internal Partition(TopicPartition name, PartitionLog log, LogStore store, TopicConfig config, TimeProvider time)
    {
        Name = name;
        Log = log;
        _store = store;
        _time = time;
        Config = config;
        _lastStableOffset = log.DurableEndOffset;
        log.DurableAdvanced = OnDurable;
        log.CleaningSource = new CleaningSource(() => LastStableOffset, DescribeForCleaning, ForgetAborted);
    }

    /// <summary>Topic name and index.</summary>
    public TopicPartition Name { get; }

    /// <summary>
    /// The epoch of this leader: it rises with every start after an unclean end (there is one replica, and no election yet).
    /// </summary>
    public int LeaderEpoch => Log.Epochs.Current;

    /// <summary>The first offset that can be read.</summary>
    public long StartOffset => Log.StartOffset;

    /// <summary>Records below this are committed: durable on all in-sync replicas.</summary>
    public long HighWatermark => Log.DurableEndOffset;

    /// <summary>Records below this are committed and belong to no open transaction.</summary>
    public long LastStableOffset => Volatile.Read(ref _lastStableOffset);

    /// <summary>The offset that the next record gets.</summary>
    public long EndOffset => Log.EndOffset;

    /// <summary>Bytes on disk and in memory.</summary>
    public long SizeInBytes => Log.SizeInBytes;

    /// <summary>Start, last stable offset and high watermark.</summary>
    public PartitionOffsets Offsets => new(StartOffset, LastStableOffset, HighWatermark);

    internal PartitionLog Log { get; }

    /// <summary>The topic's configs; replaced when they are altered.</summary>
    internal TopicConfig Config { get; private set; }

    /// <summary>
    /// Appends one batch that a client sent: validates it, deduplicates it, assigns offsets. Completes when <paramref name="acks"/> is
    /// satisfied: with <see cref="RequiredAcks.All"/> the batch (also a duplicate) is then committed and durable. The bytes are copied
    /// before this returns, or stay in <paramref name="owner"/>. Transactional batches go through
    /// <c>TransactionCoordinator.AppendAsync</c>, which verifies them first.
    /// </summary>
    /// <param name="batch">The batch.</param>
    /// <param name="acks">When it completes.</param>
    /// <param name="timeoutMs">
    /// How long a slow disk is waited for, in milliseconds: then <see cref="ErrorCode.RequestTimedOut"/>. For ever when it is not above 0.
    /// </param>
    /// <param name="owner">The buffer of the bytes, if the log may go on using it (see <see cref="PartitionLog.Append"/>).</param>
    /// <returns>The outcome; refusals are values. <see cref="ErrorCode.KafkaStorageError"/> when storage failed or the disk is
    /// full.</returns>
    public ValueTask<AppendResult> AppendAsync(
        ReadOnlyMemory<byte> batch, RequiredAcks acks, int timeoutMs = Timeout.Infinite, LeasedBuffer? owner = null) =>
        AppendAsync(batch, acks, verification: null, timeoutMs, owner);

    /// <summary>
    /// Whether who appends is told when the disk is full, although what it appended may be written later. Topics whose names begin as this
    /// server's own do are written by code that has to know what became of a record: there, who appended waits.
    /// </summary>
    private bool TellsOfFullDisk => Name.Topic[0] != '_';

    /// <summary>
    /// Reads whole batches from the one that holds an offset on, up to the high watermark or, read-committed, up to the last stable offset.
    /// Never waits: empty when nothing is there (see <see cref="DataWaiter"/>). <see cref="ErrorCode.CorruptMessage"/> when the record at
    /// the offset is damaged; what lies around it can be read.
    /// </summary>
    /// <param name="offset">Where to begin.</param>
    /// <param name="maxBytes">At most so many bytes, except that the first batch always comes whole.</param>
    /// <param name="isolation">What may be seen.</param>
    public PartitionRead Read(long offset, int maxBytes, IsolationLevel isolation)
    {
        var offsets = Offsets;
        if (!IsInRange(offset))
            return new PartitionRead(ErrorCode.OffsetOutOfRange, default, offsets, []);
        var committed = isolation == IsolationLevel.ReadCommitted;
        var abortedNow = _producers.Aborted.Now; // before the read, see there
#if PLANTED_BUGS
        if (Planted.IsAwake(PlantedBug.ExposeAboveLastStable))
            offsets = offsets with { LastStable = offsets.HighWatermark };
#endif
        try
        {
            var records = Log.Read(offset, maxBytes, committed ? offsets.LastStable : offsets.HighWatermark);
            IReadOnlyList<AbortedTransaction> aborted = committed && !records.IsEmpty ? abortedNow.In(offset, records.NextOffset) : [];
            return new PartitionRead(ErrorCode.None, records, offsets, aborted);
        }
        catch (Exception e) when (e is QuarantinedException or CorruptDataException)
        {
            return new PartitionRead(ErrorCode.CorruptMessage, default, offsets, []);
        }
    }

    /// <summary>Whether reading may begin at an offset: it lies between the log's start and its end.</summary>
    public bool IsInRange(long offset) => offset >= StartOffset && offset <= EndOffset;

    /// <summary>
    /// The largest leader epoch not above a given one, and where it ends (KIP-101, KIP-279); (-1, -1) for an epoch that is not known here.
    /// </summary>
    public (int Epoch, long EndOffset) EndOfEpoch(int epoch)
    {
        EpochStart found = Log.Epochs.EndOf(epoch, EndOffset);
        return (found.Epoch, found.StartOffset);
    }

    /// <summary>The leader epoch in which an offset was written; -1 when that is not known.</summary>
    public int EpochOf(long offset) => Log.Epochs.EpochOf(offset);

    /// <summary>The first visible record at or after a time. False when there is none.</summary>
    public bool TryFindTimestamp(long timestampMs, IsolationLevel isolation, out TimestampedOffset found) =>
        Log.TryFindTimestamp(timestampMs, VisibleEnd(isolation), out found);

    /// <summary>The visible record with the largest timestamp. False when there is none.</summary>
    public bool TryFindMaxTimestamp(IsolationLevel isolation, out TimestampedOffset found) =>
        Log.TryFindMaxTimestamp(VisibleEnd(isolation), out found);

    /// <summary>Removes the records below an offset, durably. -1 means all committed records. Returns the new log start.</summary>
    /// <exception cref="KafkaException"><see cref="ErrorCode.OffsetOutOfRange"/> beyond the high watermark.</exception>
    public async ValueTask<long> DeleteRecordsAsync(long beforeOffset)
    {
        var offset = beforeOffset == -1 ? HighWatermark : beforeOffset;
        if (offset < 0 || offset > HighWatermark)
        {
            throw new KafkaException(
                ErrorCode.OffsetOutOfRange, $"{Name} ends at {HighWatermark}; records before {beforeOffset} cannot be deleted.");
        }

        await _store.AdvanceStartAsync(Log, offset);
        OnStartAdvanced();
        return StartOffset;
    }

    /// <summary>The producers that this partition knows (DescribeProducers).</summary>
    public IReadOnlyList<ProducerDescription> DescribeProducers()
    {
        lock (Log.Gate)
        {
            return [.. _producers.Producers.Values.Select(p => new ProducerDescription(
                p.ProducerId, p.Epoch, p.LastSequence, p.LastTimestamp, p.CoordinatorEpoch, p.TransactionStart))];
        }
    }

    internal void Reconfigure(TopicConfig config)
    {
        Config = config;
        Log.Config = config.Log;
    }

    internal async ValueTask ApplyRetentionAsync(long producerExpiryMs)
    {
        var (now, start) = (NowMs, StartOffset);
        lock (Log.Gate)
            _producers.Expire(now - producerExpiryMs);
        await _store.ApplyRetentionAsync(Log, now, LastStableOffset);
        if (StartOffset != start)
            OnStartAdvanced();
    }

    /// <summary>Observes the partition from now on. False when it has been deleted.</summary>
    internal bool AddObserver(IPartitionObserver observer, int slot)
    {
        lock (Log.Gate)
        {
            if (Log.IsClosed)
                return false;
            _observers.Add((observer, slot));
            return true;
        }
    }

    internal void RemoveObserver(IPartitionObserver observer, int slot)
    {
        lock (Log.Gate)
        {
            var at = _observers.IndexOf((observer, slot));
            if (at >= 0)
                RemoveObserverAt(at);
        }
    }

    /// <summary>Ends waits when the partition is deleted: readers then find the topic gone.</summary>
    internal void SignalAll()
    {
        lock (Log.Gate)
            Signal();
    }

    /// <summary>The broker's time, milliseconds since 1970.</summary>
    internal long NowMs => _time.GetUtcNow().ToUnixTimeMilliseconds();

    private long VisibleEnd(IsolationLevel isolation) =>
        isolation == IsolationLevel.ReadCommitted ? LastStableOffset : HighWatermark;

    /// <summary>What must survive when the log is compacted, so that a scan of it finds the same producers and transactions.</summary>
    private CleaningState DescribeForCleaning()
    {
        lock (Log.Gate)
        {
            var tails = _producers.Producers.Values.ToDictionary(
                p => p.ProducerId, p => new ProducerTail(p.Epoch, p.Count == 0 ? -1 : p.Kept(p.Count - 1).BaseOffset));
            return new CleaningState([.. _producers.Aborted.Now.Ranges], tails);
        }
    }

    private void ForgetAborted(IReadOnlySet<long> markerOffsets)
    {
        lock (Log.Gate)
            _producers.Aborted.Forget(markerOffsets);
    }

    private void OnStartAdvanced()
    {
        lock (Log.Gate)
        {
            _producers.Aborted.TrimBelow(StartOffset);
            Signal();
        }
    }

    /// <summary>Called under the gate when more of the log is durable.</summary>
    private void OnDurable()
    {
        AdvanceLastStable();
        Signal();
    }

    private void Signal()
    {
        for (var i = _observers.Count - 1; i >= 0; i--)
        {
            var (observer, slot) = _observers[i];
            if (!observer.OnAdvanced(slot))
                RemoveObserverAt(i);
        }
    }

    private void RemoveObserverAt(int at)
    {
        _observers[at] = _observers[^1];
        _observers.RemoveAt(_observers.Count - 1);
    }

    /// <summary>An ended transaction still holds the last stable offset back until its marker is durable.</summary>
    private void AdvanceLastStable()
    {
        var highWatermark = HighWatermark;
        while (_endedNotDurable.TryPeek(out var ended) && ended.Marker < highWatermark)
            _endedNotDurable.Dequeue();
        var stable = Math.Min(highWatermark, _producers.FirstOpenOffset);
#if PLANTED_BUGS
        if (Planted.IsAwake(PlantedBug.StableBeforeMarkerIsDurable))
            _endedNotDurable.Clear();
#endif
        foreach (var (first, _) in _endedNotDurable)
            stable = Math.Min(stable, first);
        Volatile.Write(ref _lastStableOffset, stable);
    }
}

/// <summary>A producer as a partition knows it.</summary>
/// <param name="ProducerId">The producer.</param>
/// <param name="Epoch">Its epoch.</param>
/// <param name="LastSequence">The sequence of its last record; -1 when none is known.</param>
/// <param name="LastTimestamp">The broker's time at its last batch or marker; -1 when none is known.</param>
/// <param name="CoordinatorEpoch">The epoch of the coordinator that wrote the last marker; -1 when there was none.</param>
/// <param name="TransactionStart">Where its open transaction begins; -1 without one.</param>
public readonly record struct ProducerDescription(
    long ProducerId, short Epoch, int LastSequence, long LastTimestamp, int CoordinatorEpoch, long TransactionStart);
