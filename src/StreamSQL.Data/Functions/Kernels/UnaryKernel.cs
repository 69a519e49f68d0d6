using StreamSQL.Data.Columns;

namespace StreamSQL.Data.Functions.Kernels;

/// <summary>A conversion of one value that cannot fail.</summary>
internal interface IUnaryOp<TIn, TOut>
    where TIn : unmanaged
    where TOut : unmanaged
{
    /// <summary>The result for one value.</summary>
    static abstract TOut Apply(TIn value);
}

/// <summary>Null in, null out, for a conversion that cannot fail: it runs over every row, null or not.</summary>
internal sealed class UnaryKernel<TIn, TOut, TOp> : ScalarKernel
    where TIn : unmanaged
    where TOut : unmanaged
    where TOp : struct, IUnaryOp<TIn, TOut>
{
    /// <inheritdoc/>
    public override void Evaluate(in KernelContext context, ReadOnlySpan<Column> arguments, Column result)
    {
        var argument = (FixedColumn<TIn>)arguments[0];
        result.AddNulls(argument, context.RowCount);
        var target = ((FixedColumn<TOut>)result).Values;
        var rows = context.Rows;
        if (argument.IsConstant)
        {
            target.AsSpan(0, context.RowCount).Fill(TOp.Apply(argument.Values[0]));
        }
        else if (rows.IsDense)
        {
            Dense(argument.Values.AsSpan(0, rows.Count), target.AsSpan(0, rows.Count));
        }
        else
        {
            var source = argument.Values;
            foreach (var row in rows.Rows)
                target[row] = TOp.Apply(source[row]);
        }
    }

    private static void Dense(ReadOnlySpan<TIn> source, Span<TOut> target)
    {
        for (var i = 0; i < source.Length && i < target.Length; i++)
            target[i] = TOp.Apply(source[i]);
    }
}

/// <summary>A conversion of one value that can fail.</summary>
internal interface ICheckedUnaryOp<TIn, TOut>
    where TIn : unmanaged
    where TOut : unmanaged
{
    /// <summary>The result for one value; false when there is none.</summary>
    static abstract bool TryApply(TIn value, out TOut result);

    /// <summary>Why <see cref="TryApply"/> was false: SQLSTATE and message.</summary>
    static abstract (string SqlState, string Message) Explain(TIn value);
}

/// <summary>Null in, null out, for a conversion that can fail; only valid rows are tried.</summary>
internal sealed class CheckedUnaryKernel<TIn, TOut, TOp> : StrictKernel
    where TIn : unmanaged
    where TOut : unmanaged
    where TOp : struct, ICheckedUnaryOp<TIn, TOut>
{
    /// <inheritdoc/>
    protected override void EvaluateValid(in KernelContext context, ReadOnlySpan<Column> arguments, Column result)
    {
        var source = new ValueReader<TIn>(arguments[0]);
        var target = ((FixedColumn<TOut>)result).Values;
        foreach (var row in context.Rows)
        {
            if (TOp.TryApply(source[row], out target[row]))
                continue;
            var (sqlState, message) = context.Errors.WantsMessage ? TOp.Explain(source[row]) : ("", "");
            context.Errors.Report(row, sqlState, message);
            result.SetNull(row);
        }
    }
}
