using StreamSQL.Data.Columns;
using StreamSQL.Data.Functions.Aggregates;
using StreamSQL.Data.Functions.Kernels;
using StreamSQL.Data.Text;
using StreamSQL.Data.Types;

namespace StreamSQL.Data.Functions.Nested;

/// <summary>Functions of arrays: length, membership, sets, order, joining to text.</summary>
internal static class ArrayFunctions
{
    private const string Category = "Array";

    public static IEnumerable<ScalarFunction> All() =>
    [
        OfArray<Length>("ARRAY_LENGTH", "How many elements an array has.", ("ARRAY_LENGTH(ARRAY[1, 2, 3])", "3"),
            static _ => SqlType.Integer),
        OfArray<Length>("CARDINALITY", "How many elements an array has.", ("CARDINALITY(ARRAY[1, 2, 3])", "3"),
            static _ => SqlType.Integer),
        OfArray<Distinct>("ARRAY_DISTINCT", "The different elements, in order of their first place.",
            ("ARRAY_DISTINCT(ARRAY[1, 2, 1])", "[1, 2]"), static array => array),
        OfArray<Largest>("ARRAY_MAX", "The largest element; NULL is left out.", ("ARRAY_MAX(ARRAY[1, 3, 2])", "3"),
            static array => array.Element!),
        OfArray<Smallest>("ARRAY_MIN", "The smallest element; NULL is left out.", ("ARRAY_MIN(ARRAY[3, 1, 2])", "1"),
            static array => array.Element!),
        WithElement<Contains>("ARRAY_CONTAINS", "Whether an array has an element.", ("ARRAY_CONTAINS(ARRAY['a', 'b'], 'b')", "true"),
            static _ => SqlType.Boolean),
        WithElement<Remove>("ARRAY_REMOVE", "An array without the elements equal to a value.", ("ARRAY_REMOVE(ARRAY[1, 2, 1], 1)", "[2]"),
            static array => array),
        WithElement<Append>("ARRAY_APPEND", "An array with one element more.", ("ARRAY_APPEND(ARRAY[1], 2)", "[1, 2]"),
            static array => array),
        OfTwo<Concat>("ARRAY_CONCAT", "Two arrays one after the other.", ("ARRAY_CONCAT(ARRAY[1], ARRAY[2])", "[1, 2]")),
        OfTwo<Concat>("ARRAY_CAT", "Two arrays one after the other.", ("ARRAY_CAT(ARRAY[1], ARRAY[2])", "[1, 2]")),
        OfTwo<Union>("ARRAY_UNION", "The different elements of two arrays.", ("ARRAY_UNION(ARRAY[1, 2], ARRAY[2, 3])", "[1, 2, 3]")),
        OfTwo<Intersect>("ARRAY_INTERSECT", "The different elements that both arrays have.",
            ("ARRAY_INTERSECT(ARRAY[1, 2, 2], ARRAY[2, 3])", "[2]")),
        OfTwo<Except>("ARRAY_EXCEPT", "The different elements of the first array that the second has not.",
            ("ARRAY_EXCEPT(ARRAY[1, 2, 1], ARRAY[2])", "[1]")),
        new ComputedFunction("ARRAY_SORT", Category, "The elements in order, NULL last; 'DESC' for the largest first.",
            ["ARRAY_SORT(array [, 'ASC' | 'DESC']) -> array"],
            [("ARRAY_SORT(ARRAY[3, 1, 2])", "[1, 2, 3]"), ("ARRAY_SORT(ARRAY[3, NULL, 4], 'desc')", "[4, 3, null]")], BindSort),
        new ComputedFunction("ARRAY_JOIN", Category, "The elements as text, a delimiter (a comma) between them.",
            ["ARRAY_JOIN(array [, delimiter VARCHAR]) -> VARCHAR"],
            [("ARRAY_JOIN(ARRAY[1, 2], '-')", "1-2"), ("ARRAY_JOIN(ARRAY['a', NULL])", "a,null")],
            static (arguments, _) => BindJoin(arguments, skipNulls: false)),
        new ComputedFunction("ARRAY_TO_STRING", Category, "The elements as text, a delimiter between them; NULL is left out.",
            ["ARRAY_TO_STRING(array, delimiter VARCHAR) -> VARCHAR"],
            [("ARRAY_TO_STRING(ARRAY['a', NULL, 'b'], '-')", "a-b")], static (arguments, _) => BindJoin(arguments, skipNulls: true)),
        new ComputedFunction("SLICE", Category, "The elements from one place to another, both included; NULL stands for the first or the " +
            "last, and where there are no such places the result is NULL.", ["SLICE(array, INTEGER, INTEGER) -> array"],
            [("SLICE(ARRAY[1, 2, 3], 2, 3)", "[2, 3]"), ("SLICE(ARRAY[1, 2, 3], 2, NULL)", "[2, 3]")],
            static (arguments, _) => arguments.Count == 3 && arguments[0].Kind == SqlTypeKind.Array
                ? new([arguments[0], SqlType.Integer, SqlType.Integer], arguments[0], new NullableRowKernel<Slice>()) : null),
        new OverloadedFunction("GENERATE_SERIES", Category,
            "The numbers from one to another, both included, with a step of 1 (-1) or the third argument.",
            [("GENERATE_SERIES(1, 3)", "[1, 2, 3]"), ("GENERATE_SERIES(5, 1, -2)", "[5, 3, 1]")],
            RowOverload.Strict<Series>(SqlType.ArrayOf(SqlType.Integer), SqlType.Integer, SqlType.Integer),
            RowOverload.Strict<Series>(SqlType.ArrayOf(SqlType.Integer), SqlType.Integer, SqlType.Integer, SqlType.Integer),
            RowOverload.Strict<Series>(SqlType.ArrayOf(SqlType.BigInt), SqlType.BigInt, SqlType.BigInt),
            RowOverload.Strict<Series>(SqlType.ArrayOf(SqlType.BigInt), SqlType.BigInt, SqlType.BigInt, SqlType.BigInt)),
    ];

    private static ComputedFunction OfArray<TFunction>(string name, string description, (string, string) example,
        Func<SqlType, SqlType> result)
        where TFunction : struct, IRowFunction => new(name, Category, description, [$"{name}(array)"], [example], (arguments, _) =>
            arguments is [{ Kind: SqlTypeKind.Array } array] ? new([array], result(array), new RowKernel<TFunction>()) : null);

    private static ComputedFunction WithElement<TFunction>(string name, string description, (string, string) example,
        Func<SqlType, SqlType> result)
        where TFunction : struct, IRowFunction =>
        new(name, Category, description, [$"{name}(array, element)"], [example], (arguments, rules) =>
        {
            if (arguments is not [var first, var element] || ArrayOr(first, SqlType.ArrayOf(element), rules) is not { } array
                || TypeCoercion.CommonType(array.Element!, element, rules) is not { } common)
                return null;
            var type = SqlType.ArrayOf(common);
            return new([type, common], result(type), new NullableRowKernel<TFunction>());
        });

    private static ComputedFunction OfTwo<TFunction>(string name, string description, (string, string) example)
        where TFunction : struct, IRowFunction =>
        new(name, Category, description, [$"{name}(array, array) -> array"], [example], (arguments, rules) =>
            arguments.Count == 2 && ArrayOr(arguments[0], arguments[1], rules) is { Kind: SqlTypeKind.Array }
                && TypeCoercion.CommonType(arguments[0], arguments[1], rules) is { } common
                ? new([common, common], common, typeof(TFunction) == typeof(Concat) ? new ArrayConcatKernel() : new RowKernel<TFunction>())
                : null);

    /// <summary>An argument's type if it is an array; under PostgreSQL's rules an untyped NULL is one of what stands beside it.</summary>
    private static SqlType? ArrayOr(SqlType argument, SqlType beside, RuleSet rules) =>
        argument.Kind == SqlTypeKind.Array ? argument : argument.Kind == SqlTypeKind.Unknown && rules == RuleSet.Postgres ? beside : null;

    private static ScalarBinding? BindSort(IReadOnlyList<SqlType> arguments, RuleSet rules)
    {
        if (arguments.Count is < 1 or > 2 || arguments[0] is not { Kind: SqlTypeKind.Array } array || array.Element!.IsNested)
            return null;
        return arguments.Count == 1 ? new([array], array, new RowKernel<Sort>())
            : new([array, SqlType.Varchar], array, new RowKernel<Sort>());
    }

    private static ScalarBinding? BindJoin(IReadOnlyList<SqlType> arguments, bool skipNulls)
    {
        if (arguments.Count is < 1 or > 2 || arguments[0] is not { Kind: SqlTypeKind.Array, Element.IsNested: false } array)
            return null;
        SqlType[] parameters = arguments.Count == 1 ? [array] : [array, SqlType.Varchar];
        return new(parameters, SqlType.Varchar, skipNulls ? new RowKernel<JoinNonNull>() : new RowKernel<JoinAll>());
    }

    /// <summary>The elements of an array argument: their column and where they stand.</summary>
    private static (Column Elements, int Start, int Length) Elements(in RowCall call, int index)
    {
        var array = (ArrayColumn)call.Argument(index);
        var row = array.Physical(call.Row);
        return (array.Elements, array.Starts[row], array.Lengths[row]);
    }

    private static bool Has(Column elements, int start, int length, Column other, int row)
    {
        for (var i = 0; i < length; i++)
        {
            if (ColumnValue.AreEqual(elements, start + i, other, row))
                return true;
        }

        return false;
    }

    private static void ReturnBag(in RowCall call, ValueBag bag)
    {
        var result = (ArrayColumn)call.Result;
        var start = result.Allocate(call.Row, bag.Count);
        for (var i = 0; i < bag.Count; i++)
            result.Elements.CopyRow(bag.Values, i, start + i);
    }

    private readonly struct Length : IRowFunction
    {
        public static void Apply(in RowCall call) => call.Return(Elements(call, 0).Length);
    }

    private readonly struct Distinct : IRowFunction
    {
        public static void Apply(in RowCall call)
        {
            var (elements, start, length) = Elements(call, 0);
            var bag = new ValueBag(elements.Type, distinct: true);
            for (var i = 0; i < length; i++)
                bag.Add(elements, start + i);
            ReturnBag(call, bag);
        }
    }

    private readonly struct Largest : IRowFunction
    {
        public static void Apply(in RowCall call) => Extreme(call, 1);
    }

    private readonly struct Smallest : IRowFunction
    {
        public static void Apply(in RowCall call) => Extreme(call, -1);
    }

    private static void Extreme(in RowCall call, int sign)
    {
        var (elements, start, length) = Elements(call, 0);
        var best = -1;
        for (var i = start; i < start + length; i++)
        {
            if (!elements.IsNull(i) && (best < 0 || ColumnValue.Compare(elements, i, elements, best) * sign > 0))
                best = i;
        }

        if (best < 0)
            call.ReturnNull();
        else
            call.Result.CopyRow(elements, best, call.Row);
    }

    private readonly struct Contains : IRowFunction
    {
        public static void Apply(in RowCall call)
        {
            if (call.IsNull(0))
            {
                call.Return(false);
                return;
            }

            var (elements, start, length) = Elements(call, 0);
            call.Return(Has(elements, start, length, call.Argument(1), call.Row));
        }
    }

    private readonly struct Remove : IRowFunction
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
            var kept = 0;
            for (var i = start; i < start + length; i++)
            {
                if (!ColumnValue.AreEqual(elements, i, call.Argument(1), call.Row))
                    result.Elements.CopyRow(elements, i, at + kept++);
            }

            result.Lengths[call.Row] = kept;
        }
    }

    private readonly struct Append : IRowFunction
    {
        public static void Apply(in RowCall call)
        {
            var (elements, start, length) = call.IsNull(0) ? (null!, 0, 0) : Elements(call, 0);
            var result = (ArrayColumn)call.Result;
            var at = result.Allocate(call.Row, length + 1);
            for (var i = 0; i < length; i++)
                result.Elements.CopyRow(elements, start + i, at + i);
            result.Elements.CopyRow(call.Argument(1), call.Row, at + length);
        }
    }

    /// <summary>A mark for <see cref="ArrayConcatKernel"/>, which looks at whole columns.</summary>
    private readonly struct Concat : IRowFunction
    {
        public static void Apply(in RowCall call) => call.ReturnArgument(0);
    }

    private readonly struct Union : IRowFunction
    {
        public static void Apply(in RowCall call)
        {
            var bag = new ValueBag(call.Result.Type.Element!, distinct: true);
            for (var argument = 0; argument < 2; argument++)
            {
                var (elements, start, length) = Elements(call, argument);
                for (var i = 0; i < length; i++)
                    bag.Add(elements, start + i);
            }

            ReturnBag(call, bag);
        }
    }

    private readonly struct Intersect : IRowFunction
    {
        public static void Apply(in RowCall call) => Filter(call, wanted: true);
    }

    private readonly struct Except : IRowFunction
    {
        public static void Apply(in RowCall call) => Filter(call, wanted: false);
    }

    private static void Filter(in RowCall call, bool wanted)
    {
        var (elements, start, length) = Elements(call, 0);
        var (others, otherStart, otherLength) = Elements(call, 1);
        var bag = new ValueBag(call.Result.Type.Element!, distinct: true);
        for (var i = 0; i < length; i++)
        {
            if (Has(others, otherStart, otherLength, elements, start + i) == wanted)
                bag.Add(elements, start + i);
        }

        ReturnBag(call, bag);
    }

    private readonly struct Sort : IRowFunction
    {
        public static void Apply(in RowCall call)
        {
            var (elements, start, length) = Elements(call, 0);
            var descending = call.Count > 1 && System.Text.Ascii.EqualsIgnoreCase(call.Text(1), "DESC"u8);
            var order = Enumerable.Range(start, length).ToArray();
            var nulls = order.Where(elements.IsNull).ToArray();
            var values = order.Where(i => !elements.IsNull(i)).ToArray();
            Array.Sort(values, (a, b) => ColumnValue.Compare(elements, a, elements, b) is not 0 and var difference ? descending
                ? -difference : difference : a.CompareTo(b));
            var result = (ArrayColumn)call.Result;
            var at = result.Allocate(call.Row, length);
            foreach (var i in values)
                result.Elements.CopyRow(elements, i, at++);
            foreach (var i in nulls)
                result.Elements.CopyRow(elements, i, at++);
        }
    }

    private readonly struct JoinAll : IRowFunction
    {
        public static void Apply(in RowCall call) => Join(call, skipNulls: false);
    }

    private readonly struct JoinNonNull : IRowFunction
    {
        public static void Apply(in RowCall call) => Join(call, skipNulls: true);
    }

    private static void Join(in RowCall call, bool skipNulls)
    {
        var (elements, start, length) = Elements(call, 0);
        var delimiter = call.Count > 1 ? call.Text(1) : ","u8;
        var writer = new System.Buffers.ArrayBufferWriter<byte>();
        var written = 0;
        for (var i = start; i < start + length; i++)
        {
            if (skipNulls && elements.IsNull(i))
                continue;
            if (written++ > 0)
                System.Buffers.BuffersExtensions.Write(writer, delimiter);
            JavaText.Write(elements, i, writer);
        }

        call.Return(writer.WrittenSpan);
    }

    private readonly struct Slice : IRowFunction
    {
        public static void Apply(in RowCall call)
        {
            if (call.IsNull(0))
            {
                call.ReturnNull();
                return;
            }

            var (elements, start, length) = Elements(call, 0);
            var from = call.IsNull(1) ? 0 : call.Int(1) - 1L;
            var to = call.IsNull(2) ? length : call.Int(2);
            if (from < 0 || to > length || from > to)
            {
                call.ReturnNull();
                return;
            }

            var count = (int)(to - from);
            var result = (ArrayColumn)call.Result;
            var at = result.Allocate(call.Row, count);
            for (var i = 0; i < count; i++)
                result.Elements.CopyRow(elements, start + (int)from + i, at + i);
        }
    }

    private readonly struct Series : IRowFunction
    {
        private const long MaxElements = 1_000_000;

        public static void Apply(in RowCall call)
        {
            var isLong = call.Argument(0) is FixedColumn<long>;
            var (first, last) = isLong ? (call.Long(0), call.Long(1)) : (call.Int(0), call.Int(1));
            var step = call.Count > 2 ? (isLong ? call.Long(2) : call.Int(2)) : first <= last ? 1 : -1;
            var count = step == 0 ? -1 : ((Int128)last - first) / step + 1;
            if (step == 0 || count > MaxElements)
            {
                call.Fail(Npgsql.PostgresErrorCodes.InvalidParameterValue,
                    step == 0 ? "step size cannot equal zero" : $"a series has at most {MaxElements} elements");
                return;
            }

            var length = (step > 0) == (first <= last) || first == last ? (int)count : 0;
            var result = (ArrayColumn)call.Result;
            var at = result.Allocate(call.Row, length);
            for (var i = 0; i < length; i++)
            {
                if (result.Elements is FixedColumn<long> longs)
                    longs.Values[at + i] = first + (i * step);
                else
                    ((FixedColumn<int>)result.Elements).Values[at + i] = (int)(first + (i * step));
            }
        }
    }
}
