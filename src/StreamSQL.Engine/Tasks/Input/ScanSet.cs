using StreamSQL.Data.Batches;
using StreamSQL.Kafka.Client;
using StreamSQL.Sql.Catalog;

namespace StreamSQL.Engine.Tasks.Input;

/// <summary>
/// The scans of one worker. Tasks that come to the same offset of the same partition, with records of the same shape, become members of one
/// scan. Owned by the worker, which counts its rounds here.
/// </summary>
internal sealed class ScanSet
{
    /// <summary>How far behind another one may be for a scan to wait until it has come up.</summary>
    private const long MaxHeadStart = 64 * ChangeBatch.MaxRows;

    private readonly RecordSource _records;
    private readonly Action _wake;
    private readonly List<SharedScan> _scans = [];
    private readonly List<Task> _closing = [];

    /// <summary>Creates an empty set.</summary>
    /// <param name="records">Where records and their schemas are.</param>
    /// <param name="wake">Wakes the worker, from any thread.</param>
    public ScanSet(RecordSource records, Action wake)
    {
        _records = records;
        _wake = wake;
    }

    /// <summary>The number of the worker's round.</summary>
    public long Round { get; private set; }

    /// <summary>Whether the next round may find records, although none came in this one.</summary>
    public bool WantsRound { get; private set; }

    /// <summary>How many scans there are.</summary>
    public int Count => _scans.Count;

    /// <summary>Begins a round: each scan may go on by one batch.</summary>
    public void BeginRound()
    {
        Round++;
        WantsRound = false;
        _closing.RemoveAll(static closing => closing.IsCompleted);
    }

    /// <summary>Asks for another round and returns false, for nothing is ready in this one.</summary>
    public bool AskForRound()
    {
        WantsRound = true;
        return false;
    }

    /// <summary>The scan for a member: one that goes on from the member's position, else a new one.</summary>
    public SharedScan Join(ScanMember member)
    {
        foreach (var scan in _scans)
        {
            if (scan.Position != member.Position || !HaveSameShape(scan, member.Partition, member.View.Source))
                continue;
            scan.Add(member);
            return scan;
        }

        var own = new SharedScan(this, member);
        _scans.Add(own);
        return own;
    }

    /// <summary>Another scan that goes on from the same offset, or null.</summary>
    public SharedScan? FindAt(SharedScan scan)
    {
        foreach (var other in _scans)
        {
            if (other != scan && other.Position == scan.Position && HaveSameShape(other, scan.Partition, scan.Source))
                return other;
        }

        return null;
    }

    /// <summary>
    /// Whether a scan a little behind is coming up: then the one ahead waits, so that they go on
    /// together. One that has stopped is not waited for.
    /// </summary>
    public bool MustLetPass(SharedScan ahead)
    {
        foreach (var other in _scans)
        {
            if (other.Position < ahead.Position && ahead.Position - other.Position <= MaxHeadStart && other.LastBatchRound >= Round - 1
                && other.LastBatchRound >= 0 && HaveSameShape(other, ahead.Partition, ahead.Source))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The position of the next scan ahead, at which this one stops to meet it.</summary>
    public long NextAhead(SharedScan scan)
    {
        var next = long.MaxValue;
        foreach (var other in _scans)
        {
            if (other.Position > scan.Position && other.Position < next && HaveSameShape(other, scan.Partition, scan.Source))
                next = other.Position;
        }

        return next;
    }

    /// <summary>Opens a reader of a stream's or table's records.</summary>
    public PartitionReader Open(SourceDefinition source, TopicPartition partition, long position) =>
        _records.Open(source, partition, position, _wake);

    /// <summary>Makes room for decoded records.</summary>
    public SourceColumns CreateColumns(SourceDefinition source, ReadOnlySpan<bool> wanted, int partition, bool isolatesErrors) =>
        new(source, wanted, partition, isolatesErrors, _records.Schemas);

    /// <summary>Takes a scan out, so that nobody joins it any more.</summary>
    public void Forget(SharedScan scan) => _scans.Remove(scan);

    /// <summary>Takes a scan out that has no members any more; its reader is closed in the background.</summary>
    public void Retire(SharedScan scan, PartitionReader? reader)
    {
        _scans.Remove(scan);
        if (reader is not null)
            _closing.Add(reader.DisposeAsync().AsTask());
    }

    /// <summary>Waits until all readers of scans that have ended are closed.</summary>
    public Task CloseAsync() => Task.WhenAll(_closing);

    private static bool HaveSameShape(SharedScan scan, TopicPartition partition, SourceDefinition source) =>
        scan.Partition == partition && (ReferenceEquals(scan.Source, source) || HaveSameShape(scan.Source, source));

    private static bool HaveSameShape(SourceDefinition a, SourceDefinition b) =>
        a.Kind == b.Kind && a.KeyFormat == b.KeyFormat && a.ValueFormat == b.ValueFormat && a.TimestampColumn == b.TimestampColumn
        && a.TimestampFormat == b.TimestampFormat && a.Window == b.Window && a.Columns.SequenceEqual(b.Columns);
}
