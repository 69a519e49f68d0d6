using StreamSQL.Data.Columns;
using StreamSQL.Data.Types;

namespace StreamSQL.Data.Functions.Kernels;

/// <summary>One kernel after another, through a column of its own. For rare casts: it allocates that column at each batch.</summary>
internal sealed class ChainKernel(ScalarKernel first, SqlType between, ScalarKernel second) : ScalarKernel
{
    /// <inheritdoc/>
    public override void Evaluate(in KernelContext context, ReadOnlySpan<Column> arguments, Column result)
    {
        var column = Column.Create(between);
        column.Reset(context.RowCount);
        first.Evaluate(context, arguments, column);
        second.Evaluate(context, [column], result);
    }
}
