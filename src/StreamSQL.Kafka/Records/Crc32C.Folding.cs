using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace StreamSQL.Kafka.Records;

/// <content>
/// Folding (Gopal and others, "Fast CRC computation using PCLMULQDQ", Intel 2009): a message keeps its CRC when its first bits are
/// multiplied by the remainder of x^n and added to those n bits further on. So a long message shrinks to the last <see cref="FoldBytes"/>,
/// over which the CRC instruction runs.
/// </content>
public static partial class Crc32C
{
    private const int FoldBytes = 4 * 64;
    private const int FoldFromBytes = 8 * FoldBytes;
    private const uint Polynomial = 0x82F63B78; // the lowest bit is the highest power, as in all of this

    private static readonly Vector128<ulong> FoldBy = Vector128.Create(PowerOfX((FoldBytes * 8) + 32), PowerOfX((FoldBytes * 8) - 32));

    private static bool CanFold => Pclmulqdq.V512.IsSupported;

    private static uint AppendFolded(uint state, ReadOnlySpan<byte> data)
    {
        ref byte next = ref MemoryMarshal.GetReference(data);
        Vector128<ulong> by = FoldBy;
        Vector512<ulong> factors = Vector512.Create(Vector256.Create(by, by), Vector256.Create(by, by));
        Vector512<ulong> a = Load(ref next, 0) ^ Vector512.CreateScalar((ulong)state);
        Vector512<ulong> b = Load(ref next, 64);
        Vector512<ulong> c = Load(ref next, 128);
        Vector512<ulong> d = Load(ref next, 192);
        int at = FoldBytes;
        for (; at <= data.Length - FoldBytes; at += FoldBytes)
        {
            a = Fold(a, factors) ^ Load(ref next, at);
            b = Fold(b, factors) ^ Load(ref next, at + 64);
            c = Fold(c, factors) ^ Load(ref next, at + 128);
            d = Fold(d, factors) ^ Load(ref next, at + 192);
        }

        Span<byte> folded = stackalloc byte[FoldBytes];
        a.AsByte().CopyTo(folded);
        b.AsByte().CopyTo(folded[64..]);
        c.AsByte().CopyTo(folded[128..]);
        d.AsByte().CopyTo(folded[192..]);
        return AppendInLanes(AppendInLanes(0, folded), data[at..]);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<ulong> Load(ref byte start, int at) => Vector512.LoadUnsafe(ref start, (nuint)at).AsUInt64();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<ulong> Fold(Vector512<ulong> value, Vector512<ulong> factors) =>
        Pclmulqdq.V512.CarrylessMultiply(value, factors, 0x00) ^ Pclmulqdq.V512.CarrylessMultiply(value, factors, 0x11);

    /// <summary>
    /// x to a power, modulo the polynomial, as a factor: one bit up, since a product of reflected numbers comes out one bit low.
    /// </summary>
    private static ulong PowerOfX(int power)
    {
        uint value = 1u << 31;
        for (int i = 0; i < power; i++)
            value = (value >> 1) ^ ((value & 1) != 0 ? Polynomial : 0);
        return (ulong)value << 1;
    }
}
