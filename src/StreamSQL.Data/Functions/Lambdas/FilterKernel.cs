using StreamSQL.Data.Columns;
using StreamSQL.Data.Types;

namespace StreamSQL.Data.Functions.Lambdas;

/// <summary>FILTER of an array or a map: NULL does not pass.</summary>
internal sealed class FilterKernel(SqlType type) : LambdaKernel
{
    private readonly ElementChunks _chunks = new(type);
    private int[] _passed = [];
    private int[] _counts = [];

    /// <inheritdoc/>
    public override void Evaluate(in KernelContext context, ReadOnlySpan<Column> arguments, ReadOnlySpan<LambdaBody> bodies, Column result)
    {
        var source = (SlicedColumn)arguments[0];
        if (_counts.Length < context.RowCount)
            _counts = new int[Math.Max(context.RowCount, 64)];
        foreach (var row in context.Rows)
            _counts[row] = 0;

        var passed = 0;
        _chunks.Begin(source);
        while (_chunks.Next(context.Rows))
        {
            if (_passed.Length < passed + _chunks.Count)
                Array.Resize(ref _passed, Math.Max(passed + _chunks.Count, 2 * _passed.Length));
            var condition = (FixedColumn<byte>)bodies[0].Evaluate(_chunks.Columns, _chunks.Rows);
            for (var i = 0; i < _chunks.Count; i++)
            {
                if (condition[i] == 0 || condition.IsNull(i))
                    continue;
                _passed[passed++] = _chunks.Places[i];
                _counts[_chunks.Rows[i]]++;
            }
        }

        Copy(context, source, (SlicedColumn)result, passed);
    }

    private void Copy(in KernelContext context, SlicedColumn source, SlicedColumn result, int passed)
    {
        foreach (var row in context.Rows)
        {
            if (source.IsNull(row))
                result.SetNull(row);
            else
                result.Allocate(row, _counts[row]);
        }

        // Slices lie one after the other in the order of the rows, as the places that passed do.
        var from = ElementChunks.Children(source);
        var to = ElementChunks.Children(result);
        for (var i = 0; i < from.Length; i++)
            to[i].Gather(from[i], _passed.AsSpan(0, passed), 0);
    }
}
