using Npgsql;
using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Errors;
using StreamSQL.Data.Formats.Rows;
using StreamSQL.Data.Types;
using StreamSQL.Engine.Operators;
using StreamSQL.Sql.Expressions;

namespace StreamSQL.Engine.Expressions;

/// <summary>A literal: a constant column made once.</summary>
internal sealed class ConstantNode : ExpressionNode
{
    private readonly Column _value;

    public ConstantNode(object? value, SqlType type)
    {
        _value = Column.Create(type);
        _value.Reset(1, constant: true);
        ColumnWriter.Write(_value, 0, value);
    }

    public override bool IsConstant => true;

    public override Column Evaluate(EvaluationScope scope, RowSelection rows) => _value;
}

/// <summary>A parameter: a constant column, filled once in each run of the query.</summary>
internal sealed class ParameterNode : ExpressionNode
{
    private readonly BoundParameter _parameter;
    private readonly OperatorContext _context;
    private readonly Column _value;
    private long _run;

    /// <summary>Creates the node.</summary>
    /// <exception cref="SqlException">42P02: the parameter has no value.</exception>
    public ParameterNode(BoundParameter parameter, OperatorContext context)
    {
        (_parameter, _context) = (parameter, context);
        _value = Column.Create(parameter.Type);
        Fill();
    }

    public override bool IsConstant => true;

    public override Column Evaluate(EvaluationScope scope, RowSelection rows)
    {
        if (_run != _context.Run)
            Fill();
        return _value;
    }

    /// <summary>The value that a parameter has now.</summary>
    /// <exception cref="SqlException">42P02: it has none.</exception>
    public static object? ValueOf(BoundParameter parameter, OperatorContext context) =>
        parameter.Index < context.Parameters.Count
            ? context.Parameters[parameter.Index]
            : throw new SqlException(PostgresErrorCodes.UndefinedParameter, $"there is no value for parameter ${parameter.Index + 1}");

    private void Fill()
    {
        _value.Reset(1, constant: true);
        ColumnWriter.Write(_value, 0, ValueOf(_parameter, _context));
        _run = _context.Run;
    }
}

/// <summary>A column of the batch, as it is.</summary>
internal sealed class ColumnNode(int index) : ExpressionNode
{
    public override Column Evaluate(EvaluationScope scope, RowSelection rows) => scope.Columns[index];
}

/// <summary>ROWTIME, ROWPARTITION, ROWOFFSET.</summary>
internal sealed class PseudoColumnNode(PseudoColumn kind) : ExpressionNode
{
    private readonly FixedColumn<int> _partition = new(SqlType.Integer);
    private readonly FixedColumn<long> _noOffset = new(SqlType.BigInt);

    public override Column Evaluate(EvaluationScope scope, RowSelection rows)
    {
        switch (kind)
        {
            case PseudoColumn.RowTime:
                return scope.Batch.RowTime;
            case PseudoColumn.RowPartition:
                _partition.Reset(1, constant: true);
                _partition.Values[0] = scope.Batch.Partition;
                return _partition;
            default:
                if (scope.Batch.Offsets is { } offsets)
                    return offsets;
                _noOffset.Reset(1, constant: true);
                _noOffset.SetNull(0);
                return _noOffset;
        }
    }
}

/// <summary>A column of the row of an enclosing query.</summary>
internal sealed class OuterColumnNode(OuterRow outer, int index, SqlType type) : ExpressionNode
{
    private readonly Column _value = Column.Create(type);

    public override Column Evaluate(EvaluationScope scope, RowSelection rows)
    {
        var batch = outer.Batch ?? throw new InvalidOperationException("a correlated sub-query runs without an enclosing row");
        _value.Reset(1, constant: true);
        _value.CopyRow(batch.Columns[index], outer.Row, 0);
        return _value;
    }
}

/// <summary>A sub-query's value.</summary>
internal sealed class SubqueryNode(BoundSubquery subquery, ExpressionNode? operand, SubqueryRunner runner) : ExpressionNode
{
    private readonly Column _result = Column.Create(subquery.Type);

    public override Column Evaluate(EvaluationScope scope, RowSelection rows)
    {
        var operandValues = operand?.Evaluate(scope, rows);
        _result.Reset(scope.RowCount);
        if (rows.Count > 0)
            runner.Evaluate(subquery, operandValues, scope.Batch, rows, _result);
        return _result;
    }
}
