using Npgsql;
using StreamSQL.Data.Functions.Kernels;
using StreamSQL.Data.Functions.Operators;
using StreamSQL.Data.Types;
using static StreamSQL.Data.Functions.PostgresFunction;

namespace StreamSQL.Data.Functions.Numeric;

/// <summary>
/// Roots, powers, logarithms and angles of doubles under PostgreSQL's rules: arguments outside a function's domain and results out of range
/// are errors. Those of decimals are <see cref="NumericMathFunctions"/>.
/// </summary>
internal static class PostgresMathFunctions
{
    private const string Category = "Numeric";
    private const double DegreesPerRadian = 180 / Math.PI;

    public static IEnumerable<ScalarFunction> All() =>
    [
        RowShare.Function,
        Doubles("SQRT", "The square root.", SqrtOfDouble),
        Doubles("|/", "The square root.", SqrtOfDouble),
        Doubles("||/", "The cube root.", static (in RowCall call) => call.Return(CubeRoot(call.Double(0)))),
        Doubles("EXP", "e to the power of the argument.", ExpOfDouble),
        Doubles("LN", "The natural logarithm.", static (in RowCall call) => LogOfDouble(call, Math.Log)),
        Doubles("LOG", "The logarithm to base 10.", static (in RowCall call) => LogOfDouble(call, Math.Log10)),
        Doubles("LOG10", "The logarithm to base 10.", static (in RowCall call) => LogOfDouble(call, Math.Log10)),
        Power("POWER"),
        Power("POW"),
        Power("^"),
        Absolute("@"),
        Domain("ASIN", "The inverse sine, in radians.", -1, 1, Math.Asin),
        Domain("ACOS", "The inverse cosine, in radians.", -1, 1, Math.Acos),
        Domain("ACOSH", "The inverse hyperbolic cosine.", 1, double.PositiveInfinity, Math.Acosh),
        Domain("ATANH", "The inverse hyperbolic tangent.", -1, 1, Math.Atanh),
        Doubles("ASINH", "The inverse hyperbolic sine.", static (in RowCall call) => call.Return(Math.Asinh(call.Double(0)))),
        Degrees("SIND", "The sine of degrees.", static degrees => Snap(Math.Sin(Reduce(degrees) / DegreesPerRadian))),
        Degrees("COSD", "The cosine of degrees.", static degrees => Snap(Math.Cos(Reduce(degrees) / DegreesPerRadian))),
        Degrees("TAND", "The tangent of degrees.", static degrees => Tangent(Reduce(degrees))),
        Degrees("COTD", "The cotangent of degrees.", static degrees => 1 / Tangent(Reduce(degrees))),
        Domain("ASIND", "The inverse sine, in degrees.", -1, 1, static value => Nearest(Math.Asin(value) * DegreesPerRadian)),
        Domain("ACOSD", "The inverse cosine, in degrees.", -1, 1, static value => Nearest(Math.Acos(value) * DegreesPerRadian)),
        Doubles("ATAND", "The inverse tangent, in degrees.",
            static (in RowCall call) => call.Return(Nearest(Math.Atan(call.Double(0)) * DegreesPerRadian))),
        Of("ATAN2D", Category, "The angle of the point (second, first argument), in degrees.",
            Rows(SqlType.Double, static (in RowCall call) =>
                call.Return(Nearest(Math.Atan2(call.Double(0), call.Double(1)) * DegreesPerRadian)), SqlType.Double, SqlType.Double)),
    ];

    private static PostgresFunction Doubles(string name, string description, RowBody body) =>
        Of(name, Category, description, Rows(SqlType.Double, body, SqlType.Double));

    private static PostgresFunction Domain(string name, string description, double low, double high, Func<double, double> function) =>
        Doubles(name, description, (in RowCall call) =>
        {
            var value = call.Double(0);
            if (value < low || value > high)
                call.Fail(PostgresErrorCodes.NumericValueOutOfRange, "input is out of range");
            else
                call.Return(function(value));
        });

    private static PostgresFunction Degrees(string name, string description, Func<double, double> function) =>
        Doubles(name, description, (in RowCall call) =>
        {
            if (double.IsInfinity(call.Double(0)))
                call.Fail(PostgresErrorCodes.NumericValueOutOfRange, "input is out of range");
            else
                call.Return(function(call.Double(0)));
        });

    private static PostgresFunction Power(string name) =>
        Of(name, Category, "The first argument to the power of the second.",
            Rows(SqlType.Double, PowerOfDoubles, SqlType.Double, SqlType.Double));

    // The operator is the function under another name.
    private static PostgresFunction Absolute(string name) => new(
        name, Category, "The absolute value.", [$"{name} number -> the number's type"],
        static types => types is [{ IsNumeric: true }] ? BuiltInFunctions.Registry.FindScalar("ABS")
            .Select(function => function.Bind(types, RuleSet.Postgres)).FirstOrDefault(static found => found is not null) : null);

    // A result that is finite and not zero, or that had to be something else.
    private static void ReturnInRange(in RowCall call, double result, bool mayBeInfinite, bool mayBeZero)
    {
        if ((double.IsInfinity(result) && !mayBeInfinite) || (result == 0 && !mayBeZero))
            call.Fail(PostgresErrorCodes.NumericValueOutOfRange, FloatErrors.OutOfRange(result).Message);
        else
            call.Return(result);
    }

    private static void SqrtOfDouble(in RowCall call)
    {
        if (call.Double(0) < 0)
            call.Fail(PostgresErrorCodes.InvalidArgumentForPowerFunction, "cannot take square root of a negative number");
        else
            call.Return(Math.Sqrt(call.Double(0)));
    }

    private static double CubeRoot(double value)
    {
        // The library's root may be off in the last bit; one step of Newton's method makes perfect cubes exact.
        var root = Math.Cbrt(value);
        return root == 0 || !double.IsFinite(root) ? root : root - (((root * root * root) - value) / (3 * root * root));
    }

    private static void ExpOfDouble(in RowCall call)
    {
        var value = call.Double(0);
        ReturnInRange(call, Math.Exp(value), double.IsInfinity(value), double.IsInfinity(value));
    }

    private static bool HasLogarithm(in RowCall call, int sign)
    {
        if (sign > 0)
            return true;
        call.Fail(PostgresErrorCodes.InvalidArgumentForLogarithm,
            sign == 0 ? "cannot take logarithm of zero" : "cannot take logarithm of a negative number");
        return false;
    }

    private static void LogOfDouble(in RowCall call, Func<double, double> logarithm)
    {
        var value = call.Double(0);
        if (double.IsNaN(value) || HasLogarithm(call, Math.Sign(value)))
            call.Return(logarithm(value));
    }

    private static bool HasPower(in RowCall call, int sign, bool isWhole, int exponentSign)
    {
        if (sign == 0 && exponentSign < 0)
            call.Fail(PostgresErrorCodes.InvalidArgumentForPowerFunction, "zero raised to a negative power is undefined");
        else if (sign < 0 && !isWhole)
            call.Fail(PostgresErrorCodes.InvalidArgumentForPowerFunction,
                "a negative number raised to a non-integer power yields a complex result");
        else
            return true;
        return false;
    }

    private static void PowerOfDoubles(in RowCall call)
    {
        var (numberBase, exponent) = (call.Double(0), call.Double(1));
        if (double.IsNaN(numberBase) || double.IsNaN(exponent))
        {
            call.Return(Math.Pow(numberBase, exponent));
            return;
        }

        if (!HasPower(call, Math.Sign(numberBase), exponent == Math.Floor(exponent), Math.Sign(exponent)))
            return;
        var hasInfinity = double.IsInfinity(numberBase) || double.IsInfinity(exponent);
        ReturnInRange(call, Math.Pow(numberBase, exponent), hasInfinity, hasInfinity || numberBase == 0);
    }

    private static double Reduce(double degrees) => Math.IEEERemainder(degrees, 360);

    // Halves and wholes are exact in degrees, though their radians are not.
    private static double Snap(double value) => Math.Abs(value - (Math.Round(value * 2) / 2)) < 1e-15 ? Math.Round(value * 2) / 2 : value;

    private static double Tangent(double degrees)
    {
        var (sine, cosine) = (Snap(Math.Sin(degrees / DegreesPerRadian)), Snap(Math.Cos(degrees / DegreesPerRadian)));
        var tangent = sine / cosine;
        return Math.Abs(Math.Abs(tangent) - 1) < 1e-15 ? Math.Sign(tangent) : tangent;
    }

    private static double Nearest(double degrees) => Math.Abs(degrees - Math.Round(degrees)) < 1e-13 ? Math.Round(degrees) : degrees;
}
