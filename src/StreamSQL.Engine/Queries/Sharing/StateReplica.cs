using StreamSQL.Engine.State;
using StreamSQL.Engine.Tasks.Input;
using StreamSQL.Kafka.Client;

namespace StreamSQL.Engine.Queries.Sharing;

/// <summary>
/// A partition of a query's result that another engine computes, as its changelog tells it: committed rows only. It is read on when
/// somebody asks. One that nobody asked for a while is of no more use: compaction may have taken deletions away that it has not seen.
/// </summary>
/// <param name="store">The empty state.</param>
/// <param name="changelog">Its changelog.</param>
/// <param name="broker">The broker.</param>
/// <param name="time">The clock.</param>
internal sealed class StateReplica(TableState store, TopicPartition changelog, IBrokerClient broker, TimeProvider time) : IAsyncDisposable
{
    /// <summary>Far below the shortest <c>delete.retention.ms</c> that changelogs have (a day).</summary>
    private static readonly TimeSpan MaxIdle = TimeSpan.FromMinutes(10);

    private PartitionReader? _reader;
    private long _readAt = time.GetTimestamp();

    /// <summary>The state.</summary>
    public TableState Store => store;

    /// <summary>Whether it has been left alone for too long to be read on.</summary>
    public bool IsStale => time.GetElapsedTime(_readAt) > MaxIdle;

    /// <summary>Reads up to what is committed now. One caller at a time.</summary>
    /// <exception cref="Kafka.KafkaException">The broker refuses.</exception>
    public async ValueTask CatchUpAsync(CancellationToken cancellation)
    {
        _readAt = time.GetTimestamp();
        var offsets = await broker.GetOffsetsAsync(changelog, cancellation);
        _reader ??= new PartitionReader(broker, changelog, offsets.LogStart, withHeaders: false, static () => { })
            { MaxWait = TimeSpan.Zero };
        while (_reader.Position < offsets.LastStable)
        {
            var run = await _reader.ReadAsync(cancellation, offsets.LastStable);
            lock (store.Sync)
            {
                store.Restore(run.Keys, run.Values);
                store.Commit();
            }
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _reader?.DisposeAsync() ?? ValueTask.CompletedTask;
}
