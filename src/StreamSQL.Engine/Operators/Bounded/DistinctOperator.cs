using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Types;
using StreamSQL.Engine.Expressions;
using StreamSQL.Engine.State;
using StreamSQL.Sql.Expressions;
using StreamSQL.Sql.Plans;

namespace StreamSQL.Engine.Operators.Bounded;

/// <summary>Passes on the first row of each key (DISTINCT ON), or of each whole row (DISTINCT). Nulls are equal to each other.</summary>
internal sealed class DistinctOperator : BatchOperator
{
    private readonly ExpressionEvaluator[]? _keys;
    private readonly Column[] _keyColumns;
    private readonly RowSet _seen;
    private ChangeBatch? _output;

    /// <summary>Creates the operator.</summary>
    /// <param name="context">The query's context.</param>
    /// <param name="on">The keys over the schema, or null for all columns.</param>
    /// <param name="schema">Input and output.</param>
    public DistinctOperator(OperatorContext context, IReadOnlyList<BoundExpression>? on, PlanSchema schema)
    {
        _keys = on is null ? null : ExpressionEvaluator.CreateAll(on, context);
        var types = on?.Select(static key => key.Type) ?? schema.Columns.Select(static column => column.Type);
        _seen = new RowSet([.. types], context.Budget.Part("DISTINCT"));
        _keyColumns = new Column[_keys?.Length ?? 0];
    }

    /// <inheritdoc/>
    protected override ChangeBatch? Process(ChangeBatch input)
    {
        for (var i = 0; i < _keyColumns.Length; i++)
            _keyColumns[i] = _keys![i].Evaluate(input, input.Selection);
        var output = BatchViews.View(input, ref _output);
        output.Selection = _seen.AddNew(_keys is null ? input.Columns : _keyColumns, input.Selection);
        return IsWorthGiving(output) ? output : null;
    }
}

/// <summary>A set of rows that have been seen, within a memory budget.</summary>
internal sealed class RowSet(IReadOnlyList<SqlType> types, MemoryBudget budget)
{
    private readonly KeyIndex _index = KeyIndex.Create(types, nullable: true);
    private int[] _slots = [];
    private int[] _new = [];
    private long _charged;

    /// <summary>Adds rows; gives those that were not there before, in their order. The list is valid until the next call.</summary>
    /// <exception cref="Data.Errors.SqlException">53200: over the budget.</exception>
    public RowSelection AddNew(ReadOnlySpan<Column> columns, RowSelection rows)
    {
        if (_slots.Length < rows.Count)
        {
            _slots = new int[Math.Max(64, rows.Count)];
            _new = new int[_slots.Length];
        }

        // Nothing is ever removed, so the slot of a new row is the next one.
        var next = _index.SlotLimit;
        _index.FindOrAdd(columns, rows, _slots);
        var count = 0;
        for (var i = 0; i < rows.Count; i++)
        {
            if (_slots[i] != next)
                continue;
            next++;
            _new[count++] = rows[i];
        }

        budget.Charge(_index.MemoryBytes - _charged);
        _charged = _index.MemoryBytes;
        return RowSelection.Of(_new, count);
    }
}
