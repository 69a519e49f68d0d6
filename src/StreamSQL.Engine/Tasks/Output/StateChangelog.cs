using StreamSQL.Data.Batches;
using StreamSQL.Engine.State;
using StreamSQL.Engine.Tasks.Input;
using StreamSQL.Engine.Tasks.Snapshots;
using StreamSQL.Kafka.Client;

namespace StreamSQL.Engine.Tasks.Output;

/// <summary>A state and the changelog partition that it is rebuilt from.</summary>
/// <param name="store">The state.</param>
/// <param name="partition">The changelog partition.</param>
/// <param name="outputs">Where its records go.</param>
/// <param name="snapshot">Of what snapshots are written; null when none are.</param>
internal sealed class StateChangelog(StateStore store, TopicPartition partition, OutputBuffers outputs, SnapshotSubject? snapshot)
{
    private readonly OutputBuffers.Buffer _buffer = outputs.For(partition);
    private readonly SliceList _keys = new();
    private readonly SliceList _values = new();
    private long _openBytes;

    /// <summary>The state.</summary>
    public StateStore Store => store;

    /// <summary>The partition.</summary>
    public TopicPartition Partition => partition;

    /// <summary>Of what snapshots are written; null when none are.</summary>
    public SnapshotSubject? Snapshot => snapshot;

    /// <summary>Writes what the open commit changed to the outputs.</summary>
    /// <param name="timestampMs">The time of the records, milliseconds.</param>
    public void Write(long timestampMs)
    {
        _keys.Reset();
        _values.Reset();
        lock (store.Sync)
            store.WriteChangelog(_keys, _values);
        for (var i = 0; i < _keys.Count; i++)
        {
#if PLANTED_BUGS
            if (Planted.IsAwake(PlantedBug.SkipChangelogRecord) && i > 0 && i == _keys.Count - 1)
                break;
#endif
            _openBytes += _keys[i].Length + _values[i].Length;
            _buffer.Append(_keys[i], hasKey: true, _values[i], !_values.IsNull(i), timestampMs);
        }
    }

    /// <summary>Keeps the open changes.</summary>
    public void Commit()
    {
        lock (store.Sync)
            store.Commit();
        snapshot?.AddGrowth(_openBytes);
        _openBytes = 0;
    }

    /// <summary>Takes the open changes back.</summary>
    public void Abort()
    {
        lock (store.Sync)
            store.Abort();
        _openBytes = 0;
    }

    /// <summary>
    /// Fills the (empty) state: from its snapshot, where there is one, and from the changelog behind
    /// it. Returns the number of changelog entries read.
    /// </summary>
    public async ValueTask<long> RestoreAsync(IBrokerClient broker, CancellationToken cancellation)
    {
        var offsets = await broker.GetOffsetsAsync(partition, cancellation);
        var start = snapshot?.TryLoad(offsets) ?? offsets.LogStart;
#if PLANTED_BUGS
        if (Planted.IsAwake(PlantedBug.SkipChangelogTail) && start > offsets.LogStart)
            return 0;
#endif
        await using var reader = new PartitionReader(broker, partition, start, withHeaders: false, static () => { })
            { MaxWait = TimeSpan.Zero };
        long entries = 0;
        while (reader.Position < offsets.LastStable)
        {
            var run = await reader.ReadAsync(cancellation, offsets.LastStable);
            lock (store.Sync)
            {
                store.Restore(run.Keys, run.Values);
                store.Commit();
            }

            entries += run.Count;
            snapshot?.AddGrowth(run.SizeInBytes);
        }

        return entries;
    }
}
