using StreamSQL.Data.Functions.Aggregates;

namespace StreamSQL.Engine.State;

/// <summary>
/// The slots of a <see cref="KeyIndex"/> in the order of their keys: sorted blocks of slots, found by binary search. A new key is only
/// noted when it comes (<see cref="Add"/>), and put in its place before the next read (<see cref="Settle"/>), so that it costs who writes
/// next to nothing; a key that goes is taken out at once. It holds all keys of the index, those of an open commit too: who reads asks which
/// are committed. Guarded by the lock of the store that the index belongs to.
/// </summary>
internal sealed class OrderedKeys(KeyIndex index)
{
    private const int BlockSlots = 512;
    private const int MinUnusedChanges = 1 << 16;

    private int[][] _blocks = [];
    private int[] _counts = [];
    private int _blockCount;
    private int[] _noted = [];
    private int _notedStart;
    private int _notedEnd;
    private ulong[] _isNoted = [];
    private HashSet<int>? _left;
    private int _changes;

    /// <summary>Keys in their places.</summary>
    public int Count { get; private set; }

    /// <summary>Keys that came since and have no place yet.</summary>
    public int NotedCount => _notedEnd - _notedStart;

    /// <summary>Who reads it: while somebody does, it is not given up because nobody asks for it.</summary>
    public int Readers { get; set; }

    /// <summary>Whether its first keys are still being sorted, elsewhere.</summary>
    public bool IsBuilding => _left is not null;

    /// <summary>Whether it was given up while somebody read: its memory was needed.</summary>
    public bool IsGivenUp { get; private set; }

    /// <summary>Whether so many keys came and went since the last read that keeping it costs more than making it anew would.</summary>
    public bool IsUnused => Readers == 0 && _changes > Math.Max(MinUnusedChanges, Count / 4);

    /// <summary>Bytes held.</summary>
    public long MemoryBytes => (4L * BlockSlots * _blockCount) + (12L * _blocks.Length) + (4L * _noted.Length) + (8L * _isNoted.Length);

    /// <summary>Begins to note keys that come and go; those that were there before follow by <see cref="Adopt"/>.</summary>
    public void BeginBuilding() => _left = [];

    /// <summary>Whether a key that was there at <see cref="BeginBuilding"/> has gone since.</summary>
    public bool HasLeft(int slot) => _left!.Contains(slot);

    /// <summary>Takes the slots of the keys that were there at <see cref="BeginBuilding"/>, in order.</summary>
    public void Adopt(ReadOnlySpan<int> slots)
    {
        var left = _left!;
        _left = null;
        var block = NewBlock(0, 0);
        foreach (var slot in slots)
        {
            if (left.Contains(slot))
                continue;
            if (_counts[block] == BlockSlots * 3 / 4)
                block = NewBlock(block + 1, 0);
            _blocks[block][_counts[block]++] = slot;
            Count++;
        }

        if (Count == 0)
            _blockCount = 0;
    }

    /// <summary>Notes that a slot has a new key.</summary>
    public void Add(int slot)
    {
        _changes++;
        if (_notedEnd == _noted.Length)
            MakeRoom();
        _noted[_notedEnd++] = slot;
        if (slot >> 6 >= _isNoted.Length)
            Array.Resize(ref _isNoted, SlotArrays.Size(_isNoted.Length, (slot >> 6) + 1));
        _isNoted[slot >> 6] |= 1UL << slot;
    }

    /// <summary>Takes a slot out whose key, which is still there, is about to go.</summary>
    public void Remove(int slot)
    {
        _changes++;
        if (IsNoted(slot))
            _isNoted[slot >> 6] &= ~(1UL << slot);
        else if (_left is not null)
            _left.Add(slot);
        else
            TakeOut(slot);
    }

    /// <summary>Puts up to so many of the noted keys in their places, the oldest first.</summary>
    public void Settle(int most)
    {
        _changes = 0;
        for (; most > 0 && _notedStart < _notedEnd; most--)
        {
            var slot = _noted[_notedStart++];
            if (!IsNoted(slot))
                continue;
            _isNoted[slot >> 6] &= ~(1UL << slot);
            Insert(slot);
        }

        if (_notedStart == _notedEnd)
            (_noted, _notedStart, _notedEnd) = (_noted.Length <= MinUnusedChanges ? _noted : [], 0, 0);
    }

    /// <summary>Empties it: the index has no keys any more.</summary>
    public void Clear()
    {
        (_blocks, _counts, _blockCount, Count) = ([], [], 0, 0);
        (_noted, _notedStart, _notedEnd, _isNoted) = ([], 0, 0, []);
    }

    /// <summary>Empties it for its memory.</summary>
    public void GiveUp()
    {
        Clear();
        IsGivenUp = true;
    }

    /// <summary>About how many keys a range has.</summary>
    public long Estimate(KeyRange range)
    {
        if (_blockCount == 0)
            return 0;
        var (first, last) = (LowerBound(range.Lower), EndOf(range));
        return Math.Max(0, ((long)(last.Block - first.Block) * Count / _blockCount) + last.Offset - first.Offset);
    }

    /// <summary>Gives the first slots of a range; how many they are, 0 only where it has none.</summary>
    public int Read(KeyRange range, Span<int> slots)
    {
        var (at, end) = (LowerBound(range.Lower), EndOf(range));
        var count = 0;
        while (count < slots.Length && at.Block <= end.Block && at.Block < _blockCount)
        {
            var limit = at.Block == end.Block ? end.Offset : _counts[at.Block];
            var taken = Math.Min(limit - at.Offset, slots.Length - count);
            if (taken > 0)
                _blocks[at.Block].AsSpan(at.Offset, taken).CopyTo(slots[count..]);
            count += Math.Max(0, taken);
            at = new(at.Block + 1, 0);
        }

        return count;
    }

    private bool IsNoted(int slot) => slot >> 6 < _isNoted.Length && (_isNoted[slot >> 6] & (1UL << slot)) != 0;

    private void MakeRoom()
    {
        var count = NotedCount;
        var room = count >= _noted.Length / 2 ? new int[SlotArrays.Size(_noted.Length, count + 1)] : _noted;
        Array.Copy(_noted, _notedStart, room, 0, count);
        (_noted, _notedStart, _notedEnd) = (room, 0, count);
    }

    private Place EndOf(KeyRange range) => range.Upper is { } upper ? LowerBound(upper) : new(_blockCount, 0);

    private Place LowerBound(ReadOnlySpan<byte> key) => LowerBound(new EncodedKey(index, key));

    /// <summary>The place of the first key that is not below another one.</summary>
    private Place LowerBound<TKey>(TKey key)
        where TKey : struct, IOrderedKey, allows ref struct
    {
        int low = 0, high = _blockCount;
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (key.IsAbove(_blocks[middle][_counts[middle] - 1]))
                low = middle + 1;
            else
                high = middle;
        }

        if (low == _blockCount)
            return new(low, 0);
        var block = _blocks[low];
        int from = 0, to = _counts[low];
        while (from < to)
        {
            var middle = (from + to) >>> 1;
            if (key.IsAbove(block[middle]))
                from = middle + 1;
            else
                to = middle;
        }

        return new(low, from);
    }

    private void Insert(int slot)
    {
        var (block, offset) = LowerBound(new SlotKey(index, slot));
        if (block == _blockCount)
        {
            // Behind all others: keys that come in order fill their blocks.
            if (block == 0 || _counts[block - 1] == BlockSlots)
                NewBlock(block, 0);
            else
                block--;
            offset = _counts[block];
        }
        else if (_counts[block] == BlockSlots)
        {
            Split(block);
            if (offset > _counts[block])
                (block, offset) = (block + 1, offset - _counts[block]);
        }

        var slots = _blocks[block];
        Array.Copy(slots, offset, slots, offset + 1, _counts[block] - offset);
        slots[offset] = slot;
        _counts[block]++;
        Count++;
    }

    private void Split(int block)
    {
        const int Kept = BlockSlots / 2;
        NewBlock(block + 1, BlockSlots - Kept);
        Array.Copy(_blocks[block], Kept, _blocks[block + 1], 0, BlockSlots - Kept);
        _counts[block] = Kept;
    }

    private int NewBlock(int at, int count)
    {
        if (_blockCount == _blocks.Length)
        {
            Array.Resize(ref _blocks, SlotArrays.Size(_blocks.Length, _blockCount + 1));
            Array.Resize(ref _counts, _blocks.Length);
        }

        Array.Copy(_blocks, at, _blocks, at + 1, _blockCount - at);
        Array.Copy(_counts, at, _counts, at + 1, _blockCount - at);
        _blocks[at] = new int[BlockSlots];
        _counts[at] = count;
        _blockCount++;
        return at;
    }

    private void TakeOut(int slot)
    {
        var (block, offset) = LowerBound(new SlotKey(index, slot));
        var slots = _blocks[block];
        if (slots[offset] != slot)
            throw new InvalidOperationException("a key that is to go is not among the ordered ones");
        Array.Copy(slots, offset + 1, slots, offset, _counts[block] - offset - 1);
        Count--;
        if (--_counts[block] > 0)
            return;
        _blockCount--;
        Array.Copy(_blocks, block + 1, _blocks, block, _blockCount - block);
        Array.Copy(_counts, block + 1, _counts, block, _blockCount - block);
        _blocks[_blockCount] = null!;
    }

    private interface IOrderedKey
    {
        /// <summary>Whether it is above the key of a slot.</summary>
        bool IsAbove(int slot);
    }

    private readonly record struct Place(int Block, int Offset);

    private readonly struct SlotKey(KeyIndex index, int own) : IOrderedKey
    {
        public bool IsAbove(int slot) => index.Compare(own, slot) > 0;
    }

    private readonly ref struct EncodedKey(KeyIndex index, ReadOnlySpan<byte> key) : IOrderedKey
    {
        private readonly ReadOnlySpan<byte> _key = key;

        public bool IsAbove(int slot) => index.CompareTo(slot, _key) < 0;
    }
}
