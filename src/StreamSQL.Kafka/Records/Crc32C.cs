using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace StreamSQL.Kafka.Records;

/// <summary>
/// CRC-32C (Castagnoli, RFC 3720 appendix B.4), the checksum of record batches. Long inputs are folded by carry-less multiplication where
/// the processor does that on wide vectors; elsewhere they run in three interleaved lanes, since its CRC instruction has a latency of three
/// cycles and a throughput of one.
/// </summary>
public static partial class Crc32C
{
    private const int LaneBytes = 512;

    // The CRC register is linear over GF(2): LaneShift[k * 256 + b] is what byte k of the register, holding b, becomes after LaneBytes
    // zeros.
    private static readonly uint[] LaneShift = BuildLaneShift();

    /// <summary>The CRC-32C of <paramref name="data"/>.</summary>
    public static uint Compute(ReadOnlySpan<byte> data) => ~Append(~0u, data);

    /// <summary>
    /// The CRC-32C of bytes of which the first have <paramref name="crc"/> (0: there are none), and <paramref name="data"/> are the rest.
    /// </summary>
    public static uint Continue(uint crc, ReadOnlySpan<byte> data) => ~Append(~crc, data);

    private static uint Append(uint state, ReadOnlySpan<byte> data) =>
        CanFold && data.Length >= FoldFromBytes ? AppendFolded(state, data) : AppendInLanes(state, data);

    private static uint AppendInLanes(uint state, ReadOnlySpan<byte> data)
    {
        while (data.Length >= 3 * LaneBytes)
        {
            state = AppendThreeLanes(state, data);
            data = data[(3 * LaneBytes)..];
        }
        ref byte start = ref MemoryMarshal.GetReference(data);
        int i = 0;
        for (; i <= data.Length - 8; i += 8)
            state = BitOperations.Crc32C(state, Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref start, i)));
        for (; i < data.Length; i++)
            state = BitOperations.Crc32C(state, data[i]);
        return state;
    }

    private static uint AppendThreeLanes(uint state, ReadOnlySpan<byte> data)
    {
        ref byte first = ref MemoryMarshal.GetReference(data[..(3 * LaneBytes)]);
        ref byte second = ref Unsafe.Add(ref first, LaneBytes);
        ref byte third = ref Unsafe.Add(ref first, 2 * LaneBytes);
        uint a = state, b = 0, c = 0;
        for (int i = 0; i < LaneBytes; i += 8)
        {
            a = BitOperations.Crc32C(a, Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref first, i)));
            b = BitOperations.Crc32C(b, Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref second, i)));
            c = BitOperations.Crc32C(c, Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref third, i)));
        }
        return Shift(Shift(a) ^ b) ^ c;
    }

    private static uint Shift(uint state)
    {
        uint[] table = LaneShift;
        return table[(byte)state] ^ table[256 + (byte)(state >> 8)] ^ table[512 + (byte)(state >> 16)] ^ table[768 + (state >> 24)];
    }

    private static uint[] BuildLaneShift()
    {
        var table = new uint[1024];
        for (int bit = 0; bit < 32; bit++)
        {
            uint shifted = 1u << bit;
            for (int i = 0; i < LaneBytes; i += 8)
                shifted = BitOperations.Crc32C(shifted, 0UL);
            int row = bit / 8 * 256;
            for (int b = 0; b < 256; b++)
            {
                if ((b >> (bit % 8) & 1) != 0)
                    table[row + b] ^= shifted;
            }
        }
        return table;
    }
}
