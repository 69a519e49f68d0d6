using System.Numerics;
using System.Runtime.Intrinsics;
using StreamSQL.Data.Functions.Kernels;
using StreamSQL.Data.Types;

namespace StreamSQL.Data.Functions.Operators;

/// <summary>The types whose vectors compare as their values do: a NaN would not.</summary>
internal static class Integers
{
    /// <summary>Whether a type is one of them.</summary>
    public static bool Are<T>() => typeof(T) == typeof(long) || typeof(T) == typeof(int);
}

/// <summary>Equal. For doubles: NaN equals NaN, as in Java's and PostgreSQL's order.</summary>
internal readonly struct Equal<T> : ITest<T>
    where T : unmanaged, INumber<T>
{
    public static bool Passes(T left, T right) => left == right || (T.IsNaN(left) && T.IsNaN(right));

    public static bool HasVectors => Integers.Are<T>();

    public static Vector512<T> Passes(Vector512<T> left, Vector512<T> right) => Vector512.Equals(left, right);
}

/// <summary>Not equal.</summary>
internal readonly struct NotEqual<T> : ITest<T>
    where T : unmanaged, INumber<T>
{
    public static bool Passes(T left, T right) => !Equal<T>.Passes(left, right);

    public static bool HasVectors => Integers.Are<T>();

    public static Vector512<T> Passes(Vector512<T> left, Vector512<T> right) => ~Vector512.Equals(left, right);
}

/// <summary>Less. For doubles: NaN is the largest.</summary>
internal readonly struct Less<T> : ITest<T>
    where T : unmanaged, INumber<T>
{
    public static bool Passes(T left, T right) => left < right || (T.IsNaN(right) && !T.IsNaN(left));

    public static bool HasVectors => Integers.Are<T>();

    public static Vector512<T> Passes(Vector512<T> left, Vector512<T> right) => Vector512.LessThan(left, right);
}

/// <summary>Less or equal.</summary>
internal readonly struct LessOrEqual<T> : ITest<T>
    where T : unmanaged, INumber<T>
{
    public static bool Passes(T left, T right) => left <= right || T.IsNaN(right);

    public static bool HasVectors => Integers.Are<T>();

    public static Vector512<T> Passes(Vector512<T> left, Vector512<T> right) => Vector512.LessThanOrEqual(left, right);
}

/// <summary>Greater.</summary>
internal readonly struct Greater<T> : ITest<T>
    where T : unmanaged, INumber<T>
{
    public static bool Passes(T left, T right) => Less<T>.Passes(right, left);

    public static bool HasVectors => Integers.Are<T>();

    public static Vector512<T> Passes(Vector512<T> left, Vector512<T> right) => Vector512.GreaterThan(left, right);
}

/// <summary>Greater or equal.</summary>
internal readonly struct GreaterOrEqual<T> : ITest<T>
    where T : unmanaged, INumber<T>
{
    public static bool Passes(T left, T right) => LessOrEqual<T>.Passes(right, left);

    public static bool HasVectors => Integers.Are<T>();

    public static Vector512<T> Passes(Vector512<T> left, Vector512<T> right) => Vector512.GreaterThanOrEqual(left, right);
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
