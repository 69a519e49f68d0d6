using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;
using StreamSQL.Engine.Expressions;
using StreamSQL.Engine.State;
using StreamSQL.Sql.Expressions;
using StreamSQL.Sql.Plans;

namespace StreamSQL.Engine.Operators.Aggregate;

/// <summary>
/// The group keys and aggregate arguments of one side (new or old) of a batch. A row without a value,
/// or with a null in its key, takes no part.
/// </summary>
internal sealed class AggregateInput
{
    private readonly ExpressionEvaluator[] _keys;
    private readonly ExpressionEvaluator[][] _arguments;
    private int[] _withValue = [];
    private int[] _withKey = [];

    /// <summary>Builds the evaluators.</summary>
    public AggregateInput(OperatorContext context, IReadOnlyList<BoundExpression> keys, IReadOnlyList<AggregateCall> aggregates)
    {
        _keys = ExpressionEvaluator.CreateAll(keys, context);
        _arguments = aggregates.Select(call => ExpressionEvaluator.CreateAll(call.Arguments, context)).ToArray();
        Keys = new Column[_keys.Length];
        Arguments = _arguments.Select(static evaluators => new Column[evaluators.Length]).ToArray();
    }

    /// <summary>The key columns of the batch.</summary>
    public Column[] Keys { get; }

    /// <summary>The argument columns of each aggregate.</summary>
    public Column[][] Arguments { get; }

    /// <summary>The rows that take part.</summary>
    public RowSelection Rows { get; private set; }

    /// <summary>Evaluates a batch.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="side">Which side: <see cref="ChangeFlags.HasNew"/> or <see cref="ChangeFlags.HasOld"/>.</param>
    public void Evaluate(ChangeBatch batch, ChangeFlags side)
    {
        if (_withValue.Length < batch.Selection.Count)
        {
            _withValue = new int[Math.Max(64, batch.Selection.Count)];
            _withKey = new int[_withValue.Length];
        }

        var rows = batch.RowsHaving(side, _withValue);
        for (var i = 0; i < _keys.Length; i++)
            Keys[i] = Evaluate(_keys[i], batch, side, rows);
        Rows = KeyRows.WithoutNulls(Keys, rows, _withKey);
        for (var a = 0; a < _arguments.Length; a++)
        {
            for (var i = 0; i < _arguments[a].Length; i++)
                Arguments[a][i] = Evaluate(_arguments[a][i], batch, side, Rows);
        }
    }

    private static Column Evaluate(ExpressionEvaluator evaluator, ChangeBatch batch, ChangeFlags side, RowSelection rows) =>
        side == ChangeFlags.HasNew ? evaluator.Evaluate(batch, rows) : evaluator.EvaluateOld(batch, rows);
}
