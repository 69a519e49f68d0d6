using System.Numerics;
using Npgsql;
using StreamSQL.Data.Functions.Kernels;
using StreamSQL.Data.Types;

namespace StreamSQL.Data.Functions.Operators;

/// <summary>Addition; integers wrap.</summary>
internal readonly struct Add<T> : IBinaryOp<T>
    where T : unmanaged, INumber<T>
{
    public static T Apply(T left, T right) => unchecked(left + right);

    public static Vector<T> Apply(Vector<T> left, Vector<T> right) => left + right;
}

/// <summary>Subtraction; integers wrap.</summary>
internal readonly struct Subtract<T> : IBinaryOp<T>
    where T : unmanaged, INumber<T>
{
    public static T Apply(T left, T right) => unchecked(left - right);

    public static Vector<T> Apply(Vector<T> left, Vector<T> right) => left - right;
}

/// <summary>Multiplication; integers wrap.</summary>
internal readonly struct Multiply<T> : IBinaryOp<T>
    where T : unmanaged, INumber<T>
{
    public static T Apply(T left, T right) => unchecked(left * right);

    public static Vector<T> Apply(Vector<T> left, Vector<T> right) => left * right;
}

/// <summary>Division of doubles by IEEE 754.</summary>
internal readonly struct DivideDouble : IBinaryOp<double>
{
    public static double Apply(double left, double right) => left / right;

    public static Vector<double> Apply(Vector<double> left, Vector<double> right) => left / right;
}

/// <summary>Remainder of doubles, with the sign of the dividend.</summary>
internal readonly struct RemainderDouble : ITotalOp<double>
{
    public static double Apply(double left, double right) => left % right;
}

/// <summary>Texts of arithmetic errors, PostgreSQL's.</summary>
internal static class ArithmeticErrors
{
    public static readonly (string, string) DivisionByZero = (PostgresErrorCodes.DivisionByZero, "division by zero");

    public static (string SqlState, string Message) OutOfRange<T>() =>
        (PostgresErrorCodes.NumericValueOutOfRange, Name<T>() + " out of range");

    private static string Name<T>() => typeof(T) == typeof(int) ? "integer" : typeof(T) == typeof(long)
        ? "bigint" : typeof(T) == typeof(double) ? "value" : "numeric";
}

/// <summary>Addition, an error outside the range.</summary>
internal readonly struct AddChecked<T> : ICheckedOp<T>
    where T : unmanaged, IBinaryInteger<T>
{
    public static bool TryApply(T left, T right, out T result)
    {
        result = unchecked(left + right);
        return !T.IsNegative((left ^ result) & (right ^ result));
    }

    public static (string SqlState, string Message) Explain(T left, T right) => ArithmeticErrors.OutOfRange<T>();
}

/// <summary>Subtraction, an error outside the range.</summary>
internal readonly struct SubtractChecked<T> : ICheckedOp<T>
    where T : unmanaged, IBinaryInteger<T>
{
    public static bool TryApply(T left, T right, out T result)
    {
        result = unchecked(left - right);
        return !T.IsNegative((left ^ right) & (left ^ result));
    }

    public static (string SqlState, string Message) Explain(T left, T right) => ArithmeticErrors.OutOfRange<T>();
}

/// <summary>Multiplication of INTEGER, an error outside the range.</summary>
internal readonly struct MultiplyInt32Checked : ICheckedOp<int>
{
    public static bool TryApply(int left, int right, out int result)
    {
        var wide = (long)left * right;
        result = (int)wide;
        return result == wide;
    }

    public static (string SqlState, string Message) Explain(int left, int right) => ArithmeticErrors.OutOfRange<int>();
}

/// <summary>Multiplication of BIGINT, an error outside the range.</summary>
internal readonly struct MultiplyInt64Checked : ICheckedOp<long>
{
    public static bool TryApply(long left, long right, out long result)
    {
        var high = Math.BigMul(left, right, out result);
        return high == result >> 63;
    }

    public static (string SqlState, string Message) Explain(long left, long right) => ArithmeticErrors.OutOfRange<long>();
}

/// <summary>Division of integers towards zero. The smallest number by -1 wraps, as in Java.</summary>
internal readonly struct DivideInteger<T> : ICheckedOp<T>
    where T : unmanaged, IBinaryInteger<T>, IMinMaxValue<T>
{
    public static bool TryApply(T left, T right, out T result)
    {
        result = default;
        if (right == T.Zero)
            return false;
        result = right == -T.One ? unchecked(-left) : left / right;
        return true;
    }

    public static (string SqlState, string Message) Explain(T left, T right) => ArithmeticErrors.DivisionByZero;
}

/// <summary>Division of integers towards zero; the smallest number by -1 is an error.</summary>
internal readonly struct DivideIntegerChecked<T> : ICheckedOp<T>
    where T : unmanaged, IBinaryInteger<T>, IMinMaxValue<T>
{
    public static bool TryApply(T left, T right, out T result) =>
        DivideInteger<T>.TryApply(left, right, out result) && !(right == -T.One && left == T.MinValue);

    public static (string SqlState, string Message) Explain(T left, T right) =>
        right == T.Zero ? ArithmeticErrors.DivisionByZero : ArithmeticErrors.OutOfRange<T>();
}

/// <summary>Remainder of integers, with the sign of the dividend.</summary>
internal readonly struct RemainderInteger<T> : ICheckedOp<T>
    where T : unmanaged, IBinaryInteger<T>
{
    public static bool TryApply(T left, T right, out T result)
    {
        result = default;
        if (right == T.Zero)
            return false;
        if (right != -T.One)
            result = left % right;
        return true;
    }

    public static (string SqlState, string Message) Explain(T left, T right) => ArithmeticErrors.DivisionByZero;
}

/// <summary>Addition of decimals of one scale, up to 38 digits.</summary>
internal readonly struct AddDecimal : ICheckedOp<Int128>
{
    public static bool TryApply(Int128 left, Int128 right, out Int128 result)
    {
        result = left + right;
        return DecimalMath.Fits(result, SqlType.MaxPrecision);
    }

    public static (string SqlState, string Message) Explain(Int128 left, Int128 right) => ArithmeticErrors.OutOfRange<Int128>();
}

/// <summary>Subtraction of decimals of one scale, up to 38 digits.</summary>
internal readonly struct SubtractDecimal : ICheckedOp<Int128>
{
    public static bool TryApply(Int128 left, Int128 right, out Int128 result)
    {
        result = left - right;
        return DecimalMath.Fits(result, SqlType.MaxPrecision);
    }

    public static (string SqlState, string Message) Explain(Int128 left, Int128 right) => ArithmeticErrors.OutOfRange<Int128>();
}

/// <summary>Remainder of decimals of one scale.</summary>
internal readonly struct RemainderDecimal : ICheckedOp<Int128>
{
    public static bool TryApply(Int128 left, Int128 right, out Int128 result)
    {
        result = default;
        if (right == 0)
            return false;
        result = left % right;
        return true;
    }

    public static (string SqlState, string Message) Explain(Int128 left, Int128 right) => ArithmeticErrors.DivisionByZero;
}

/// <summary>The opposite sign; integers wrap.</summary>
internal readonly struct Negate<T> : IUnaryOp<T, T>
    where T : unmanaged, INumber<T>
{
    public static T Apply(T value) => unchecked(-value);
}

/// <summary>The opposite sign; the smallest number is an error.</summary>
internal readonly struct NegateChecked<T> : ICheckedUnaryOp<T, T>
    where T : unmanaged, INumber<T>, IMinMaxValue<T>
{
    public static bool TryApply(T value, out T result)
    {
        result = unchecked(-value);
        return value != T.MinValue;
    }

    public static (string SqlState, string Message) Explain(T value) => ArithmeticErrors.OutOfRange<T>();
}
