using System.Numerics;
using StreamSQL.Data.Types;

namespace StreamSQL.Data.Functions.Aggregates;

/// <summary>
/// An aggregate whose state is one value of the argument's type. Instances are type arguments, so that the loops are compiled for each.
/// </summary>
internal interface IFold<T>
    where T : unmanaged
{
    /// <summary>Whether rows can be taken back.</summary>
    bool CanRetract { get; }

    /// <summary>Takes a value in; <paramref name="isFirst"/> when the group was empty. False when the result is out of range.</summary>
    bool TryAdd(ref T state, T value, bool isFirst);

    /// <summary>Takes a value back. False when the result is out of range.</summary>
    bool TryRetract(ref T state, T value);
}

/// <summary>SUM of INTEGER or BIGINT, refused outside the range.</summary>
internal readonly struct SumInteger<T> : IFold<T>
    where T : unmanaged, IBinaryInteger<T>
{
    public bool CanRetract => true;

    public bool TryAdd(ref T state, T value, bool isFirst)
    {
        var sum = unchecked(state + value);
        var fits = !T.IsNegative((state ^ sum) & (value ^ sum));
        if (fits)
            state = sum;
        return fits;
    }

    public bool TryRetract(ref T state, T value)
    {
        var difference = unchecked(state - value);
        var fits = !T.IsNegative((state ^ value) & (state ^ difference));
        if (fits)
            state = difference;
        return fits;
    }
}

/// <summary>SUM of DOUBLE.</summary>
internal readonly struct SumDouble : IFold<double>
{
    public bool CanRetract => true;

    public bool TryAdd(ref double state, double value, bool isFirst)
    {
        state += value;
        return true;
    }

    public bool TryRetract(ref double state, double value)
    {
        state -= value;
        return true;
    }
}

/// <summary>SUM of DECIMAL, refused beyond the precision.</summary>
internal readonly struct SumDecimal(int precision) : IFold<Int128>
{
    private readonly Int128 _bound = DecimalMath.PowerOfTen(precision);

    public bool CanRetract => true;

    public bool TryAdd(ref Int128 state, Int128 value, bool isFirst) => TrySet(ref state, state + value);

    public bool TryRetract(ref Int128 state, Int128 value) => TrySet(ref state, state - value);

    private bool TrySet(ref Int128 state, Int128 sum)
    {
        if (sum >= _bound || sum <= -_bound)
            return false;
        state = sum;
        return true;
    }
}

/// <summary>MIN. NaN is the largest.</summary>
internal readonly struct Smallest<T> : IFold<T>
    where T : unmanaged, INumber<T>
{
    public bool CanRetract => false;

    public bool TryAdd(ref T state, T value, bool isFirst)
    {
        if (isFirst || value < state || T.IsNaN(state))
            state = value;
        return true;
    }

    public bool TryRetract(ref T state, T value) => false;
}

/// <summary>MAX. NaN is the largest.</summary>
internal readonly struct Largest<T> : IFold<T>
    where T : unmanaged, INumber<T>
{
    public bool CanRetract => false;

    public bool TryAdd(ref T state, T value, bool isFirst)
    {
        if (isFirst || value > state || T.IsNaN(value))
            state = value;
        return true;
    }

    public bool TryRetract(ref T state, T value) => false;
}
