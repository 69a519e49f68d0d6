using Npgsql;
using StreamSQL.Data.Batches;
using StreamSQL.Data.Errors;
using StreamSQL.Engine.Expressions;
using StreamSQL.Engine.Operators;
using StreamSQL.Engine.Sessions;
using StreamSQL.Engine.State;
using StreamSQL.Engine.Tasks;
using StreamSQL.Engine.Tasks.Input;
using StreamSQL.Kafka.Client;
using StreamSQL.Sql.Plans;

namespace StreamSQL.Engine.Queries.Push;

/// <summary>
/// SELECT ... EMIT CHANGES: reads the committed records of its source as they come and gives the results. It reads only when its client asks for more, so
/// that a slow client slows nobody else and needs no queue: the topic is the queue.
/// </summary>
internal sealed class PushQuery : StatementResult
{
    private readonly PushPlan _plan;
    private readonly TaskEnvironment _environment;
    private readonly OperatorContext _context;
    private readonly IReadOnlyList<ResultColumn> _columns;
    private readonly WorkerSignal _wake = new();
    private readonly List<PartitionReader> _readers = [];
    private readonly List<SourceDecoder> _decoders = [];
    private readonly List<LimitOperator> _limits = [];
    private readonly PushSink _sink;
    private readonly TaskOperators _operators;
    private readonly OperatorTree _tree;
    private readonly ProducerTimes _times;
    private readonly long[] _rowTimes;
    private readonly PushProgress? _progress;
    private PushMerge? _merge;
    private PushSnapshot? _snapshot;
    private int _next;

    private PushQuery(
        PushPlan plan, LogicalPlan logical, IReadOnlyList<ResultColumn> columns, PushStart start, OperatorContext context, TaskEnvironment environment)
    {
        _plan = plan;
        _environment = environment;
        _context = context;
        _columns = columns;
        var keys = start.Options.Snapshot && plan.HasFilter ? PushPlan.KeyColumns(logical) : null;
        _sink = new PushSink(logical.Schema, keys, withProgress: start.Progress is not null);
        _operators = new TaskOperators(plan.Stage, context, environment, CreateLimit);
        _tree = _operators.Connect([_sink]);
        _times = new ProducerTimes("times", [plan.Source.Source.Topic], plan.Source.Source.Partitions);
        _rowTimes = new long[plan.Source.Source.Partitions];
        Array.Fill(_rowTimes, long.MinValue);
        _progress = start.Progress is { } interval ? new PushProgress(interval, logical.Schema, environment.Time, _wake.Callback) : null;
    }

    /// <inheritdoc/>
    public override IReadOnlyList<ResultColumn>? Columns => _columns;

    /// <inheritdoc/>
    public override string CommandTag => "SELECT";

    /// <inheritdoc/>
    public override bool IsContinuous => true;

    /// <summary>Starts a query.</summary>
    /// <exception cref="SqlException">It cannot be run as a push query, or not from there.</exception>
    public static async ValueTask<PushQuery> StartAsync(
        LogicalPlan plan, IReadOnlyList<ResultColumn> columns, PushStart start, OperatorContext context, TaskEnvironment environment,
        CancellationToken cancellation)
    {
        var pushPlan = PushPlan.Of(plan);
        start.Check(pushPlan);
        var query = new PushQuery(pushPlan, plan, columns, start, context, environment);
        try
        {
            if (pushPlan.IsJoin)
                await query.OpenMergeAsync(start, cancellation);
            else
                await query.OpenAsync(start, cancellation);
            return query;
        }
        catch
        {
            await query.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc/>
    public override async ValueTask<ChangeBatch?> ReadAsync(CancellationToken cancellation)
    {
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            if (_limits.Exists(static limit => limit.IsSatisfied))
                return null;
            // What was read has been given out: only here is the position that of the rows.
            if (_snapshot is null or { IsGivenOut: true } && _progress?.TryTake() == true)
                return _progress.Row(Position());
            var hasRead = await TryProcessAsync(cancellation);
            if (_sink.Take() is { } rows)
            {
                _progress?.AfterRows();
                return rows;
            }

            if (!hasRead)
                await _wake.WaitAsync(cancellation);
        }
    }

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        _progress?.Dispose();
        foreach (var reader in _readers)
            await reader.DisposeAsync();
        if (_merge is not null)
            await _merge.DisposeAsync();

        _snapshot?.Release();
        _context.Budget.Release();
        await base.DisposeAsync();
    }

    private async ValueTask OpenMergeAsync(PushStart start, CancellationToken cancellation)
    {
        _merge = await PushMerge.OpenAsync(_plan.Stage, start.FromLatest, _context.Counters, _environment, _wake.Callback, cancellation);

        // What the tables hold is where a query that reads from now on starts, not news.
        while (start.FromLatest && _merge.IsLoading)
        {
            if (!await TryProcessJoinAsync(_merge, cancellation))
                await _wake.WaitAsync(cancellation);
            _sink.Take();
        }
    }

    private async ValueTask OpenAsync(PushStart start, CancellationToken cancellation)
    {
        var scan = _plan.Source;
        var resumed = start.Resumed(scan.Source.Partitions, _context);
        var ends = new long[scan.Source.Partitions];
        for (var i = 0; i < scan.Source.Partitions; i++)
        {
            var partition = new TopicPartition(scan.Source.Topic, i);
            var bounds = await _environment.Broker.GetOffsetsAsync(partition, cancellation);
            ends[i] = bounds.LastStable;
            var first = resumed is not null ? start.Resume(partition, resumed[i], bounds)
                : start.FromLatest && !start.Options.Snapshot ? bounds.LastStable
                : bounds.LogStart;
            _readers.Add(_environment.Records.OpenSmall(scan.Source, partition, first, _wake.Callback));
            _decoders.Add(new SourceDecoder(scan.Source, scan.Columns, scan.Schema, partition, _context.Counters, _environment));
        }

        if (start.Options.Snapshot)
            _snapshot = new PushSnapshot(scan.Schema, ends, isKept: _plan.HasFilter, _context.Budget);
    }

    private string Position() => _merge is null
        ? PushPosition.Format(_readers.Select(static reader => (reader.Partition, reader.Position)), withTopics: false)
        : PushPosition.Format(_merge.Positions, withTopics: true);

    /// <summary>Takes what comes next through the operators; false when there is nothing now: then the query is woken.</summary>
    private async ValueTask<bool> TryProcessAsync(CancellationToken cancellation)
    {
        if (_merge is not null)
            return await TryProcessJoinAsync(_merge, cancellation);
        if (_snapshot is { IsGivenOut: false })
            return TryProcessSnapshot(_snapshot);
        for (var i = 0; i < _readers.Count; i++)
        {
            if (await TryProcessAsync((_next + i) % _readers.Count, cancellation))
                return true;
        }

        return false;
    }

    private bool TryProcessSnapshot(PushSnapshot snapshot)
    {
        if (!snapshot.IsLoaded)
            return snapshot.TryLoad(_readers, _decoders, _progress);
        if (snapshot.NextRows() is { } rows)
        {
            _tree.Push(rows);
            return true;
        }

        _progress?.Require();
        if (!_plan.HasFilter)
            _snapshot = null;
        return true;
    }

    private async ValueTask<bool> TryProcessAsync(int partition, CancellationToken cancellation)
    {
        var reader = _readers[partition];
        var run = reader.TryRead();
        if (reader.Lost > 0)
            throw TooSlow(reader);
        if (run is null)
            return false;
        _next = partition + 1;
        foreach (var table in _operators.Tables)
            await table.WaitUntilCurrentAsync(cancellation);
        if (_decoders[partition].Decode(run) is not { Selection.Count: > 0 } batch)
            return true;
        // ksqlDB's push queries do not show records of a stream that have no value.
        if (_context.KsqlCompat && _plan.Source.Schema.Kind == RelationKind.Stream)
            batch.Selection = batch.RowsHaving(ChangeFlags.HasNew, new int[batch.Selection.Count]);
        if (_plan.HasAggregate)
            await SetClockAsync(batch, partition, run.NextOffset, cancellation);
        _progress?.Observe(batch);
        if (_snapshot is null)
            _tree.Push(batch);
        else
            PushChanges(_snapshot, batch);
        _tree.Signal(OperatorSignal.Commit);
        foreach (var store in _operators.Stores)
            Commit(store);
        return true;
    }

    private async ValueTask<bool> TryProcessJoinAsync(PushMerge merge, CancellationToken cancellation)
    {
        foreach (var table in _operators.Tables)
            await table.WaitUntilCurrentAsync(cancellation);
        if (!await merge.TryProcessAsync(_tree, _progress, cancellation))
            return false;
        _tree.Signal(OperatorSignal.Commit);
        foreach (var store in _operators.Stores)
            Commit(store);
        return true;
    }

    private void PushChanges(PushSnapshot snapshot, ChangeBatch batch)
    {
        foreach (var changes in snapshot.Changes(batch))
            _tree.Push(changes);
    }

    /// <summary>A client that reads more slowly than records are deleted is told so: rows that it never sees are worse than an end.</summary>
    private static SqlException TooSlow(PartitionReader reader) => new(
        PostgresErrorCodes.SnapshotFailure, $"{reader.Lost} records of {reader.Partition} were deleted before this query has read them",
        "Read faster, or let the topic keep its records longer (retention.ms).");

    private static void Commit(StateStore store)
    {
        lock (store.Sync)
            store.Commit();
    }

    /// <summary>All partitions meet in one operator: its clock is the slowest partition's, as behind a repartition.</summary>
    private async ValueTask SetClockAsync(ChangeBatch batch, int partition, long nextOffset, CancellationToken cancellation)
    {
        if (_readers.Count == 1)
            return;
        await _times.RefreshIdleAsync(_environment.Broker, cancellation);
        batch.StreamTime = _times.StreamTime;
        batch.StreamTimeFloor = _times.Floor;
        var time = _rowTimes[partition];
        for (var i = 0; i < batch.Selection.Count; i++)
            time = Math.Max(time, batch.RowTime.Values[batch.Selection[i]]);
        _rowTimes[partition] = time;
        _times.Observe(new ProducerTime(partition, time, nextOffset));
    }

    private LimitOperator CreateLimit(LogicalLimit limit)
    {
        var count = limit.Count is null ? null : ExpressionEvaluator.EvaluateConstant(limit.Count, _context);
        var offset = limit.Offset is null ? null : ExpressionEvaluator.EvaluateConstant(limit.Offset, _context);
        var limited = new LimitOperator(
            count is null ? null : Convert.ToInt64(count, System.Globalization.CultureInfo.InvariantCulture),
            offset is null ? 0 : Convert.ToInt64(offset, System.Globalization.CultureInfo.InvariantCulture));
        _limits.Add(limited);
        return limited;
    }
}
