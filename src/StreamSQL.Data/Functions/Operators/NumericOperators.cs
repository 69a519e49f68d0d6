using Npgsql;
using StreamSQL.Data.Functions.Kernels;
using StreamSQL.Data.Types;

namespace StreamSQL.Data.Functions.Operators;

/// <summary>
/// <c>+ - * / %</c> of decimals under PostgreSQL's rules. Sums, products and remainders of DECIMALs whose result fits into one stay
/// DECIMALs: their scale is the same for all rows, and they are computed with 128 bits. Everything else is numeric, and so is every
/// quotient: its scale depends on the values.
/// </summary>
internal static class NumericOperators
{
    private const string Category = "Operator";

    public static IEnumerable<ScalarFunction> All() =>
    [
        Define("+", ArithmeticOperators.AddExact, new RowKernel<Add>()),
        Define("-", ArithmeticOperators.SubtractExact, new RowKernel<Subtract>()),
        Define("*", ArithmeticOperators.MultiplyExact, new RowKernel<Multiply>()),
        Define("/", static (_, _) => null, new RowKernel<Divide>()),
        Define("%", ArithmeticOperators.RemainderExact, new RowKernel<Remainder>()),
        Define("MOD", ArithmeticOperators.RemainderExact, new RowKernel<Remainder>()),
        new PostgresFunction("-", Category, "Negates.", ["- numeric -> numeric"],
            static types => types is [{ Kind: SqlTypeKind.Numeric } type] ? new([type], SqlType.Numeric, new RowKernel<Negate>()) : null),
    ];

    private static PostgresFunction Define(string name, Func<SqlType, SqlType, ScalarBinding?> ofDecimals, ScalarKernel kernel) => new(
        name, Category, "Arithmetic of decimals.", [$"numeric {name} numeric -> numeric"], types =>
        {
            if (types.Count != 2 || !types.Any(ExactNumbers.IsDecimal))
                return null;
            var (left, right) = (TypeCoercion.AsDecimal(types[0]), TypeCoercion.AsDecimal(types[1]));
            if (left is not null && right is not null && ofDecimals(left, right) is { } exact)
                return exact;
            return ExactNumbers.Parameters(types[0], types[1]) is { } parameters ? new(parameters, SqlType.Numeric, kernel) : null;
        });

    private readonly struct Add : IRowFunction
    {
        public static void Apply(in RowCall call) => call.Return(NumericMath.Add(call.Numeric(0), call.Numeric(1)));
    }

    private readonly struct Subtract : IRowFunction
    {
        public static void Apply(in RowCall call) => call.Return(NumericMath.Subtract(call.Numeric(0), call.Numeric(1)));
    }

    private readonly struct Multiply : IRowFunction
    {
        public static void Apply(in RowCall call) => call.Return(NumericMath.Multiply(call.Numeric(0), call.Numeric(1)));
    }

    private readonly struct Negate : IRowFunction
    {
        public static void Apply(in RowCall call) => call.Return(NumericMath.Negate(call.Numeric(0)));
    }

    private readonly struct Divide : IRowFunction
    {
        public static void Apply(in RowCall call)
        {
            var (left, right) = (call.Numeric(0), call.Numeric(1));
            if (right.IsZero && !left.IsNaN)
                call.Fail(PostgresErrorCodes.DivisionByZero, "division by zero");
            else
                call.Return(right.IsZero ? NumericValue.NaN : NumericMath.Divide(left, right));
        }
    }

    private readonly struct Remainder : IRowFunction
    {
        public static void Apply(in RowCall call)
        {
            var (left, right) = (call.Numeric(0), call.Numeric(1));
            if (right.IsZero && !left.IsNaN)
                call.Fail(PostgresErrorCodes.DivisionByZero, "division by zero");
            else
                call.Return(right.IsZero ? NumericValue.NaN : NumericMath.Remainder(left, right));
        }
    }
}
