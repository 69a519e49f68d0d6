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
    /// <summary>Up to so many slots a read of all is so short that no order is kept: one batch, or few.</summary>
    private const int MinOrderedSlots = 2 * ChangeBatch.MaxRows;

    /// <summary>How many reads want a range or an order before one is made: once is cheaper without.</summary>
    private const int WishesOfOrder = 2;

    /// <summary>How many wishes are passed over after memory was refused.</summary>
    private const int WishesAfterRefusal = 64;

    private int[] _free = [];
    private int _freeCount;
    private OrderedKeys? _order;
    private int _wishes;

    /// <summary>Keys in the index.</summary>
    public abstract int Count { get; }

    /// <summary>All slots given out so far are below it.</summary>
    public int SlotLimit { get; private set; }

    /// <summary>Bytes held.</summary>
    public virtual long MemoryBytes => (4L * _free.Length) + (_order?.MemoryBytes ?? 0);

    /// <summary>The keys in order; null where nobody has wanted them so, or they are still being sorted.</summary>
    public OrderedKeys? Order => _order is { IsBuilding: false } ? _order : null;

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

    /// <summary>Compares the key of a slot with bytes, by its encoded form.</summary>
    public abstract int CompareTo(int slot, ReadOnlySpan<byte> encoded);

    /// <summary>Whether a key's first eight bytes in its encoded form, zeros behind where it is shorter, say all of it.</summary>
    public abstract bool FitsEightBytes { get; }

    /// <summary>Appends the encoded form of the first key columns, so that keys which begin with them begin with its bytes.</summary>
    /// <param name="keys">The first columns of the key, or all.</param>
    /// <param name="row">The row, without NULL.</param>
    /// <param name="target">Where to.</param>
    public abstract void EncodeFront(ReadOnlySpan<Column> keys, int row, KeyBatch target);

    /// <summary>Appends how the encoded form of keys begins whose first column, a text, begins with some bytes.</summary>
    public abstract void EncodeTextFront(ReadOnlySpan<byte> text, KeyBatch target);

    /// <summary>Counts a read that wants keys in order; whether they are to be sorted for it.</summary>
    public bool WantsOrder() => SlotLimit > MinOrderedSlots && _order is null && ++_wishes >= WishesOfOrder;

    /// <summary>Begins to keep keys in order; they are there when <see cref="OrderedKeys.Adopt"/> has been called.</summary>
    /// <returns>The order, and which slots below <see cref="SlotLimit"/> have no key, a bit each.</returns>
    public (OrderedKeys Order, ulong[] Free) BeginOrder()
    {
        var free = new ulong[(SlotLimit + 63) >> 6];
        foreach (var slot in _free.AsSpan(0, _freeCount))
            free[slot >> 6] |= 1UL << slot;
        _order = new OrderedKeys(this);
        _order.BeginBuilding();
        return (_order, free);
    }

    /// <summary>Whether an order is kept or being made, which takes memory.</summary>
    public bool HasOrder => _order is not null;

    /// <summary>Whether an order is the one that is kept.</summary>
    public bool Keeps(OrderedKeys order) => ReferenceEquals(order, _order);

    /// <summary>Gives up the order for its memory; false where there is none.</summary>
    public bool GiveUpOrder()
    {
        if (_order is null)
            return false;
        _order.GiveUp();
        _order = null;
        _wishes = -WishesAfterRefusal;
        return true;
    }

    /// <summary>Forgets all keys and slots; memory is kept.</summary>
    public virtual void Clear()
    {
        _order?.Clear();
        _order = null;
        _wishes = 0;
        SlotLimit = 0;
        _freeCount = 0;
    }

    /// <summary>Takes a free slot or a new one.</summary>
    protected int TakeSlot()
    {
        var slot = _freeCount > 0 ? _free[--_freeCount] : SlotLimit++;
        if (_order is null)
            return slot;
        if (_order.IsUnused)
            (_order, _wishes) = (null, 0);
        else
            _order.Add(slot);
        return slot;
    }

    /// <summary>To be called before a slot's key goes.</summary>
    protected void LeaveOrder(int slot)
    {
        if (_order is null)
            return;
        if (_order.IsUnused)
            (_order, _wishes) = (null, 0);
        else
            _order.Remove(slot);
    }

    /// <summary>Gives a slot back.</summary>
    protected void FreeSlot(int slot)
    {
        if (_freeCount == _free.Length)
            Array.Resize(ref _free, Math.Max(16, _free.Length * 2));
        _free[_freeCount++] = slot;
    }
}
