using StreamSQL.Data.Batches;
using StreamSQL.Engine.Expressions;
using StreamSQL.Sql.Expressions;
using StreamSQL.Sql.Plans;

namespace StreamSQL.Engine.Operators;

/// <summary>Gives the rows of a VALUES list (or the one row of SELECT without FROM). It has no input: pull from it at once.</summary>
internal sealed class ValuesSource : Operator
{
    private readonly OperatorContext _context;
    private readonly IReadOnlyList<IReadOnlyList<BoundExpression>> _rows;
    private readonly ChangeBatch _one = new(Array.Empty<Data.Columns.Column>());
    private readonly ChangeBatch _output;
    private ExpressionEvaluator[]? _single;
    private int _next;

    /// <summary>Creates the source.</summary>
    /// <param name="context">The query's context.</param>
    /// <param name="rows">Expressions without columns, one per column of the schema.</param>
    /// <param name="schema">The output.</param>
    public ValuesSource(OperatorContext context, IReadOnlyList<IReadOnlyList<BoundExpression>> rows, PlanSchema schema)
    {
        _context = context;
        _rows = rows;
        _output = new ChangeBatch(schema.Columns.Select(static column => column.Type).ToArray()) { Partition = context.Partition };
    }

    /// <inheritdoc/>
    public override void Push(ChangeBatch input, int port = 0) => throw new InvalidOperationException("VALUES has no input");

    /// <inheritdoc/>
    /// <exception cref="Data.Errors.SqlException">A value could not be computed.</exception>
    public override ChangeBatch? Pull()
    {
        var count = Math.Min(_rows.Count - _next, ChangeBatch.MaxRows);
        if (count == 0)
            return null;
        _output.Reset(count);
        _output.RowTime.Values.AsSpan(0, count).Fill(_context.Time.GetUtcNow().ToUnixTimeMilliseconds());
        _one.Reset(1);
        for (var row = 0; row < count; row++)
        {
            var expressions = _rows[_next + row];
            for (var c = 0; c < expressions.Count; c++)
                _output.Columns[c].CopyRow(Evaluator(expressions, c).Evaluate(_one, _one.Selection), 0, row);
        }

        _next += count;
        return _output;
    }

    /// <inheritdoc/>
    public override void Restart() => _next = 0;

    /// <summary>The evaluator of a value; those of a single row are kept for the next run.</summary>
    private ExpressionEvaluator Evaluator(IReadOnlyList<BoundExpression> row, int column)
    {
        if (_rows.Count > 1)
            return new ExpressionEvaluator(row[column], _context);
        return (_single ??= ExpressionEvaluator.CreateAll(row, _context))[column];
    }
}
