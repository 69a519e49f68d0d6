using StreamSQL.Data.Batches;
using StreamSQL.Data.Errors;
using StreamSQL.Engine.Expressions;
using StreamSQL.Engine.Operators;
using StreamSQL.Engine.Sessions;
using StreamSQL.Engine.State;
using StreamSQL.Engine.Tasks;
using StreamSQL.Sql.Plans;

namespace StreamSQL.Engine.Queries.Push;

/// <summary>
/// SELECT ... EMIT CHANGES: reads the committed records of its source as they come and gives the results. It reads only when its client
/// asks for more, so that a slow client slows nobody else and needs no queue: the topic is the queue. What it has to know first (the rows
/// of tables, what was read before the
/// position that it goes on from, or what a snapshot is made of) it reads in the same way, without giving what comes of it.
/// </summary>
internal sealed class PushQuery : StatementResult
{
    private readonly PushPlan _plan;
    private readonly TaskEnvironment _environment;
    private readonly OperatorContext _context;
    private readonly IReadOnlyList<ResultColumn> _columns;
    private readonly WorkerSignal _wake = new();
    private readonly List<LimitOperator> _limits = [];
    private readonly PushSink _sink;
    private readonly TaskOperators _operators;
    private readonly OperatorTree _tree;
    private readonly PushProgress? _progress;
    private readonly LostRecords _lost;
    private readonly bool _withSnapshot;
    private PushInput? _input;
    private TableCursor? _snapshot;
    private bool _loadsSilently;

    private PushQuery(
        PushPlan plan, LogicalPlan logical, IReadOnlyList<ResultColumn> columns, PushStart start, OperatorContext context,
        TaskEnvironment environment)
    {
        _plan = plan;
        _environment = environment;
        _context = context;
        _columns = columns;
        _withSnapshot = start.Options.Snapshot;
        _loadsSilently = start.LoadsSilently;
        _lost = new LostRecords(start.FailsOnLostRecords);
        var keys = _withSnapshot && (plan.HasFilter || !plan.IsStateless) ? PushPlan.KeyColumns(logical) : null;
        _sink = new PushSink(logical.Schema, keys, withProgress: start.Progress is not null);
        _operators = new TaskOperators(plan.Stage, context, environment, CreateLimit, keepsTable: _withSnapshot && plan.HasFilter);
        _tree = _operators.Connect([_sink]);
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
        var pushPlan = PushPlan.Of(plan, start.Options.Snapshot);
        start.Check(pushPlan);
        var query = new PushQuery(pushPlan, plan, columns, start, context, environment);
        try
        {
            await query.OpenAsync(start.Ranges(pushPlan, context), cancellation);
            return query;
        }
        catch
        {
            await query.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc/>
    public override Notice? TakeNotice() => _lost.Take();

    /// <inheritdoc/>
    public override async ValueTask<ChangeBatch?> ReadAsync(CancellationToken cancellation)
    {
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            if (_loadsSilently)
            {
                await LoadAsync(_input!, cancellation);
                continue;
            }

            if (_limits.Exists(static limit => limit.IsSatisfied))
                return null;
            // What was read has been given out: only here is the position that of the rows.
            if (_snapshot is null && _progress?.TryTake() == true)
                return _progress.Row(PushPosition.Format(_input!.Positions, withInputs: _plan.IsJoin));
            var hasRead = _snapshot is null ? await TryProcessAsync(_input!, cancellation) : TryGiveSnapshot(_snapshot);
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
        if (_input is not null)
            await _input.DisposeAsync();
        _context.Budget.Release();
        await base.DisposeAsync();
    }

    private async ValueTask OpenAsync(PushRanges ranges, CancellationToken cancellation)
    {
        var wake = _wake.Callback;
        if (_plan.IsJoin)
            _input = await PushMerge.OpenAsync(_plan, ranges, _context.Counters, _lost, _environment, wake, cancellation);
        else
            _input = await PushScan.OpenAsync(_plan, ranges, _operators.KeepsSource, _context, _lost, _environment, wake, cancellation);
    }

    /// <summary>Reads on without giving what comes of it; at the end of that the snapshot begins, and the rows that LIMIT counts.</summary>
    private async ValueTask LoadAsync(PushInput input, CancellationToken cancellation)
    {
        if (input.IsLoading)
        {
            if (!await TryProcessAsync(input, cancellation))
                await _wake.WaitAsync(cancellation);
            _sink.Take();
            return;
        }

        _loadsSilently = false;
        foreach (var limit in _limits)
            limit.Restart();
        if (_withSnapshot)
            _snapshot = _operators.LastTable!.Value.State.Open(TableAccess.All);
    }

    private bool TryGiveSnapshot(TableCursor cursor)
    {
        var source = _operators.LastTable!.Value.Operator;
        if (cursor.Read() is { } rows)
        {
            _tree.PushFrom(source, rows);
            return true;
        }

        (source as SnapshotOperator)?.Open();
        _snapshot = null;
        _progress?.Require();
        return true;
    }

    /// <summary>Takes what comes next through the operators; false when there is nothing now: then the query is woken.</summary>
    private async ValueTask<bool> TryProcessAsync(PushInput input, CancellationToken cancellation)
    {
        foreach (var table in _operators.Tables)
            await table.WaitUntilCurrentAsync(cancellation);
        if (!await input.TryProcessAsync(_tree, _progress, cancellation))
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
