using StreamSQL.Data.Columns;

namespace StreamSQL.Data.Functions.Nested;

/// <summary>The elements of two arrays, one after the other; a null array counts as none, two nulls give null.</summary>
internal sealed class ArrayConcatKernel : ScalarKernel
{
    /// <inheritdoc/>
    public override void Evaluate(in KernelContext context, ReadOnlySpan<Column> arguments, Column result)
    {
        var left = (ArrayColumn)arguments[0];
        var right = (ArrayColumn)arguments[1];
        var target = (ArrayColumn)result;
        foreach (var row in context.Rows)
        {
            var leftLength = left.IsNull(row) ? 0 : left.Lengths[left.Physical(row)];
            var rightLength = right.IsNull(row) ? 0 : right.Lengths[right.Physical(row)];
            if (left.IsNull(row) && right.IsNull(row))
            {
                target.SetNull(row);
                continue;
            }

            var at = target.Allocate(row, leftLength + rightLength);
            for (var i = 0; i < leftLength; i++)
                target.Elements.CopyRow(left.Elements, left.Starts[left.Physical(row)] + i, at + i);
            for (var i = 0; i < rightLength; i++)
                target.Elements.CopyRow(right.Elements, right.Starts[right.Physical(row)] + i, at + leftLength + i);
        }
    }
}
