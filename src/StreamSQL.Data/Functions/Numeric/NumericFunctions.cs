using Npgsql;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Functions.Kernels;
using StreamSQL.Data.Types;
using static StreamSQL.Data.Functions.Kernels.RowOverload;

namespace StreamSQL.Data.Functions.Numeric;

/// <summary>Roots, powers, logarithms, angles and signs. Rounding is in <see cref="RoundingFunctions"/>.</summary>
internal static class NumericFunctions
{
    private const string Category = "Numeric";

    public static IEnumerable<ScalarFunction> All() =>
    [
        new ComputedFunction("ABS", Category, "The absolute value.", ["ABS(number) -> the number's type"],
            [("ABS(-3)", "3"), ("ABS(-3.25)", "3.25")], BindAbs),
        new OverloadedFunction("SIGN", Category, "-1, 0 or 1: the sign of a number.", [("SIGN(-5)", "-1"), ("SIGN(0)", "0")],
            Strict<SignOfDouble>(SqlType.Integer, SqlType.Double), Strict<SignOfLong>(SqlType.Integer, SqlType.BigInt)),
        Function<Sqrt>("SQRT", "The square root; NaN (an error under PostgreSQL's rules) of a negative number.", ("SQRT(16)", "4.0"),
            Strict<SqrtChecked>(SqlType.Double, SqlType.Double)),
        Function<Cbrt>("CBRT", "The cube root.", ("CBRT(27)", "3.0")),
        Function<Exp>("EXP", "e to the power of the argument.", ("EXP(0)", "1.0")),
        Function<Ln>("LN", "The natural logarithm; NaN or -Infinity (an error under PostgreSQL's rules) where there is none.",
            ("LN(1)", "0.0"), Strict<LnChecked>(SqlType.Double, SqlType.Double)),
        new OverloadedFunction("LOG", Category, "The logarithm to base 10, or to the base of the first argument.",
            [("LOG(100)", "2.0"), ("LOG(2, 8)", "3.0")],
            Strict<Log10>(SqlType.Double, SqlType.Double) with { Rules = RuleSet.Ksql },
            Strict<Log10Checked>(SqlType.Double, SqlType.Double) with { Rules = RuleSet.Postgres },
            Strict<LogOfBase>(SqlType.Double, SqlType.Double, SqlType.Double)),
        new OverloadedFunction("POWER", Category, "The first argument to the power of the second.", [("POWER(2, 10)", "1024.0")],
            Strict<Power>(SqlType.Double, SqlType.Double, SqlType.Double)),
        Function<Sin>("SIN", "The sine of radians.", ("SIN(0)", "0.0")),
        Function<Cos>("COS", "The cosine of radians.", ("COS(0)", "1.0")),
        Function<Tan>("TAN", "The tangent of radians.", ("TAN(0)", "0.0")),
        Function<Cot>("COT", "The cotangent of radians.", ("ROUND(COT(1), 4)", "0.6421")),
        Function<Sinh>("SINH", "The hyperbolic sine.", ("SINH(0)", "0.0")),
        Function<Cosh>("COSH", "The hyperbolic cosine.", ("COSH(0)", "1.0")),
        Function<Tanh>("TANH", "The hyperbolic tangent.", ("TANH(0)", "0.0")),
        Function<Asin>("ASIN", "The inverse sine, in radians.", ("ASIN(0)", "0.0")),
        Function<Acos>("ACOS", "The inverse cosine, in radians.", ("ACOS(1)", "0.0")),
        Function<Atan>("ATAN", "The inverse tangent, in radians.", ("ATAN(0)", "0.0")),
        new OverloadedFunction("ATAN2", Category, "The angle of the point (second, first argument), in radians.", [("ATAN2(0, 1)", "0.0")],
            Strict<Atan2>(SqlType.Double, SqlType.Double, SqlType.Double)),
        Function<Degrees>("DEGREES", "Radians in degrees.", ("DEGREES(PI())", "180.0")),
        Function<Radians>("RADIANS", "Degrees in radians.", ("RADIANS(0)", "0.0")),
        new OverloadedFunction("PI", Category, "The number pi.", [("PI()", "3.141592653589793")], Nullable<Pi>(SqlType.Double)),
        new OverloadedFunction("RANDOM", Category, "A random number from 0 up to 1.", [],
            new Overload([], SqlType.Double, static () => new RandomKernel()) { IsDeterministic = false }),
        new OverloadedFunction("GEO_DISTANCE", Category,
            "The distance of two points (latitude, longitude, latitude, longitude in degrees) on a sphere, in km or, with the unit 'MI', " +
                "miles.",
            [("ROUND(GEO_DISTANCE(37.4439, -122.1663, 51.5257, -0.1122), 0)", "8635.0"), ("GEO_DISTANCE(1, 1, 1, 1, 'KM')", "0.0")],
            Nullable<GeoDistance>(SqlType.Double, SqlType.Double, SqlType.Double, SqlType.Double, SqlType.Double),
            Nullable<GeoDistance>(SqlType.Double, SqlType.Double, SqlType.Double, SqlType.Double, SqlType.Double, SqlType.Varchar)),
    ];

    private static OverloadedFunction Function<TFunction>(string name, string description, (string, string) example,
        Overload? postgres = null)
        where TFunction : struct, IRowFunction
    {
        var overload = Strict<TFunction>(SqlType.Double, SqlType.Double);
        return postgres is null
            ? new(name, Category, description, [example], overload)
            : new(name, Category, description, [example], overload with { Rules = RuleSet.Ksql },
                postgres with { Rules = RuleSet.Postgres });
    }

    private static ScalarBinding? BindAbs(IReadOnlyList<SqlType> arguments, RuleSet rules)
    {
        if (arguments.Count != 1)
            return null;
        ScalarKernel? kernel = arguments[0].Kind switch
        {
            SqlTypeKind.Integer => new UnaryKernel<int, int, Absolute<int>>(),
            SqlTypeKind.BigInt => new UnaryKernel<long, long, Absolute<long>>(),
            SqlTypeKind.Double => new UnaryKernel<double, double, Absolute<double>>(),
            SqlTypeKind.Decimal => new UnaryKernel<Int128, Int128, Absolute<Int128>>(),
            _ => null,
        };
        return kernel is null ? null : new([arguments[0]], arguments[0], kernel);
    }

    private readonly struct Absolute<T> : IUnaryOp<T, T>
        where T : unmanaged, System.Numerics.INumber<T>
    {
        public static T Apply(T value) => typeof(T) == typeof(double) ? T.Abs(value) : T.IsNegative(value) ? unchecked(-value) : value;
    }

    private readonly struct SignOfDouble : IRowFunction
    {
        public static void Apply(in RowCall call) => call.Return(call.Double(0) > 0 ? 1 : call.Double(0) < 0 ? -1 : 0);
    }

    private readonly struct SignOfLong : IRowFunction
    {
        public static void Apply(in RowCall call) => call.Return(Math.Sign(call.Long(0)));
    }

    private readonly struct Sqrt : IRowFunction
    {
        public static void Apply(in RowCall call) => call.Return(Math.Sqrt(call.Double(0)));
    }

    private readonly struct SqrtChecked : IRowFunction
    {
        public static void Apply(in RowCall call)
        {
            if (call.Double(0) < 0)
                call.Fail(PostgresErrorCodes.InvalidArgumentForPowerFunction, "cannot take square root of a negative number");
            else
                call.Return(Math.Sqrt(call.Double(0)));
        }
    }

    private readonly struct Cbrt : IRowFunction
    {
        public static void Apply(in RowCall call)
        {
            // The library's root may be off in the last bit; one step of Newton's method makes perfect cubes exact.
            var value = call.Double(0);
            var root = Math.Cbrt(value);
            call.Return(root == 0 || !double.IsFinite(root) ? root : root - (((root * root * root) - value) / (3 * root * root)));
        }
    }

    private readonly struct Exp : IRowFunction
    {
        public static void Apply(in RowCall call) => call.Return(Math.Exp(call.Double(0)));
    }

    private readonly struct Ln : IRowFunction
    {
        public static void Apply(in RowCall call) => call.Return(Math.Log(call.Double(0)));
    }

    private readonly struct LnChecked : IRowFunction
    {
        public static void Apply(in RowCall call)
        {
            if (call.Double(0) <= 0)
                call.Fail(PostgresErrorCodes.InvalidArgumentForLogarithm, "cannot take logarithm of zero or a negative number");
            else
                call.Return(Math.Log(call.Double(0)));
        }
    }

    private readonly struct Log10 : IRowFunction
    {
        public static void Apply(in RowCall call) => call.Return(Math.Log10(call.Double(0)));
    }

    private readonly struct Log10Checked : IRowFunction
    {
        public static void Apply(in RowCall call)
        {
            if (call.Double(0) <= 0)
                call.Fail(PostgresErrorCodes.InvalidArgumentForLogarithm, "cannot take logarithm of zero or a negative number");
            else
                call.Return(Math.Log10(call.Double(0)));
        }
    }

    private readonly struct LogOfBase : IRowFunction
    {
        public static void Apply(in RowCall call)
        {
            var numberBase = call.Double(0);
            var value = call.Double(1);
            call.Return(numberBase is <= 0 or 1 || value < 0 ? double.NaN : value == 0 ? double.NegativeInfinity : numberBase == 2
                ? Math.Log2(value) : numberBase == 10 ? Math.Log10(value) : Math.Log(value) / Math.Log(numberBase));
        }
    }

    private readonly struct Power : IRowFunction
    {
        public static void Apply(in RowCall call) => call.Return(Math.Pow(call.Double(0), call.Double(1)));
    }

    private readonly struct Sin : IRowFunction
    {
        public static void Apply(in RowCall call) => call.Return(Math.Sin(call.Double(0)));
    }

    private readonly struct Cos : IRowFunction
    {
        public static void Apply(in RowCall call) => call.Return(Math.Cos(call.Double(0)));
    }

    private readonly struct Tan : IRowFunction
    {
        public static void Apply(in RowCall call) => call.Return(Math.Tan(call.Double(0)));
    }

    private readonly struct Cot : IRowFunction
    {
        public static void Apply(in RowCall call) => call.Return(1 / Math.Tan(call.Double(0)));
    }

    private readonly struct Sinh : IRowFunction
    {
        public static void Apply(in RowCall call) => call.Return(Math.Sinh(call.Double(0)));
    }

    private readonly struct Cosh : IRowFunction
    {
        public static void Apply(in RowCall call) => call.Return(Math.Cosh(call.Double(0)));
    }

    private readonly struct Tanh : IRowFunction
    {
        public static void Apply(in RowCall call) => call.Return(Math.Tanh(call.Double(0)));
    }

    private readonly struct Asin : IRowFunction
    {
        public static void Apply(in RowCall call) => call.Return(Math.Asin(call.Double(0)));
    }

    private readonly struct Acos : IRowFunction
    {
        public static void Apply(in RowCall call) => call.Return(Math.Acos(call.Double(0)));
    }

    private readonly struct Atan : IRowFunction
    {
        public static void Apply(in RowCall call) => call.Return(Math.Atan(call.Double(0)));
    }

    private readonly struct Atan2 : IRowFunction
    {
        public static void Apply(in RowCall call) => call.Return(Math.Atan2(call.Double(0), call.Double(1)));
    }

    private readonly struct Degrees : IRowFunction
    {
        public static void Apply(in RowCall call) => call.Return(call.Double(0) * (180 / Math.PI));
    }

    private readonly struct Radians : IRowFunction
    {
        public static void Apply(in RowCall call) => call.Return(call.Double(0) / 180 * Math.PI);
    }

    private readonly struct Pi : IRowFunction
    {
        public static void Apply(in RowCall call) => call.Return(Math.PI);
    }

    /// <summary>SplitMix64, started from the clock at the first row: the same clock gives the same numbers.</summary>
    private sealed class RandomKernel : ScalarKernel
    {
        private const long Gamma = unchecked((long)0x9E3779B97F4A7C15);
        private const double Resolution = 1.0 / (1L << 53);

        private long _state;

        /// <inheritdoc/>
        public override void Evaluate(in KernelContext context, ReadOnlySpan<Column> arguments, Column result)
        {
            if (Volatile.Read(ref _state) == 0)
                Interlocked.CompareExchange(ref _state, context.Time.GetUtcNow().Ticks | 1, 0);
            var target = ((FixedColumn<double>)result).Values;
            foreach (var row in context.Rows)
                target[row] = (ColumnValue.Mix((ulong)Interlocked.Add(ref _state, Gamma)) >> 11) * Resolution;
        }
    }

    /// <summary>The haversine formula.</summary>
    private readonly struct GeoDistance : IRowFunction
    {
        private const double EarthRadiusKm = 6371;
        private const double EarthRadiusMiles = 3959;

        public static void Apply(in RowCall call)
        {
            for (var i = 0; i < 4; i++)
            {
                if (!call.IsNull(i))
                    continue;
                call.ReturnNull();
                return;
            }

            var miles = call.Count > 4 && !call.IsNull(4) && call.Text(4).Length > 0 && (call.Text(4)[0] | 0x20) == 'm';
            var (lat1, lat2) = (double.DegreesToRadians(call.Double(0)), double.DegreesToRadians(call.Double(2)));
            var halfLat = Math.Sin((lat2 - lat1) / 2);
            var halfLon = Math.Sin(double.DegreesToRadians(call.Double(3) - call.Double(1)) / 2);
            var h = (halfLat * halfLat) + (halfLon * halfLon * Math.Cos(lat1) * Math.Cos(lat2));
            call.Return(2 * (miles ? EarthRadiusMiles : EarthRadiusKm) * Math.Asin(Math.Min(1, Math.Sqrt(h))));
        }
    }
}
