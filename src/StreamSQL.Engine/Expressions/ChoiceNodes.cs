using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Types;

namespace StreamSQL.Engine.Expressions;

/// <summary>CASE: each condition sees the rows that no earlier one took, each result the rows that its condition took.</summary>
internal sealed class CaseNode(CaseNode.Branch[] branches, ExpressionNode? otherwise, SqlType type) : ExpressionNode
{
    private readonly Column _result = Column.Create(type);
    private int[] _taken = [];
    private int[] _left = [];

    public override Column Evaluate(EvaluationScope scope, RowSelection rows)
    {
        _result.Reset(scope.RowCount);
        if (_taken.Length < scope.RowCount)
        {
            _taken = new int[_result.Capacity];
            _left = new int[_result.Capacity];
        }

        foreach (var branch in branches)
        {
            if (rows.Count == 0)
                return _result;
            var condition = (FixedColumn<byte>)branch.Condition.Evaluate(scope, rows);
            var taken = Split(condition, rows, out var left);
            Fill(branch.Result, scope, RowSelection.Of(_taken, taken));
            rows = RowSelection.Of(_left, left);
        }

        if (otherwise is null)
        {
            for (var i = 0; i < rows.Count; i++)
                _result.SetNull(rows[i]);
        }
        else
        {
            Fill(otherwise, scope, rows);
        }

        return _result;
    }

    private int Split(FixedColumn<byte> condition, RowSelection rows, out int left)
    {
        var taken = 0;
        left = 0;
        for (var i = 0; i < rows.Count; i++)
        {
            var row = rows[i];
            if (condition[row] != 0 && !condition.IsNull(row))
                _taken[taken++] = row;
            else
                _left[left++] = row;
        }

        return taken;
    }

    private void Fill(ExpressionNode node, EvaluationScope scope, RowSelection rows)
    {
        if (rows.Count == 0)
            return;
        var values = node.Evaluate(scope, rows);
        if (rows.IsDense)
            rows = WriteOut(rows);
        _result.Scatter(values, rows.Rows, rows.Rows);
    }

    private RowSelection WriteOut(RowSelection dense)
    {
        for (var i = 0; i < dense.Count; i++)
            _taken[i] = i;
        return RowSelection.Of(_taken, dense.Count);
    }

    /// <summary>WHEN condition THEN result.</summary>
    internal readonly record struct Branch(ExpressionNode Condition, ExpressionNode Result);
}

/// <summary>COALESCE: each argument sees the rows that are still null.</summary>
internal sealed class CoalesceNode(ExpressionNode[] arguments, SqlType type) : ExpressionNode
{
    private readonly Column _result = Column.Create(type);
    private int[] _found = [];
    private int[] _missing = [];

    public override Column Evaluate(EvaluationScope scope, RowSelection rows)
    {
        _result.Reset(scope.RowCount);
        if (_found.Length < scope.RowCount)
        {
            _found = new int[_result.Capacity];
            _missing = new int[_result.Capacity];
        }

        foreach (var argument in arguments)
        {
            if (rows.Count == 0)
                return _result;
            var values = scope.EvaluateSettled(argument, rows);
            int found = 0, missing = 0;
            for (var i = 0; i < rows.Count; i++)
            {
                var row = rows[i];
                if (values.IsNull(row))
                    _missing[missing++] = row;
                else
                    _found[found++] = row;
            }

            var foundRows = _found.AsSpan(0, found);
            _result.Scatter(values, foundRows, foundRows);
            rows = RowSelection.Of(_missing, missing);
        }

        for (var i = 0; i < rows.Count; i++)
            _result.SetNull(rows[i]);
        return _result;
    }
}
