using StreamSQL.Data.Functions.Kernels;
using StreamSQL.Data.Types;

namespace StreamSQL.Data.Functions.Operators;

/// <summary>
/// <c>+ - * / %</c> and the sign. Numbers are brought to the wider type first: INTEGER, BIGINT, DECIMAL, DOUBLE. ksqlDB's rules wrap
/// integers as Java does, PostgreSQL's report 22003 (and have their own arithmetic of decimals, <see cref="NumericOperators"/>); division
/// by zero is reported (22012) and gives null, except for DOUBLE under ksqlDB's rules.
/// </summary>
internal static class ArithmeticOperators
{
    private const string Category = "Operator";

    /// <summary>Digits after the point of a quotient: at least this many.</summary>
    private const int MinQuotientScale = 6;

    private static readonly string[] NumberSignatures = ["number {0} number -> the wider of both types"];

    public static IEnumerable<ScalarFunction> All() =>
    [
        Define("+", "Adds. VARCHAR under ksqlDB's rules: joins.", [("1 + 2", "3"), ("1.5 + 2.25", "3.75"), ("'a' + 'b'", "ab")], BindAdd),
        Define("-", "Subtracts; with one operand, negates.", [("1 - 2", "-1"), ("-(3)", "-3")], BindSubtract),
        Define("*", "Multiplies.", [("6 * 7", "42"), ("1.5 * 2.5", "3.75")], BindMultiply),
        Define("/", "Divides; integers towards zero.", [("7 / 2", "3"), ("7.0 / 2", "3.500000000000")], BindDivide),
        Define("%", "The remainder, with the sign of the dividend.", [("7 % 3", "1"), ("-7 % 3", "-1")], BindRemainder),
        Define("MOD", "The remainder, with the sign of the dividend.", [("MOD(7, 3)", "1")], BindRemainder),
    ];

    private static ComputedFunction Define(
        string name, string description, (string, string)[] examples, Func<IReadOnlyList<SqlType>, RuleSet, ScalarBinding?> bind) =>
        new(name, Category, description, [string.Format(System.Globalization.CultureInfo.InvariantCulture, NumberSignatures[0], name)],
            examples, bind);

    private static ScalarBinding? BindAdd(IReadOnlyList<SqlType> arguments, RuleSet rules)
    {
        if (arguments.Count != 2)
            return null;
        if (rules == RuleSet.Ksql && TypeCoercion.IsText(arguments[0]) && TypeCoercion.IsText(arguments[1]))
            return new([SqlType.Varchar, SqlType.Varchar], SqlType.Varchar, new ConcatKernel());
        if (DateOperators.Bind('+', arguments, rules) is { } time)
            return time;
        return Common(arguments, rules)?.Kind switch
        {
            SqlTypeKind.Integer => Same(SqlType.Integer,
                ByRules(rules, new BinaryKernel<int, Add<int>>(), new CheckedKernel<int, AddChecked<int>>())),
            SqlTypeKind.BigInt => Same(SqlType.BigInt,
                ByRules(rules, new BinaryKernel<long, Add<long>>(), new CheckedKernel<long, AddChecked<long>>())),
            SqlTypeKind.Double => Same(SqlType.Double, new BinaryKernel<double, Add<double>>()),
            SqlTypeKind.Decimal => AddDecimals(arguments, new CheckedKernel<Int128, AddDecimal>()),
            _ => null,
        };
    }

    private static ScalarBinding? BindSubtract(IReadOnlyList<SqlType> arguments, RuleSet rules)
    {
        if (arguments.Count is 1 or 2 && DateOperators.Bind('-', arguments, rules) is { } time)
            return time;
        if (arguments.Count == 1)
            return BindNegate(arguments[0], rules);
        return arguments.Count != 2 ? null : Common(arguments, rules)?.Kind switch
        {
            SqlTypeKind.Integer => Same(SqlType.Integer,
                ByRules(rules, new BinaryKernel<int, Subtract<int>>(), new CheckedKernel<int, SubtractChecked<int>>())),
            SqlTypeKind.BigInt => Same(SqlType.BigInt,
                ByRules(rules, new BinaryKernel<long, Subtract<long>>(), new CheckedKernel<long, SubtractChecked<long>>())),
            SqlTypeKind.Double => Same(SqlType.Double, new BinaryKernel<double, Subtract<double>>()),
            SqlTypeKind.Decimal => AddDecimals(arguments, new CheckedKernel<Int128, SubtractDecimal>()),
            _ => null,
        };
    }

    private static ScalarBinding? BindMultiply(IReadOnlyList<SqlType> arguments, RuleSet rules) =>
        arguments.Count != 2 ? null : DateOperators.Bind('*', arguments, rules) ?? Common(arguments, rules)?.Kind switch
        {
            SqlTypeKind.Integer => Same(SqlType.Integer,
                ByRules(rules, new BinaryKernel<int, Multiply<int>>(), new CheckedKernel<int, MultiplyInt32Checked>())),
            SqlTypeKind.BigInt => Same(SqlType.BigInt,
                ByRules(rules, new BinaryKernel<long, Multiply<long>>(), new CheckedKernel<long, MultiplyInt64Checked>())),
            SqlTypeKind.Double => Same(SqlType.Double, new BinaryKernel<double, Multiply<double>>()),
            SqlTypeKind.Decimal => MultiplyDecimals(arguments),
            _ => null,
        };

    private static ScalarBinding? BindDivide(IReadOnlyList<SqlType> arguments, RuleSet rules) =>
        arguments.Count != 2 ? null : DateOperators.Bind('/', arguments, rules) ?? Common(arguments, rules)?.Kind switch
        {
            SqlTypeKind.Integer => Same(SqlType.Integer,
                ByRules(rules, new CheckedKernel<int, DivideInteger<int>>(), new CheckedKernel<int, DivideIntegerChecked<int>>())),
            SqlTypeKind.BigInt => Same(SqlType.BigInt,
                ByRules(rules, new CheckedKernel<long, DivideInteger<long>>(), new CheckedKernel<long, DivideIntegerChecked<long>>())),
            SqlTypeKind.Double => Same(SqlType.Double, new BinaryKernel<double, DivideDouble>()),
            SqlTypeKind.Decimal => DivideDecimals(arguments),
            _ => null,
        };

    private static ScalarBinding? BindRemainder(IReadOnlyList<SqlType> arguments, RuleSet rules)
    {
        if (arguments.Count != 2 || Common(arguments, rules) is not { } common)
            return null;
        return common.Kind switch
        {
            SqlTypeKind.Integer => Same(SqlType.Integer, new CheckedKernel<int, RemainderInteger<int>>()),
            SqlTypeKind.BigInt => Same(SqlType.BigInt, new CheckedKernel<long, RemainderInteger<long>>()),
            SqlTypeKind.Double when rules == RuleSet.Ksql => Same(SqlType.Double, new TotalKernel<double, RemainderDouble>()),
            SqlTypeKind.Decimal => RemainderDecimals(arguments, common),
            _ => null,
        };
    }

    private static ScalarBinding? BindNegate(SqlType type, RuleSet rules)
    {
        ScalarKernel? kernel = type.Kind switch
        {
            SqlTypeKind.SmallInt or SqlTypeKind.Integer when rules == RuleSet.Postgres =>
                new CheckedUnaryKernel<int, int, NegateChecked<int>>(),
            SqlTypeKind.BigInt when rules == RuleSet.Postgres => new CheckedUnaryKernel<long, long, NegateChecked<long>>(),
            SqlTypeKind.SmallInt or SqlTypeKind.Integer => new UnaryKernel<int, int, Negate<int>>(),
            SqlTypeKind.BigInt => new UnaryKernel<long, long, Negate<long>>(),
            SqlTypeKind.Double or SqlTypeKind.Real => new UnaryKernel<double, double, Negate<double>>(),
            SqlTypeKind.Decimal => new UnaryKernel<Int128, Int128, Negate<Int128>>(),
            _ => null,
        };
        return kernel is null ? null : new([type], type, kernel);
    }

    /// <summary>The sum of DECIMALs as one that holds it whatever the values are; null where that needs more than 38 digits.</summary>
    public static ScalarBinding? AddExact(SqlType left, SqlType right) =>
        HasRoomForSum(left, right) ? AddDecimals([left, right], new CheckedKernel<Int128, AddDecimal>()) : null;

    /// <summary>The difference, as <see cref="AddExact"/>.</summary>
    public static ScalarBinding? SubtractExact(SqlType left, SqlType right) =>
        HasRoomForSum(left, right) ? AddDecimals([left, right], new CheckedKernel<Int128, SubtractDecimal>()) : null;

    /// <summary>The product, as <see cref="AddExact"/>.</summary>
    public static ScalarBinding? MultiplyExact(SqlType left, SqlType right) =>
        left.Precision + right.Precision < SqlType.MaxPrecision ? MultiplyDecimals([left, right]) : null;

    /// <summary>The remainder, as <see cref="AddExact"/>.</summary>
    public static ScalarBinding? RemainderExact(SqlType left, SqlType right) =>
        TypeCoercion.ExactDecimal(left, right) is { } common ? RemainderDecimals([left, right], common) : null;

    private static bool HasRoomForSum(SqlType left, SqlType right) =>
        TypeCoercion.ExactDecimal(left, right) is { Precision: < SqlType.MaxPrecision };

    /// <summary>p = max whole digits + max scale + 1.</summary>
    private static ScalarBinding AddDecimals(IReadOnlyList<SqlType> arguments, ScalarKernel kernel)
    {
        var (left, right) = Decimals(arguments);
        var scale = Math.Max(left.Scale, right.Scale);
        var whole = Math.Max(left.Precision - left.Scale, right.Precision - right.Scale);
        return new([WithScale(left, scale), WithScale(right, scale)],
            SqlType.Decimal(Math.Min(whole + scale + 1, SqlType.MaxPrecision), scale), kernel);
    }

    /// <summary>p = p1 + p2 + 1, s = s1 + s2; beyond 38 digits the scale gives way, down to 6.</summary>
    private static ScalarBinding MultiplyDecimals(IReadOnlyList<SqlType> arguments)
    {
        var (left, right) = Decimals(arguments);
        var scale = left.Scale + right.Scale;
        var type = Limit(left.Precision + right.Precision + 1 - scale, scale);
        return new([left, right], type, new MultiplyDecimalKernel(scale - type.Scale, type));
    }

    /// <summary>s = max(6, s1 + p2 + 1), p = p1 - s1 + s2 + s.</summary>
    private static ScalarBinding DivideDecimals(IReadOnlyList<SqlType> arguments)
    {
        var (left, right) = Decimals(arguments);
        var scale = Math.Max(MinQuotientScale, left.Scale + right.Precision + 1);
        var type = Limit(left.Precision - left.Scale + right.Scale, scale);
        return new([left, right], type, new DivideDecimalKernel(type.Scale - left.Scale + right.Scale, type));
    }

    /// <summary>p = min whole digits + max scale, s = max scale.</summary>
    private static ScalarBinding RemainderDecimals(IReadOnlyList<SqlType> arguments, SqlType common)
    {
        var (left, right) = Decimals(arguments);
        var whole = Math.Min(left.Precision - left.Scale, right.Precision - right.Scale);
        var result = SqlType.Decimal(Math.Clamp(whole + common.Scale, 1, SqlType.MaxPrecision), common.Scale);
        return new([common, common], result, new CheckedKernel<Int128, RemainderDecimal>());
    }

    /// <summary>Both as DECIMAL, where at least one is a number: what has no type yet takes that of the other.</summary>
    private static (SqlType Left, SqlType Right) Decimals(IReadOnlyList<SqlType> arguments)
    {
        var (left, right) = (TypeCoercion.AsDecimal(arguments[0]), TypeCoercion.AsDecimal(arguments[1]));
        return ((left ?? right)!, (right ?? left)!);
    }

    private static SqlType WithScale(SqlType type, int scale) =>
        SqlType.Decimal(Math.Clamp(type.Precision - type.Scale + scale, 1, SqlType.MaxPrecision), scale);

    private static SqlType Limit(int whole, int scale)
    {
        if (whole + scale > SqlType.MaxPrecision)
            scale = Math.Min(scale, Math.Max(MinQuotientScale, SqlType.MaxPrecision - whole));
        return SqlType.Decimal(Math.Clamp(whole + scale, 1, SqlType.MaxPrecision), scale);
    }

    /// <summary>The wider number type; null when one is no number. An untyped literal takes the type of the other.</summary>
    private static SqlType? Common(IReadOnlyList<SqlType> arguments, RuleSet rules)
    {
        var common = TypeCoercion.CommonType(arguments[0], arguments[1], rules);
        if (common is not { IsNumeric: true })
            return null;
        return common.Kind == SqlTypeKind.SmallInt ? SqlType.Integer : common;
    }

    private static ScalarKernel ByRules(RuleSet rules, ScalarKernel ksql, ScalarKernel postgres) => rules == RuleSet.Ksql ? ksql : postgres;

    private static ScalarBinding Same(SqlType type, ScalarKernel kernel) => new([type, type], type, kernel);
}
