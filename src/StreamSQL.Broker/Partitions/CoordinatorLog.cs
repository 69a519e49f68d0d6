using StreamSQL.Kafka.Records;
using StreamSQL.Storage.Logs;

namespace StreamSQL.Broker.Partitions;

/// <summary>
/// Keeps the coordinators' topics small: when a partition has grown, the last record of each key is written again at its end, and what was
/// before is deleted. Both are ordinary writes, so a crash in between leaves records twice, which does no harm.
/// </summary>
internal sealed class CoordinatorLog(LogStore store, TimeProvider time)
{
    private const long TrimFromBytes = 16L * 1024 * 1024;
    private const int GrowthFactor = 4;
    private const int BatchBytes = 256 * 1024;
    private readonly Dictionary<Partition, long> _liveBytes = [];

    /// <summary>Trims a partition if it has grown enough since the last time, and nothing in it is undecided.</summary>
    /// <param name="partition">A partition of a coordinator's topic.</param>
    /// <param name="fromBytes">The size from which it pays.</param>
    public async ValueTask TrimAsync(Partition partition, long fromBytes = TrimFromBytes)
    {
        if (partition.SizeInBytes < Math.Max(fromBytes, GrowthFactor * _liveBytes.GetValueOrDefault(partition)))
            return;
        var end = partition.Log.RollSegment();
        await store.Commits.FlushAsync();
        if (partition.LastStableOffset < end)
            return;
        var live = new Dictionary<string, StoredRecord>();
        if (!Collect(partition, partition.StartOffset, end, live))
            return;
        var group = store.Commits.Rent();
        var durable = group.Durable;
        lock (partition.Log.Gate)
        {
            // Keys that have come again meanwhile (few, still in memory) are left out: an old value never goes behind a new one.
            var newer = new Dictionary<string, StoredRecord>();
            if (!Collect(partition, end, partition.EndOffset, newer))
            {
                group.Discard();
                return;
            }

            foreach (var key in newer.Keys)
                live.Remove(key);
            Rewrite(partition, live.Values, group);
            _liveBytes[partition] = group.Bytes;
            store.Commits.Enqueue(group);
        }

        await durable;
        await partition.DeleteRecordsAsync(end);
    }

    /// <summary>
    /// The last record of each key in a range of offsets, deletions included. False when a transaction of the range is not decided.
    /// </summary>
    private static bool Collect(Partition partition, long from, long end, Dictionary<string, StoredRecord> last)
    {
        var open = new Dictionary<long, List<StoredRecord>>();
        foreach (var record in PartitionRecords.ReadAll(partition, from, end))
        {
            if (record.Marker is { } marker)
            {
                if (open.Remove(record.ProducerId, out var records) && marker.Commit)
                    records.ForEach(r => last[Convert.ToHexString(r.Key.Span)] = r);
            }
            else if (record.IsTransactional)
            {
                if (!open.TryGetValue(record.ProducerId, out var records))
                    open.Add(record.ProducerId, records = []);
                records.Add(record);
            }
            else
            {
                last[Convert.ToHexString(record.Key.Span)] = record;
            }
        }

        return open.Count == 0;
    }

    private void Rewrite(Partition partition, IEnumerable<StoredRecord> records, CommitGroup group)
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        using var batch = new RecordBatchBuilder();
        foreach (var record in records)
        {
            if (!record.HasValue)
                continue; // deleted, and nothing before it remains
            batch.Append(record.Key.Span, true, record.Value.Span, true, now);
            if (batch.SizeInBytes < BatchBytes)
                continue;
            partition.AppendToGroup(batch.Build().Span, group);
            batch.Reset();
        }

        if (batch.Count > 0)
            partition.AppendToGroup(batch.Build().Span, group);
    }
}
