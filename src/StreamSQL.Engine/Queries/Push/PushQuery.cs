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
    private PushMerge? _merge;
    private int _next;

    private PushQuery(
        PushPlan plan, PlanSchema schema, IReadOnlyList<ResultColumn> columns, OperatorContext context, TaskEnvironment environment)
    {
        _plan = plan;
        _environment = environment;
        _context = context;
        _columns = columns;
        _sink = new PushSink(schema);
        _operators = new TaskOperators(plan.Stage, context, environment, CreateLimit);
        _tree = _operators.Connect([_sink]);
        _times = new ProducerTimes("times", [plan.Source.Source.Topic], plan.Source.Source.Partitions);
        _rowTimes = new long[plan.Source.Source.Partitions];
        Array.Fill(_rowTimes, long.MinValue);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<ResultColumn>? Columns => _columns;

    /// <inheritdoc/>
    public override string CommandTag => "SELECT";

    /// <inheritdoc/>
    public override bool IsContinuous => true;

    /// <summary>Starts a query at the present ends of its topic, or at the beginning.</summary>
    /// <exception cref="SqlException">It cannot be run as a push query.</exception>
    public static async ValueTask<PushQuery> StartAsync(
        LogicalPlan plan, IReadOnlyList<ResultColumn> columns, bool fromLatest, OperatorContext context, TaskEnvironment environment,
        CancellationToken cancellation)
    {
        var query = new PushQuery(PushPlan.Of(plan), plan.Schema, columns, context, environment);
        if (query._plan.IsJoin)
        {
            query._merge = await PushMerge.OpenAsync(query._plan.Stage, fromLatest, context.Counters, environment, query._wake.Callback, cancellation);

            // What the tables hold is where a query that reads from now on starts, not news.
            while (fromLatest && query._merge.IsLoading)
            {
                if (!await query.TryProcessJoinAsync(query._merge, cancellation))
                    await query._wake.WaitAsync(cancellation);
                query._sink.Take();
            }

            return query;
        }

        var scan = query._plan.Source;
        for (var i = 0; i < scan.Source.Partitions; i++)
        {
            var partition = new TopicPartition(scan.Source.Topic, i);
            var offsets = await environment.Broker.GetOffsetsAsync(partition, cancellation);
            var start = fromLatest ? offsets.LastStable : offsets.LogStart;
            query._readers.Add(environment.Records.Open(scan.Source, partition, start, query._wake.Callback));
            query._decoders.Add(new SourceDecoder(scan.Source, scan.Columns, scan.Schema, partition, context.Counters, environment));
        }

        return query;
    }

    /// <inheritdoc/>
    public override async ValueTask<ChangeBatch?> ReadAsync(CancellationToken cancellation)
    {
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            if (_limits.Exists(static limit => limit.IsSatisfied))
                return null;
            var hasRead = false;
            if (_merge is not null)
                hasRead = await TryProcessJoinAsync(_merge, cancellation);
            for (var i = 0; i < _readers.Count && !hasRead; i++)
                hasRead = await TryProcessAsync((_next + i) % _readers.Count, cancellation);
            if (_sink.Take() is { } rows)
                return rows;
            if (!hasRead)
                await _wake.WaitAsync(cancellation);
        }
    }

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        foreach (var reader in _readers)
            await reader.DisposeAsync();
        if (_merge is not null)
            await _merge.DisposeAsync();

        _context.Budget.Release();
        await base.DisposeAsync();
    }

    private async ValueTask<bool> TryProcessAsync(int partition, CancellationToken cancellation)
    {
        if (_readers[partition].TryRead() is not { } run)
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
        _tree.Push(batch);
        _tree.Signal(OperatorSignal.Commit);
        foreach (var store in _operators.Stores)
            Commit(store);
        return true;
    }

    private async ValueTask<bool> TryProcessJoinAsync(PushMerge merge, CancellationToken cancellation)
    {
        foreach (var table in _operators.Tables)
            await table.WaitUntilCurrentAsync(cancellation);
        if (!await merge.TryProcessAsync(_tree, cancellation))
            return false;
        _tree.Signal(OperatorSignal.Commit);
        foreach (var store in _operators.Stores)
            Commit(store);
        return true;
    }

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
