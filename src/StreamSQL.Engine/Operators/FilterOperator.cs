using StreamSQL.Data.Batches;
using StreamSQL.Engine.Expressions;
using StreamSQL.Sql.Expressions;
using StreamSQL.Sql.Plans;

namespace StreamSQL.Engine.Operators;

/// <summary>
/// Keeps the rows for which the predicate is true: it narrows the selection, columns do not move. Over a table's changes each side is
/// judged by itself: a row that stopped passing becomes a tombstone, one that never passed is dropped. Without old columns every row that
/// had a predecessor may have passed before, so the tombstone is given out.
/// </summary>
internal sealed class FilterOperator : BatchOperator
{
    private readonly PredicateEvaluator _predicate;
    private readonly bool _isTable;
    private ChangeBatch? _output;
    private ChangeFlags[] _flags = [];
    private int[] _rows = [];

    /// <summary>Creates the operator.</summary>
    /// <param name="context">The task's context.</param>
    /// <param name="predicate">The condition over the input's schema.</param>
    /// <param name="kind">What the rows are.</param>
    public FilterOperator(OperatorContext context, BoundExpression predicate, RelationKind kind)
    {
        _predicate = new PredicateEvaluator(predicate, context);
        _isTable = kind == RelationKind.Table;
    }

    /// <inheritdoc/>
    protected override ChangeBatch? Process(ChangeBatch input)
    {
        var output = BatchViews.View(input, ref _output);
        if (input.Flags is null)
            output.Selection = _predicate.Evaluate(input, input.Selection);
        else if (_isTable)
            FilterChanges(input, output);
        else
            output.Selection = _predicate.Evaluate(input, Having(input, ChangeFlags.HasNew));
        return IsWorthGiving(output) ? output : null;
    }

    private void FilterChanges(ChangeBatch input, ChangeBatch output)
    {
        if (_flags.Length < input.RowCount)
            _flags = new ChangeFlags[Math.Max(input.RowCount, 64)];
        for (var i = 0; i < input.Selection.Count; i++)
            _flags[input.Selection[i]] = ChangeFlags.None;

        Mark(_predicate.Evaluate(input, Having(input, ChangeFlags.HasNew)), ChangeFlags.HasNew);
        var before = Having(input, ChangeFlags.HasOld);
        Mark(input.OldColumns is null ? before : _predicate.EvaluateOld(input, before), ChangeFlags.HasOld);

        var count = 0;
        for (var i = 0; i < input.Selection.Count; i++)
        {
            var row = input.Selection[i];
            if (_flags[row] != ChangeFlags.None)
                _rows[count++] = row;
        }

        output.Selection = RowSelection.Of(_rows, count);
        output.SetFlags(_flags);
    }

    private void Mark(RowSelection rows, ChangeFlags flag)
    {
        for (var i = 0; i < rows.Count; i++)
            _flags[rows[i]] |= flag;
    }

    private RowSelection Having(ChangeBatch input, ChangeFlags flag)
    {
        if (_rows.Length < input.Selection.Count)
            _rows = new int[Math.Max(input.Selection.Count, 64)];
        return input.RowsHaving(flag, _rows);
    }
}
