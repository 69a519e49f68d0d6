using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace StreamSQL.Engine.State;

/// <summary>The keys of one batch, as a <see cref="SlotTable"/> meets them.</summary>
internal interface IBatchKeys
{
    /// <summary>Whether the key at a position of the batch is the key of a slot.</summary>
    bool Matches(int position, int slot);

    /// <summary>Begins to fetch the key of a slot.</summary>
    void Prefetch(int slot);

    /// <summary>Stores the key at a position of the batch under a new slot and returns that.</summary>
    int Add(int position);
}

/// <summary>
/// An open-addressing hash table from keys to slots (linear probing). An entry is 8 bytes: the key's hash and its slot; the keys themselves
/// are stored by slot, outside. Large tables grow step by step, so that no batch pays for all of it. Not thread-safe.
/// </summary>
internal sealed class SlotTable
{
    private const int MinCapacity = 16;
    private const int StepwiseCapacity = 1 << 16;
    private const int MigratedPerKey = 4;
    private const int LargeCapacity = 1 << 19;
    private const int PrefetchDistance = 24;
    private const uint RemovedSlot = uint.MaxValue;

    // Up to here a table is kept at most half full, beyond it three quarters, to save memory: where the places of a chain lie is guessed
    // wrong so often in a fuller one that a look-up takes more than twice as long (10.5 ns at 0.71, 3.8 at 0.38).
    private const int RoomyCapacity = 1 << 20;

    private ulong[] _entries;
    private int _limit;
    private ulong[]? _old;
    private int _migrated;

    /// <summary>Creates a table with room for a number of keys.</summary>
    public SlotTable(int capacity)
    {
        var size = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(MinCapacity, capacity + (capacity / 3) + 1));
        if (LimitOf(size) < capacity)
            size *= 2;
        _entries = new ulong[size];
        _limit = LimitOf(size);
    }

    /// <summary>Keys in the table.</summary>
    public int Count { get; private set; }

    /// <summary>Bytes held.</summary>
    public long MemoryBytes => 8L * (_entries.Length + (_old?.Length ?? 0));

    /// <summary>Finds the slot of every key of a batch and adds the missing ones, in order.</summary>
    public void FindOrAdd<TKeys>(ref TKeys keys, ReadOnlySpan<uint> hashes, Span<int> slots)
        where TKeys : struct, IBatchKeys, allows ref struct
    {
        Migrate(hashes.Length * MigratedPerKey);
        var entries = _entries;
        slots = slots[..hashes.Length];
        for (var i = 0; i < hashes.Length; i++)
        {
            Prefetch(entries, ref keys, hashes, i);
            var slot = Probe(entries, ref keys, i, hashes[i]);
            if (slot < 0)
            {
                slot = AddMissing(ref keys, i, hashes[i]);
                entries = _entries;
            }

            slots[i] = slot;
        }
    }

    /// <summary>Finds the slot of every key of a batch; -1 for keys that are not there.</summary>
    public void Find<TKeys>(ref TKeys keys, ReadOnlySpan<uint> hashes, Span<int> slots)
        where TKeys : struct, IBatchKeys, allows ref struct
    {
        Migrate(hashes.Length * MigratedPerKey);
        var entries = _entries;
        slots = slots[..hashes.Length];
        for (var i = 0; i < hashes.Length; i++)
        {
            Prefetch(entries, ref keys, hashes, i);
            var slot = Probe(entries, ref keys, i, hashes[i]);
            if (slot < 0 && _old is not null)
                slot = Probe(_old, ref keys, i, hashes[i]);
            slots[i] = slot;
        }
    }

    /// <summary>Removes the entry of a slot, which must be there, by its key's hash.</summary>
    public void Remove(uint hash, int slot)
    {
        var entry = Entry(hash, slot);
        if (_old is not null)
        {
            // The old part is only read until it is migrated, so its chains stay whole: the entry is marked, not taken out.
            var old = Position(_old, hash, entry);
            if (old >= 0)
                _old[old] = ((ulong)hash << 32) | RemovedSlot;
        }

        var position = Position(_entries, hash, entry);
        if (position >= 0)
            CloseGap(position);
        Count--;
    }

    /// <summary>Forgets all keys.</summary>
    public void Clear()
    {
        Array.Clear(_entries);
        _old = null;
        Count = 0;
    }

    private static int LimitOf(int size) => size <= RoomyCapacity ? size >> 1 : size - (size >> 2);

    private static ulong Entry(uint hash, int slot) => ((ulong)hash << 32) | (uint)(slot + 1);

    /// <summary>
    /// Fetches what a later key of the batch needs: its entry and, in a table beyond the caches, a
    /// little later the key of that entry's slot.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static unsafe void Prefetch<TKeys>(ulong[] entries, ref TKeys keys, ReadOnlySpan<uint> hashes, int position)
        where TKeys : struct, IBatchKeys, allows ref struct
    {
        if (!Sse.IsSupported || position + PrefetchDistance >= hashes.Length)
            return;
        var mask = (uint)(entries.Length - 1);
        ref var first = ref MemoryMarshal.GetArrayDataReference(entries);
        Sse.Prefetch0(Unsafe.AsPointer(ref Unsafe.Add(ref first, hashes[position + PrefetchDistance] & mask)));
        if (entries.Length < LargeCapacity)
            return;
        var slot = (uint)Unsafe.Add(ref first, hashes[position + (PrefetchDistance / 2)] & mask);
        if (slot is not (0 or RemovedSlot))
            keys.Prefetch((int)slot - 1);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Probe<TKeys>(ulong[] entries, ref TKeys keys, int position, uint hash)
        where TKeys : struct, IBatchKeys, allows ref struct
    {
        var mask = (uint)(entries.Length - 1);
        ref var first = ref MemoryMarshal.GetArrayDataReference(entries);
        for (var at = hash & mask; ; at = (at + 1) & mask)
        {
            var entry = Unsafe.Add(ref first, at);
            if (entry == 0)
                return -1;
            if ((uint)(entry >> 32) == hash && (uint)entry != RemovedSlot && keys.Matches(position, (int)(uint)entry - 1))
                return (int)(uint)entry - 1;
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private int AddMissing<TKeys>(ref TKeys keys, int position, uint hash)
        where TKeys : struct, IBatchKeys, allows ref struct
    {
        if (_old is not null)
        {
            var found = Probe(_old, ref keys, position, hash);
            if (found >= 0)
                return found;
        }

        if (Count >= _limit)
            Grow();
        var slot = keys.Add(position);
        Insert(Entry(hash, slot));
        Count++;
        return slot;
    }

    private void Insert(ulong entry)
    {
        var mask = _entries.Length - 1;
        var at = (int)(entry >> 32) & mask;
        while (_entries[at] != 0)
            at = (at + 1) & mask;
        _entries[at] = entry;
    }

    private void Grow()
    {
        Migrate(int.MaxValue);
        _old = _entries;
        _migrated = 0;
        _entries = new ulong[checked(_entries.Length * 2)];
        _limit = LimitOf(_entries.Length);
        if (_old.Length < StepwiseCapacity)
            Migrate(int.MaxValue);
    }

    /// <summary>Moves up to <paramref name="steps"/> places of the old part over.</summary>
    private void Migrate(int steps)
    {
        if (_old is null)
            return;
        var end = (int)Math.Min(_old.Length, (long)_migrated + steps);
        for (; _migrated < end; _migrated++)
        {
            var entry = _old[_migrated];
            if (entry != 0 && (uint)entry != RemovedSlot)
                Insert(entry);
        }

        if (_migrated == _old.Length)
            _old = null;
    }

    private static int Position(ulong[] entries, uint hash, ulong entry)
    {
        var mask = entries.Length - 1;
        for (var at = (int)hash & mask; entries[at] != 0; at = (at + 1) & mask)
        {
            if (entries[at] == entry)
                return at;
        }

        return -1;
    }

    /// <summary>Empties a place and moves later entries of its chain back, so that no chain is broken.</summary>
    private void CloseGap(int gap)
    {
        var mask = _entries.Length - 1;
        for (var at = (gap + 1) & mask; _entries[at] != 0; at = (at + 1) & mask)
        {
            var home = (int)(_entries[at] >> 32) & mask;
            if (((at - home) & mask) < ((at - gap) & mask))
                continue;
            _entries[gap] = _entries[at];
            gap = at;
        }

        _entries[gap] = 0;
    }
}
