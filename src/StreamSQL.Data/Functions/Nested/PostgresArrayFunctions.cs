using StreamSQL.Data.Columns;
using StreamSQL.Data.Functions.Kernels;
using StreamSQL.Data.Types;
using static StreamSQL.Data.Functions.RuleSet;

namespace StreamSQL.Data.Functions.Nested;

/// <summary>PostgreSQL's operators and functions of arrays. Ours have one dimension, whose first place is 1.</summary>
internal static class PostgresArrayFunctions
{
    private const string Category = "Array";

    public static IEnumerable<ScalarFunction> All() =>
    [
        Both<Contains>("@>", "Whether the left array has every element of the right one; NULL is not found."),
        Both<IsContained>("<@", "Whether the right array has every element of the left one."),
        Both<Overlaps>("&&", "Whether two arrays have an element in common."),
        Comparison("<", static order => order < 0),
        Comparison("<=", static order => order <= 0),
        Comparison(">", static order => order > 0),
        Comparison(">=", static order => order >= 0),
        new PostgresFunction("||", Category, "Two arrays one after the other, or an array with an element before or behind it.",
            ["array || array -> array", "array || element -> array", "element || array -> array"],
            BindConcat),
        Define("[:]", "The elements from one place to another, both included.", "array[INTEGER:INTEGER] -> array", static types =>
            types is [{ Kind: SqlTypeKind.Array } array, _, _]
                ? new([array, SqlType.Integer, SqlType.Integer], array, new RowKernel<Part>()) : null),
        Define("ARRAY_NDIMS", "How many dimensions an array has; NULL where it is empty.", "array_ndims(array) -> INTEGER", static types =>
            types is [{ Kind: SqlTypeKind.Array } array] ? new([array], SqlType.Integer, new RowKernel<Dimensions>()) : null),
        Define("ARRAY_DIMS", "The bounds of an array as text.", "array_dims(array) -> VARCHAR", static types =>
            types is [{ Kind: SqlTypeKind.Array } array] ? new([array], SqlType.Varchar, new RowKernel<DimensionText>()) : null),
        Define("ARRAY_POSITION", "The first place of an element, at or after a place.",
            "array_position(array, element [, INTEGER]) -> INTEGER", static types =>
            Searched(types) is { } array ? new(Searching(array, types.Count), SqlType.Integer, new NullableRowKernel<Position>()) : null),
        Define("ARRAY_POSITIONS", "All places of an element.", "array_positions(array, element) -> ARRAY<INTEGER>", static types =>
            types.Count == 2 && Searched(types) is { } array
                ? new([array, array.Element!], SqlType.ArrayOf(SqlType.Integer), new NullableRowKernel<Positions>()) : null),
        Define("ARRAY_PREPEND", "An array with an element before it.", "array_prepend(element, array) -> array", static types =>
            types.Count == 2
                && Searched([types[1].Kind == SqlTypeKind.Unknown ? SqlType.ArrayOf(Known(types[0])) : types[1], types[0]]) is { } array
                ? new([array.Element!, array], array, new NullableRowKernel<Prepend>()) : null),
        Define("ARRAY_REPLACE", "An array with one element in place of another.", "array_replace(array, element, element) -> array",
            static types =>
            types.Count == 3 && Searched([types[0], types[1]]) is { } array
                ? new([array, array.Element!, array.Element!], array, new NullableRowKernel<Replace>()) : null),
        Define("TRIM_ARRAY", "An array without its last elements.", "trim_array(array, INTEGER) -> array", static types =>
            types is [{ Kind: SqlTypeKind.Array } array, _] ? new([array, SqlType.Integer], array, new RowKernel<Trim>()) : null),
        Define("ARRAY_FILL", "An array of so many copies of a value.", "array_fill(value, ARRAY<INTEGER>) -> array", static types =>
            types is [var value, { Kind: SqlTypeKind.Array }]
                && !value.IsNested ? new([Known(value), SqlType.ArrayOf(SqlType.Integer)], SqlType.ArrayOf(Known(value)),
                    new NullableRowKernel<Fill>()) : null),
        Define("GENERATE_SUBSCRIPTS", "The places of an array's elements.", "generate_subscripts(array, INTEGER) -> INTEGER",
            static types =>
            types is [{ Kind: SqlTypeKind.Array } array, ..] && types.Count is 2 or 3
                ? new([.. new[] { array, SqlType.Integer, SqlType.Boolean }.Take(types.Count)], SqlType.ArrayOf(SqlType.Integer),
                    new RowKernel<Subscripts>()) : null),
    ];

    /// <summary>The place of an array's first element: the catalog's vectors count from 0.</summary>
    private static int FirstPlace(in RowCall call) => call.Argument(0).Type.IsVector ? 0 : 1;

    private static SqlType Known(SqlType type) => type.Kind == SqlTypeKind.Unknown ? SqlType.Varchar : type;

    private static PostgresFunction Define(string name, string description, string signature,
        Func<IReadOnlyList<SqlType>, ScalarBinding?> bind) =>
        new(name, Category, description, [signature], bind);

    private static PostgresFunction Both<TFunction>(string symbol, string description)
        where TFunction : struct, IRowFunction => new(symbol, "Operator", description, [$"array {symbol} array -> BOOLEAN"], static types =>
            Common(types) is { } array ? new([array, array], SqlType.Boolean, new RowKernel<TFunction>()) : null);

    private static PostgresFunction Comparison(string symbol, Func<int, bool> test) => new(
        symbol, "Operator", "Whether one array comes before another, element by element.", [$"array {symbol} array -> BOOLEAN"],
        types => Common(types) is { } array ? new([array, array], SqlType.Boolean, new OrderKernel(test)) : null);

    private static SqlType? Common(IReadOnlyList<SqlType> types) =>
        types.Count == 2 && types.Any(static type => type.Kind == SqlTypeKind.Array)
            && TypeCoercion.CommonType(types[0], types[1], Postgres) is { Kind: SqlTypeKind.Array } common ? common : null;

    private static SqlType? Searched(IReadOnlyList<SqlType> types) => types.Count is 2 or 3 && types[0].Kind is SqlTypeKind.Array
        && TypeCoercion.CommonType(types[0].Element!, types[1], Postgres) is { } element ? SqlType.ArrayOf(element) : null;

    private static SqlType[] Searching(SqlType array, int count) =>
        count == 3 ? [array, array.Element!, SqlType.Integer] : [array, array.Element!];

    private static ScalarBinding? BindConcat(IReadOnlyList<SqlType> types)
    {
        if (Common(types) is { } both)
            return new([both, both], both, new ArrayConcatKernel());
        return types switch
        {
            [{ Kind: SqlTypeKind.Array } array, var element] when Searched([array, element]) is { } common =>
                new([common, common.Element!], common, new NullableRowKernel<Append>()),
            [var element, { Kind: SqlTypeKind.Array } array] when Searched([array, element]) is { } common =>
                new([common.Element!, common], common, new NullableRowKernel<Prepend>()),
            _ => null,
        };
    }

    /// <summary>The elements of an array argument: their column and where they stand. NULL has none.</summary>
    private static (Column Elements, int Start, int Length) Elements(in RowCall call, int index)
    {
        var array = (ArrayColumn)call.Argument(index);
        var row = array.Physical(call.Row);
        return call.IsNull(index) ? (array.Elements, 0, 0) : (array.Elements, array.Starts[row], array.Lengths[row]);
    }

    private static int Find(in RowCall call, int array, int value, int from)
    {
        var (elements, start, length) = Elements(call, array);
        for (var i = from; i < length; i++)
        {
            if (Same(elements, start + i, call.Argument(value), call.Row))
                return i;
        }

        return -1;
    }

    private static bool Same(Column a, int rowA, Column b, int rowB) => a.IsNull(rowA) ? b.IsNull(rowB) : !b.IsNull(rowB)
        && ColumnValue.Compare(a, rowA, b, rowB) == 0;

    private static bool HasAll(in RowCall call, int whole, int part)
    {
        var (elements, start, length) = Elements(call, part);
        var (others, first, count) = Elements(call, whole);
        for (var i = start; i < start + length; i++)
        {
            if (elements.IsNull(i) || !Has(others, first, count, elements, i))
                return false;
        }

        return true;
    }

    private static bool Has(Column elements, int start, int length, Column value, int row)
    {
        for (var i = start; i < start + length; i++)
        {
            if (!elements.IsNull(i) && ColumnValue.Compare(elements, i, value, row) == 0)
                return true;
        }

        return false;
    }

    private static void Copy(in RowCall call, Column elements, int start, int length)
    {
        var result = (ArrayColumn)call.Result;
        var at = result.Allocate(call.Row, length);
        for (var i = 0; i < length; i++)
            result.Elements.CopyRow(elements, start + i, at + i);
    }

    private readonly struct Contains : IRowFunction
    {
        public static void Apply(in RowCall call) => call.Return(HasAll(call, 0, 1));
    }

    private readonly struct IsContained : IRowFunction
    {
        public static void Apply(in RowCall call) => call.Return(HasAll(call, 1, 0));
    }

    private readonly struct Overlaps : IRowFunction
    {
        public static void Apply(in RowCall call)
        {
            var (elements, start, length) = Elements(call, 0);
            var (others, first, count) = Elements(call, 1);
            var found = false;
            for (var i = start; i < start + length && !found; i++)
                found = !elements.IsNull(i) && Has(others, first, count, elements, i);
            call.Return(found);
        }
    }

    private sealed class OrderKernel(Func<int, bool> test) : StrictKernel
    {
        /// <inheritdoc/>
        protected override void EvaluateValid(in KernelContext context, ReadOnlySpan<Column> arguments, Column result)
        {
            foreach (var row in context.Rows)
                ((FixedColumn<byte>)result).Values[row] =
                    (byte)(test(Order((ArrayColumn)arguments[0], (ArrayColumn)arguments[1], row)) ? 1 : 0);
        }

        // NULL is the largest element, and a shorter array comes before a longer one that begins with it.
        private static int Order(ArrayColumn a, ArrayColumn b, int row)
        {
            var (rowA, rowB) = (a.Physical(row), b.Physical(row));
            for (var i = 0; i < Math.Min(a.Lengths[rowA], b.Lengths[rowB]); i++)
            {
                var (x, y) = (a.Starts[rowA] + i, b.Starts[rowB] + i);
                var order = a.Elements.IsNull(x) || b.Elements.IsNull(y)
                    ? a.Elements.IsNull(x).CompareTo(b.Elements.IsNull(y))
                    : ColumnValue.Compare(a.Elements, x, b.Elements, y);
                if (order != 0)
                    return order;
            }

            return a.Lengths[rowA].CompareTo(b.Lengths[rowB]);
        }
    }

    private readonly struct Append : IRowFunction
    {
        public static void Apply(in RowCall call)
        {
            var (elements, start, length) = Elements(call, 0);
            Copy(call, elements, start, length);
            var result = (ArrayColumn)call.Result;
            result.Elements.CopyRow(call.Argument(1), call.Row, result.Extend(call.Row, 1));
        }
    }

    private readonly struct Prepend : IRowFunction
    {
        public static void Apply(in RowCall call)
        {
            var (elements, start, length) = Elements(call, 1);
            var result = (ArrayColumn)call.Result;
            var at = result.Allocate(call.Row, length + 1);
            result.Elements.CopyRow(call.Argument(0), call.Row, at);
            for (var i = 0; i < length; i++)
                result.Elements.CopyRow(elements, start + i, at + 1 + i);
        }
    }

    private readonly struct Part : IRowFunction
    {
        public static void Apply(in RowCall call)
        {
            var (elements, start, length) = Elements(call, 0);
            var (from, to) = (Math.Max(call.Int(1), 1), Math.Min(call.Int(2), length));
            Copy(call, elements, start + from - 1, Math.Max(0, to - from + 1));
        }
    }

    private readonly struct Dimensions : IRowFunction
    {
        public static void Apply(in RowCall call)
        {
            if (Elements(call, 0).Length > 0)
                call.Return(1);
            else
                call.ReturnNull();
        }
    }

    private readonly struct DimensionText : IRowFunction
    {
        public static void Apply(in RowCall call)
        {
            if (Elements(call, 0).Length is > 0 and var length)
                call.Return(System.Text.Encoding.UTF8.GetBytes(
                    string.Create(System.Globalization.CultureInfo.InvariantCulture, $"[1:{length}]")));
            else
                call.ReturnNull();
        }
    }

    private readonly struct Position : IRowFunction
    {
        public static void Apply(in RowCall call)
        {
            var from = call.Count > 2 && !call.IsNull(2) ? Math.Max(call.Int(2) - 1, 0) : 0;
            if (!call.IsNull(0) && Find(call, 0, 1, from) is >= 0 and var found)
                call.Return(found + 1);
            else
                call.ReturnNull();
        }
    }

    private readonly struct Positions : IRowFunction
    {
        public static void Apply(in RowCall call)
        {
            if (call.IsNull(0))
            {
                call.ReturnNull();
                return;
            }

            var result = (ArrayColumn)call.Result;
            result.Allocate(call.Row, 0);
            for (var at = Find(call, 0, 1, 0); at >= 0; at = Find(call, 0, 1, at + 1))
            {
                // Room first: it may be other room than before.
                var place = result.Extend(call.Row, 1);
                ((FixedColumn<int>)result.Elements).Values[place] = at + 1;
            }
        }
    }

    private readonly struct Replace : IRowFunction
    {
        public static void Apply(in RowCall call)
        {
            if (call.IsNull(0))
            {
                call.ReturnNull();
                return;
            }

            var (elements, start, length) = Elements(call, 0);
            var result = (ArrayColumn)call.Result;
            var at = result.Allocate(call.Row, length);
            for (var i = 0; i < length; i++)
            {
                if (Same(elements, start + i, call.Argument(1), call.Row))
                    result.Elements.CopyRow(call.Argument(2), call.Row, at + i);
                else
                    result.Elements.CopyRow(elements, start + i, at + i);
            }
        }
    }

    private readonly struct Trim : IRowFunction
    {
        public static void Apply(in RowCall call)
        {
            var (elements, start, length) = Elements(call, 0);
            if (call.Int(1) < 0 || call.Int(1) > length)
                call.Fail(Npgsql.PostgresErrorCodes.ArraySubscriptError, $"number of elements to trim must be between 0 and {length}");
            else
                Copy(call, elements, start, length - call.Int(1));
        }
    }

    private readonly struct Fill : IRowFunction
    {
        private const int MaxElements = 1 << 20;

        public static void Apply(in RowCall call)
        {
            var (sizes, start, dimensions) = Elements(call, 1);
            if (call.IsNull(1) || (dimensions > 0 && sizes.IsNull(start)))
            {
                call.Fail(Npgsql.PostgresErrorCodes.NullValueNotAllowed, "dimension array or low bound array cannot be null");
                return;
            }

            var count = dimensions == 0 ? 0 : ((FixedColumn<int>)sizes)[start];
            if (dimensions > 1 || count is < 0 or > MaxElements)
            {
                call.Fail(Npgsql.PostgresErrorCodes.ProgramLimitExceeded, $"an array has one dimension of at most {MaxElements} elements");
                return;
            }

            var result = (ArrayColumn)call.Result;
            var at = result.Allocate(call.Row, count);
            for (var i = 0; i < count; i++)
                result.Elements.CopyRow(call.Argument(0), call.Row, at + i);
        }
    }

    private readonly struct Subscripts : IRowFunction
    {
        public static void Apply(in RowCall call)
        {
            var length = call.Int(1) == 1 ? Elements(call, 0).Length : 0;
            var result = (ArrayColumn)call.Result;
            var at = result.Allocate(call.Row, length);
            var isReversed = call.Count > 2 && call.Flag(2);
            for (var i = 0; i < length; i++)
                ((FixedColumn<int>)result.Elements).Values[at + i] = FirstPlace(call) + (isReversed ? length - 1 - i : i);
        }
    }
}
