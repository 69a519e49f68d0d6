using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace StreamSQL.Data.Formats.Json.Shapes;

/// <summary>Runs of decimal digits, eight at a time (little-endian machines only). All methods look at 16 bytes.</summary>
internal static unsafe class JsonDigits
{
    /// <summary>The most digits that <see cref="Count"/> sees.</summary>
    public const int Max = 16;

    /// <summary>10 to the power of 0..8.</summary>
    public static ReadOnlySpan<long> PowersOfTen => [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000];

    /// <summary>How many digits stand at a place; 16 stands for 16 or more.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Count(byte* at)
    {
        var digits = Vector128.Load(at) - Vector128.Create((byte)'0');
        return BitOperations.TrailingZeroCount(Vector128.GreaterThan(digits, Vector128.Create((byte)9)).ExtractMostSignificantBits() | 0x10000);
    }

    /// <summary>The value of 1 to 8 digits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong UpToEight(byte* at, int count) => Eight(*(ulong*)at << (64 - (8 * count)));

    /// <summary>The value of 9 to 16 digits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong UpToSixteen(byte* at, int count) =>
        (Eight(*(ulong*)at) * (ulong)PowersOfTen[count - 8]) + UpToEight(at + 8, count - 8);

    /// <summary>Eight digits, the first in the lowest byte; bytes below the digits are zero. Pairs, then fours, then all are put together.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Eight(ulong word)
    {
        word = ((word & 0x0F0F0F0F0F0F0F0F) * ((10 << 8) + 1)) >> 8;
        word = ((word & 0x00FF00FF00FF00FF) * ((100 << 16) + 1)) >> 16;
        return ((word & 0x0000FFFF0000FFFF) * ((10_000UL << 32) + 1)) >> 32;
    }
}
