using StreamSQL.Data.Columns;

namespace StreamSQL.Data.Functions.Kernels;

/// <summary>An operation on two values that cannot fail and has no vector form.</summary>
internal interface ITotalOp<T>
    where T : unmanaged
{
    /// <summary>The result for one pair.</summary>
    static abstract T Apply(T left, T right);
}

/// <summary>Null in, null out, for an operation that cannot fail: it runs over every selected row, null or not.</summary>
internal sealed class TotalKernel<T, TOp> : ScalarKernel
    where T : unmanaged
    where TOp : struct, ITotalOp<T>
{
    /// <inheritdoc/>
    public override void Evaluate(in KernelContext context, ReadOnlySpan<Column> arguments, Column result)
    {
        result.AddNulls(arguments[0], context.RowCount);
        result.AddNulls(arguments[1], context.RowCount);
        var left = new ValueReader<T>(arguments[0]);
        var right = new ValueReader<T>(arguments[1]);
        var target = ((FixedColumn<T>)result).Values;
        foreach (var row in context.Rows)
            target[row] = TOp.Apply(left[row], right[row]);
    }
}
