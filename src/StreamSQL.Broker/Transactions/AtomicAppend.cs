using System.Runtime.InteropServices;
using StreamSQL.Broker.Partitions;
using StreamSQL.Kafka.Client;
using StreamSQL.Kafka.Records;
using StreamSQL.Storage.Logs;

namespace StreamSQL.Broker.Transactions;

/// <summary>
/// One atomic write to many partitions: batches and markers are collected, then appended under the gates of all partitions at once, as one
/// group of the journal: partition by partition, so that each is fetched into the cache once, and in each in the order they were added.
/// Reusable after <see cref="Clear"/>; not thread-safe.
/// </summary>
internal sealed class AtomicAppend(LogStore store)
{
    // More places than these are put in order by sorting.
    private const int MaxMoves = 8;
    private readonly byte[] _markerBatch = new byte[TransactionMarker.BatchSize];
    private readonly List<(Partition Partition, long End)> _expected = [];
    private readonly List<Partition> _entered = [];
    private List<Item> _items = [];
    private List<Item> _spareItems = [];

    /// <summary>Bytes of the batches.</summary>
    public long Bytes { get; private set; }

    /// <summary>
    /// The base offset of each batch or marker after <see cref="Enqueue"/>, in the order they were added; the markers of
    /// <see cref="AddMarkers"/> in the order of the partitions.
    /// </summary>
    public List<long> Offsets { get; } = [];

    /// <summary>Adds a batch, which is stamped already.</summary>
    public void Add(Partition partition, ReadOnlyMemory<byte> batch)
    {
        _items.Add(new Item(partition, _items.Count, batch, 0, 0, default));
        Bytes += batch.Length;
    }

    /// <summary>Adds a marker.</summary>
    public void AddMarker(Partition partition, long producerId, short epoch, TransactionMarker marker)
    {
#if PLANTED_BUGS
        if (Planted.IsAwake(PlantedBug.DropMarker) && _items.Exists(static item => item.Batch.IsEmpty))
            return;
#endif
        _items.Add(new Item(partition, _items.Count, default, producerId, epoch, marker));
        Bytes += TransactionMarker.BatchSize;
    }

    /// <summary>Makes the write depend on where a partition, which is among those written, ends.</summary>
    public void ExpectEnd(Partition partition, long end) => _expected.Add((partition, end));

    /// <summary>Adds a marker for every partition that has a batch so far, once each.</summary>
    public void AddMarkers(long producerId, short epoch, TransactionMarker marker)
    {
        OrderByPartition();
        (_items, _spareItems) = (_spareItems, _items);
        var batches = _spareItems.Count;
        var markers = 0;
        for (var i = 0; i < batches; i++)
        {
            var item = _spareItems[i];
            _items.Add(item);
            if (i + 1 < batches && _spareItems[i + 1].Partition == item.Partition)
                continue;
#if PLANTED_BUGS
            if (Planted.IsAwake(PlantedBug.DropMarker) && markers > 0)
                continue;
#endif
            _items.Add(new Item(item.Partition, batches + markers++, default, producerId, epoch, marker));
        }

        Bytes += markers * TransactionMarker.BatchSize;
        _spareItems.Clear();
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
        OrderByPartition();
        var group = store.Commits.Rent();
        var durable = group.Completion;
        EnterGates();
        try
        {
            CheckExpectations(group);
            AppendAll(group);
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
        _expected.Clear();
        Offsets.Clear();
        Bytes = 0;
    }

    private void AppendAll(CommitGroup group)
    {
        CollectionsMarshal.SetCount(Offsets, _items.Count);
        var offsets = CollectionsMarshal.AsSpan(Offsets);
        if (_items.Count == 0)
            return;
        var now = _items[0].Partition.NowMs;
        Item built = default;
        foreach (ref readonly var item in CollectionsMarshal.AsSpan(_items))
        {
            if (!item.Batch.IsEmpty)
            {
                offsets[item.Index] = item.Partition.AppendToGroup(item.Batch.Span, now, group);
                continue;
            }

            if (built.Partition is null || !item.HasSameMarker(built))
                item.Marker.WriteBatch(_markerBatch, item.ProducerId, item.Epoch, now);
            built = item;
            offsets[item.Index] = item.Partition.AppendMarkerToGroup(item.ProducerId, item.Epoch, item.Marker, _markerBatch, now, group);
        }
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

    /// <summary>
    /// Brings the items of a partition side by side, as they were added, and the partitions into the order of their gates. Mostly they are
    /// in order but for one, the partition of the offsets.
    /// </summary>
    private void OrderByPartition()
    {
        var moves = 0;
        for (var i = 1; i < _items.Count; i++)
        {
            if (_items[i - 1].Ordinal <= _items[i].Ordinal)
                continue;
            if (++moves > MaxMoves)
            {
                _items.Sort(static (a, b) => a.Ordinal != b.Ordinal ? a.Ordinal.CompareTo(b.Ordinal) : a.Index.CompareTo(b.Index));
                return;
            }

            var item = _items[i];
            _items.RemoveAt(i);
            _items.Insert(PlaceOf(item.Ordinal, i), item);
        }
    }

    /// <summary>Where, among the first items, the first of a later partition is.</summary>
    private int PlaceOf(long ordinal, int count)
    {
        int low = 0, high = count;
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (_items[middle].Ordinal <= ordinal)
                low = middle + 1;
            else
                high = middle;
        }

        return low;
    }

    /// <summary>Takes the gates in one order for all, so that no two writers wait for each other.</summary>
    private void EnterGates()
    {
        foreach (ref readonly var item in CollectionsMarshal.AsSpan(_items))
        {
            if (_entered.Count > 0 && _entered[^1] == item.Partition)
                continue;
            item.Partition.Log.Gate.Enter();
            _entered.Add(item.Partition);
        }
    }

    private void LeaveGates()
    {
        for (var i = _entered.Count - 1; i >= 0; i--)
            _entered[i].Log.Gate.Exit();
        _entered.Clear();
    }

    /// <summary>A batch, or a marker when that is empty.</summary>
    private readonly record struct Item(
        Partition Partition, int Index, ReadOnlyMemory<byte> Batch, long ProducerId, short Epoch, TransactionMarker Marker)
    {
        public long Ordinal { get; } = Partition.Log.Ordinal;

        public bool HasSameMarker(in Item other) => ProducerId == other.ProducerId && Epoch == other.Epoch && Marker == other.Marker;
    }
}
