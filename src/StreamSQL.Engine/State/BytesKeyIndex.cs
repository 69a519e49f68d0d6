using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Functions.Aggregates;
using StreamSQL.Data.Types;
using StreamSQL.Engine.State.Snapshots;
using StreamSQL.Engine.Tasks;

namespace StreamSQL.Engine.State;

/// <summary>The index of text and composite keys, by their encoded form (see <see cref="KeyEncoder"/>).</summary>
internal sealed class BytesKeyIndex : KeyIndex
{
    private readonly KeyEncoder _encoder;
    private SlotTable _table;
    private readonly KeyBatch _batch = new();
    private readonly ByteArena _arena = new();
    private ArenaSlice[] _keyBySlot;

    /// <summary>Creates an index.</summary>
    public BytesKeyIndex(IReadOnlyList<SqlType> types, bool nullable, int capacity)
    {
        _encoder = new KeyEncoder(types, nullable);
        _table = new SlotTable(capacity);
        _keyBySlot = new ArenaSlice[Math.Max(16, capacity)];
    }

    /// <inheritdoc/>
    public override int Count => _table.Count;

    /// <inheritdoc/>
    public override long MemoryBytes => base.MemoryBytes + _table.MemoryBytes + _arena.MemoryBytes + (12L * _keyBySlot.Length);

    /// <inheritdoc/>
    public override void FindOrAdd(ReadOnlySpan<Column> keys, RowSelection rows, Span<int> slots)
    {
        _encoder.Encode(keys, rows, _batch);
        AddBatch(slots);
    }

    /// <inheritdoc/>
    public override void Find(ReadOnlySpan<Column> keys, RowSelection rows, Span<int> slots)
    {
        _encoder.Encode(keys, rows, _batch);
        var batch = new Keys(this);
        _table.Find(ref batch, _batch.Hashes, slots);
    }

    /// <inheritdoc/>
    public override int FindOrAdd(ReadOnlySpan<byte> encoded)
    {
        Load(encoded);
        Span<int> slot = [-1];
        AddBatch(slot);
        return slot[0];
    }

    /// <inheritdoc/>
    public override int Find(ReadOnlySpan<byte> encoded)
    {
        Load(encoded);
        Span<int> slot = [-1];
        var batch = new Keys(this);
        _table.Find(ref batch, _batch.Hashes, slot);
        return slot[0];
    }

    /// <inheritdoc/>
    public override void Remove(int slot)
    {
        LeaveOrder(slot);
        _table.Remove(KeyBatch.Hash(_arena[_keyBySlot[slot]]), slot);
        _arena.Free(_keyBySlot[slot]);
        _keyBySlot[slot] = default;
        FreeSlot(slot);
        if (_arena.IsWasteful)
            Compact();
    }

    /// <inheritdoc/>
    public override void Clear()
    {
        base.Clear();
        _table.Clear();
        _arena.BeginCompaction();
        Array.Clear(_keyBySlot);
    }

    /// <inheritdoc/>
    public override void ReadKeys(ReadOnlySpan<int> slots, ReadOnlySpan<Column> keys, int at)
    {
        for (var i = 0; i < slots.Length; i++)
            _encoder.Decode(_arena[_keyBySlot[slots[i]]], keys, at + i);
    }

    /// <inheritdoc/>
    public override void ReadKeyRun(int start, int count, ReadOnlySpan<Column> keys)
    {
        for (var i = 0; i < count; i++)
        {
            if (_keyBySlot[start + i] is { IsUsed: true } key)
                _encoder.Decode(_arena[key], keys, i);
        }
    }

    /// <inheritdoc/>
    public override int EncodedLength(int slot) => _keyBySlot[slot].Length;

    /// <inheritdoc/>
    public override void WriteEncoded(int slot, Span<byte> target) => _arena[_keyBySlot[slot]].CopyTo(target);

    /// <inheritdoc/>
    public override void Reserve(int capacity)
    {
        if (Count > 0 || capacity <= _keyBySlot.Length)
            return;
        _table = new SlotTable(capacity);
        Array.Resize(ref _keyBySlot, capacity);
    }

    /// <inheritdoc/>
    public override void SaveKeys(ReadOnlySpan<int> slots, ByteWriter block)
    {
        foreach (var slot in slots)
            block.WriteInt32(_keyBySlot[slot].Length);
        foreach (var slot in slots)
        {
            var key = _arena[_keyBySlot[slot]];
            key.CopyTo(block.Append(key.Length));
        }
    }

    /// <inheritdoc/>
    public override void LoadKeys(ref BlockReader block, Span<int> slots)
    {
        _batch.Begin(slots.Length);
        var lengths = _batch.Lengths;
        block.Read(lengths);
        for (var i = 0; i < slots.Length; i++)
        {
            var key = block.Read(lengths[i]);
            var start = _batch.Written;
            key.CopyTo(_batch.Reserve(key.Length));
            _batch.End(i, start);
        }

        _batch.HashAll();
        AddBatch(slots);
    }

    /// <inheritdoc/>
    public override int Compare(int slot, int otherSlot) => _arena[_keyBySlot[slot]].SequenceCompareTo(_arena[_keyBySlot[otherSlot]]);

    /// <inheritdoc/>
    public override int CompareTo(int slot, ReadOnlySpan<byte> encoded) => _arena[_keyBySlot[slot]].SequenceCompareTo(encoded);

    /// <inheritdoc/>
    public override bool FitsEightBytes => false;

    /// <inheritdoc/>
    public override void EncodeFront(ReadOnlySpan<Column> keys, int row, KeyBatch target) => _encoder.EncodeFront(keys, row, target);

    /// <inheritdoc/>
    public override void EncodeTextFront(ReadOnlySpan<byte> text, KeyBatch target) => _encoder.EncodeTextFront(text, target);

    private void AddBatch(Span<int> slots)
    {
        var batch = new Keys(this);
        _table.FindOrAdd(ref batch, _batch.Hashes, slots);
    }

    private void Load(ReadOnlySpan<byte> encoded)
    {
        _batch.Begin(1);
        encoded.CopyTo(_batch.Reserve(encoded.Length));
        _batch.End(0, 0);
        _batch.HashAll();
    }

    private int Add(int position)
    {
        var slot = TakeSlot();
        if (slot >= _keyBySlot.Length)
            Array.Resize(ref _keyBySlot, SlotArrays.Size(_keyBySlot.Length, slot + 1));
        _keyBySlot[slot] = _arena.Add(_batch[position]);
        return slot;
    }

    /// <summary>Moves the keys that are left together.</summary>
    private void Compact()
    {
        var chunks = _arena.BeginCompaction();
        for (var slot = 0; slot < SlotLimit; slot++)
        {
            var slice = _keyBySlot[slot];
            if (slice.IsUsed)
                _keyBySlot[slot] = _arena.Add(chunks[slice.Chunk].AsSpan(slice.Start, slice.Length));
        }
    }

    private readonly struct Keys(BytesKeyIndex index) : IBatchKeys
    {
        public bool Matches(int position, int slot) => index._arena[index._keyBySlot[slot]].SequenceEqual(index._batch[position]);

        public unsafe void Prefetch(int slot) =>
            Sse.Prefetch0(Unsafe.AsPointer(ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(index._keyBySlot), slot)));

        public int Add(int position) => index.Add(position);
    }
}
