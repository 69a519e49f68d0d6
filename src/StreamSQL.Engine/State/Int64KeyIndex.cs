using System.Buffers.Binary;
using System.Numerics;
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

/// <summary>
/// The index of one integer key column (BIGINT, INTEGER, DATE, TIME, TIMESTAMP). NULL is a key where it may be one; it has no encoded form,
/// so such an index is no part of a state.
/// </summary>
internal sealed class Int64KeyIndex : KeyIndex
{
    private const int NoSlot = -1;

    private readonly bool _isInt32;
    private readonly bool _isNullable;
    private SlotTable _table;
    private long[] _keyBySlot;
    private long[] _batchKeys = [];
    private uint[] _hashes = [];
    private int _nullSlot = NoSlot;

    // In front of the hash table as long as all keys are small; only in groupings and the like, which are read and thrown away.
    private DirectSlots? _direct;

    /// <summary>Creates an index.</summary>
    public Int64KeyIndex(PhysicalKind kind, bool nullable, int capacity)
    {
        _isNullable = nullable;
        _direct = nullable ? new DirectSlots() : null;
        _isInt32 = kind == PhysicalKind.Int32;
        _table = new SlotTable(capacity);
        _keyBySlot = new long[Math.Max(16, capacity)];
    }

    /// <inheritdoc/>
    public override int Count => _table.Count + (_nullSlot == NoSlot ? 0 : 1);

    /// <inheritdoc/>
    public override long MemoryBytes => base.MemoryBytes + _table.MemoryBytes + (8L * _keyBySlot.Length) + (_direct?.MemoryBytes ?? 0);

    /// <inheritdoc/>
    public override void FindOrAdd(ReadOnlySpan<Column> keys, RowSelection rows, Span<int> slots)
    {
        if (_direct is not null && !keys[0].IsConstant && TryFindDirect(_direct, keys[0], rows, slots))
            return;
        if (_isNullable && keys[0].MayHaveNulls)
        {
            FindOrAddNullable(keys[0], rows, slots);
            return;
        }

        var batch = new Keys(this, Load(keys[0], rows));
        _table.FindOrAdd(ref batch, _hashes.AsSpan(0, rows.Count), slots);
    }

    /// <inheritdoc/>
    public override void Find(ReadOnlySpan<Column> keys, RowSelection rows, Span<int> slots)
    {
        var batch = new Keys(this, Load(keys[0], rows));
        _table.Find(ref batch, _hashes.AsSpan(0, rows.Count), slots);
        for (var i = 0; _isNullable && keys[0].MayHaveNulls && i < rows.Count; i++)
        {
            if (keys[0].IsNull(rows[i]))
                slots[i] = _nullSlot;
        }
    }

    /// <inheritdoc/>
    public override int FindOrAdd(ReadOnlySpan<byte> encoded) => FindOrAdd(Decode(encoded));

    /// <inheritdoc/>
    public override int Find(ReadOnlySpan<byte> encoded)
    {
        var key = Decode(encoded);
        var batch = new Keys(this, new ReadOnlySpan<long>(in key));
        Span<int> slot = [-1];
        _table.Find(ref batch, [Hash(key)], slot);
        return slot[0];
    }

    /// <inheritdoc/>
    public override void Remove(int slot)
    {
        LeaveOrder(slot);
        if (slot == _nullSlot)
            _nullSlot = NoSlot;
        else
            RemoveKey(_keyBySlot[slot], slot);
        FreeSlot(slot);
    }

    /// <inheritdoc/>
    public override void Clear()
    {
        base.Clear();
        _table.Clear();
        _direct?.Clear();
        _nullSlot = NoSlot;
    }

    /// <inheritdoc/>
    public override void ReadKeys(ReadOnlySpan<int> slots, ReadOnlySpan<Column> keys, int at)
    {
        ReadValues(slots, keys, at);
        if (_nullSlot != NoSlot && slots.IndexOf(_nullSlot) is >= 0 and var position)
            keys[0].SetNull(at + position);
    }

    /// <inheritdoc/>
    public override void ReadKeyRun(int start, int count, ReadOnlySpan<Column> keys)
    {
        var run = _keyBySlot.AsSpan(start, count);
        if (_isInt32)
        {
            var integers = ((FixedColumn<int>)keys[0]).Values.AsSpan(0, count);
            for (var i = 0; i < run.Length; i++)
                integers[i] = (int)run[i];
        }
        else
        {
            run.CopyTo(((FixedColumn<long>)keys[0]).Values);
        }

        if (_nullSlot >= start && _nullSlot < start + count)
            keys[0].SetNull(_nullSlot - start);
    }

    private void ReadValues(ReadOnlySpan<int> slots, ReadOnlySpan<Column> keys, int at)
    {
        if (_isInt32)
        {
            var integers = ((FixedColumn<int>)keys[0]).Values.AsSpan(at, slots.Length);
            for (var i = 0; i < slots.Length; i++)
                integers[i] = (int)_keyBySlot[slots[i]];
            return;
        }

        var longs = ((FixedColumn<long>)keys[0]).Values.AsSpan(at, slots.Length);
        if (RowRuns.IsRun(slots))
        {
            _keyBySlot.AsSpan(slots[0], slots.Length).CopyTo(longs);
            return;
        }

        for (var i = 0; i < slots.Length; i++)
            longs[i] = _keyBySlot[slots[i]];
    }

    /// <inheritdoc/>
    public override int EncodedLength(int slot) => _isInt32 ? 4 : 8;

    /// <inheritdoc/>
    public override void WriteEncoded(int slot, Span<byte> target)
    {
        if (_isInt32)
            BinaryPrimitives.WriteInt32BigEndian(target, (int)_keyBySlot[slot] ^ int.MinValue);
        else
            BinaryPrimitives.WriteInt64BigEndian(target, _keyBySlot[slot] ^ long.MinValue);
    }

    /// <inheritdoc/>
    public override void Reserve(int capacity)
    {
        if (Count > 0 || capacity <= _keyBySlot.Length)
            return;
        _table = new SlotTable(capacity);
        Array.Resize(ref _keyBySlot, capacity);
    }

    /// <inheritdoc/>
    public override void SaveKeys(ReadOnlySpan<int> slots, ByteWriter block) => block.WriteSlots(_keyBySlot, slots);

    /// <inheritdoc/>
    public override void LoadKeys(ref BlockReader block, Span<int> slots)
    {
        MakeRoom(slots.Length);
        var keys = _batchKeys.AsSpan(0, slots.Length);
        block.Read(keys);
        HashAll(keys);
        var batch = new Keys(this, keys);
        _table.FindOrAdd(ref batch, _hashes.AsSpan(0, slots.Length), slots);
    }

    /// <inheritdoc/>
    public override int Compare(int slot, int otherSlot) => _keyBySlot[slot].CompareTo(_keyBySlot[otherSlot]);

    /// <inheritdoc/>
    public override int CompareTo(int slot, ReadOnlySpan<byte> encoded)
    {
        Span<byte> own = stackalloc byte[8];
        own = own[..EncodedLength(slot)];
        WriteEncoded(slot, own);
        return own.SequenceCompareTo(encoded);
    }

    /// <inheritdoc/>
    public override bool FitsEightBytes => true;

    /// <inheritdoc/>
    public override void EncodeFront(ReadOnlySpan<Column> keys, int row, KeyBatch target) =>
        KeyValueCodec.Write(keys[0], keys[0].Physical(row), target);

    /// <inheritdoc/>
    public override void EncodeTextFront(ReadOnlySpan<byte> text, KeyBatch target) =>
        throw new InvalidOperationException("an integer key has no text");

    private static uint Hash(long key) => BitOperations.Crc32C(0x9E3779B9u, (ulong)key);

    private long Decode(ReadOnlySpan<byte> encoded)
    {
        if (encoded.Length != (_isInt32 ? 4 : 8))
            throw new InvalidDataException($"an encoded integer key of {encoded.Length} bytes");
        return _isInt32
            ? BinaryPrimitives.ReadInt32BigEndian(encoded) ^ int.MinValue
            : BinaryPrimitives.ReadInt64BigEndian(encoded) ^ long.MinValue;
    }

    /// <summary>The batch's keys side by side, hashed.</summary>
    private ReadOnlySpan<long> Load(Column column, RowSelection rows)
    {
        var count = rows.Count;
        MakeRoom(count);
        ReadOnlySpan<long> keys;
        if (column is FixedColumn<long> longs && rows.IsDense && !longs.IsConstant)
        {
            keys = longs.Values.AsSpan(0, count);
        }
        else
        {
            Gather(column, rows, _batchKeys.AsSpan(0, count));
            keys = _batchKeys.AsSpan(0, count);
        }

        HashAll(keys);
        return keys;
    }

    private void MakeRoom(int count)
    {
        if (_hashes.Length >= count)
            return;
        _hashes = new uint[BitOperations.RoundUpToPowerOf2((uint)count)];
        _batchKeys = new long[_hashes.Length];
    }

    private void HashAll(ReadOnlySpan<long> keys)
    {
        var hashes = _hashes.AsSpan(0, keys.Length);
        for (var i = 0; i < keys.Length; i++)
            hashes[i] = Hash(keys[i]);
    }

    private static void Gather(Column column, RowSelection rows, Span<long> keys)
    {
        if (column is FixedColumn<int> integers)
        {
            for (var i = 0; i < keys.Length; i++)
                keys[i] = integers[rows[i]];
            return;
        }

        var longs = (FixedColumn<long>)column;
        for (var i = 0; i < keys.Length; i++)
            keys[i] = longs[rows[i]];
    }

    /// <summary>Looks small keys up in front of the hash table; false, for good, when a key is not small.</summary>
    private bool TryFindDirect(DirectSlots direct, Column column, RowSelection rows, Span<int> slots)
    {
        for (var at = direct.Find(column, rows, slots, 0); at < rows.Count; at = direct.Find(column, rows, slots, at + 1))
        {
            if (column.IsNull(rows[at]))
            {
                slots[at] = NullSlot();
                continue;
            }

            var key = column is FixedColumn<int> integers ? integers.Values[rows[at]] : ((FixedColumn<long>)column).Values[rows[at]];
            if (!DirectSlots.Admits(key))
            {
                _direct = null;
                return false;
            }

            direct.Set(key, slots[at] = FindOrAdd(key));
        }

        return true;
    }

    private int FindOrAdd(long key)
    {
        var batch = new Keys(this, new ReadOnlySpan<long>(in key));
        Span<int> slot = [-1];
        _table.FindOrAdd(ref batch, [Hash(key)], slot);
        return slot[0];
    }

    private int NullSlot() => _nullSlot == NoSlot ? _nullSlot = Add(0) : _nullSlot;

    private void RemoveKey(long key, int slot)
    {
        _table.Remove(Hash(key), slot);
        _direct?.Remove(key);
    }

    /// <summary>One by one, so that keys get their slots in the order of the rows.</summary>
    private void FindOrAddNullable(Column column, RowSelection rows, Span<int> slots)
    {
        var count = rows.Count;
        MakeRoom(count);
        Gather(column, rows, _batchKeys.AsSpan(0, count));
        for (var i = 0; i < count; i++)
        {
            if (column.IsNull(rows[i]))
            {
                slots[i] = NullSlot();
                continue;
            }

            _hashes[i] = Hash(_batchKeys[i]);
            var batch = new Keys(this, _batchKeys.AsSpan(i, 1));
            _table.FindOrAdd(ref batch, _hashes.AsSpan(i, 1), slots.Slice(i, 1));
        }
    }

    private int Add(long key)
    {
        var slot = TakeSlot();
        if (slot >= _keyBySlot.Length)
            Array.Resize(ref _keyBySlot, SlotArrays.Size(_keyBySlot.Length, slot + 1));
        _keyBySlot[slot] = key;
        return slot;
    }

    private ref struct Keys(Int64KeyIndex index, ReadOnlySpan<long> keys) : IBatchKeys
    {
        private readonly ReadOnlySpan<long> _keys = keys;
        private long[] _keyBySlot = index._keyBySlot;

        public readonly bool Matches(int position, int slot) => _keyBySlot[slot] == _keys[position];

        public readonly unsafe void Prefetch(int slot) =>
            Sse.Prefetch0(Unsafe.AsPointer(ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_keyBySlot), slot)));

        public int Add(int position)
        {
            var slot = index.Add(_keys[position]);
            _keyBySlot = index._keyBySlot;
            return slot;
        }
    }
}
