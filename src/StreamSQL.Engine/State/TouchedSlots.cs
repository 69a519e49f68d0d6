namespace StreamSQL.Engine.State;

/// <summary>
/// The slots that the open commit has changed, each with the place of its pre-image, or <see cref="Created"/> when there was nothing before.
/// </summary>
internal sealed class TouchedSlots
{
    /// <summary>In place of a pre-image: the slot is new.</summary>
    public const int Created = -1;

    private ulong[] _bits = [];
    private int[] _slots = [];
    private int[] _preImageBySlot = [];

    /// <summary>How many slots are touched.</summary>
    public int Count { get; private set; }

    /// <summary>The touched slots, in the order of their first change.</summary>
    public ReadOnlySpan<int> Slots => _slots.AsSpan(0, Count);

    /// <summary>Bytes held.</summary>
    public long MemoryBytes => (8L * _bits.Length) + (4L * (_slots.Length + _preImageBySlot.Length));

    /// <summary>Makes room for slots 0..count-1.</summary>
    public void EnsureSlots(int count)
    {
        if (count <= _preImageBySlot.Length)
            return;
        var size = Math.Max(count, Math.Max(16, _preImageBySlot.Length * 2));
        Array.Resize(ref _preImageBySlot, size);
        Array.Resize(ref _bits, (size + 63) >> 6);
    }

    /// <summary>Whether a slot is touched.</summary>
    public bool Contains(int slot) => slot >> 6 < _bits.Length && (_bits[slot >> 6] & (1UL << (slot & 63))) != 0;

    /// <summary>Touches slots; those that were not touched before are then at the end of <see cref="Slots"/>. Returns how many they are.</summary>
    public int Touch(ReadOnlySpan<int> slots)
    {
        if (_slots.Length < Count + slots.Length)
            Array.Resize(ref _slots, Math.Max(Count + slots.Length, _slots.Length * 2));
        var bits = _bits;
        var touched = _slots;
        var count = Count;
        foreach (var slot in slots)
        {
            ref var word = ref bits[slot >> 6];
            var bit = 1UL << slot;
            if ((word & bit) != 0)
                continue;
            word |= bit;
            touched[count++] = slot;
        }

        var fresh = count - Count;
        Count = count;
        return fresh;
    }

    /// <summary>Where the pre-image of a touched slot is.</summary>
    public int PreImageOf(int slot) => _preImageBySlot[slot];

    /// <summary>Notes where the pre-image of a touched slot is.</summary>
    public void SetPreImage(int slot, int preImage) => _preImageBySlot[slot] = preImage;

    /// <summary>Forgets all.</summary>
    public void Clear()
    {
        foreach (var slot in Slots)
            _bits[slot >> 6] = 0;
        Count = 0;
    }
}
