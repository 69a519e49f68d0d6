using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Types;
using StreamSQL.Engine.Expressions;
using StreamSQL.Sql.Expressions;

namespace StreamSQL.Engine.Operators;

/// <summary>
/// Gives each event a new key (PARTITION BY): the keys become the first columns, the input's columns follow. A key may be null. Of an event
/// without a value only what is made of its old key is known: its time and place, too, are NULL to the new key.
/// </summary>
internal sealed class RekeyOperator : BatchOperator
{
    private readonly ExpressionEvaluator[] _keys;
    private int[] _rows = [];
    private ChangeBatch? _known;
    private FixedColumn<long>? _times;
    private FixedColumn<long>? _offsets;
    private ChangeBatch? _output;

    /// <summary>Creates the operator.</summary>
    /// <param name="context">The task's context.</param>
    /// <param name="keys">The new key, over the input.</param>
    public RekeyOperator(OperatorContext context, IReadOnlyList<BoundExpression> keys) =>
        _keys = ExpressionEvaluator.CreateAll(keys, context);

    /// <inheritdoc/>
    protected override ChangeBatch? Process(ChangeBatch input)
    {
        _output ??= new ChangeBatch(new Column[_keys.Length + input.Columns.Length]);
        if (_rows.Length < input.Selection.Count)
            _rows = new int[Math.Max(ChangeBatch.MaxRows, input.Selection.Count)];
        var known = input.RowsHaving(ChangeFlags.HasNew, _rows).Count == input.Selection.Count ? input : WithoutTimes(input);
        for (var i = 0; i < _keys.Length; i++)
            _output.Columns[i] = _keys[i].Evaluate(known, input.Selection);
        input.Columns.CopyTo(_output.Columns, _keys.Length);
        _output.TakeRowsFrom(input);
        return _output;
    }

    private ChangeBatch WithoutTimes(ChangeBatch input)
    {
        var known = BatchViews.View(input, ref _known);
        known.RowTime = WithoutValues(input, input.RowTime, ref _times);
        if (input.Offsets is { } offsets)
            known.Offsets = WithoutValues(input, offsets, ref _offsets);
        return known;
    }

    private static FixedColumn<long> WithoutValues(ChangeBatch input, FixedColumn<long> source, ref FixedColumn<long>? own)
    {
        own ??= new FixedColumn<long>(SqlType.BigInt);
        own.Reset(input.RowCount);
        source.Values.AsSpan(0, input.RowCount).CopyTo(own.Values);
        for (var i = 0; i < input.Selection.Count; i++)
        {
            if ((input.FlagsOf(input.Selection[i]) & ChangeFlags.HasNew) == 0)
                own.SetNull(input.Selection[i]);
        }

        return own;
    }
}
