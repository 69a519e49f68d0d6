using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;
using StreamSQL.Engine.Expressions;
using StreamSQL.Sql.Expressions;

namespace StreamSQL.Engine.Operators;

/// <summary>Gives each event a new key (PARTITION BY): the keys become the first columns, the input's columns follow. A key may be null.</summary>
internal sealed class RekeyOperator : BatchOperator
{
    private readonly ExpressionEvaluator[] _keys;
    private ChangeBatch? _output;

    /// <summary>Creates the operator.</summary>
    /// <param name="context">The task's context.</param>
    /// <param name="keys">The new key, over the input.</param>
    public RekeyOperator(OperatorContext context, IReadOnlyList<BoundExpression> keys) => _keys = ExpressionEvaluator.CreateAll(keys, context);

    /// <inheritdoc/>
    protected override ChangeBatch? Process(ChangeBatch input)
    {
        _output ??= new ChangeBatch(new Column[_keys.Length + input.Columns.Length]);
        for (var i = 0; i < _keys.Length; i++)
            _output.Columns[i] = _keys[i].Evaluate(input, input.Selection);
        input.Columns.CopyTo(_output.Columns, _keys.Length);
        _output.TakeRowsFrom(input);
        return _output;
    }
}
