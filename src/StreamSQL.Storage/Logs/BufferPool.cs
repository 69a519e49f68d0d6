using System.Numerics;

namespace StreamSQL.Storage.Logs;

/// <summary>
/// Byte arrays of powers of two for tails and reads. The shared pool keeps too few of a size for thousands of logs; what this one keeps is
/// bounded in bytes.
/// </summary>
internal sealed class BufferPool(long keptBytesLimit)
{
    private const int SmallestLog2 = 12; // 4 KiB
    private const int LargestLog2 = 24; // 16 MiB; larger arrays are not kept
    private readonly Lock _gate = new();
    private readonly Stack<byte[]>[] _kept =
        Array.ConvertAll(new Stack<byte[]>[LargestLog2 - SmallestLog2 + 1], static _ => new Stack<byte[]>());
    private long _keptBytes;

    /// <summary>An array of at least so many bytes, with whatever it held before.</summary>
    public byte[] Rent(int minimumBytes)
    {
        var log2 = Math.Max(SmallestLog2, BitOperations.Log2((uint)Math.Max(1, minimumBytes - 1)) + 1);
        if (log2 > LargestLog2)
            return GC.AllocateUninitializedArray<byte>(minimumBytes);
        lock (_gate)
        {
            if (_kept[log2 - SmallestLog2].TryPop(out var bytes))
            {
                _keptBytes -= bytes.Length;
                return bytes;
            }
        }

        return GC.AllocateUninitializedArray<byte>(1 << log2);
    }

    /// <summary>Takes back an array that this pool gave.</summary>
    public void Return(byte[] bytes)
    {
        if (bytes.Length > 1 << LargestLog2)
            return;
        lock (_gate)
        {
            if (_keptBytes + bytes.Length > keptBytesLimit)
                return;
            _kept[BitOperations.Log2((uint)bytes.Length) - SmallestLog2].Push(bytes);
            _keptBytes += bytes.Length;
        }
    }
}
