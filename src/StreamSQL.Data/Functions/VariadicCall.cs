using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Types;

namespace StreamSQL.Data.Functions;

/// <summary>
/// <c>f(a, VARIADIC array)</c>: the elements of each row's array are the last arguments of a function that takes any number of them. Rows
/// whose arrays have the same length are computed together.
/// </summary>
public static class VariadicCall
{
    /// <summary>The most elements that an array may have; each is a column.</summary>
    public const int MaxElements = 8192;

    /// <summary>The function over its plain arguments and an array; null where it does not take them.</summary>
    /// <param name="function">The function.</param>
    /// <param name="plain">The types of the arguments before the array.</param>
    /// <param name="element">The type of the array's elements.</param>
    /// <param name="rules">The rules.</param>
    public static ScalarBinding? Bind(ScalarFunction function, IReadOnlyList<SqlType> plain, SqlType element, RuleSet rules)
    {
        // Two elements, since some functions take pairs.
        if (function.Bind([.. plain, element, element], rules) is not { } probe)
            return null;
        SqlType[] types = [.. probe.ParameterTypes.Take(plain.Count), SqlType.ArrayOf(element)];
        return probe with { ParameterTypes = types, Kernel = new Kernel(function, types, rules) };
    }

    private sealed class Kernel(ScalarFunction function, SqlType[] types, RuleSet rules) : ScalarKernel
    {
        /// <inheritdoc/>
        public override void Evaluate(in KernelContext context, ReadOnlySpan<Column> arguments, Column result)
        {
            var arrays = (ArrayColumn)arguments[^1];
            var byLength = new SortedDictionary<int, List<int>>();
            foreach (var row in context.Rows)
            {
                var length = arrays.IsNull(row) ? 0 : arrays.Lengths[arrays.Physical(row)];
                if (arrays.IsNull(row) && function.Name != "FORMAT")
                {
                    result.SetNull(row);
                }
                else if (length > MaxElements)
                {
                    context.Errors.Report(row, Npgsql.PostgresErrorCodes.TooManyArguments,
                        $"VARIADIC takes at most {MaxElements} elements, not {length}");
                    result.SetNull(row);
                }
                else
                {
                    if (!byLength.TryGetValue(length, out var rows))
                        byLength[length] = rows = [];
                    rows.Add(row);
                }
            }

            foreach (var (length, rows) in byLength)
                Evaluate(context, arguments, length, [.. rows], result);
        }

        private void Evaluate(in KernelContext context, ReadOnlySpan<Column> arguments, int length, int[] rows, Column result)
        {
            var plain = types.Length - 1;
            var element = types[^1].Element!;
            // A function that has to have an argument takes NULL for none.
            var binding = BindingOf(length) ?? BindingOf(++length)
                ?? throw new InvalidOperationException($"{function.Name} does not take {length} arguments");
            var inner = new KernelContext(RowSelection.All(rows.Length), rows.Length, context.Errors, context.Time);
            var columns = new Column[plain + length];
            for (var i = 0; i < plain; i++)
                columns[i] = Gathered(arguments[i], rows);
            var arrays = (ArrayColumn)arguments[^1];
            for (var i = 0; i < length; i++)
                columns[plain + i] = Cast(ElementsAt(arrays, rows, i, element), binding.ParameterTypes[plain + i], inner);
            var answers = Column.Create(binding.ResultType);
            answers.Reset(rows.Length);
            binding.Kernel.Evaluate(inner, columns, answers);
            int[] all = [.. Enumerable.Range(0, rows.Length)];
            result.Scatter(answers, all, rows);
        }

        private ScalarBinding? BindingOf(int length) =>
            function.Bind([.. types.SkipLast(1), .. Enumerable.Repeat(types[^1].Element!, length)], rules);

        private static Column Gathered(Column source, int[] rows)
        {
            var column = Column.Create(source.Type);
            column.Reset(rows.Length);
            int[] from = [.. rows.Select(source.Physical)];
            column.Gather(source, from, 0);
            return column;
        }

        private static Column ElementsAt(ArrayColumn arrays, int[] rows, int index, SqlType element)
        {
            var column = Column.Create(element);
            column.Reset(rows.Length);
            for (var i = 0; i < rows.Length; i++)
            {
                var at = arrays.Physical(rows[i]);
                if (arrays.IsNull(rows[i]) || index >= arrays.Lengths[at])
                    column.SetNull(i);
                else
                    column.Gather(arrays.Elements, [arrays.Starts[at] + index], i);
            }

            return column;
        }

        private Column Cast(Column column, SqlType type, in KernelContext context)
        {
            if (column.Type.Equals(type) || type.Kind == SqlTypeKind.Unknown)
                return column;
            var cast = Casts.Find(column.Type, type, rules) ?? throw new InvalidOperationException($"no cast from {column.Type} to {type}");
            var result = Column.Create(type);
            result.Reset(context.RowCount);
            cast.Kernel.Evaluate(context, [column], result);
            return result;
        }
    }
}
