using Microsoft.Extensions.Logging;
using StreamSQL.Engine.Operators;
using StreamSQL.Engine.State;
using StreamSQL.Engine.Tasks.Input;
using StreamSQL.Kafka.Client;
using StreamSQL.Sql.Catalog;
using StreamSQL.Sql.Plans;

namespace StreamSQL.Engine.Tasks;

/// <summary>
/// One partition of a table, kept in memory by following its topic, which is its changelog. Shared by the joins and the reads of all queries.
/// </summary>
internal sealed class TableReplica : IAsyncDisposable
{
    private readonly IBrokerClient _broker;
    private readonly ILogger _logger;
    private readonly TopicPartition _partition;
    private readonly SourceDecoder _decoder;
    private readonly ProgressSignal _progress = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _loop;
    private long _applied;
    private volatile Exception? _failure;

    /// <summary>Starts to follow a partition.</summary>
    public TableReplica(SourceDefinition source, PlanSchema schema, int partition, TaskEnvironment environment)
    {
        _broker = environment.Broker;
        _logger = environment.Logger;
        _partition = new TopicPartition(source.Topic, partition);
        var budget = new MemoryBudget($"table {source.Name}", environment.Options.QueryMemoryLimitBytes, environment.Budget);
        Table = null!; _ = schema; _ = budget;
        _decoder = new SourceDecoder(
            source, Enumerable.Range(0, source.Columns.Count).ToArray(), schema, _partition, Counters, environment.Logger);
        _loop = Task.Run(() => FollowAsync(_stop.Token));
    }

    /// <summary>The newest row of each key.</summary>
    public RowTable Table { get; }

    /// <summary>Rows read and records that did not parse.</summary>
    public QueryCounters Counters { get; } = new();

    /// <summary>Waits until everything that is in the topic now is in the table.</summary>
    public async ValueTask WaitUntilCurrentAsync(CancellationToken cancellation)
    {
        var offsets = await _broker.GetOffsetsAsync(_partition, cancellation);
        if (Volatile.Read(ref _applied) < offsets.LastStable)
            await _progress.WaitUntilAsync(() => Volatile.Read(ref _applied) >= offsets.LastStable || _failure is not null, cancellation);
        if (_failure is { } failure)
            throw new InvalidOperationException($"{_partition} cannot be read into its table: {failure.Message}", failure);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _loop;
        _stop.Dispose();
    }

    private async Task FollowAsync(CancellationToken stop)
    {
        PartitionReader? reader = null;
        try
        {
            var offsets = await _broker.GetOffsetsAsync(_partition, stop);
            reader = new PartitionReader(_broker, _partition, offsets.LogStart, withHeaders: false, static () => { });
            while (!stop.IsCancellationRequested)
            {
                Apply(await reader.ReadAsync(stop));
                _progress.Set();
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Stopped: the table goes with this object.
        }
        catch (Exception error)
        {
            TaskLog.TaskFailed(_logger, _partition.ToString(), error);
            _failure = error;
            _progress.Set();
        }
        finally
        {
            if (reader is not null)
            {
                await reader.DrainAsync();
                reader.Dispose();
            }
        }
    }

    private void Apply(RecordRun run)
    {
        if (_decoder.Decode(run) is { } batch)
        {
            lock (Table.Sync)
            {
                Table.Apply(batch);
                Table.Commit();
            }
        }

        Volatile.Write(ref _applied, run.NextOffset);
    }
}
