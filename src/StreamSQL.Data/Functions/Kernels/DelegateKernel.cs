namespace StreamSQL.Data.Functions.Kernels;

/// <summary>A function of one row whose cost is far above that of a call through a delegate: JSON, regular expressions, formats.</summary>
internal delegate void RowBody(in RowCall call);

/// <summary>Null in, null out, row by row.</summary>
internal sealed class DelegateKernel(RowBody body) : StrictKernel
{
    /// <inheritdoc/>
    protected override void EvaluateValid(in KernelContext context, ReadOnlySpan<Columns.Column> arguments, Columns.Column result)
    {
        foreach (var row in context.Rows)
            body(new RowCall(context, arguments, result, row));
    }
}

/// <summary>Row by row, also where arguments are null.</summary>
internal sealed class NullableDelegateKernel(RowBody body) : ScalarKernel
{
    /// <inheritdoc/>
    public override void Evaluate(in KernelContext context, ReadOnlySpan<Columns.Column> arguments, Columns.Column result)
    {
        foreach (var row in context.Rows)
            body(new RowCall(context, arguments, result, row));
    }
}
