using StreamSQL.Data.Columns;

namespace StreamSQL.Data.Functions.Kernels;

/// <summary>An operation on two values that can fail.</summary>
internal interface ICheckedOp<T>
    where T : unmanaged
{
    /// <summary>The result for one pair; false when there is none.</summary>
    static abstract bool TryApply(T left, T right, out T result);

    /// <summary>Why <see cref="TryApply"/> was false: SQLSTATE and message.</summary>
    static abstract (string SqlState, string Message) Explain(T left, T right);
}

/// <summary>Null in, null out, for an operation that can fail; only rows whose arguments are valid are tried.</summary>
internal sealed class CheckedKernel<T, TOp> : StrictKernel
    where T : unmanaged
    where TOp : struct, ICheckedOp<T>
{
    /// <inheritdoc/>
    protected override void EvaluateValid(in KernelContext context, ReadOnlySpan<Column> arguments, Column result)
    {
        var left = new ValueReader<T>(arguments[0]);
        var right = new ValueReader<T>(arguments[1]);
        var target = ((FixedColumn<T>)result).Values;
        if (context.Rows.IsDense)
        {
            for (var row = 0; row < context.Rows.Count; row++)
            {
                if (!TOp.TryApply(left[row], right[row], out target[row]))
                    Fail(context, left[row], right[row], result, row);
            }

            return;
        }

        foreach (var row in context.Rows.Rows)
        {
            if (!TOp.TryApply(left[row], right[row], out target[row]))
                Fail(context, left[row], right[row], result, row);
        }
    }

    private static void Fail(in KernelContext context, T left, T right, Column result, int row)
    {
        var (sqlState, message) = context.Errors.WantsMessage ? TOp.Explain(left, right) : ("", "");
        context.Errors.Report(row, sqlState, message);
        result.SetNull(row);
    }
}
