using System.Numerics;
using StreamSQL.Data.Columns;

namespace StreamSQL.Data.Functions.Kernels;

/// <summary>An operation on two numbers that cannot fail, one pair or one vector at a time.</summary>
internal interface IBinaryOp<T>
    where T : unmanaged
{
    /// <summary>The result for one pair.</summary>
    static abstract T Apply(T left, T right);

    /// <summary>The results for a vector of pairs.</summary>
    static abstract Vector<T> Apply(Vector<T> left, Vector<T> right);
}

/// <summary>
/// Null in, null out, for an operation that cannot fail: it runs over every row, null or not, and the nulls are the intersection of
/// the bitmaps. An all-rows batch takes the vector path.
/// </summary>
internal sealed class BinaryKernel<T, TOp> : ScalarKernel
    where T : unmanaged
    where TOp : struct, IBinaryOp<T>
{
    /// <inheritdoc/>
    public override void Evaluate(in KernelContext context, ReadOnlySpan<Column> arguments, Column result)
    {
        var left = (FixedColumn<T>)arguments[0];
        var right = (FixedColumn<T>)arguments[1];
        result.AddNulls(left, context.RowCount);
        result.AddNulls(right, context.RowCount);
        var target = ((FixedColumn<T>)result).Values;
        var rows = context.Rows;
        if (!rows.IsDense)
            Selected(left, right, target, rows.Rows);
        else if (left.IsConstant && right.IsConstant)
            target.AsSpan(0, rows.Count).Fill(TOp.Apply(left.Values[0], right.Values[0]));
        else if (left.IsConstant)
            ConstantLeft(left.Values[0], right.Values.AsSpan(0, rows.Count), target.AsSpan(0, rows.Count));
        else if (right.IsConstant)
            ConstantRight(left.Values.AsSpan(0, rows.Count), right.Values[0], target.AsSpan(0, rows.Count));
        else
            Dense(left.Values.AsSpan(0, rows.Count), right.Values.AsSpan(0, rows.Count), target.AsSpan(0, rows.Count));
    }

    private static void Dense(ReadOnlySpan<T> left, ReadOnlySpan<T> right, Span<T> target)
    {
        var i = 0;
        for (; i <= target.Length - Vector<T>.Count; i += Vector<T>.Count)
            TOp.Apply(new Vector<T>(left[i..]), new Vector<T>(right[i..])).CopyTo(target[i..]);
        for (; i < target.Length; i++)
            target[i] = TOp.Apply(left[i], right[i]);
    }

    private static void ConstantLeft(T left, ReadOnlySpan<T> right, Span<T> target)
    {
        var lefts = new Vector<T>(left);
        var i = 0;
        for (; i <= target.Length - Vector<T>.Count; i += Vector<T>.Count)
            TOp.Apply(lefts, new Vector<T>(right[i..])).CopyTo(target[i..]);
        for (; i < target.Length; i++)
            target[i] = TOp.Apply(left, right[i]);
    }

    private static void ConstantRight(ReadOnlySpan<T> left, T right, Span<T> target)
    {
        var rights = new Vector<T>(right);
        var i = 0;
        for (; i <= target.Length - Vector<T>.Count; i += Vector<T>.Count)
            TOp.Apply(new Vector<T>(left[i..]), rights).CopyTo(target[i..]);
        for (; i < target.Length; i++)
            target[i] = TOp.Apply(left[i], right);
    }

    private static void Selected(FixedColumn<T> left, FixedColumn<T> right, T[] target, ReadOnlySpan<int> rows)
    {
        var lefts = new ValueReader<T>(left);
        var rights = new ValueReader<T>(right);
        foreach (var row in rows)
            target[row] = TOp.Apply(lefts[row], rights[row]);
    }
}
