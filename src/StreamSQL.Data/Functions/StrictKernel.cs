using System.Numerics;
using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;

namespace StreamSQL.Data.Functions;

/// <summary>
/// Null in, null out: the result is null wherever an argument is, and the derived kernel sees only rows whose arguments are all valid.
/// </summary>
public abstract class StrictKernel : ScalarKernel
{
    [ThreadStatic]
    private static int[]? t_rows;

    /// <inheritdoc/>
    public sealed override void Evaluate(in KernelContext context, ReadOnlySpan<Column> arguments, Column result)
    {
        var nullable = false;
        foreach (var argument in arguments)
            nullable |= argument.MayHaveNulls;
        if (!nullable)
        {
            EvaluateValid(context, arguments, result);
            return;
        }

        // The row list is rented while the kernel runs: a kernel that evaluates another one must not find it in use.
        var rows = t_rows is { } cached && cached.Length >= context.RowCount
            ? cached : new int[BitOperations.RoundUpToPowerOf2((uint)context.RowCount + 1)];
        t_rows = null;
        var valid = Narrow(context.Rows, arguments, result, rows);
        EvaluateValid(context.With(RowSelection.Of(rows, valid)), arguments, result);
        t_rows = rows;
    }

    /// <summary>Evaluates rows whose arguments are all valid.</summary>
    protected abstract void EvaluateValid(in KernelContext context, ReadOnlySpan<Column> arguments, Column result);

    private static int Narrow(RowSelection selection, ReadOnlySpan<Column> arguments, Column result, int[] rows)
    {
        var valid = 0;
        for (var i = 0; i < selection.Count; i++)
        {
            var row = selection[i];
            var isNull = false;
            foreach (var argument in arguments)
                isNull |= argument.IsNull(row);
            if (isNull)
                result.SetNull(row);
            else
                rows[valid++] = row;
        }

        return valid;
    }
}
