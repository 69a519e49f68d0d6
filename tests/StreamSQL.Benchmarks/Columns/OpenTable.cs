using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace StreamSQL.Benchmarks.Columns;

/// <summary>
/// The limit: an open-addressing table of keys and values in 16-byte slots, of fixed size, hashed by
/// the batch and prefetched. Keys are above zero.
/// </summary>
internal sealed class OpenTable(int capacity)
{
    private readonly Slot[] _slots = new Slot[BitOperations.RoundUpToPowerOf2((uint)(capacity * 3 / 2))];
    private readonly uint[] _hashes = new uint[4096];

    /// <summary>Adds one to the value of each key.</summary>
    public unsafe void Count(ReadOnlySpan<long> keys)
    {
        var mask = (uint)(_slots.Length - 1);
        ref var first = ref MemoryMarshal.GetArrayDataReference(_slots);
        var hashes = Hash(keys, mask);
        for (var i = 0; i < keys.Length; i++)
        {
            ref var slot = ref Unsafe.Add(ref first, hashes[i]);
            for (var at = hashes[i]; slot.Key != keys[i]; slot = ref Unsafe.Add(ref first, at))
            {
                if (slot.Key == 0)
                {
                    slot.Key = keys[i];
                    break;
                }

                at = (at + 1) & mask;
            }

            slot.Value++;
        }
    }

    /// <summary>Adds all values to another table.</summary>
    public void AddTo(OpenTable target)
    {
        var mask = (uint)(target._slots.Length - 1);
        foreach (var slot in _slots)
        {
            if (slot.Key == 0)
                continue;
            var at = BitOperations.Crc32C(0, (ulong)slot.Key) & mask;
            while (target._slots[at].Key != slot.Key && target._slots[at].Key != 0)
                at = (at + 1) & mask;
            target._slots[at].Key = slot.Key;
            target._slots[at].Value += slot.Value;
        }
    }

    /// <summary>Sets the value of a key.</summary>
    public void Put(long key, long value)
    {
        var mask = (uint)(_slots.Length - 1);
        var at = BitOperations.Crc32C(0, (ulong)key) & mask;
        while (_slots[at].Key != key && _slots[at].Key != 0)
            at = (at + 1) & mask;
        _slots[at] = new Slot { Key = key, Value = value };
    }

    /// <summary>Writes the value of each key.</summary>
    public void Read(ReadOnlySpan<long> keys, Span<long> values)
    {
        var mask = (uint)(_slots.Length - 1);
        ref var first = ref MemoryMarshal.GetArrayDataReference(_slots);
        var hashes = Hash(keys, mask);
        for (var i = 0; i < keys.Length; i++)
        {
            var at = hashes[i];
            while (Unsafe.Add(ref first, at).Key != keys[i])
                at = (at + 1) & mask;
            values[i] = Unsafe.Add(ref first, at).Value;
        }
    }

    /// <summary>Forgets all keys.</summary>
    public void Clear() => Array.Clear(_slots);

    /// <summary>The sum of all values.</summary>
    public long Sum() => _slots.Sum(static slot => slot.Value);

    private unsafe ReadOnlySpan<uint> Hash(ReadOnlySpan<long> keys, uint mask)
    {
        ref var first = ref MemoryMarshal.GetArrayDataReference(_slots);
        var hashes = _hashes.AsSpan(0, keys.Length);
        for (var i = 0; i < keys.Length; i++)
        {
            hashes[i] = BitOperations.Crc32C(0, (ulong)keys[i]) & mask;
            if (Sse.IsSupported)
                Sse.Prefetch0(Unsafe.AsPointer(ref Unsafe.Add(ref first, hashes[i])));
        }

        return hashes;
    }

    private struct Slot
    {
        public long Key;
        public long Value;
    }
}
