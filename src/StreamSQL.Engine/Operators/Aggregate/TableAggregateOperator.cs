using Npgsql;
using StreamSQL.Data.Batches;
using StreamSQL.Data.Errors;
using StreamSQL.Engine.State;
using StreamSQL.Sql.Plans;

namespace StreamSQL.Engine.Operators.Aggregate;

/// <summary>
/// Groups a table's rows: each change takes its old row back from the group that it was in and adds its new row to the group that it is in
/// now. A change that stays in its group is one change of that group; otherwise the old group's comes
/// first. A row with a null in the group key is in no group.
/// </summary>
internal sealed class TableAggregateOperator : Operator
{
    private readonly AggregateTable _table;
    private readonly AggregateInput _new;
    private readonly AggregateInput _old;
    private readonly FoldedChanges? _folded;
    private readonly GroupSteps? _steps;
    private readonly int[] _oneRow = new int[1];
    private ChangeBatch? _batch;
    private int[] _newSlots = [];
    private int[] _oldSlots = [];
    private int[] _slots = [];

    /// <summary>Creates the operator.</summary>
    /// <param name="context">The task's context.</param>
    /// <param name="plan">The aggregate, without a window; its input has old columns.</param>
    /// <param name="table">Its state, made by <see cref="AggregateTable.Create"/>.</param>
    /// <param name="withOld">Whether the consumer needs old columns.</param>
    /// <exception cref="SqlException">0A000: an aggregate that cannot take rows back.</exception>
    public TableAggregateOperator(OperatorContext context, LogicalAggregate plan, AggregateTable table, bool withOld)
    {
        foreach (var call in plan.Aggregates)
        {
            if (!call.Binding.CanRetract)
                throw new SqlException(PostgresErrorCodes.FeatureNotSupported,
                    $"{call.Name} cannot aggregate a table: it cannot take rows back");
        }

        _table = table;
        _new = new AggregateInput(context, plan.Keys, plan.Aggregates);
        _old = new AggregateInput(context, plan.Keys, plan.Aggregates);
        var output = new ChangeBatch(plan.Schema.Columns.Select(static column => column.Type).ToArray(), withOld)
            { Partition = context.Partition };
        if (context.Emission == EmissionMode.EveryChange)
            _steps = new GroupSteps(table, output);
        else
            _folded = new FoldedChanges(table, output);
    }

    /// <inheritdoc/>
    public override void Push(ChangeBatch input, int port = 0)
    {
        if (input.Flags is not null && input.OldColumns is null)
            throw new InvalidOperationException("a table can be aggregated only where its changes carry their old rows");
        _batch = input;
        _new.Evaluate(input, ChangeFlags.HasNew);
        if (input.Flags is not null)
            _old.Evaluate(input, ChangeFlags.HasOld);
    }

    /// <inheritdoc/>
    public override void Signal(OperatorSignal signal)
    {
        if (signal == OperatorSignal.Commit)
            _folded?.Begin();
    }

    /// <inheritdoc/>
    /// <exception cref="SqlException">The state is over its budget (53200), or an aggregate failed.</exception>
    public override ChangeBatch? Pull()
    {
        lock (_table.Sync)
        {
            if (_folded?.Next() is { } folded)
                return folded;
            if (_batch is null)
                return null;
            var batch = _batch;
            Process(batch);
            _batch = null;
            return _steps?.Finish(batch);
        }
    }

    private void Process(ChangeBatch batch)
    {
        EnsureRoom(batch);
        var group = _table.OpenPart(PartId.Whole);
        _steps?.Begin(group);
        FindGroups(group, _new, batch, _newSlots);
        if (batch.Flags is not null)
            FindGroups(group, _old, batch, _oldSlots);
        else
            _oldSlots.AsSpan(0, batch.RowCount).Fill(-1);

        for (var i = 0; i < batch.Selection.Count; i++)
        {
            var row = batch.Selection[i];
            _oneRow[0] = row;
            Change(group, row, batch.RowTime.Values);
        }

        _table.Charge(group);
    }

    private void Change(GroupTable group, int row, long[] rowTimes)
    {
        var (oldSlot, newSlot) = (_oldSlots[row], _newSlots[row]);
#if PLANTED_BUGS
        if (Planted.IsAwake(PlantedBug.SkipRetraction) && oldSlot == newSlot)
            oldSlot = -1;
#endif
        if (oldSlot >= 0)
        {
            _steps?.Before(oldSlot);
            Step(group, oldSlot, rowTimes, retract: true);
            if (oldSlot != newSlot)
                _steps?.After(oldSlot, row);
        }

        if (newSlot < 0)
            return;
        if (oldSlot != newSlot)
            _steps?.Before(newSlot);
        Step(group, newSlot, rowTimes, retract: false);
        _steps?.After(newSlot, row);
    }

    private void Step(GroupTable group, int slot, long[] rowTimes, bool retract)
    {
        var rows = RowSelection.Of(_oneRow, 1);
        group.AddTimes([slot], rows, rowTimes, null);
        for (var a = 0; a < group.States.Length; a++)
        {
#if PLANTED_BUGS
            if (Planted.IsAwake(PlantedBug.RetractNewRow) && retract && _newSlots[_oneRow[0]] >= 0)
                group.States[a].Retract(_new.Arguments[a], rows, [slot], null);
            else
#endif
            if (retract)
                group.States[a].Retract(_old.Arguments[a], rows, [slot], null);
            else
                group.States[a].Add(_new.Arguments[a], rows, [slot], null);
        }
    }

    /// <summary>Finds the group of each row, by row number; -1 for rows that are in none.</summary>
    private void FindGroups(GroupTable group, AggregateInput input, ChangeBatch batch, int[] slotByRow)
    {
        slotByRow.AsSpan(0, batch.RowCount).Fill(-1);
        var slots = _slots.AsSpan(0, input.Rows.Count);
        group.Touch(input.Keys, input.Rows, slots);
        for (var i = 0; i < slots.Length; i++)
            slotByRow[input.Rows[i]] = slots[i];
    }

    private void EnsureRoom(ChangeBatch batch)
    {
        if (_slots.Length >= batch.RowCount)
            return;
        var size = Math.Max(ChangeBatch.MaxRows, batch.RowCount);
        _newSlots = new int[size];
        _oldSlots = new int[size];
        _slots = new int[size];
    }
}
