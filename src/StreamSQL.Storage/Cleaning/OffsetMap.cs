using System.Buffers.Binary;
using System.Security.Cryptography;

namespace StreamSQL.Storage.Cleaning;

/// <summary>
/// The last offset of each key, in bounded memory: open addressing over 128-bit hashes of the keys (of SHA-256, since two keys with one
/// hash would cost a record). It grows with its content up to the bound and then refuses new keys.
/// </summary>
internal sealed class OffsetMap
{
    private const int EntryBytes = 24;
    private const int FirstSlots = 1024;
    private const int KeptSlots = 64 * 1024;
    private readonly int _maxSlots;
    private Entry[] _entries;
    private int _count;

    /// <summary>A map within so many bytes (<c>log.cleaner.dedupe.buffer.size</c>).</summary>
    public OffsetMap(long maxBytes)
    {
        _maxSlots = (int)Math.Clamp(maxBytes / EntryBytes, 2, Array.MaxLength);
        _entries = new Entry[Math.Min(FirstSlots, _maxSlots)];
    }

    /// <summary>The keys in it.</summary>
    public int Count => _count;

    /// <summary>Every key of a record below this offset, and from where the map was begun, is in the map.</summary>
    public long EndOffset { get; set; }

    /// <summary>Notes that a key was written at an offset, which is larger than those before; false when there is no room.</summary>
    public bool TryPut(ReadOnlySpan<byte> key, long offset)
    {
        var hash = HashOf(key);
        ref var entry = ref SlotOf(hash);
        if (entry.IsEmpty)
        {
            if (_count >= Capacity(_entries.Length))
            {
                if (_entries.Length == _maxSlots)
                    return false;
                Grow();
                entry = ref SlotOf(hash);
            }

            entry.Hash = hash;
            _count++;
        }

        entry.NextOffset = offset + 1;
        return true;
    }

    /// <summary>The last offset of a key; -1 when the map does not have it.</summary>
    public long Find(ReadOnlySpan<byte> key) => SlotOf(HashOf(key)).NextOffset - 1;

    /// <summary>Forgets all keys, and gives a large table up.</summary>
    public void Clear()
    {
        if (_entries.Length > KeptSlots)
            _entries = new Entry[Math.Min(FirstSlots, _maxSlots)];
        else
            Array.Clear(_entries);
        _count = 0;
    }

    private static UInt128 HashOf(ReadOnlySpan<byte> key)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(key, hash);
        return BinaryPrimitives.ReadUInt128LittleEndian(hash);
    }

    /// <summary>One slot in eight stays free, so that a search ends soon.</summary>
    private static int Capacity(int slots) => slots - Math.Max(1, slots / 8);

    private ref Entry SlotOf(UInt128 hash)
    {
        var entries = _entries;
        var slot = (int)Math.BigMul((ulong)hash, (ulong)entries.Length, out _);
        while (!entries[slot].IsEmpty && entries[slot].Hash != hash)
        {
            if (++slot == entries.Length)
                slot = 0;
        }

        return ref entries[slot];
    }

    private void Grow()
    {
        var old = _entries;
        _entries = new Entry[(int)Math.Min(_maxSlots, 2L * old.Length)];
        foreach (ref var entry in old.AsSpan())
        {
            if (!entry.IsEmpty)
                SlotOf(entry.Hash) = entry;
        }
    }

    private struct Entry
    {
        public UInt128 Hash;

        /// <summary>The offset after the key's last; 0 in an empty slot.</summary>
        public long NextOffset;

        public readonly bool IsEmpty => NextOffset == 0;
    }
}
