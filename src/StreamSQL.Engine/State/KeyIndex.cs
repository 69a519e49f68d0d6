using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Types;
using StreamSQL.Engine.State.Snapshots;
using StreamSQL.Engine.Tasks;

namespace StreamSQL.Engine.State;

/// <summary>
/// Gives every key a slot: a small integer under which its data stand in arrays. Slots of removed keys
/// are given out again. Not thread-safe.
/// </summary>
internal abstract class KeyIndex
{
    private int[] _free = [];
    private int _freeCount;

    /// <summary>Keys in the index.</summary>
    public abstract int Count { get; }

    /// <summary>All slots given out so far are below it.</summary>
    public int SlotLimit { get; private set; }

    /// <summary>Bytes held.</summary>
    public virtual long MemoryBytes => 4L * _free.Length;

    /// <summary>Creates the index that fits the key columns.</summary>
    /// <param name="types">The key columns' types.</param>
    /// <param name="nullable">
    /// Whether key columns may be null; otherwise callers leave rows with null keys out. NULL need not have an encoded form then.
    /// </param>
    /// <param name="capacity">How many keys to make room for.</param>
    public static KeyIndex Create(IReadOnlyList<SqlType> types, bool nullable, int capacity = 0) =>
        types.Count == 1 && types[0].Physical is PhysicalKind.Int64 or PhysicalKind.Int32
            ? new Int64KeyIndex(types[0].Physical, nullable, capacity)
            : new BytesKeyIndex(types, nullable, capacity);

    /// <summary>Finds the slot of each selected row's key, by position, and adds missing keys in order.</summary>
    public abstract void FindOrAdd(ReadOnlySpan<Column> keys, RowSelection rows, Span<int> slots);

    /// <summary>Finds the slot of each selected row's key, by position; -1 where there is none.</summary>
    public abstract void Find(ReadOnlySpan<Column> keys, RowSelection rows, Span<int> slots);

    /// <summary>Finds or adds a key in its encoded form.</summary>
    /// <exception cref="InvalidDataException">The bytes are not a key of this index.</exception>
    public abstract int FindOrAdd(ReadOnlySpan<byte> encoded);

    /// <summary>Finds a key in its encoded form; -1 when it is not there.</summary>
    /// <exception cref="InvalidDataException">The bytes are not a key of this index.</exception>
    public abstract int Find(ReadOnlySpan<byte> encoded);

    /// <summary>Removes the key of a slot; the slot is free then.</summary>
    public abstract void Remove(int slot);

    /// <summary>Writes the keys of slots into columns, row <c>at + i</c> for <c>slots[i]</c>.</summary>
    public abstract void ReadKeys(ReadOnlySpan<int> slots, ReadOnlySpan<Column> keys, int at);

    /// <summary>Writes the keys of a run of slots into columns, row i for <c>start + i</c>; unspecified for slots without a key.</summary>
    public abstract void ReadKeyRun(int start, int count, ReadOnlySpan<Column> keys);

    /// <summary>Length of a slot's key in its encoded form (see <see cref="KeyEncoder"/>).</summary>
    public abstract int EncodedLength(int slot);

    /// <summary>Writes a slot's key in its encoded form.</summary>
    public abstract void WriteEncoded(int slot, Span<byte> target);

    /// <summary>Makes room for so many keys, if the index is empty.</summary>
    public abstract void Reserve(int capacity);

    /// <summary>Appends the keys of slots to a snapshot block.</summary>
    public abstract void SaveKeys(ReadOnlySpan<int> slots, ByteWriter block);

    /// <summary>Finds or adds the keys that <see cref="SaveKeys"/> wrote; one slot each.</summary>
    /// <exception cref="InvalidDataException">The bytes are not keys of this index.</exception>
    public abstract void LoadKeys(ref BlockReader block, Span<int> slots);

    /// <summary>Compares the keys of two slots in the order of their encoded form.</summary>
    public abstract int Compare(int slot, int otherSlot);

    /// <summary>Forgets all keys and slots; memory is kept.</summary>
    public virtual void Clear()
    {
        SlotLimit = 0;
        _freeCount = 0;
    }

    /// <summary>Takes a free slot or a new one.</summary>
    protected int TakeSlot() => _freeCount > 0 ? _free[--_freeCount] : SlotLimit++;

    /// <summary>Gives a slot back.</summary>
    protected void FreeSlot(int slot)
    {
        if (_freeCount == _free.Length)
            Array.Resize(ref _free, Math.Max(16, _free.Length * 2));
        _free[_freeCount++] = slot;
    }
}
