using StreamSQL.Data.Columns;
using StreamSQL.Data.Functions.Casting;
using StreamSQL.Data.Functions.Kernels;
using StreamSQL.Data.Types;

namespace StreamSQL.Data.Functions.Numeric;

/// <summary>
/// CEIL, FLOOR, ROUND, TRUNC. Of a DECIMAL, CEIL and FLOOR keep the type; ROUND and TRUNC drop the digits after the point, or with a second
/// argument keep the type. Of a DOUBLE, ROUND and TRUNC give BIGINT, or DOUBLE with a second argument.
/// </summary>
internal static class RoundingFunctions
{
    private const string Category = "Numeric";

    private enum Direction
    {
        Ceiling,
        Floor,
        Nearest,
        NearestUp,
        Zero,
    }

    public static IEnumerable<ScalarFunction> All() =>
    [
        new ComputedFunction("CEIL", Category, "The smallest whole number not below.", ["CEIL(number) -> the number's type"],
            [("CEIL(1.2)", "2.0"), ("CEIL(-1.5E0)", "-1.0")],
            static (arguments, _) => BindWhole(arguments, Direction.Ceiling)),
        new ComputedFunction("CEILING", Category, "The smallest whole number not below.", ["CEILING(number) -> the number's type"],
            [("CEILING(1.2)", "2.0")],
            static (arguments, _) => BindWhole(arguments, Direction.Ceiling)),
        new ComputedFunction("FLOOR", Category, "The largest whole number not above.", ["FLOOR(number) -> the number's type"],
            [("FLOOR(1.7)", "1.0"), ("FLOOR(-1.5E0)", "-2.0")],
            static (arguments, _) => BindWhole(arguments, Direction.Floor)),
        new ComputedFunction("ROUND", Category,
            "Rounds to whole numbers, or to that many digits after the point (negative: before it); halves go up.",
            ["ROUND(DOUBLE) -> BIGINT", "ROUND(DECIMAL) -> DECIMAL", "ROUND(number, INTEGER) -> the number's type"],
            [("ROUND(2.5E0)", "3"), ("ROUND(-2.5E0)", "-2"), ("ROUND(1.2345, 2)", "1.2300"), ("ROUND(1.55)", "2"),
                ("ROUND(1234.5E0, -2)", "1200.0")],
            static (arguments, rules) => BindRound(arguments, Direction.Nearest, rules)),
        new ComputedFunction("TRUNC", Category, "Cuts off digits after the point, all or all but that many.",
            ["TRUNC(DOUBLE) -> BIGINT", "TRUNC(DECIMAL) -> DECIMAL", "TRUNC(number, INTEGER) -> the number's type"],
            [("TRUNC(2.9E0)", "2"), ("TRUNC(-1.299, 2)", "-1.290")],
            static (arguments, rules) => BindRound(arguments, Direction.Zero, rules)),
    ];

    private static ScalarBinding? BindWhole(IReadOnlyList<SqlType> arguments, Direction direction)
    {
        if (arguments.Count != 1)
            return null;
        var type = arguments[0];
        return type.Kind switch
        {
            SqlTypeKind.Integer or SqlTypeKind.BigInt => new([type], type, new CopyKernel()),
            SqlTypeKind.Double when direction == Direction.Ceiling => new([type], type, new UnaryKernel<double, double, CeilingOfDouble>()),
            SqlTypeKind.Double => new([type], type, new UnaryKernel<double, double, FloorOfDouble>()),
            SqlTypeKind.Real => BindWhole([SqlType.Double], direction),
            SqlTypeKind.Decimal => new([type], type, new RoundDecimalKernel(direction, type, type)),
            _ => null,
        };
    }

    private static ScalarBinding? BindRound(IReadOnlyList<SqlType> arguments, Direction direction, RuleSet rules)
    {
        if (arguments.Count is < 1 or > 2 || !arguments[0].IsNumeric
            || (arguments.Count == 2 && !TypeCoercion.CanImplicitlyCast(arguments[1], SqlType.Integer, rules)))
            return null;
        var type = arguments[0];
        // Of two that are equally near, ksqlDB takes the larger, PostgreSQL the one that is farther from zero.
        if (direction == Direction.Nearest && rules == RuleSet.Ksql)
            direction = Direction.NearestUp;
        if (arguments.Count == 2)
        {
            SqlType[] parameters = [type.Kind == SqlTypeKind.Decimal ? type : SqlType.Double, SqlType.Integer];
            return type.Kind == SqlTypeKind.Decimal
                ? new(parameters, type, new RoundDecimalKernel(direction, type, type))
                : new(parameters, SqlType.Double, new RoundDoubleKernel(direction));
        }

        if (type.Kind is SqlTypeKind.Integer or SqlTypeKind.BigInt or SqlTypeKind.SmallInt)
            return new([SqlType.BigInt], SqlType.BigInt, new CopyKernel());
        if (type.Kind is SqlTypeKind.Double or SqlTypeKind.Real)
            return RoundOfDouble(direction, rules);
        var whole = SqlType.Decimal(Math.Clamp(type.Precision - type.Scale + (rules == RuleSet.Postgres ? 1 : 0), 1, SqlType.MaxPrecision),
            0);
        return new([type], whole, new RoundDecimalKernel(direction, type, whole));
    }

    private static ScalarBinding RoundOfDouble(Direction direction, RuleSet rules)
    {
        SqlType[] parameters = [SqlType.Double];
        if (rules == RuleSet.Postgres)
            return new(parameters, SqlType.Double,
                direction == Direction.Nearest ? new UnaryKernel<double, double, NearestEven>()
                    : new UnaryKernel<double, double, TruncateDouble>());
        return new(parameters, SqlType.BigInt,
            direction == Direction.NearestUp ? new UnaryKernel<double, long, NearestWhole>()
                : new UnaryKernel<double, long, DoubleToInt64Saturating>());
    }

    private readonly struct CeilingOfDouble : IUnaryOp<double, double>
    {
        public static double Apply(double value) => Math.Ceiling(value);
    }

    private readonly struct FloorOfDouble : IUnaryOp<double, double>
    {
        public static double Apply(double value) => Math.Floor(value);
    }

    private readonly struct TruncateDouble : IUnaryOp<double, double>
    {
        public static double Apply(double value) => Math.Truncate(value);
    }

    private readonly struct NearestEven : IUnaryOp<double, double>
    {
        public static double Apply(double value) => Math.Round(value, MidpointRounding.ToEven);
    }

    /// <summary>Java's Math.round: halves towards positive infinity, the nearest BIGINT at the ends.</summary>
    private readonly struct NearestWhole : IUnaryOp<double, long>
    {
        public static long Apply(double value)
        {
            var floor = Math.Floor(value);
            return (long)(value - floor >= 0.5 ? floor + 1 : floor);
        }
    }

    /// <summary>DOUBLE to a number of digits after the point, by its shortest text.</summary>
    private sealed class RoundDoubleKernel(Direction direction) : StrictKernel
    {
        private const int MaxExactScale = 18;

        /// <inheritdoc/>
        protected override void EvaluateValid(in KernelContext context, ReadOnlySpan<Column> arguments, Column result)
        {
            var values = new ValueReader<double>(arguments[0]);
            var digits = new ValueReader<int>(arguments[1]);
            var target = ((FixedColumn<double>)result).Values;
            foreach (var row in context.Rows)
                target[row] = Round(values[row], digits[row]);
        }

        private double Round(double value, int digits)
        {
            if (digits > MaxExactScale || !DecimalMath.TryFromDouble(value, SqlType.MaxPrecision, MaxExactScale, out var exact))
                return value;
            return RoundDecimalKernel.TryRound(exact, MaxExactScale, digits, direction, out var rounded)
                ? DecimalMath.ToDouble(rounded, MaxExactScale) : 0;
        }
    }

    /// <summary>DECIMAL to a number of digits after the point (a second argument, else none), in the result's scale.</summary>
    private sealed class RoundDecimalKernel(Direction direction, SqlType type, SqlType resultType) : StrictKernel
    {
        /// <inheritdoc/>
        protected override void EvaluateValid(in KernelContext context, ReadOnlySpan<Column> arguments, Column result)
        {
            var values = new ValueReader<Int128>(arguments[0]);
            var target = ((FixedColumn<Int128>)result).Values;
            foreach (var row in context.Rows)
            {
                var digits = arguments.Length > 1 ? ((FixedColumn<int>)arguments[1])[row] : 0;
                if (!TryRound(values[row], type.Scale, digits, direction, out var rounded)
                    || !DecimalMath.TryRescale(rounded, type.Scale, resultType.Scale, resultType.Precision, out target[row]))
                    DecimalErrors.Overflow(context, row, result, resultType);
            }
        }

        private static Int128 DivideUp(Int128 value, Int128 power)
        {
            var (quotient, remainder) = Int128.DivRem(value, power);
            if (remainder < 0)
                (quotient, remainder) = (quotient - 1, remainder + power);
            return remainder >= power - remainder ? quotient + 1 : quotient;
        }

        /// <summary>Rounds to <paramref name="digits"/> after the point; the scale stays.</summary>
        public static bool TryRound(Int128 value, int scale, int digits, Direction direction, out Int128 rounded)
        {
            rounded = value;
            var drop = scale - digits;
            if (drop <= 0)
                return true;
            rounded = 0;
            if (drop > SqlType.MaxPrecision)
                return true;
            var power = DecimalMath.PowerOfTen(drop);
            var whole = direction switch
            {
                Direction.Nearest => DecimalMath.DivideRounded(value, drop),
                Direction.NearestUp => DivideUp(value, power),
                Direction.Zero => value / power,
                Direction.Ceiling => (value / power) + (value % power > 0 ? 1 : 0),
                _ => (value / power) - (value % power < 0 ? 1 : 0),
            };
            return DecimalMath.TryRescale(whole, 0, drop, SqlType.MaxPrecision, out rounded);
        }
    }
}
