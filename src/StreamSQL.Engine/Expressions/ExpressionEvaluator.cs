using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Formats.Rows;
using StreamSQL.Data.Errors;
using StreamSQL.Data.Types;
using StreamSQL.Engine.Operators;
using StreamSQL.Sql.Expressions;

namespace StreamSQL.Engine.Expressions;

/// <summary>
/// Evaluates one bound expression over batches by vectorised nodes. A failing row ends a bounded query with the error of the first; in a
/// continuous query the failure is counted and the row's whole value is NULL (ksqlDB's rule). Not thread-safe.
/// </summary>
internal sealed class ExpressionEvaluator
{
    private readonly ExpressionNode _root;
    private readonly EvaluationScope _scope;
    private readonly OperatorContext _context;

    /// <summary>Builds the evaluator.</summary>
    /// <exception cref="SqlException">42P02: a parameter without a value; 0A000: a sub-query where none can be run.</exception>
    public ExpressionEvaluator(BoundExpression expression, OperatorContext context)
    {
        _root = ExpressionBuilder.Build(expression, context);
        _scope = new EvaluationScope(context);
        _context = context;
        Type = expression.Type;
    }

    /// <summary>The type of the results.</summary>
    public SqlType Type { get; }

    /// <summary>Builds one evaluator per expression.</summary>
    public static ExpressionEvaluator[] CreateAll(IReadOnlyList<BoundExpression> expressions, OperatorContext context)
    {
        var evaluators = new ExpressionEvaluator[expressions.Count];
        for (var i = 0; i < evaluators.Length; i++)
            evaluators[i] = new(expressions[i], context);
        return evaluators;
    }

    /// <summary>The value of an expression that reads no columns, in the form of literals (see <see cref="BoundLiteral"/>).</summary>
    /// <exception cref="SqlException">The expression failed, if the context says so.</exception>
    public static object? EvaluateConstant(BoundExpression expression, OperatorContext context)
    {
        var row = new ChangeBatch(Array.Empty<Column>());
        row.Reset(1);
        return ColumnReader.Read(new ExpressionEvaluator(expression, context).Evaluate(row, row.Selection), 0);
    }

    /// <summary>
    /// Evaluates rows over the batch's new columns. The result is aligned with the batch by row number, may be constant, may be a column of
    /// the batch itself, and is valid until the next evaluation.
    /// </summary>
    /// <exception cref="SqlException">A row failed, and the context says that this ends the query.</exception>
    public Column Evaluate(ChangeBatch batch, RowSelection rows) => Evaluate(batch, batch.Columns, rows);

    /// <summary>The same over the batch's old columns.</summary>
    public Column EvaluateOld(ChangeBatch batch, RowSelection rows) => Evaluate(batch, batch.OldColumns!, rows);

    private Column Evaluate(ChangeBatch batch, Column[] columns, RowSelection rows)
    {
        _scope.Begin(batch, columns);
        var result = _root.Evaluate(_scope, rows);
        var errors = _scope.Errors;
        if (errors.Count + errors.SettledCount == 0)
            return result;
        ExpressionFailure.Handle(errors, _context);
        foreach (var row in errors.Rows)
            result.SetNull(result.Physical(row));
        return result;
    }
}
