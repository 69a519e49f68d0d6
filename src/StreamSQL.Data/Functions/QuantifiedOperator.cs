using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;

namespace StreamSQL.Data.Functions;

/// <summary>
/// <c>value operator ANY (array)</c> and <c>ALL</c> for any operator that gives BOOLEAN: the elements of all rows are asked at once.
/// </summary>
public static class QuantifiedOperator
{
    /// <summary>The kernel over a value and an array.</summary>
    /// <param name="asked">The operator over a value and an element.</param>
    /// <param name="isAll">ALL; otherwise ANY.</param>
    public static ScalarKernel Over(ScalarBinding asked, bool isAll) => new Kernel(asked, isAll);

    private sealed class Kernel(ScalarBinding asked, bool isAll) : ScalarKernel
    {
        /// <inheritdoc/>
        public override void Evaluate(in KernelContext context, ReadOnlySpan<Column> arguments, Column result)
        {
            var arrays = (ArrayColumn)arguments[1];
            var (rows, places) = (new List<int>(), new List<int>());
            foreach (var row in context.Rows)
            {
                if (arrays.IsNull(row) || arguments[0].IsNull(row))
                    continue;
                var at = arrays.Physical(row);
                for (var i = 0; i < arrays.Lengths[at]; i++)
                {
                    rows.Add(arguments[0].Physical(row));
                    places.Add(arrays.Starts[at] + i);
                }
            }

            var (values, elements, answers) = (Column.Create(arguments[0].Type), Column.Create(arrays.Elements.Type),
                Column.Create(asked.ResultType));
            values.Reset(rows.Count);
            elements.Reset(rows.Count);
            answers.Reset(rows.Count);
            values.Gather(arguments[0], rows.ToArray(), 0);
            elements.Gather(arrays.Elements, places.ToArray(), 0);
            asked.Kernel.Evaluate(new KernelContext(RowSelection.All(rows.Count), rows.Count, context.Errors, context.Time),
                [values, elements], answers);
            Fold(context.Rows, arguments[0], arrays, (FixedColumn<byte>)answers, (FixedColumn<byte>)result);
        }

        // Of no elements at all even what is unknown of NULL holds.
        private void Fold(RowSelection rows, Column values, ArrayColumn arrays, FixedColumn<byte> answers, FixedColumn<byte> result)
        {
            var next = 0;
            foreach (var row in rows)
            {
                if (arrays.IsNull(row) || (values.IsNull(row) && arrays.Lengths[arrays.Physical(row)] > 0))
                {
                    result.SetNull(row);
                    continue;
                }

                var (isOpen, isDecided) = (false, false);
                for (var end = next + arrays.Lengths[arrays.Physical(row)]; next < end; next++)
                {
                    if (answers.IsNull(next))
                        isOpen = true;
                    else
                        isDecided |= answers[next] != 0 != isAll;
                }

                if (isDecided || !isOpen)
                    result.Values[row] = (byte)(isDecided != isAll ? 1 : 0);
                else
                    result.SetNull(row);
            }
        }
    }
}
