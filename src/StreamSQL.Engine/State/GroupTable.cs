using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Functions.Aggregates;
using StreamSQL.Data.Functions;
using StreamSQL.Data.Types;
using StreamSQL.Engine.State.Snapshots;
using StreamSQL.Engine.Tasks;

namespace StreamSQL.Engine.State;

/// <summary>
/// The groups of one window (or slice, or of an aggregate without windows): per group a slot with its key, its aggregates and the time of
/// its last change. What the open commit touches is copied to pre-images first. Not thread-safe.
/// </summary>
internal sealed class GroupTable
{
    private const int PooledPreImages = 4;
    private const int MaxPooledGroups = 1 << 18;

    private readonly IReadOnlyList<AggregateBinding> _bindings;
    private readonly GroupTimes _times = new();
    private ulong[] _live = [];
    private TouchedSlots? _touched;
    private PreImages? _preImages;

    /// <summary>Creates an empty table.</summary>
    /// <param name="keyTypes">The key columns' types.</param>
    /// <param name="bindings">The aggregates.</param>
    /// <param name="id">Which window or slice.</param>
    /// <param name="end">Its end.</param>
    /// <param name="capacity">How many groups to make room for.</param>
    public GroupTable(IReadOnlyList<SqlType> keyTypes, IReadOnlyList<AggregateBinding> bindings, PartId id, long end, int capacity)
    {
        _bindings = bindings;
        Index = KeyIndex.Create(keyTypes, nullable: false, capacity);
        States = CreateStates(bindings);
        Id = id;
        End = end;
        EnsureSlots(capacity);
    }

    /// <summary>Which window or slice it is of.</summary>
    public PartId Id { get; private set; }

    /// <summary>Start of the window or slice, milliseconds.</summary>
    public long Start => Id.Start;

    /// <summary>Start of the first window that its rows count in.</summary>
    public long FirstWindow => Id.FirstWindow;

    /// <summary>End of the window or slice.</summary>
    public long End { get; private set; }

    /// <summary>The groups' keys.</summary>
    public KeyIndex Index { get; }

    /// <summary>The aggregates by slot.</summary>
    public AggregateState[] States { get; }

    /// <summary>Whether the open commit drops the whole window.</summary>
    public bool IsExpired { get; set; }

    /// <summary>Whether the open commit has touched it.</summary>
    public bool IsDirty => _touched is { Count: > 0 };

    /// <summary>What its owner has charged for it.</summary>
    public long ChargedBytes { get; set; }

    /// <summary>The slots that the open commit has touched, in the order of their first change.</summary>
    public ReadOnlySpan<int> Touched => _touched is null ? [] : _touched.Slots;

    /// <summary>Bytes held.</summary>
    public long MemoryBytes
    {
        get
        {
            var bytes = Index.MemoryBytes + _times.MemoryBytes + (8L * _live.Length) + (_touched?.MemoryBytes ?? 0)
                + (_preImages?.MemoryBytes ?? 0);
            foreach (var state in States)
                bytes += state.MemoryBytes;
            return bytes;
        }
    }

    /// <summary>
    /// Finds or adds the group of each selected row, by position, and takes pre-images of those that the open commit has not touched yet.
    /// </summary>
    public void Touch(ReadOnlySpan<Column> keys, RowSelection rows, Span<int> slots)
    {
        Index.FindOrAdd(keys, rows, slots);
        EnsureSlots(Index.SlotLimit);
        _touched ??= new TouchedSlots();
        _touched.EnsureSlots(Index.SlotLimit);
        var fresh = _touched.Touch(slots);
#if PLANTED_BUGS
        if (Planted.IsAwake(PlantedBug.LosePreImage) && _touched.Count > fresh)
        {
            for (var position = _touched.Count - fresh; position < _touched.Count; position++)
                _touched.SetPreImage(position, _touched.PreImageOf(_touched.Slots[0]));
            return;
        }
#endif
        if (fresh > 0)
            TakePreImages(_touched.Slots[^fresh..]);
    }

    /// <summary>Raises the groups' times to their rows' times, row after row; gives the group's time after each row when asked.</summary>
    public void AddTimes(ReadOnlySpan<int> slots, RowSelection rows, long[] rowTimes, long[]? result)
    {
        if (rows.IsDense && result is null)
        {
            _times.Raise(slots, rowTimes.AsSpan(0, slots.Length));
            return;
        }

        for (var i = 0; i < slots.Length; i++)
        {
            var time = _times.Raise(slots[i], rowTimes[rows[i]]);
            if (result is not null)
                result[i] = time;
        }
    }

    /// <summary>Times of the last change of groups.</summary>
    public void ReadTimes(ReadOnlySpan<int> slots, Span<long> times) => _times.Read(slots, times);

    /// <summary>Whether the last commit knows a group.</summary>
    public bool IsCommitted(int slot) => IsLive(slot)
        && !(_touched is not null && _touched.Contains(slot) && _touched.PreImageOf(slot) == TouchedSlots.Created);

    /// <summary>Whether the open commit has changed a group.</summary>
    public bool IsTouched(int slot) => _touched is not null && _touched.Contains(slot);

    /// <summary>Adds groups, with the open changes, to others.</summary>
    public void MergeInto(MergedGroups target, ReadOnlySpan<int> targetSlots, ReadOnlySpan<int> slots) =>
        target.Add(targetSlots, States, _times, slots);

    /// <summary>Adds groups that the last commit knows, as it left them, to others.</summary>
    public void MergeCommittedInto(MergedGroups target, ReadOnlySpan<int> targetSlots, ReadOnlySpan<int> slots)
    {
        if (!IsDirty)
        {
            target.Add(targetSlots, States, _times, slots);
            return;
        }

        for (var i = 0; i < slots.Length; i++)
        {
            if (_touched!.Contains(slots[i]))
                target.Add(targetSlots.Slice(i, 1), _preImages!.States, _preImages.Times, [_touched.PreImageOf(slots[i])]);
            else
                target.Add(targetSlots.Slice(i, 1), States, _times, slots.Slice(i, 1));
        }
    }

    /// <summary>Whether a slot stands for a group.</summary>
    public bool IsLive(int slot) => (_live[slot >> 6] & (1UL << (slot & 63))) != 0;

    /// <summary>Writes the aggregates and times of committed groups as the last commit left them: row i is <c>slots[i]</c>.</summary>
    public void ReadCommitted(ReadOnlySpan<int> slots, ReadOnlySpan<Column> aggregates, Span<long> times)
    {
        for (var a = 0; a < States.Length; a++)
            States[a].Read(slots, aggregates[a], 0);
        ReadTimes(slots, times);
        for (var i = 0; _touched is not null && i < slots.Length; i++)
        {
            if (!_touched.Contains(slots[i]))
                continue;
            var preImage = _touched.PreImageOf(slots[i]);
            for (var a = 0; a < States.Length; a++)
            {
                aggregates[a].SetValid(i);
                _preImages!.States[a].Read([preImage], aggregates[a], i);
            }

            times[i] = _preImages!.Times[preImage];
        }
    }

    /// <summary>
    /// Appends committed groups to a snapshot block, as the last commit left them: first those that the
    /// open commit has not touched, then those that it has.
    /// </summary>
    public void SaveCommitted(ReadOnlySpan<int> slots, ByteWriter block)
    {
        var open = IsDirty ? _touched! : null;
        Span<int> untouched = new int[slots.Length];
        Span<int> touched = new int[open is null ? 0 : slots.Length];
        Span<int> preImages = new int[touched.Length];
        int untouchedCount = 0, touchedCount = 0;
        foreach (var slot in slots)
        {
            if (open is null || !open.Contains(slot))
            {
                untouched[untouchedCount++] = slot;
                continue;
            }

            preImages[touchedCount] = open.PreImageOf(slot);
            touched[touchedCount++] = slot;
        }

        block.Append(1)[0] = touchedCount > 0 ? (byte)2 : (byte)1;
        Save(untouched[..untouchedCount], untouched[..untouchedCount], States, _times, block);
        if (touchedCount > 0)
            Save(touched[..touchedCount], preImages[..touchedCount], _preImages!.States, _preImages.Times, block);
    }

    /// <summary>Adds groups of a snapshot block, outside any commit.</summary>
    /// <exception cref="InvalidDataException">The bytes are not groups of such a table.</exception>
    public void Load(ref BlockReader block, int[] slotBuffer)
    {
        for (var sections = block.ReadByte(); sections > 0; sections--)
        {
            var count = block.ReadRowCount();
            if (count > slotBuffer.Length)
                throw new InvalidDataException($"{count} groups in a section of a snapshot");
            var slots = slotBuffer.AsSpan(0, count);
            Index.LoadKeys(ref block, slots);
            EnsureSlots(Index.SlotLimit);
            foreach (var slot in slots)
            {
                _times[slot] = block.ReadInt64();
                _live[slot >> 6] |= 1UL << (slot & 63);
            }

            foreach (var state in States)
                block.Read(state.LoadMany(slots, block.Rest));
        }
    }

    /// <summary>The time of a group's last change, open or not.</summary>
    public long TimeOf(int slot) => _times[slot];

    /// <summary>Adds a group, or finds it, outside any commit (restore).</summary>
    public int RestoreGroup(ReadOnlySpan<byte> key, long time)
    {
        var slot = Index.FindOrAdd(key);
        EnsureSlots(Index.SlotLimit);
        _live[slot >> 6] |= 1UL << (slot & 63);
        _times[slot] = time;
        return slot;
    }

    /// <summary>Removes a group.</summary>
    public void Remove(int slot)
    {
        Index.Remove(slot);
        _live[slot >> 6] &= ~(1UL << (slot & 63));
        _times[slot] = long.MinValue;
        foreach (var state in States)
            state.Clear(slot);
    }

    /// <summary>Makes it the empty table of another window or slice; memory is kept.</summary>
    public void Reopen(PartId id, long end)
    {
        foreach (var state in States)
            state.ClearMany(0, Index.SlotLimit);
        _times.Reset(Index.SlotLimit);
        Array.Clear(_live);
        Index.Clear();
        IsExpired = false;
        Id = id;
        End = end;
    }

    /// <summary>Forgets the pre-images; <paramref name="pool"/> takes their memory for the next table.</summary>
    public void Commit(Stack<PreImages> pool)
    {
        _touched?.Clear();
        if (_preImages is null)
            return;
        _preImages.Clear();
        if (pool.Count < PooledPreImages && _preImages.Capacity <= MaxPooledGroups)
            pool.Push(_preImages);
        _preImages = null;
    }

    /// <summary>Puts the pre-images back.</summary>
    public void Abort(Stack<PreImages> pool)
    {
        IsExpired = false;
        foreach (var slot in Touched)
        {
            var preImage = _touched!.PreImageOf(slot);
            if (preImage == TouchedSlots.Created)
                Remove(slot);
            else
                _times[slot] = _preImages!.PutBack(preImage, States, slot);
        }

        Commit(pool);
    }

    /// <summary>Gives the table pre-images from a pool to fill in this commit.</summary>
    public void UsePreImages(Stack<PreImages> pool) =>
        _preImages ??= pool.TryPop(out var preImages) ? preImages : new PreImages(CreateStates(_bindings));

    /// <summary>Appends groups: their keys by slot, their times and aggregates by the place where those stand.</summary>
    private void Save(ReadOnlySpan<int> slots, ReadOnlySpan<int> places, AggregateState[] states, GroupTimes times, ByteWriter block)
    {
        block.WriteInt32(slots.Length);
        Index.SaveKeys(slots, block);
        times.Save(places, block);
        foreach (var state in states)
            state.SaveMany(places, block);
    }

    private static AggregateState[] CreateStates(IReadOnlyList<AggregateBinding> bindings)
    {
        var states = new AggregateState[bindings.Count];
        for (var a = 0; a < states.Length; a++)
            states[a] = bindings[a].CreateState();
        return states;
    }

    private void EnsureSlots(int count)
    {
        var old = _times.Length;
        if (count <= old)
            return;
        var size = SlotArrays.Size(old, count);
        _times.EnsureSlots(size);
        Array.Resize(ref _live, (size + 63) >> 6);
        foreach (var state in States)
            state.EnsureSlots(size);
    }

    private void TakePreImages(ReadOnlySpan<int> fresh)
    {
        var position = _touched!.Count - fresh.Length;
        var known = _preImages!.Scratch(fresh.Length);
        var count = 0;
        foreach (var slot in fresh)
        {
            if (IsLive(slot))
            {
                _touched.SetPreImage(position++, _preImages.Count + count);
                known[count++] = slot;
                continue;
            }

            _live[slot >> 6] |= 1UL << (slot & 63);
            _touched.SetPreImage(position++, TouchedSlots.Created);
        }

        if (count > 0)
            _preImages.Take(States, known[..count], _times);
    }
}

/// <summary>Copies of groups from before the open commit, in aggregate states of their own.</summary>
internal sealed class PreImages(AggregateState[] states)
{
    private readonly GroupTimes _times = new();
    private int[] _places = [];
    private int[] _scratch = [];

    /// <summary>How many copies there are.</summary>
    public int Count { get; private set; }

    /// <summary>How many copies there is room for.</summary>
    public int Capacity => _times.Length;

    /// <summary>The copies' aggregates.</summary>
    public AggregateState[] States => states;

    /// <summary>The copies' times.</summary>
    public GroupTimes Times => _times;

    /// <summary>Bytes held.</summary>
    public long MemoryBytes
    {
        get
        {
            var bytes = _times.MemoryBytes + (4L * (_places.Length + _scratch.Length));
            foreach (var state in states)
                bytes += state.MemoryBytes;
            return bytes;
        }
    }

    /// <summary>Room to collect slots in; valid until the next call.</summary>
    public Span<int> Scratch(int count)
    {
        if (_scratch.Length < count)
            _scratch = new int[Math.Max(ChangeBatch.MaxRows, count)];
        return _scratch.AsSpan(0, count);
    }

    /// <summary>Copies groups, behind the copies that there are.</summary>
    public void Take(AggregateState[] from, ReadOnlySpan<int> slots, GroupTimes times)
    {
        EnsureRoom(Count + slots.Length);
        if (_places.Length < slots.Length)
            _places = new int[Math.Max(ChangeBatch.MaxRows, slots.Length)];
        var places = _places.AsSpan(0, slots.Length);
        for (var i = 0; i < slots.Length; i++)
        {
            places[i] = Count + i;
            _times[Count + i] = times[slots[i]];
        }

        for (var a = 0; a < states.Length; a++)
            states[a].MergeMany(places, from[a], slots);
        Count += slots.Length;
    }

    /// <summary>Copies a group back; returns its time.</summary>
    public long PutBack(int preImage, AggregateState[] to, int slot)
    {
        for (var a = 0; a < states.Length; a++)
        {
            to[a].Clear(slot);
            to[a].Merge(slot, states[a], preImage);
        }

        return _times[preImage];
    }

    /// <summary>Forgets all copies.</summary>
    public void Clear()
    {
        foreach (var state in states)
            state.ClearMany(0, Count);

        Count = 0;
    }

    private void EnsureRoom(int count)
    {
        if (count <= _times.Length)
            return;
        _times.EnsureSlots(Math.Max(count, Math.Max(64, _times.Length * 2)));
        foreach (var state in states)
            state.EnsureSlots(_times.Length);
    }
}
