using StreamSQL.Data.Columns;
using StreamSQL.Data.Functions.Kernels;
using StreamSQL.Data.Types;

namespace StreamSQL.Data.Functions.Conditional;

/// <summary>
/// Functions that choose one of their arguments. COALESCE and IFNULL are bound as an expression that
/// evaluates no more than it needs; CASE is one too.
/// </summary>
internal static class ConditionalFunctions
{
    private const string Category = "Conditional";

    public static IEnumerable<ScalarFunction> All() =>
    [
        new ComputedFunction("COALESCE", Category, "The first argument that is not NULL.", ["COALESCE(value, ...) -> the common type"],
            [("COALESCE(NULL, 3, 5)", "3"), ("COALESCE(NULL, NULL)", "null")],
            static (arguments, rules) => Choose<FirstValid>(arguments, rules, 1, int.MaxValue)),
        new ComputedFunction("IFNULL", Category, "The first argument, or the second where the first is NULL.",
            ["IFNULL(value, alternative) -> the common type"],
            [("IFNULL(NULL, 5)", "5"), ("IFNULL(1, 5)", "1")], static (arguments, rules) => Choose<IfNull>(arguments, rules, 2, 2)),
        new ComputedFunction("NULLIF", Category, "NULL where both arguments are equal, else the first.",
            ["NULLIF(value, other) -> the common type"],
            [("NULLIF('a', 'a')", "null"), ("NULLIF('a', 'b')", "a")], static (arguments, rules) => Choose<NullIf>(arguments, rules, 2, 2)),
        new ComputedFunction("GREATEST", Category, "The largest argument that is not NULL.", ["GREATEST(value, ...) -> the common type"],
            [("GREATEST(1, 3, 2)", "3"), ("GREATEST('a', NULL, 'b')", "b")],
            static (arguments, rules) => Choose<Greatest>(arguments, rules, 1, int.MaxValue)),
        new ComputedFunction("LEAST", Category, "The smallest argument that is not NULL.", ["LEAST(value, ...) -> the common type"],
            [("LEAST(4, 1.5, 2)", "1.5"), ("LEAST(NULL, 7)", "7")],
            static (arguments, rules) => Choose<Least>(arguments, rules, 1, int.MaxValue)),
        new ComputedFunction("AS_VALUE", "Other", "The argument as it is; copies a key column into the value.",
            ["AS_VALUE(value) -> the value's type"],
            [("AS_VALUE(5)", "5")], static (arguments, rules) => arguments.Count == 1
                ? new([.. arguments], arguments[0], new Casting.CopyKernel()) : null),
    ];

    private static ScalarBinding? Choose<TFunction>(IReadOnlyList<SqlType> arguments, RuleSet rules, int min, int max)
        where TFunction : struct, IRowFunction
    {
        if (arguments.Count < min || arguments.Count > max)
            return null;
        var type = arguments[0];
        foreach (var argument in arguments.Skip(1))
        {
            if (TypeCoercion.CommonType(type, argument, rules) is not { } common)
                return null;
            type = common;
        }

        if (type.Kind == SqlTypeKind.Unknown)
            type = SqlType.Varchar;
        var ordered = typeof(TFunction) == typeof(Greatest) || typeof(TFunction) == typeof(Least);
        if (ordered && type.IsNested)
            return null;
        return new([.. Enumerable.Repeat(type, arguments.Count)], type, new NullableRowKernel<TFunction>());
    }

    private readonly struct FirstValid : IRowFunction
    {
        public static void Apply(in RowCall call)
        {
            for (var i = 0; i < call.Count; i++)
            {
                if (call.IsNull(i))
                    continue;
                call.ReturnArgument(i);
                return;
            }

            call.ReturnNull();
        }
    }

    private readonly struct IfNull : IRowFunction
    {
        public static void Apply(in RowCall call) => call.ReturnArgument(call.IsNull(0) ? 1 : 0);
    }

    private readonly struct NullIf : IRowFunction
    {
        public static void Apply(in RowCall call)
        {
            if (!call.IsNull(0) && ColumnValue.AreEqual(call.Argument(0), call.Row, call.Argument(1), call.Row))
                call.ReturnNull();
            else
                call.ReturnArgument(0);
        }
    }

    private readonly struct Greatest : IRowFunction
    {
        public static void Apply(in RowCall call) => Extreme(call, 1);
    }

    private readonly struct Least : IRowFunction
    {
        public static void Apply(in RowCall call) => Extreme(call, -1);
    }

    private static void Extreme(in RowCall call, int sign)
    {
        var best = -1;
        for (var i = 0; i < call.Count; i++)
        {
            if (!call.IsNull(i) && (best < 0 || ColumnValue.Compare(call.Argument(i), call.Row, call.Argument(best), call.Row) * sign > 0))
                best = i;
        }

        if (best < 0)
            call.ReturnNull();
        else
            call.ReturnArgument(best);
    }
}
