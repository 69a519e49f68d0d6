using System.Numerics;
using Npgsql;
using StreamSQL.Data.Functions.Kernels;
using StreamSQL.Data.Types;
using static StreamSQL.Data.Functions.PostgresFunction;

namespace StreamSQL.Data.Functions.Numeric;

/// <summary>
/// PostgreSQL's functions of numeric: rounding, signs, digits, divisors, factorials, buckets. Under its rules they take DECIMALs too.
/// </summary>
internal static class NumericFunctionsOfDecimals
{
    private const string Category = "Numeric";

    public static IEnumerable<ScalarFunction> All() =>
    [
        One("ABS", "The absolute value.", static (in RowCall call) => call.Return(Absolute(call.Numeric(0))), ofDecimals: false),
        One("SIGN", "-1, 0 or 1: the sign of a number.", static (in RowCall call) => call.Return(SignOf(call.Numeric(0)))),
        Rounded("CEIL", "The smallest whole number not below.", NumericRounding.Ceiling),
        Rounded("CEILING", "The smallest whole number not below.", NumericRounding.Ceiling),
        Rounded("FLOOR", "The largest whole number not above.", NumericRounding.Floor),
        Rounded("ROUND", "The nearest whole number.", NumericRounding.Nearest, ofDecimals: false),
        Rounded("TRUNC", "The whole number towards zero.", NumericRounding.Zero, ofDecimals: false),
        RoundedTo("ROUND", "The nearest number with so many digits after the point (negative: before it).", NumericRounding.Nearest),
        RoundedTo("TRUNC", "The number cut off after so many digits behind the point.", NumericRounding.Zero),
        Two("DIV", "The whole quotient of two decimals, cut towards zero.", Divide, takesIntegers: true),
        Two("GCD", "The greatest common divisor.", static (in RowCall call) => Divisor(call, isMultiple: false)),
        Two("LCM", "The least common multiple.", static (in RowCall call) => Divisor(call, isMultiple: true)),
        Of("FACTORIAL", Category, "The product of all whole numbers up to one.", Rows(SqlType.Numeric, Factorial, SqlType.BigInt)),
        Digits("SCALE", "Digits after the point.", SqlType.Integer,
            static (in RowCall call, in NumericValue value) => call.Return(value.Scale)),
        Digits("MIN_SCALE", "Digits after the point without zeros at the end.", SqlType.Integer,
            static (in RowCall call, in NumericValue value) => call.Return(NumericMath.MinScale(value))),
        Digits("TRIM_SCALE", "The number without zeros at the end of its digits after the point.", SqlType.Numeric,
            static (in RowCall call, in NumericValue value) =>
                call.Return(NumericMath.Round(value, NumericMath.MinScale(value), NumericRounding.Zero))),
        new PostgresFunction(
            "WIDTH_BUCKET", Category, "The number of the bucket, of so many equal ones between two bounds, that a number falls into.",
            ["width_bucket(numeric, numeric, numeric, INTEGER) -> INTEGER"], BindBucket),
    ];

    private delegate void ValueBody(in RowCall call, in NumericValue value);

    // Where it takes no DECIMALs, another function gives one whose values all have one scale.
    private static PostgresFunction One(string name, string description, RowBody body, bool ofDecimals = true) => new(
        name, Category, description, [$"{name.ToLowerInvariant()}(numeric) -> numeric"],
        types => types is [var type] && (type.Kind == SqlTypeKind.Numeric || (ofDecimals && type.Kind == SqlTypeKind.Decimal))
            ? new([type], SqlType.Numeric, new DelegateKernel(body)) : null);

    private static PostgresFunction Rounded(string name, string description, NumericRounding rounding, bool ofDecimals = true) =>
        One(name, description, (in RowCall call) => call.Return(NumericMath.Round(call.Numeric(0), 0, rounding)), ofDecimals);

    private static PostgresFunction RoundedTo(string name, string description, NumericRounding rounding) => new(
        name, Category, description, [$"{name.ToLowerInvariant()}(numeric, INTEGER) -> numeric"],
        types => types is [var type, var digits] && TypeCoercion.IsExact(type)
            && TypeCoercion.CanImplicitlyCast(digits, SqlType.Integer, RuleSet.Postgres)
            ? new([type, SqlType.Integer], SqlType.Numeric, new DelegateKernel((in RowCall call) =>
                call.Return(NumericMath.Round(call.Numeric(0), call.Int(1), rounding))))
            : null);

    private static PostgresFunction Two(string name, string description, RowBody body, bool takesIntegers = false) => new(
        name, Category, description, [$"{name.ToLowerInvariant()}(numeric, numeric) -> numeric"],
        types => types is [var left, var right] && (takesIntegers || types.Any(ExactNumbers.IsDecimal))
            && ExactNumbers.Parameters(left, right) is { } parameters ? new(parameters, SqlType.Numeric, new DelegateKernel(body)) : null);

    private static PostgresFunction Digits(string name, string description, SqlType result, ValueBody body) => new(
        name, Category, description, [$"{name.ToLowerInvariant()}(numeric) -> {result.Kind.ToString().ToLowerInvariant()}"],
        types => types is [var type] && ExactNumbers.Parameter(type) is { } parameter
            ? new([parameter], result, new DelegateKernel((in RowCall call) => OfFinite(call, result, body)))
            : null);

    private static void OfFinite(in RowCall call, SqlType result, ValueBody body)
    {
        var value = call.Numeric(0);
        if (value.IsFinite)
            body(call, value);
        else if (result.Kind == SqlTypeKind.Numeric)
            call.Return(value);
        else
            call.ReturnNull();
    }

    private static NumericValue Absolute(in NumericValue value) => value.Sign < 0 ? NumericMath.Negate(value) : value;

    private static NumericValue SignOf(in NumericValue value) => value.IsNaN ? value : new((Int128)value.Sign, 0);

    private static void Divide(in RowCall call)
    {
        var (left, right) = (call.Numeric(0), call.Numeric(1));
        if (right.IsZero && !left.IsNaN)
            call.Fail(PostgresErrorCodes.DivisionByZero, "division by zero");
        else if (right.IsZero || !left.IsFinite || !right.IsFinite)
            call.Return(right.IsZero ? left : NumericMath.Divide(left, right));
        else
            call.Return(NumericMath.Divide(left, right, 0, NumericRounding.Zero));
    }

    private static void Divisor(in RowCall call, bool isMultiple)
    {
        var (left, right) = (call.Numeric(0), call.Numeric(1));
        if (!left.IsFinite || !right.IsFinite)
        {
            call.Return(NumericValue.NaN);
            return;
        }

        var scale = Math.Max(left.Scale, right.Scale);
        var (a, b) = (NumericMath.AtScale(left, scale), NumericMath.AtScale(right, scale));
        var divisor = BigInteger.GreatestCommonDivisor(a, b);
        call.Return(new NumericValue(!isMultiple ? divisor : divisor.IsZero ? divisor : BigInteger.Abs(a / divisor * b), scale));
    }

    private static void Factorial(in RowCall call)
    {
        // The largest whose digits numeric has room for.
        const int Largest = 32_177;
        var number = call.Long(0);
        if (number is < 0 or > Largest)
        {
            var message = number < 0 ? "factorial of a negative number is undefined" : "value overflows numeric format";
            call.Fail(PostgresErrorCodes.NumericValueOutOfRange, message);
            return;
        }

        var product = BigInteger.One;
        for (var i = 2; i <= number; i++)
            product *= i;
        call.Return(new NumericValue(product, 0));
    }

    private static ScalarBinding? BindBucket(IReadOnlyList<SqlType> types)
    {
        if (types.Count != 4 || !types.Take(3).All(TypeCoercion.IsExact)
            || !TypeCoercion.CanImplicitlyCast(types[3], SqlType.Integer, RuleSet.Postgres))
            return null;
        return new([.. types.Take(3), SqlType.Integer], SqlType.Integer, new DelegateKernel(Bucket));
    }

    private static void Bucket(in RowCall call)
    {
        var (value, low, high, count) = (call.Numeric(0), call.Numeric(1), call.Numeric(2), call.Int(3));
        var order = NumericValue.Compare(low, high);
        if (count <= 0)
            Fail(call, "count must be greater than zero");
        else if (value.IsNaN || low.IsNaN || high.IsNaN)
            Fail(call, "operand, lower bound, and upper bound cannot be NaN");
        else if (low.IsInfinity || high.IsInfinity)
            Fail(call, "lower and upper bounds must be finite");
        else if (order == 0)
            Fail(call, "lower bound cannot equal upper bound");
        else if (order < 0 ? NumericValue.Compare(value, low) < 0 : NumericValue.Compare(value, low) > 0)
            call.Return(0);
        else if (order < 0 ? NumericValue.Compare(value, high) >= 0 : NumericValue.Compare(value, high) <= 0)
            Return(call, count + 1L);
        else
            Return(call, (long)Within(value, low, high, count) + 1);
    }

    private static BigInteger Within(in NumericValue value, in NumericValue low, in NumericValue high, int count)
    {
        var offset = NumericMath.Multiply(NumericMath.Subtract(value, low), new((Int128)count, 0));
        return NumericMath.Divide(offset, NumericMath.Subtract(high, low), 0, NumericRounding.Floor).Unscaled;
    }

    private static void Return(in RowCall call, long bucket)
    {
        if (bucket <= int.MaxValue)
            call.Return((int)bucket);
        else
            call.Fail(PostgresErrorCodes.NumericValueOutOfRange, "integer out of range");
    }

    private static void Fail(in RowCall call, string message) =>
        call.Fail(PostgresErrorCodes.InvalidArgumentForWidthBucketFunction, message);
}
