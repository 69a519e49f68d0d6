using StreamSQL.Data.Functions.Kernels;
using StreamSQL.Data.Types;

namespace StreamSQL.Data.Functions.Operators;

/// <summary>
/// <c>= &lt;&gt; &lt; &lt;= &gt; &gt;=</c> and IS [NOT] DISTINCT FROM. A comparison with NULL is false under ksqlDB's rules, NULL under
/// PostgreSQL's. Text compares by code point. ksqlDB reads a text compared with a DATE, TIME or
/// TIMESTAMP as such. ARRAY, MAP and STRUCT have equality, but no order.
/// </summary>
internal static class ComparisonOperators
{
    private enum Operator
    {
        Equal,
        NotEqual,
        Less,
        LessOrEqual,
        Greater,
        GreaterOrEqual,
    }

    public static IEnumerable<ScalarFunction> All() =>
    [
        Define("=", Operator.Equal, "Whether both are equal.", [("1 = 1", "true"), ("'a' = 'b'", "false")]),
        Define("<>", Operator.NotEqual, "Whether both differ.", [("1 <> 1", "false")]),
        Define("!=", Operator.NotEqual, "Whether both differ.", [("1 != 2", "true")]),
        Define("<", Operator.Less, "Whether the left is less.", [("1 < 2", "true"), ("'b' < 'a'", "false")]),
        Define("<=", Operator.LessOrEqual, "Whether the left is less or equal.", [("2 <= 2", "true")]),
        Define(">", Operator.Greater, "Whether the left is greater.", [("1 > 2", "false")]),
        Define(">=", Operator.GreaterOrEqual, "Whether the left is greater or equal.", [("2 >= 2.5", "false")]),
        DefineDistinct("IS DISTINCT FROM", isDistinct: true, "Whether both differ, NULL being a value like others.",
            [("1 IS DISTINCT FROM 2", "true")]),
        DefineDistinct("IS NOT DISTINCT FROM", isDistinct: false, "Whether both are equal, NULL being a value like others.",
            [("1 IS NOT DISTINCT FROM 1", "true")]),
    ];

    /// <summary>The type that both sides of a comparison are cast to; null when they do not compare.</summary>
    public static SqlType? CommonType(SqlType left, SqlType right, RuleSet rules)
    {
        if (TypeCoercion.ExactDecimal(left, right) is { } exact && (left.Kind == SqlTypeKind.Decimal || right.Kind == SqlTypeKind.Decimal))
            return exact;
        if (TypeCoercion.CommonType(left, right, rules) is { } common)
        {
            // A real is compared with another number as a double.
            return common.Kind == SqlTypeKind.SmallInt ? SqlType.Integer
                : common.Kind == SqlTypeKind.Real && left.IsNumeric && right.IsNumeric && left.Kind != right.Kind ? SqlType.Double : common;
        }

        if (rules != RuleSet.Ksql)
            return null;
        var (text, other) = left.Kind == SqlTypeKind.Varchar ? (left, right) : (right, left);
        return text.Kind == SqlTypeKind.Varchar && other.Kind is SqlTypeKind.Date or SqlTypeKind.Time
            or SqlTypeKind.Timestamp ? other : null;
    }

    private static ComputedFunction Define(string name, Operator op, string description, (string, string)[] examples) =>
        new(name, "Operator", description, [$"value {name} value -> BOOLEAN"], examples, (arguments, rules) => Bind(op, arguments, rules));

    private static ComputedFunction DefineDistinct(string name, bool isDistinct, string description, (string, string)[] examples) =>
        new(name, "Operator", description, [$"value {name} value -> BOOLEAN"], examples,
            (arguments, rules) => BindDistinct(isDistinct, arguments, rules));

    private static ScalarBinding? Bind(Operator op, IReadOnlyList<SqlType> arguments, RuleSet rules)
    {
        if (rules == RuleSet.Postgres && Numerics(arguments) is { } numbers)
            return new(numbers, SqlType.Boolean, Numerics(op));
        if (arguments.Count != 2 || CommonType(arguments[0], arguments[1], rules) is not { } type || Kernel(op, type) is not { } kernel)
            return null;
        return new([type, type], SqlType.Boolean, rules == RuleSet.Ksql ? new NullIsFalseKernel(kernel) : kernel);
    }

    private static ScalarBinding? BindDistinct(bool isDistinct, IReadOnlyList<SqlType> arguments, RuleSet rules)
    {
        if (rules == RuleSet.Postgres && Numerics(arguments) is { } numbers)
            return new(numbers, SqlType.Boolean, new DistinctKernel(Numerics(isDistinct ? Operator.NotEqual : Operator.Equal), isDistinct));
        if (arguments.Count != 2 || CommonType(arguments[0], arguments[1], rules) is not { } type)
            return null;
        return Kernel(isDistinct ? Operator.NotEqual : Operator.Equal, type) is { } kernel
            ? new([type, type], SqlType.Boolean, new DistinctKernel(kernel, isDistinct))
            : null;
    }

    private static ScalarKernel? Kernel(Operator op, SqlType type) => type.Physical switch
    {
        PhysicalKind.Boolean => Fixed<byte>(op),
        PhysicalKind.Int32 => Fixed<int>(op),
        PhysicalKind.Int64 => Fixed<long>(op),
        PhysicalKind.Double => Fixed<double>(op),
        PhysicalKind.Int128 => Fixed<Int128>(op),
        PhysicalKind.Interval => Intervals(op),
        PhysicalKind.Bytes => type.Kind == SqlTypeKind.Numeric ? Numerics(op) : Bytes(op),
        _ => op is Operator.Equal or Operator.NotEqual ? new EqualKernel(negate: op == Operator.NotEqual) : null,
    };

    private static ScalarKernel Fixed<T>(Operator op)
        where T : unmanaged, System.Numerics.INumber<T> => op switch
    {
        Operator.Equal => new CompareKernel<T, Equal<T>>(),
        Operator.NotEqual => new CompareKernel<T, NotEqual<T>>(),
        Operator.Less => new CompareKernel<T, Less<T>>(),
        Operator.LessOrEqual => new CompareKernel<T, LessOrEqual<T>>(),
        Operator.Greater => new CompareKernel<T, Greater<T>>(),
        _ => new CompareKernel<T, GreaterOrEqual<T>>(),
    };

    private static ScalarKernel Intervals(Operator op) => op switch
    {
        Operator.Equal => new CompareKernel<Interval, CompareIntervals<OrderEqual>>(),
        Operator.NotEqual => new CompareKernel<Interval, CompareIntervals<OrderNotEqual>>(),
        Operator.Less => new CompareKernel<Interval, CompareIntervals<OrderLess>>(),
        Operator.LessOrEqual => new CompareKernel<Interval, CompareIntervals<OrderLessOrEqual>>(),
        Operator.Greater => new CompareKernel<Interval, CompareIntervals<OrderGreater>>(),
        _ => new CompareKernel<Interval, CompareIntervals<OrderGreaterOrEqual>>(),
    };

    /// <summary>
    /// The parameters of a comparison of exact numbers that no one DECIMAL holds, or of one with a constant that has no type; else null.
    /// </summary>
    private static SqlType[]? Numerics(IReadOnlyList<SqlType> arguments)
    {
        if (arguments is not [var left, var right]
            || !arguments.Any(static type => type.Kind is SqlTypeKind.Decimal or SqlTypeKind.Numeric))
            return null;
        return ExactNumbers.Parameter(left) is { } a && ExactNumbers.Parameter(right) is { } b
            && TypeCoercion.ExactDecimal(a, b) is null ? [a, b] : null;
    }

    private static ScalarKernel Numerics(Operator op) => op switch
    {
        Operator.Equal => new CompareNumericKernel<OrderEqual>(),
        Operator.NotEqual => new CompareNumericKernel<OrderNotEqual>(),
        Operator.Less => new CompareNumericKernel<OrderLess>(),
        Operator.LessOrEqual => new CompareNumericKernel<OrderLessOrEqual>(),
        Operator.Greater => new CompareNumericKernel<OrderGreater>(),
        _ => new CompareNumericKernel<OrderGreaterOrEqual>(),
    };

    private static ScalarKernel Bytes(Operator op) => op switch
    {
        Operator.Equal => new EqualKernel(negate: false),
        Operator.NotEqual => new EqualKernel(negate: true),
        Operator.Less => new CompareBytesKernel<OrderLess>(),
        Operator.LessOrEqual => new CompareBytesKernel<OrderLessOrEqual>(),
        Operator.Greater => new CompareBytesKernel<OrderGreater>(),
        _ => new CompareBytesKernel<OrderGreaterOrEqual>(),
    };
}
