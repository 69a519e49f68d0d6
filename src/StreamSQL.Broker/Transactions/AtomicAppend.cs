using StreamSQL.Broker.Partitions;
using StreamSQL.Kafka.Client;
using StreamSQL.Kafka.Records;
using StreamSQL.Storage.Logs;

namespace StreamSQL.Broker.Transactions;

/// <summary>
/// One atomic write to many partitions: batches and markers are collected, then appended in that order under the gates of all partitions at
/// once, as one group of the journal. Reusable after <see cref="Clear"/>; not thread-safe.
/// </summary>
internal sealed class AtomicAppend(LogStore store)
{
    private readonly List<Item> _items = [];
    private readonly List<Partition> _partitions = [];
    private readonly List<Partition> _entered = [];
    private readonly HashSet<Partition> _distinct = [];
    private readonly List<(Partition Partition, long End)> _expected = [];

    /// <summary>Bytes of the batches.</summary>
    public long Bytes { get; private set; }

    /// <summary>The base offset of each batch or marker after <see cref="Enqueue"/>, in the order they were added.</summary>
    public List<long> Offsets { get; } = [];

    /// <summary>Adds a batch, which is stamped already.</summary>
    public void Add(Partition partition, ReadOnlyMemory<byte> batch)
    {
        _items.Add(new Item(partition, batch, 0, 0, default));
        _partitions.Add(partition);
        Bytes += batch.Length;
    }

    /// <summary>Adds a marker.</summary>
    public void AddMarker(Partition partition, long producerId, short epoch, TransactionMarker marker)
    {
#if PLANTED_BUGS
        if (Planted.IsAwake(PlantedBug.DropMarker) && _items.Exists(static item => item.Batch.IsEmpty))
            return;
#endif
        _items.Add(new Item(partition, default, producerId, epoch, marker));
        _partitions.Add(partition);
        Bytes += TransactionMarker.BatchSize;
    }

    /// <summary>Makes the write depend on where a partition, which is among those written, ends.</summary>
    public void ExpectEnd(Partition partition, long end) => _expected.Add((partition, end));

    /// <summary>Adds a marker for every partition that has a batch so far, once each.</summary>
    public void AddMarkers(long producerId, short epoch, TransactionMarker marker)
    {
        foreach (var partition in _partitions)
            _distinct.Add(partition);
        foreach (var partition in _distinct)
            AddMarker(partition, producerId, epoch, marker);
        _distinct.Clear();
    }

    /// <summary>Appends everything; the task completes when it is durable. The batches have been copied when this returns.</summary>
    /// <param name="waitsForRoom">Whether it is appended on a full disk too, and is written when there is room.</param>
    /// <exception cref="Storage.Files.StorageFailedException">Storage failed.</exception>
    /// <exception cref="Storage.Files.DiskFullException">The disk is full; nothing was appended.</exception>
    /// <exception cref="ObjectDisposedException">One of the partitions was deleted; nothing was appended.</exception>
    /// <exception cref="AppendConflictException">A partition does not end where it was expected to; nothing was appended.</exception>
    public ValueTask Enqueue(bool waitsForRoom = false)
    {
        if (store.Commits.IsDiskFull && !waitsForRoom)
            throw new Storage.Files.DiskFullException();
        var group = store.Commits.Rent();
        var durable = group.Completion;
        EnterGates();
        try
        {
            CheckExpectations(group);
            foreach (var item in _items)
            {
                Offsets.Add(item.Batch.IsEmpty
                    ? item.Partition.AppendMarkerToGroup(item.ProducerId, item.Epoch, item.Marker, group)
                    : item.Partition.AppendToGroup(item.Batch.Span, group));
            }

            store.Commits.Enqueue(group);
        }
        finally
        {
            LeaveGates();
        }

        return durable;
    }

    /// <summary>Makes it ready for the next write.</summary>
    public void Clear()
    {
        _items.Clear();
        _partitions.Clear();
        _expected.Clear();
        Offsets.Clear();
        Bytes = 0;
    }

    private void CheckExpectations(CommitGroup group)
    {
        foreach (var partition in _entered)
        {
            if (!partition.Log.IsClosed)
                continue;
            group.Discard();
            throw new ObjectDisposedException(partition.Name.ToString());
        }

        foreach (var (partition, end) in _expected)
        {
            if (partition.EndOffset == end)
                continue;
            group.Discard();
            throw new AppendConflictException(partition.Name, end, partition.EndOffset);
        }
    }

    /// <summary>Takes the gates in one order for all, so that no two writers wait for each other.</summary>
    private void EnterGates()
    {
        _partitions.Sort(static (a, b) => a.Log.Ordinal.CompareTo(b.Log.Ordinal));
        foreach (var partition in _partitions)
        {
            if (_entered.Count > 0 && _entered[^1] == partition)
                continue;
            partition.Log.Gate.Enter();
            _entered.Add(partition);
        }
    }

    private void LeaveGates()
    {
        for (var i = _entered.Count - 1; i >= 0; i--)
            _entered[i].Log.Gate.Exit();
        _entered.Clear();
    }

    private readonly record struct Item(
        Partition Partition, ReadOnlyMemory<byte> Batch, long ProducerId, short Epoch, TransactionMarker Marker);
}
