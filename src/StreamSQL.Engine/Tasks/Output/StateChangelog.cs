using StreamSQL.Data.Batches;
using StreamSQL.Engine.State;
using StreamSQL.Engine.Tasks.Input;
using StreamSQL.Kafka.Client;

namespace StreamSQL.Engine.Tasks.Output;

/// <summary>A state and the changelog partition that it is rebuilt from.</summary>
internal sealed class StateChangelog(StateStore store, TopicPartition partition, OutputBuffers outputs)
{
    private readonly OutputBuffers.Buffer _buffer = outputs.For(partition);
    private readonly SliceList _keys = new();
    private readonly SliceList _values = new();

    /// <summary>The state.</summary>
    public StateStore Store => store;

    /// <summary>Writes what the open commit changed to the outputs.</summary>
    /// <param name="timestampMs">The time of the records, milliseconds.</param>
    public void Write(long timestampMs)
    {
        _keys.Reset();
        _values.Reset();
        lock (store.Sync)
            store.WriteChangelog(_keys, _values);
        for (var i = 0; i < _keys.Count; i++)
            _buffer.Append(_keys[i], hasKey: true, _values[i], !_values.IsNull(i), timestampMs);
    }

    /// <summary>Keeps the open changes.</summary>
    public void Commit()
    {
        lock (store.Sync)
            store.Commit();
    }

    /// <summary>Takes the open changes back.</summary>
    public void Abort()
    {
        lock (store.Sync)
            store.Abort();
    }

    /// <summary>Reads the whole changelog into the (empty) state; returns the number of entries.</summary>
    public async ValueTask<long> RestoreAsync(IBrokerClient broker, CancellationToken cancellation)
    {
        var offsets = await broker.GetOffsetsAsync(partition, cancellation);
        await using var reader = new PartitionReader(broker, partition, offsets.LogStart, withHeaders: false, static () => { });
        long entries = 0;
        while (reader.Position < offsets.LastStable)
        {
            var run = await reader.ReadAsync(cancellation);
            lock (store.Sync)
            {
                store.Restore(run.Keys, run.Values);
                store.Commit();
            }

            entries += run.Count;
        }

        return entries;
    }
}
