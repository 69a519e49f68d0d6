using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Types;

namespace StreamSQL.Engine.Expressions;

/// <summary>AND or OR with three-valued logic. An operand sees only the rows that the operands before it left undecided.</summary>
internal sealed class LogicalNode(bool isAnd, ExpressionNode[] operands) : ExpressionNode
{
    private readonly FixedColumn<byte> _result = new(SqlType.Boolean);
    private int[] _undecided = [];

    public override Column Evaluate(EvaluationScope scope, RowSelection rows)
    {
        var neutral = isAnd ? (byte)1 : (byte)0;
        _result.Reset(scope.RowCount);
        _result.Values.AsSpan(0, scope.RowCount).Fill(neutral);
        if (_undecided.Length < scope.RowCount)
            _undecided = new int[_result.Capacity];
        foreach (var operand in operands)
        {
            if (rows.Count == 0)
                break;
            var values = (FixedColumn<byte>)operand.Evaluate(scope, rows);
            rows = RowSelection.Of(_undecided, Decide(values, rows, neutral));
        }

        return _result;
    }

    /// <summary>Settles the rows whose operand decides the result; writes down the others, which are at worst null.</summary>
    private int Decide(FixedColumn<byte> operand, RowSelection rows, byte neutral)
    {
        var left = 0;
        for (var i = 0; i < rows.Count; i++)
        {
            var row = rows[i];
            if (operand.IsNull(row))
            {
                _result.SetNull(row);
                _undecided[left++] = row;
            }
            else if (operand[row] == neutral)
            {
                _undecided[left++] = row;
            }
            else
            {
                _result.Values[row] = (byte)(1 - neutral);
                _result.SetValid(row);
            }
        }

        return left;
    }
}

/// <summary>NOT; NOT NULL is NULL.</summary>
internal sealed class NotNode(ExpressionNode operand) : ExpressionNode
{
    private readonly FixedColumn<byte> _result = new(SqlType.Boolean);

    public override Column Evaluate(EvaluationScope scope, RowSelection rows)
    {
        var values = (FixedColumn<byte>)operand.Evaluate(scope, rows);
        _result.Reset(scope.RowCount);
        for (var i = 0; i < rows.Count; i++)
        {
            var row = rows[i];
            _result.Values[row] = (byte)(1 - values[row]);
            if (values.IsNull(row))
                _result.SetNull(row);
        }

        return _result;
    }
}

/// <summary>IS NULL and IS NOT NULL.</summary>
internal sealed class IsNullNode(ExpressionNode operand, bool negated) : ExpressionNode
{
    private readonly FixedColumn<byte> _result = new(SqlType.Boolean);

    public override Column Evaluate(EvaluationScope scope, RowSelection rows)
    {
        var values = operand.Evaluate(scope, rows);
        _result.Reset(scope.RowCount);
        if (!values.MayHaveNulls)
        {
            _result.Values.AsSpan(0, scope.RowCount).Fill(negated ? (byte)1 : (byte)0);
            return _result;
        }

        for (var i = 0; i < rows.Count; i++)
            _result.Values[rows[i]] = values.IsNull(rows[i]) != negated ? (byte)1 : (byte)0;
        return _result;
    }
}
