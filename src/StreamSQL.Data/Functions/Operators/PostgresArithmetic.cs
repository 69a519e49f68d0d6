using Npgsql;
using StreamSQL.Data.Functions.Kernels;
using StreamSQL.Data.Types;

namespace StreamSQL.Data.Functions.Operators;

/// <summary>
/// <c>+ - * / %</c> of smallint, real and double under PostgreSQL's rules: a result out of the type's range is 22003, also one that became
/// zero. What is not here, <see cref="ArithmeticOperators"/> has.
/// </summary>
internal static class PostgresArithmetic
{
    private const string Category = "Operator";

    public static IEnumerable<ScalarFunction> All() =>
    [
        Define("+", new CheckedKernel<int, SmallOp<AddChecked<int>>>(), new CheckedKernel<double, AddDoubles>(),
            new CheckedKernel<double, SingleOp<AddDoubles>>()),
        Define("-", new CheckedKernel<int, SmallOp<SubtractChecked<int>>>(), new CheckedKernel<double, SubtractDoubles>(),
            new CheckedKernel<double, SingleOp<SubtractDoubles>>()),
        Define("*", new CheckedKernel<int, SmallOp<MultiplyInt32Checked>>(), new CheckedKernel<double, MultiplyDoubles>(),
            new CheckedKernel<double, SingleOp<MultiplyDoubles>>()),
        Define("/", new CheckedKernel<int, SmallOp<DivideIntegerChecked<int>>>(), new CheckedKernel<double, DivideDoubles>(),
            new CheckedKernel<double, SingleOp<DivideDoubles>>()),
        Define("%", new CheckedKernel<int, RemainderInteger<int>>(), null, null),
        Define("MOD", new CheckedKernel<int, RemainderInteger<int>>(), null, null),
        new PostgresFunction("-", Category, "Negates.", ["- smallint -> smallint"],
            static types => types is [{ Kind: SqlTypeKind.SmallInt }]
            ? new([SqlType.SmallInt], SqlType.SmallInt, new CheckedUnaryKernel<int, int, NegateSmall>()) : null),
    ];

    private static PostgresFunction Define(string name, ScalarKernel small, ScalarKernel? ofDouble, ScalarKernel? ofReal) => new(
        name, Category, "Arithmetic of smallint, real and double.", [$"number {name} number -> the wider of both types"],
        types => types.Count != 2 ? null : Common(types[0], types[1]) switch
        {
            SqlTypeKind.SmallInt => new([SqlType.SmallInt, SqlType.SmallInt], SqlType.SmallInt, small),
            SqlTypeKind.Double when ofDouble is not null => new([SqlType.Double, SqlType.Double], SqlType.Double, ofDouble),
            SqlTypeKind.Real when ofReal is not null => new([SqlType.Real, SqlType.Real], SqlType.Real, ofReal),
            _ => null,
        });

    /// <summary>The type of two numbers' arithmetic: a real stays one only beside another.</summary>
    private static SqlTypeKind? Common(SqlType left, SqlType right)
    {
        if (TypeCoercion.CommonType(left, right, RuleSet.Postgres) is not { IsNumeric: true } common)
            return null;
        return common.Kind == SqlTypeKind.Real && (left.IsNumeric && right.IsNumeric)
            && left.Kind != right.Kind ? SqlTypeKind.Double : common.Kind;
    }

    /// <summary>An operation of INTEGER whose result must be a smallint.</summary>
    private readonly struct SmallOp<TOp> : ICheckedOp<int>
        where TOp : struct, ICheckedOp<int>
    {
        public static bool TryApply(int left, int right, out int result) => TOp.TryApply(left, right, out result)
            && (short)result == result;

        public static (string SqlState, string Message) Explain(int left, int right) =>
            TOp.TryApply(left, right, out _) ? (PostgresErrorCodes.NumericValueOutOfRange, "smallint out of range")
                : TOp.Explain(left, right);
    }

    private readonly struct NegateSmall : ICheckedUnaryOp<int, int>
    {
        public static bool TryApply(int value, out int result) => (result = -value) <= short.MaxValue;

        public static (string SqlState, string Message) Explain(int value) =>
            (PostgresErrorCodes.NumericValueOutOfRange, "smallint out of range");
    }

    /// <summary>An operation of DOUBLE whose result is rounded to a real: exact, as a double has more than twice its digits.</summary>
    private readonly struct SingleOp<TOp> : ICheckedOp<double>
        where TOp : struct, ICheckedOp<double>
    {
        public static bool TryApply(double left, double right, out double result)
        {
            if (!TOp.TryApply(left, right, out result))
                return false;
            var exact = result;
            result = (float)exact;
            return double.IsFinite(exact) == double.IsFinite(result) && (result != 0 || exact == 0);
        }

        public static (string SqlState, string Message) Explain(double left, double right) => !TOp.TryApply(left, right, out var result)
            ? TOp.Explain(left, right)
            : FloatErrors.OutOfRange((float)result);
    }

    private readonly struct AddDoubles : ICheckedOp<double>
    {
        public static bool TryApply(double left, double right, out double result)
        {
            result = left + right;
            return !double.IsInfinity(result) || double.IsInfinity(left) || double.IsInfinity(right);
        }

        public static (string SqlState, string Message) Explain(double left, double right) => FloatErrors.Overflow;
    }

    private readonly struct SubtractDoubles : ICheckedOp<double>
    {
        public static bool TryApply(double left, double right, out double result)
        {
            result = left - right;
            return !double.IsInfinity(result) || double.IsInfinity(left) || double.IsInfinity(right);
        }

        public static (string SqlState, string Message) Explain(double left, double right) => FloatErrors.Overflow;
    }

    private readonly struct MultiplyDoubles : ICheckedOp<double>
    {
        public static bool TryApply(double left, double right, out double result)
        {
            result = left * right;
            return double.IsInfinity(result) ? double.IsInfinity(left) || double.IsInfinity(right) : result != 0 || left == 0 || right == 0;
        }

        public static (string SqlState, string Message) Explain(double left, double right) => FloatErrors.OutOfRange(left * right);
    }

    private readonly struct DivideDoubles : ICheckedOp<double>
    {
        public static bool TryApply(double left, double right, out double result)
        {
            result = left / right;
            if (right == 0)
                return double.IsNaN(left);
            return double.IsInfinity(result) ? double.IsInfinity(left) : result != 0 || left == 0 || double.IsInfinity(right);
        }

        public static (string SqlState, string Message) Explain(double left, double right) =>
            right == 0 ? ArithmeticErrors.DivisionByZero : FloatErrors.OutOfRange(left / right);
    }
}

/// <summary>What results beyond the range of floating-point numbers are reported as, PostgreSQL's words.</summary>
internal static class FloatErrors
{
    /// <summary>Too large.</summary>
    public static readonly (string, string) Overflow = (PostgresErrorCodes.NumericValueOutOfRange, "value out of range: overflow");

    /// <summary>Too small: it became zero.</summary>
    public static readonly (string, string) Underflow = (PostgresErrorCodes.NumericValueOutOfRange, "value out of range: underflow");

    /// <summary>By the result that came out.</summary>
    public static (string SqlState, string Message) OutOfRange(double result) => result == 0 ? Underflow : Overflow;
}
