using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace StreamSQL.Data.Formats.Json.Shapes;

/// <summary>A run of up to 16 decimal digits, taken apart together (little-endian machines only).</summary>
internal readonly unsafe ref struct JsonDigits
{
    /// <summary>The count that stands for 16 digits or more.</summary>
    public const int Many = 16;

    private readonly Vector128<byte> _values;

    /// <summary>Looks at the 16 bytes at a place.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public JsonDigits(byte* at)
    {
        _values = Vector128.Load(at) - Vector128.Create((byte)'0');
        Count = BitOperations.TrailingZeroCount(Vector128.GreaterThan(_values, Vector128.Create((byte)9))
            .ExtractMostSignificantBits() | 0x10000);
    }

    /// <summary>How many digits stand there, up to <see cref="Many"/>.</summary>
    public int Count { get; }

    /// <summary>10 to the power of 0..15.</summary>
    public static ReadOnlySpan<ulong> PowersOfTen =>
    [
        1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000, 1_000_000_000, 10_000_000_000, 100_000_000_000,
        1_000_000_000_000,
        10_000_000_000_000, 100_000_000_000_000, 1_000_000_000_000_000,
    ];

    /// <summary>Bytes n..n+15 are a shuffle that moves n bytes to the end of a vector and fills its front with zeros.</summary>
    private static ReadOnlySpan<byte> AlignRight =>
    [
        0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10,
        11, 12, 13, 14, 15,
    ];

    /// <summary>The value of the digits. Neighbours are put together: pairs, then fours, then eights.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong ToUInt64()
    {
        if (!Sse41.IsSupported)
            return ToUInt64Portable();
        // In bounds: the count is at most 16, and the table has 32 bytes.
        ref var table = ref System.Runtime.InteropServices.MemoryMarshal.GetReference(AlignRight);
        var aligned = Ssse3.Shuffle(_values, Vector128.LoadUnsafe(ref table, (nuint)Count));
        var pairs = Ssse3.MultiplyAddAdjacent(aligned, Vector128.Create((short)0x010A).AsSByte());
        var fours = Sse2.MultiplyAddAdjacent(pairs, Vector128.Create(0x00010064).AsInt16());
        var packed = Sse41.PackUnsignedSaturate(fours, fours);
        var eights = Sse2.MultiplyAddAdjacent(packed.AsInt16(), Vector128.Create(0x00012710).AsInt16()).AsUInt64().ToScalar();
        return ((uint)eights * 100_000_000UL) + (eights >> 32);
    }

    /// <summary>The same without vector instructions.</summary>
    public ulong ToUInt64Portable()
    {
        var low = _values.AsUInt64().ToScalar();
        return Count switch
        {
            0 => 0,
            <= 8 => Eight(low << (64 - (8 * Count))),
            _ => (Eight(low) * PowersOfTen[Count - 8]) + Eight(_values.AsUInt64().GetElement(1) << (128 - (8 * Count))),
        };
    }

    /// <summary>Eight digits' values, the first in the lowest byte.</summary>
    private static ulong Eight(ulong word)
    {
        word = (word * ((10 << 8) + 1)) >> 8;
        word = ((word & 0x00FF00FF00FF00FF) * ((100 << 16) + 1)) >> 16;
        return ((word & 0x0000FFFF0000FFFF) * ((10_000UL << 32) + 1)) >> 32;
    }
}
