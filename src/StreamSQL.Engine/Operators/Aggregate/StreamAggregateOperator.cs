using StreamSQL.Data.Batches;
using StreamSQL.Engine.State;
using StreamSQL.Sql.Plans;

namespace StreamSQL.Engine.Operators.Aggregate;

/// <summary>
/// Groups events, over tumbling, hopping or no windows, into an <see cref="AggregateTable"/>. It gives out every change, or the folded
/// changes at a commit, or with EMIT FINAL each window once when it has closed. Rows whose windows are all closed are counted as late.
/// </summary>
internal sealed class StreamAggregateOperator : Operator
{
    private readonly AggregateTable _table;
    private readonly AggregateInput _input;
    private readonly WindowAssigner _assigner;
    private readonly QueryCounters _counters;
    private readonly EveryChange? _everyChange;
    private readonly HeldResults? _folded;
    private readonly HeldResults? _final;
    private readonly ChangeBatch _output;
    private readonly bool _finalAfterEachRow;
    private readonly int _rowsAtOnce;
    private ChangeBatch? _batch;
    private WindowClock _clock;
    private int _position;
    private int[] _chunk = [];
    private int[] _rows = [];
    private int[] _slots = [];

    /// <summary>Creates the operator.</summary>
    /// <param name="context">The task's context.</param>
    /// <param name="plan">The aggregate; its window is tumbling, hopping or none.</param>
    /// <param name="table">Its state, made by <see cref="AggregateTable.Create"/>.</param>
    /// <param name="withOld">Whether the consumer needs old columns.</param>
    public StreamAggregateOperator(OperatorContext context, LogicalAggregate plan, AggregateTable table, bool withOld)
    {
        _table = table;
        _input = new AggregateInput(context, plan.Keys, plan.Aggregates);
        _assigner = new WindowAssigner(table.Window, table.Slices);
        _counters = context.Counters;
        _output = new ChangeBatch(plan.Schema.Columns.Select(static column => column.Type).ToArray(), withOld)
            { Partition = context.Partition };
        if (plan.EmitFinal)
            _final = table.Slices is null ? new FinalResults(table, _output, context.KsqlCompat) : new SlicedFinalResults(table, _output);
        else if (context.Emission == EmissionMode.EveryChange)
            _everyChange = new EveryChange(table, _output);
        else
            _folded = table.Slices is null ? new FoldedChanges(table, _output) : new SlicedChanges(table, _output);
        _finalAfterEachRow = plan.EmitFinal && context.KsqlCompat;
        _rowsAtOnce = _finalAfterEachRow ? 1 : Math.Max(1, ChangeBatch.MaxRows / PairsPerRow(table));
    }

    /// <summary>
    /// Whether hopping windows are best kept by slices: results merge exactly, and are wanted less often than rows come. Where every row
    /// gives out the windows that it changes, these may as well be kept.
    /// </summary>
    public static bool PrefersSlices(OperatorContext context, LogicalAggregate plan) =>
        plan.Window is { Kind: WindowKind.Hopping } window && window.AdvanceMs < window.SizeMs && !context.KsqlCompat
        && (plan.EmitFinal || context.Emission == EmissionMode.PerCommit) && plan.Aggregates.All(static call => call.Binding.MergesExactly);

    /// <inheritdoc/>
    public override bool HasMore => _batch is null && _final is not null && !_finalAfterEachRow && _final.IsResumable && IsFinalDue;

    private bool IsFinalDue => _table.Clock.FinalTime < _table.Clock.StreamTime;

    /// <inheritdoc/>
    public override void Push(ChangeBatch input, int port = 0)
    {
        _batch = input;
        _position = 0;
        _input.Evaluate(input, ChangeFlags.HasNew);
        _clock = new WindowClock(_table.Window, _table.Clock, input);
    }

    /// <inheritdoc/>
    public override void Signal(OperatorSignal signal)
    {
        if (signal != OperatorSignal.Commit)
            return;
        _folded?.Begin();
        if (_final is null)
            return;

        // Windows that are still to be given out are kept, whatever stream time says.
        lock (_table.Sync)
            _table.ExpireWindows(_table.Clock.FinalTime);
    }

    /// <inheritdoc/>
    /// <exception cref="Data.Errors.SqlException">The state is over its budget (53200), or an aggregate failed.</exception>
    public override ChangeBatch? Pull()
    {
        lock (_table.Sync)
        {
            while (true)
            {
                if ((_final?.Next() ?? _folded?.Next()) is { } pending)
                    return pending;
                if (_batch is null)
                {
                    if (_final is null || !IsFinalDue)
                        return null;
                    _final.Begin();
                }
                else if (_position < _input.Rows.Count)
                {
                    if (ProcessChunk(_batch) is { } changes)
                        return changes;
                }
                else
                {
                    EndBatch();
                }
            }
        }
    }

    private static int PairsPerRow(AggregateTable table) => table.Window is null
        || table.Slices is not null ? 1 : table.Window.WindowsPerRow;

    private void EndBatch()
    {
        _batch = null;
        _table.Clock = _table.Clock with { StreamTime = _clock.StreamTime };
        if (_final is null)
            _table.ExpireWindows(_clock.StreamTime);
    }

    private ChangeBatch? ProcessChunk(ChangeBatch batch)
    {
        var count = Math.Min(_rowsAtOnce, _input.Rows.Count - _position);
        var rows = _input.Rows.Slice(_position, count, ref _chunk);
        _position += count;
        _assigner.Assign(rows, batch.RowTime.Values, ref _clock);
        if (_assigner.LateRows > 0)
            _counters.AddLateRows(_assigner.LateRows);

        _everyChange?.Begin(_assigner.PairCount);
        for (var group = 0; group < _assigner.GroupCount; group++)
            AddGroup(batch, group);
        _everyChange?.End(batch);
        if (_finalAfterEachRow)
        {
            _table.Clock = _table.Clock with { StreamTime = _clock.StreamTime };
            _final!.Begin();
        }

        return _everyChange is not null && _assigner.PairCount > 0 ? _output : null;
    }

    private void AddGroup(ChangeBatch batch, int group)
    {
        var table = _table.OpenPart(_assigner.PartOf(group));
        var rows = _assigner.RowsOf(group, ref _rows);
        if (_slots.Length < rows.Count)
            _slots = new int[Math.Max(ChangeBatch.MaxRows, rows.Count)];
        var slots = _slots.AsSpan(0, rows.Count);
        table.Touch(_input.Keys, rows, slots);
        if (_everyChange is not null)
        {
            _everyChange.Add(table, _input, rows, slots, batch.RowTime.Values, _assigner.IsSingle ? [] : _assigner.PairsOf(group));
        }
        else
        {
            table.AddTimes(slots, rows, batch.RowTime.Values, null);
            for (var a = 0; a < table.States.Length; a++)
                table.States[a].Add(_input.Arguments[a], rows, slots, null);
        }

        _table.Charge(table);
    }
}
