using Microsoft.Extensions.Logging;
using Npgsql;
using StreamSQL.Data.Batches;
using StreamSQL.Data.Errors;
using StreamSQL.Engine.Operators;
using StreamSQL.Engine.State;
using StreamSQL.Engine.Tasks.Input;
using StreamSQL.Engine.Tasks.Snapshots;
using StreamSQL.Kafka.Client;
using StreamSQL.Sql.Catalog;
using StreamSQL.Sql.Plans;

namespace StreamSQL.Engine.Tasks;

/// <summary>
/// One partition of a table (or all of them together), kept in memory by following its topic, which is its changelog. Shared by the joins
/// and the reads of all queries.
/// </summary>
internal sealed class TableReplica : IAsyncDisposable
{
    private static readonly TimeSpan s_undecidedPatience = TimeSpan.FromSeconds(10);

    private readonly SourceDefinition _source;
    private readonly TaskEnvironment _environment;
    private readonly IBrokerClient _broker;
    private readonly ILogger _logger;
    private readonly TopicPartition[] _partitions;
    private readonly MaterializeOperator _materialize;
    private readonly MemoryBudget _budget;
    private readonly ProgressSignal _progress = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly Task[] _loops;
    private readonly long[] _applied;
    private volatile Exception? _failure;

    /// <summary>Starts to follow partitions of a table's topic into one table.</summary>
    public TableReplica(SourceDefinition source, PlanSchema schema, IReadOnlyList<int> partitions, TaskEnvironment environment)
    {
        _source = source;
        _environment = environment;
        _broker = environment.Broker;
        _logger = environment.Logger;
        _budget = new MemoryBudget($"table {source.Name}", environment.Options.QueryMemoryLimitBytes, environment.Budget);
        Table = new RowTable(source.Name, schema, _budget);
        _materialize = new MaterializeOperator(Table, withOld: false);
        _partitions = partitions.Select(partition => new TopicPartition(source.Topic, partition)).ToArray();
        _applied = new long[partitions.Count];
        var columns = Enumerable.Range(0, source.Columns.Count).ToArray();
        _loops = new Task[partitions.Count];
        for (var i = 0; i < _loops.Length; i++)
        {
            var index = i;
            var decoder = new SourceDecoder(source, columns, schema, _partitions[i], Counters, environment);
            _loops[i] = Task.Run(() => FollowAsync(index, decoder, _stop.Token));
        }
    }

    /// <summary>The newest row of each key.</summary>
    public RowTable Table { get; }

    /// <summary>Rows read and records that did not parse.</summary>
    public QueryCounters Counters { get; } = new();

    /// <summary>Waits until everything that is in the topic now is in the table.</summary>
    /// <exception cref="InvalidOperationException">The topic cannot be read.</exception>
    public async ValueTask WaitUntilCurrentAsync(CancellationToken cancellation)
    {
        for (var i = 0; i < _partitions.Length; i++)
        {
            var index = i;
            var end = (await _broker.GetOffsetsAsync(_partitions[i], cancellation)).LastStable;
            if (Volatile.Read(ref _applied[i]) < end)
                await _progress.WaitUntilAsync(() => Volatile.Read(ref _applied[index]) >= end || _failure is not null, cancellation);
            if (_failure is { } failure)
                throw Unreadable(i, failure);
        }
    }

    private InvalidOperationException Unreadable(int index, Exception failure) =>
        new($"{_partitions[index]} cannot be read into its table: {failure.Message}", failure);

    /// <summary>
    /// Waits until everything that is in the partition of a replica of one partition now, up to <paramref name="atLeast"/> at least, is
    /// decided and in the table; gives where that is. An open transaction of another producer is waited for.
    /// </summary>
    /// <exception cref="SqlException">55P03: such a transaction stays open.</exception>
    /// <exception cref="InvalidOperationException">The topic cannot be read.</exception>
    public async ValueTask<long> WaitUntilDecidedAsync(long atLeast, CancellationToken cancellation)
    {
        var end = Math.Max(atLeast, (await _broker.GetOffsetsAsync(_partitions[0], cancellation)).HighWatermark);
        if (Volatile.Read(ref _applied[0]) < end)
        {
            using var patience = new CancellationTokenSource(s_undecidedPatience, _environment.Time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, patience.Token);
            try
            {
                await _progress.WaitUntilAsync(() => Volatile.Read(ref _applied[0]) >= end || _failure is not null, either.Token);
            }
            catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
            {
                throw new SqlException(
                    PostgresErrorCodes.LockNotAvailable, $"a transaction of another producer is open on {_partitions[0]}",
                    "What a row will be is known when that transaction has ended; try again then.");
            }
        }

        return _failure is null ? end : throw Unreadable(0, _failure);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_loops);
        _budget.Release();
        _stop.Dispose();
    }

    private async Task FollowAsync(int index, SourceDecoder decoder, CancellationToken stop)
    {
        PartitionReader? reader = null;
        SnapshotSubject? snapshot = null;
        try
        {
            var offsets = await _broker.GetOffsetsAsync(_partitions[index], stop);
            snapshot = await CreateSnapshotAsync(index, stop);
            var start = snapshot?.TryLoad(offsets) ?? offsets.LogStart;
            reader = _environment.Records.Open(_source, _partitions[index], start, static () => { });
            Volatile.Write(ref _applied[index], start);
            _progress.Set();
            if (snapshot is not null)
                _environment.Snapshots!.Add(snapshot);
            while (!stop.IsCancellationRequested)
            {
                var run = await reader.ReadAsync(stop);
                Apply(decoder.Decode(run));
                Volatile.Write(ref _applied[index], run.NextOffset);
                snapshot?.AddGrowth(run.SizeInBytes);
                _progress.Set();
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Stopped: the table goes with this object.
        }
        catch (Exception error)
        {
            TaskLog.TaskFailed(_logger, _partitions[index].ToString(), error);
            _failure = error;
            _progress.Set();
        }
        finally
        {
            if (snapshot is not null)
                await _environment.Snapshots!.RemoveAsync([snapshot]);
            if (reader is not null)
                await reader.DisposeAsync();
        }
    }

    /// <summary>Partitions that are read into one table together have none: it could be taken back only as a whole.</summary>
    private async ValueTask<SnapshotSubject?> CreateSnapshotAsync(int index, CancellationToken cancellation)
    {
        if (_environment.Snapshots is not { } snapshots || _partitions.Length > 1)
            return null;
        var file = await snapshots.OfTableAsync(_source, _partitions[index].Partition, cancellation);
        return new SnapshotSubject(Table, file) { Position = _ => ValueTask.FromResult<long?>(Volatile.Read(ref _applied[index])) };
    }

    private void Apply(ChangeBatch? batch)
    {
        if (batch is null)
            return;
        lock (Table.Sync)
        {
            _materialize.Push(batch);
            while (_materialize.Pull() is not null)
            {
                // The changes themselves are of no interest here.
            }

            Table.Commit();
        }
    }
}
