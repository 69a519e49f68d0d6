using System.Numerics;

namespace StreamSQL.Engine.State;

/// <summary>
/// The slots that the open commit has changed, each with the place of its pre-image, or <see cref="Created"/> when there was nothing
/// before. Of a large table a slot takes no memory here but a bit until it is touched.
/// </summary>
internal sealed class TouchedSlots
{
    /// <summary>In place of a pre-image: the slot is new.</summary>
    public const int Created = -1;

    /// <summary>Up to so many slots each has a place of its own for its position; with more of them, only the touched ones have.</summary>
    private const int MaxDirectSlots = 1 << 18;
    private const int MinCapacity = 16;

    /// <summary>
    /// What a commit took beyond so many slots is not kept for the next one: it may have been the last that was so large.
    /// </summary>
    private const int MaxKeptSlots = 1 << 18;

    private ulong[] _bits = [];
    private int[] _slots = [];
    private int[] _preImages = [];
    private int[] _homes = [];

    /// <summary>
    /// From a slot to its position among the touched ones, plus one: by slot, or by open addressing,
    /// and then twice as long as those have room.
    /// </summary>
    private int[] _positions = [];
    private bool _isDirect = true;
    private int _shift;

    /// <summary>How many slots are touched.</summary>
    public int Count { get; private set; }

    /// <summary>The touched slots, in the order of their first change.</summary>
    public ReadOnlySpan<int> Slots => _slots.AsSpan(0, Count);

    /// <summary>Bytes held.</summary>
    public long MemoryBytes => (8L * _bits.Length) + (4L * ((3L * _slots.Length) + _positions.Length));

    /// <summary>Makes room for slots 0..count-1.</summary>
    public void EnsureSlots(int count)
    {
        var words = (count + 63) >> 6;
        if (words <= _bits.Length)
            return;
        Array.Resize(ref _bits, Math.Max(words, _bits.Length * 2));
        if (count <= MaxDirectSlots)
            Array.Resize(ref _positions, _bits.Length << 6);
        else if (_isDirect)
            Rehash();
    }

    /// <summary>Whether a slot is touched.</summary>
    public bool Contains(int slot) => slot >> 6 < _bits.Length && (_bits[slot >> 6] & (1UL << (slot & 63))) != 0;

    /// <summary>Which of the slots <c>64 * word</c> and on are touched, a bit each.</summary>
    public ulong Word(int word) => Count > 0 && word < _bits.Length ? _bits[word] : 0;

    /// <summary>
    /// Touches slots; those that were not touched before are then at the end of <see cref="Slots"/>. Returns how many they are.
    /// </summary>
    public int Touch(ReadOnlySpan<int> slots)
    {
        if (_slots.Length < Count + slots.Length)
            Grow(Count + slots.Length);
        var bits = _bits;
        var before = Count;
        foreach (var slot in slots)
        {
            ref var word = ref bits[slot >> 6];
            var bit = 1UL << slot;
            if ((word & bit) != 0)
                continue;
            word |= bit;
            _slots[Count] = slot;
            Place(Count++);
        }

        return Count - before;
    }

    /// <summary>Where the pre-image of a touched slot is.</summary>
    public int PreImageOf(int slot) => _preImages[PositionOf(slot)];

    /// <summary>Notes where the pre-image of the slot at a position among the touched ones is.</summary>
    public void SetPreImage(int position, int preImage) => _preImages[position] = preImage;

    /// <summary>Forgets all.</summary>
    public void Clear()
    {
        for (var i = 0; i < Count; i++)
        {
            _bits[_slots[i] >> 6] = 0;
            _positions[_homes[i]] = 0;
        }

        Count = 0;
        if (_slots.Length <= MaxKeptSlots)
            return;
        (_slots, _preImages, _homes) = ([], [], []);
        if (!_isDirect)
            Rehash();
    }

    private int PositionOf(int slot)
    {
        var home = HomeOf(slot);
        while (_slots[_positions[home] - 1] != slot)
            home = (home + 1) & (_positions.Length - 1);
        return _positions[home] - 1;
    }

    private void Place(int position)
    {
        var home = HomeOf(_slots[position]);
        while (_positions[home] != 0)
            home = (home + 1) & (_positions.Length - 1);
        _positions[home] = position + 1;
        _homes[position] = home;
    }

    // Fibonacci hashing: slots that follow each other lie apart.
    private int HomeOf(int slot) => _isDirect ? slot : (int)(((uint)slot * 0x9E3779B9u) >> _shift);

    private void Grow(int needed)
    {
        var size = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(MinCapacity, needed));
        Array.Resize(ref _slots, size);
        Array.Resize(ref _preImages, size);
        Array.Resize(ref _homes, size);
        if (!_isDirect)
            Rehash();
    }

    private void Rehash()
    {
        _isDirect = false;
        _positions = new int[2 * Math.Max(MinCapacity, _slots.Length)];
        _shift = 32 - BitOperations.Log2((uint)_positions.Length);
        for (var i = 0; i < Count; i++)
            Place(i);
    }
}
