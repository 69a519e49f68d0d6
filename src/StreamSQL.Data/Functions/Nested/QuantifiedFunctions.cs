using StreamSQL.Data.Columns;
using StreamSQL.Data.Types;

namespace StreamSQL.Data.Functions.Nested;

/// <summary>
/// <c>x = ANY (array)</c>, <c>x &lt;&gt; ALL (array)</c> and the other comparisons. A NULL element that leaves the answer open gives NULL
/// (PostgreSQL) or false (ksqlDB).
/// </summary>
internal static class QuantifiedFunctions
{
    private static readonly (string Symbol, Func<int, bool> Test)[] Comparisons =
    [
        ("=", static order => order == 0), ("<>", static order => order != 0), ("<", static order => order < 0),
        ("<=", static order => order <= 0), (">", static order => order > 0), (">=", static order => order >= 0),
    ];

    public static IEnumerable<ScalarFunction> All()
    {
        foreach (var (symbol, test) in Comparisons)
        {
            yield return Define(symbol + " ANY", "Whether the comparison holds for one of the elements.", test, isAll: false);
            yield return Define(symbol + " ALL", "Whether the comparison holds for all elements.", test, isAll: true);
        }
    }

    private static ComputedFunction Define(string name, string description, Func<int, bool> test, bool isAll) =>
        new(name, "Operator", description, [$"value {name} (array) -> BOOLEAN"], [], (arguments, rules) =>
        {
            if (arguments is [{ IsRow: true } row, { Kind: SqlTypeKind.Array, Element: { IsRow: true } rows }] && row.Equals(rows))
                return new([row, arguments[1]], SqlType.Boolean,
                    new QuantifiedKernel(test, isAll) { IsOrder = name[0] != '=' && !name.StartsWith("<>", StringComparison.Ordinal) });
            if (arguments is not [var value, { Kind: SqlTypeKind.Array } array]
                || TypeCoercion.CommonType(value, array.Element!, rules) is not { IsNested: false } common)
                return null;
            ScalarKernel kernel = new QuantifiedKernel(test, isAll);
            return new([common, SqlType.ArrayOf(common)], SqlType.Boolean,
                rules == RuleSet.Ksql ? new Kernels.NullIsFalseKernel(kernel) : kernel);
        });

    private sealed class QuantifiedKernel(Func<int, bool> test, bool isAll) : ScalarKernel
    {
        /// <summary>
        /// Whether rows are compared by which is less: then the first pair that is not equal decides, also whether it is unknown.
        /// </summary>
        public bool IsOrder { get; init; }

        /// <inheritdoc/>
        public override void Evaluate(in KernelContext context, ReadOnlySpan<Column> arguments, Column result)
        {
            var arrays = (ArrayColumn)arguments[1];
            var target = ((FixedColumn<byte>)result).Values;
            foreach (var row in context.Rows)
            {
                if (Asked(arguments[0], row, arrays) is { } answer)
                    target[row] = (byte)(answer ? 1 : 0);
                else
                    result.SetNull(row);
            }
        }

        // Of no elements at all even what is unknown of NULL holds.
        private bool? Asked(Column values, int row, ArrayColumn arrays)
        {
            if (arrays.IsNull(row))
                return null;
            var at = arrays.Physical(row);
            return arrays.Lengths[at] == 0 ? isAll : values.IsNull(row) ? null : Answer(values, row, arrays, at);
        }

        private bool? Answer(Column values, int row, ArrayColumn arrays, int arrayRow)
        {
            var open = false;
            for (var i = arrays.Starts[arrayRow]; i < arrays.Starts[arrayRow] + arrays.Lengths[arrayRow]; i++)
            {
                if (arrays.Elements.IsNull(i) || Order(values, row, arrays.Elements, i) is not { } order)
                    open = true;
                else if (test(order) != isAll)
                    return !isAll;
            }

            return open ? null : isAll;
        }

        private int? Order(Column a, int rowA, Column b, int rowB)
        {
            if (a is not StructColumn rows || !a.Type.IsRow)
                return ColumnValue.Compare(a, rowA, b, rowB);
            (rowA, rowB) = (a.Physical(rowA), b.Physical(rowB));
            var isUnknown = false;
            for (var field = 0; field < rows.Fields.Length; field++)
            {
                var (x, y) = (rows.Fields[field], ((StructColumn)b).Fields[field]);
                if (x.IsNull(rowA) || y.IsNull(rowB))
                {
                    if (IsOrder)
                        return null;
                    isUnknown = true;
                }
                else if (ColumnValue.Compare(x, rowA, y, rowB) is not 0 and var order)
                {
                    return order;
                }
            }

            return isUnknown ? null : 0;
        }
    }
}
