using Npgsql;
using StreamSQL.Data.Functions.Kernels;
using StreamSQL.Data.Types;

namespace StreamSQL.Data.Functions.Numeric;

/// <summary>
/// Roots, exponentials, logarithms and powers of decimals under PostgreSQL's rules: exact to the scale that it gives them.
/// </summary>
internal static class NumericMathFunctions
{
    private const string Category = "Numeric";
    private static readonly NumericValue s_one = new(Int128.One, 0);
    private static readonly NumericValue s_zero = new(Int128.Zero, 0);
    private static readonly NumericValue s_ten = new((Int128)10, 0);

    public static IEnumerable<ScalarFunction> All() =>
    [
        One<Sqrt>("SQRT", "The square root."),
        One<Sqrt>("|/", "The square root."),
        One<Exp>("EXP", "e to the power of the argument."),
        One<Ln>("LN", "The natural logarithm."),
        One<Log10>("LOG", "The logarithm to base 10."),
        One<Log10>("LOG10", "The logarithm to base 10."),
        Two<Log>("LOG", "The logarithm to the base of the first argument.", takesIntegers: true),
        Two<Power>("POWER", "The first argument to the power of the second."),
        Two<Power>("POW", "The first argument to the power of the second."),
        Two<Power>("^", "The first argument to the power of the second."),
    ];

    private static PostgresFunction One<TFunction>(string name, string description)
        where TFunction : struct, IRowFunction => new(
        name, Category, description, [$"{name.ToLowerInvariant()}(numeric) -> numeric"],
        static types => types is [var type] && ExactNumbers.IsDecimal(type)
            ? new([type], SqlType.Numeric, new RowKernel<TFunction>())
            : null);

    private static PostgresFunction Two<TFunction>(string name, string description, bool takesIntegers = false)
        where TFunction : struct, IRowFunction => new(
        name, Category, description, [$"{name.ToLowerInvariant()}(numeric, numeric) -> numeric"],
        types => types is [var left, var right] && (takesIntegers || types.Any(ExactNumbers.IsDecimal))
            && ExactNumbers.Parameters(left, right) is { } parameters
                ? new(parameters, SqlType.Numeric, new RowKernel<TFunction>())
                : null);

    private static void Overflow(in RowCall call) => call.Fail(PostgresErrorCodes.NumericValueOutOfRange, "value overflows numeric format");

    private static void Return(in RowCall call, NumericValue? value)
    {
        if (value is { } known)
            call.Return(known);
        else
            Overflow(call);
    }

    private static bool HasLogarithm(in RowCall call, in NumericValue value)
    {
        if (value.Sign > 0 || value.IsNaN)
            return true;
        var what = value.IsZero ? "zero" : "a negative number";
        call.Fail(PostgresErrorCodes.InvalidArgumentForLogarithm, "cannot take logarithm of " + what);
        return false;
    }

    private readonly struct Sqrt : IRowFunction
    {
        public static void Apply(in RowCall call)
        {
            var value = call.Numeric(0);
            if (value.Sign < 0)
                call.Fail(PostgresErrorCodes.InvalidArgumentForPowerFunction, "cannot take square root of a negative number");
            else
                call.Return(value.IsFinite ? NumericSeries.Sqrt(value, NumericScales.OfRoot(value)) : value);
        }
    }

    private readonly struct Exp : IRowFunction
    {
        public static void Apply(in RowCall call)
        {
            var value = call.Numeric(0);
            if (value.IsFinite)
                Return(call, NumericSeries.Exp(value, NumericScales.OfExp(value)));
            else
                call.Return(value.Sign < 0 ? s_zero : value);
        }
    }

    private readonly struct Ln : IRowFunction
    {
        public static void Apply(in RowCall call)
        {
            var value = call.Numeric(0);
            if (HasLogarithm(call, value))
                call.Return(value.IsFinite ? NumericSeries.Ln(value, NumericScales.OfLn(value)) : value);
        }
    }

    private readonly struct Log10 : IRowFunction
    {
        public static void Apply(in RowCall call) => ReturnLog(call, s_ten, call.Numeric(0));
    }

    private readonly struct Log : IRowFunction
    {
        public static void Apply(in RowCall call) => ReturnLog(call, call.Numeric(0), call.Numeric(1));
    }

    private static void ReturnLog(in RowCall call, in NumericValue numberBase, in NumericValue value)
    {
        if (numberBase.IsNaN || value.IsNaN)
            call.Return(NumericValue.NaN);
        else if (!HasLogarithm(call, numberBase) || !HasLogarithm(call, value))
            return;
        else if (NumericValue.Compare(numberBase, s_one) == 0)
            call.Fail(PostgresErrorCodes.DivisionByZero, "division by zero");
        else if (numberBase.IsInfinity)
            call.Return(value.IsInfinity ? NumericValue.NaN : s_zero);
        else
            call.Return(value.IsInfinity ? value : NumericSeries.Log(numberBase, value, NumericScales.OfLog(numberBase, value)));
    }

    private readonly struct Power : IRowFunction
    {
        public static void Apply(in RowCall call)
        {
            var (numberBase, exponent) = (call.Numeric(0), call.Numeric(1));
            if (!numberBase.IsFinite || !exponent.IsFinite)
                ReturnSpecial(call, numberBase, exponent);
            else if (IsAllowed(call, numberBase, exponent))
                ReturnFinite(call, numberBase, exponent);
        }

        private static bool IsWhole(in NumericValue value) => NumericMath.MinScale(value) == 0;

        private static bool IsOdd(in NumericValue whole) => !NumericMath.Round(whole, 0, NumericRounding.Zero).Unscaled.IsEven;

        private static bool IsAllowed(in RowCall call, in NumericValue numberBase, in NumericValue exponent)
        {
            if (numberBase.IsZero && exponent.Sign < 0)
                call.Fail(PostgresErrorCodes.InvalidArgumentForPowerFunction, "zero raised to a negative power is undefined");
            else if (numberBase.Sign < 0 && exponent.IsFinite && !IsWhole(exponent))
                call.Fail(
                    PostgresErrorCodes.InvalidArgumentForPowerFunction,
                    "a negative number raised to a non-integer power yields a complex result");
            else
                return true;
            return false;
        }

        private static void ReturnFinite(in RowCall call, in NumericValue numberBase, in NumericValue exponent)
        {
            var places = NumericScales.Log10(numberBase) * exponent.ToDouble();
            if (places > NumericValue.MaxWholeDigits)
            {
                Overflow(call);
                return;
            }

            var whole = NumericMath.Round(exponent, 0, NumericRounding.Zero);
            if (IsWhole(exponent) && whole.IsSmall && whole.Small == (int)whole.Small)
            {
                var scale = NumericScales.OfWholePower(numberBase);
                // Of what is far below the last digit nothing is left.
                call.Return(places < -scale - 1
                    ? new NumericValue(Int128.Zero, scale)
                    : NumericSeries.WholePower(numberBase, (int)whole.Small, scale));
                return;
            }

            ReturnRoot(call, numberBase, exponent);
        }

        private static void ReturnRoot(in RowCall call, in NumericValue numberBase, in NumericValue exponent)
        {
            if (numberBase.IsZero)
            {
                call.Return(new NumericValue(Int128.Zero, NumericMath.SignificantDigits));
                return;
            }

            var magnitude = numberBase.Sign < 0 ? NumericMath.Negate(numberBase) : numberBase;
            var logarithm = NumericScales.Ln(magnitude) * exponent.ToDouble();
            if (Math.Abs(logarithm) >= NumericSeries.MaxExponent)
            {
                if (logarithm > 0)
                    Overflow(call);
                else
                    call.Return(new NumericValue(Int128.Zero, NumericMath.MaxResultScale));
                return;
            }

            var result = NumericSeries.Power(magnitude, exponent, NumericScales.OfPower(numberBase, exponent, logarithm));
            Return(call, result is { } value && numberBase.Sign < 0 && IsOdd(exponent) ? NumericMath.Negate(value) : result);
        }

        private static void ReturnSpecial(in RowCall call, in NumericValue numberBase, in NumericValue exponent)
        {
            if (exponent.IsZero || NumericValue.Compare(numberBase, s_one) == 0)
                call.Return(s_one);
            else if (numberBase.IsNaN || exponent.IsNaN)
                call.Return(NumericValue.NaN);
            else if (!IsAllowed(call, numberBase, exponent))
                return;
            else if (exponent.IsInfinity)
                call.Return(ToInfinity(numberBase, exponent.Sign > 0));
            else if (exponent.Sign < 0)
                call.Return(s_zero);
            else
                call.Return(numberBase.Sign < 0 && IsOdd(exponent) ? NumericValue.NegativeInfinity : NumericValue.PositiveInfinity);
        }

        // What grows has no end, what shrinks is nothing.
        private static NumericValue ToInfinity(in NumericValue numberBase, bool isUp)
        {
            var order = NumericValue.Compare(numberBase.Sign < 0 ? NumericMath.Negate(numberBase) : numberBase, s_one);
            return order == 0 ? s_one : order > 0 == isUp ? NumericValue.PositiveInfinity : s_zero;
        }
    }
}
