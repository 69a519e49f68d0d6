using StreamSQL.Kafka.Records;

namespace StreamSQL.Storage.Cleaning;

/// <summary>
/// Follows the transactions of a log while its batches are walked in order: which batches were aborted, and which markers end a transaction
/// of which nothing is left. A marker must not go before all batches of its transaction are gone, or they would count as undecided.
/// </summary>
internal sealed class TransactionScan
{
    private readonly AbortedRange[] _ranges;
    private readonly Dictionary<long, AbortedRange> _aborted = [];
    private readonly HashSet<long> _withBatches = [];
    private int _next;

    public TransactionScan(IEnumerable<AbortedRange> aborted)
    {
        _ranges = [.. aborted];
        Array.Sort(_ranges, static (a, b) => a.FirstOffset.CompareTo(b.FirstOffset));
    }

    /// <summary>Takes in a batch of records; whether its transaction was aborted.</summary>
    public bool IsAborted(RecordBatchHeader batch)
    {
        if (!batch.Attributes.IsTransactional)
            return false;
        var offset = batch.BaseOffset;
        for (; _next < _ranges.Length && _ranges[_next].FirstOffset <= offset; _next++)
            _aborted[_ranges[_next].ProducerId] = _ranges[_next];
        _withBatches.Add(batch.ProducerId);
        return _aborted.TryGetValue(batch.ProducerId, out var range) && offset < range.MarkerOffset;
    }

    /// <summary>Takes in a marker; whether the walk met no batch of its transaction.</summary>
    public bool EndsNothing(RecordBatchHeader marker) => !_withBatches.Remove(marker.ProducerId);
}
