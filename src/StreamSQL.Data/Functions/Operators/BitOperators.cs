using System.Numerics;
using StreamSQL.Data.Functions.Kernels;
using StreamSQL.Data.Types;

namespace StreamSQL.Data.Functions.Operators;

/// <summary>
/// PostgreSQL's <c>&amp; | # ~ &lt;&lt; &gt;&gt;</c> of smallint, INTEGER and BIGINT: the result is of
/// the wider type, a shift's of the left one.
/// </summary>
internal static class BitOperators
{
    private const string Category = "Operator";

    public static IEnumerable<ScalarFunction> All() =>
    [
        Define<And<int>, And<long>>("&", "The bits that both have."),
        Define<Or<int>, Or<long>>("|", "The bits that either has."),
        Define<Xor<int>, Xor<long>>("#", "The bits that one of both has."),
        new PostgresFunction("~", Category, "The bits that the number has not.", ["~ number -> the number's type"],
            static types => types is not [var type] ? null : type.Kind switch
        {
            SqlTypeKind.SmallInt or SqlTypeKind.Integer => new([type], type, new UnaryKernel<int, int, Not<int>>()),
            SqlTypeKind.BigInt => new([type], type, new UnaryKernel<long, long, Not<long>>()),
            _ => null,
        }),
        Shift<ShiftLeft>("<<", "The bits moved to the left."),
        Shift<ShiftRight>(">>", "The bits moved to the right, the sign kept."),
    ];

    private static PostgresFunction Define<TInt, TLong>(string name, string description)
        where TInt : struct, ITotalOp<int>
        where TLong : struct, ITotalOp<long> => new(
        name, Category, description, [$"number {name} number -> the wider of both types"],
        static types => types.Count != 2 || TypeCoercion.CommonType(types[0], types[1], RuleSet.Postgres) is not { } type
            ? null : type.Kind switch
        {
            SqlTypeKind.SmallInt or SqlTypeKind.Integer => new([type, type], type, new TotalKernel<int, TInt>()),
            SqlTypeKind.BigInt => new([type, type], type, new TotalKernel<long, TLong>()),
            _ => null,
        });

    private static PostgresFunction Shift<TOp>(string name, string description)
        where TOp : struct, ITotalOp<int>, ITotalOp<long>, IShift => new(
        name, Category, description, [$"number {name} INTEGER -> the number's type"],
        static types => types is not [var type, var count]
            || !TypeCoercion.CanImplicitlyCast(count, SqlType.Integer, RuleSet.Postgres) ? null : type.Kind switch
        {
            SqlTypeKind.SmallInt => new([SqlType.Integer, SqlType.Integer], SqlType.SmallInt, new TotalKernel<int, SmallShift<TOp>>()),
            SqlTypeKind.Integer => new([type, type], type, new TotalKernel<int, TOp>()),
            SqlTypeKind.BigInt => new([type, type], type, new TotalKernel<long, TOp>()),
            _ => null,
        });

    /// <summary>A shift of any width.</summary>
    private interface IShift
    {
        /// <summary>The result for one pair.</summary>
        static abstract int Shift(int value, int count);
    }

    private readonly struct And<T> : ITotalOp<T>
        where T : unmanaged, IBinaryInteger<T>
    {
        public static T Apply(T left, T right) => left & right;
    }

    private readonly struct Or<T> : ITotalOp<T>
        where T : unmanaged, IBinaryInteger<T>
    {
        public static T Apply(T left, T right) => left | right;
    }

    private readonly struct Xor<T> : ITotalOp<T>
        where T : unmanaged, IBinaryInteger<T>
    {
        public static T Apply(T left, T right) => left ^ right;
    }

    private readonly struct Not<T> : IUnaryOp<T, T>
        where T : unmanaged, IBinaryInteger<T>
    {
        public static T Apply(T value) => ~value;
    }

    private readonly struct ShiftLeft : ITotalOp<int>, ITotalOp<long>, IShift
    {
        public static int Apply(int left, int right) => left << right;

        public static long Apply(long left, long right) => left << (int)right;

        public static int Shift(int value, int count) => value << count;
    }

    private readonly struct ShiftRight : ITotalOp<int>, ITotalOp<long>, IShift
    {
        public static int Apply(int left, int right) => left >> right;

        public static long Apply(long left, long right) => left >> (int)right;

        public static int Shift(int value, int count) => value >> count;
    }

    private readonly struct SmallShift<TOp> : ITotalOp<int>
        where TOp : struct, IShift
    {
        public static int Apply(int left, int right) => (short)TOp.Shift(left, right);
    }
}
