using System.Numerics;
using StreamSQL.Data.Functions.Kernels;
using StreamSQL.Data.Types;

namespace StreamSQL.Data.Functions.Operators;

/// <summary>Equal. For doubles: NaN equals NaN, as in Java's and PostgreSQL's order.</summary>
internal readonly struct Equal<T> : ITest<T>
    where T : unmanaged, INumber<T>
{
    public static bool Passes(T left, T right) => left == right || (T.IsNaN(left) && T.IsNaN(right));
}

/// <summary>Not equal.</summary>
internal readonly struct NotEqual<T> : ITest<T>
    where T : unmanaged, INumber<T>
{
    public static bool Passes(T left, T right) => !Equal<T>.Passes(left, right);
}

/// <summary>Less. For doubles: NaN is the largest.</summary>
internal readonly struct Less<T> : ITest<T>
    where T : unmanaged, INumber<T>
{
    public static bool Passes(T left, T right) => left < right || (T.IsNaN(right) && !T.IsNaN(left));
}

/// <summary>Less or equal.</summary>
internal readonly struct LessOrEqual<T> : ITest<T>
    where T : unmanaged, INumber<T>
{
    public static bool Passes(T left, T right) => left <= right || T.IsNaN(right);
}

/// <summary>Greater.</summary>
internal readonly struct Greater<T> : ITest<T>
    where T : unmanaged, INumber<T>
{
    public static bool Passes(T left, T right) => Less<T>.Passes(right, left);
}

/// <summary>Greater or equal.</summary>
internal readonly struct GreaterOrEqual<T> : ITest<T>
    where T : unmanaged, INumber<T>
{
    public static bool Passes(T left, T right) => LessOrEqual<T>.Passes(right, left);
}

/// <summary>Intervals by their order: a month is 30 days, a day 24 hours.</summary>
internal readonly struct CompareIntervals<TTest> : ITest<Interval>
    where TTest : struct, IOrderTest
{
    public static bool Passes(Interval left, Interval right) => TTest.Passes(left.CompareTo(right));
}

/// <summary>Neither comes first.</summary>
internal readonly struct OrderEqual : IOrderTest
{
    public static bool Passes(int order) => order == 0;
}

/// <summary>One of both comes first.</summary>
internal readonly struct OrderNotEqual : IOrderTest
{
    public static bool Passes(int order) => order != 0;
}

/// <summary>The left one comes first.</summary>
internal readonly struct OrderLess : IOrderTest
{
    public static bool Passes(int order) => order < 0;
}

/// <summary>The left one does not come after.</summary>
internal readonly struct OrderLessOrEqual : IOrderTest
{
    public static bool Passes(int order) => order <= 0;
}

/// <summary>The left one comes after.</summary>
internal readonly struct OrderGreater : IOrderTest
{
    public static bool Passes(int order) => order > 0;
}

/// <summary>The left one does not come first.</summary>
internal readonly struct OrderGreaterOrEqual : IOrderTest
{
    public static bool Passes(int order) => order >= 0;
}
