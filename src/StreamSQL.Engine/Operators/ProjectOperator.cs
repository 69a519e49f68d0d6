using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;
using StreamSQL.Engine.Expressions;
using StreamSQL.Sql.Expressions;
using StreamSQL.Sql.Plans;

namespace StreamSQL.Engine.Operators;

/// <summary>
/// Computes the columns of its schema. Key columns and window bounds are computed for every row, value columns only where there is a new
/// value, old columns (when the input has them) where there is an old one.
/// </summary>
internal sealed class ProjectOperator : BatchOperator
{
    private readonly OperatorContext _context;
    private readonly IReadOnlyList<BoundExpression> _expressions;
    private readonly ExpressionEvaluator[] _evaluators;
    private readonly bool[] _isKey;
    private readonly ChangeBatch _output;
    private ExpressionEvaluator[]? _oldEvaluators;
    private int[] _rows = [];

    /// <summary>Creates the operator.</summary>
    /// <param name="context">The task's context.</param>
    /// <param name="expressions">One expression over the input per column of the schema.</param>
    /// <param name="schema">The output.</param>
    public ProjectOperator(OperatorContext context, IReadOnlyList<BoundExpression> expressions, PlanSchema schema)
    {
        _context = context;
        _expressions = expressions;
        _evaluators = ExpressionEvaluator.CreateAll(expressions, context);
        _isKey = schema.Columns.Select(static column => column.Role != ColumnRole.Value).ToArray();
        _output = new ChangeBatch(new Column[expressions.Count]);
    }

    /// <inheritdoc/>
    protected override ChangeBatch? Process(ChangeBatch input)
    {
        if (_rows.Length < input.Selection.Count)
            _rows = new int[Math.Max(input.Selection.Count, 64)];
        _output.TakeRowsFrom(input);
        ProjectNew(input);
        _output.OldColumns = input.OldColumns is null ? null : ProjectOld(input);
        return _output;
    }

    private void ProjectNew(ChangeBatch input)
    {
        var withValue = input.RowsHaving(ChangeFlags.HasNew, _rows);
        var isPartial = withValue.Count < input.Selection.Count;
        for (var i = 0; i < _evaluators.Length; i++)
        {
            var isValue = isPartial && !_isKey[i];
            _output.Columns[i] = _evaluators[i].Evaluate(input, isValue ? withValue : input.Selection);
            if (isValue && _expressions[i] is not BoundColumn)
                _output.Columns[i] = NullWithoutValue(input, _output.Columns[i]);
        }
    }

    /// <summary>
    /// Makes a computed column null where the row has no value; a constant one cannot be null in places and is left to the flags.
    /// </summary>
    private static Column NullWithoutValue(ChangeBatch input, Column column)
    {
        if (column.IsConstant)
            return column;
        for (var i = 0; i < input.Selection.Count; i++)
        {
            var row = input.Selection[i];
            if ((input.FlagsOf(row) & ChangeFlags.HasNew) == 0)
                column.SetNull(row);
        }

        return column;
    }

    private Column[] ProjectOld(ChangeBatch input)
    {
        _oldEvaluators ??= ExpressionEvaluator.CreateAll(_expressions, _context);
        var columns = _output.OldColumns ?? new Column[_oldEvaluators.Length];
        var withOld = input.RowsHaving(ChangeFlags.HasOld, _rows);
        for (var i = 0; i < columns.Length; i++)
            columns[i] = _oldEvaluators[i].EvaluateOld(input, withOld);
        return columns;
    }
}
