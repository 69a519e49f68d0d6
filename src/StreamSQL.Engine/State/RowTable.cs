using System.Numerics;
using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Functions.Aggregates;
using StreamSQL.Data.Types;
using StreamSQL.Engine.Operators;
using StreamSQL.Engine.State.Snapshots;
using StreamSQL.Sql.Plans;

namespace StreamSQL.Engine.State;

/// <summary>
/// The newest row of every key: keys in an index, values in columns by slot. The key is all key columns, with the window bounds when it is
/// windowed; of several key columns some may be NULL, which are keys like others. What the open commit touches is copied to pre-images
/// first. Lookups by the writing task see the newest rows, cursors the committed ones.
/// </summary>
internal sealed class RowTable : TableState
{
    private const int MinOverwritten = 4096;

    private readonly MemoryBudget _budget;
    private readonly TouchedSlots _touched = new();
    private readonly RowTableLog _log;
    private readonly Column[] _before;
    private readonly bool _isFixed;
    private long[] _times = [];
    private ulong[] _live = [];
    private long[] _timesBefore = [];
    private bool _mayHaveDeadKeys;
    private int _preImages;
    private long _overwritten;
    private long _charged;

    /// <summary>Creates an empty table.</summary>
    /// <param name="id">Stable id of the operator's state within its query.</param>
    /// <param name="schema">Key columns, window bounds when windowed, value columns.</param>
    /// <param name="budget">What its memory is charged to.</param>
    public RowTable(string id, PlanSchema schema, MemoryBudget budget)
        : base(id, schema)
    {
        _budget = budget;
        KeyCount = schema.Columns.Count(static column => column.Role != ColumnRole.Value);
        var keyTypes = schema.Columns.Take(KeyCount).Select(static column => column.Type).ToArray();
        var valueTypes = schema.Columns.Skip(KeyCount).Select(static column => column.Type).ToArray();
        HasNullableKeys = schema.Columns.Count(static column => column.Role == ColumnRole.Key) > 1;
        Index = KeyIndex.Create(keyTypes, HasNullableKeys);
        Values = valueTypes.Select(Column.Create).ToArray();
        _before = valueTypes.Select(Column.Create).ToArray();
        _isFixed = valueTypes.All(static type => type.Physical < PhysicalKind.Bytes);
        _log = new RowTableLog(this);
    }

    /// <summary>How many columns make up the key, window bounds included; they stand in front.</summary>
    public int KeyCount { get; }

    /// <summary>Whether rows may have NULL in some of their key columns: an only key column cannot be.</summary>
    public bool HasNullableKeys { get; }

    /// <summary>The keys.</summary>
    public KeyIndex Index { get; }

    /// <summary>The value columns by slot.</summary>
    public Column[] Values { get; }

    /// <summary>The slots that the open commit has touched.</summary>
    public TouchedSlots Touched => _touched;

    /// <inheritdoc/>
    public override long MemoryBytes
    {
        get
        {
            var bytes = Index.MemoryBytes + _touched.MemoryBytes + (8L * (_times.Length + _live.Length + _timesBefore.Length));
            for (var c = 0; c < Values.Length; c++)
                bytes += Values[c].MemoryBytes + _before[c].MemoryBytes;
            return bytes;
        }
    }

    /// <summary>Whether a slot has a row, open changes included.</summary>
    public bool IsLive(int slot) => (_live[slot >> 6] & (1UL << (slot & 63))) != 0;

    /// <summary>Whether the last commit has a row in a slot.</summary>
    public bool IsCommitted(int slot) => _touched.Contains(slot) ? _touched.PreImageOf(slot) != TouchedSlots.Created : IsLive(slot);

    /// <summary>Time of a slot's row.</summary>
    public long TimeOf(int slot) => _times[slot];

    /// <summary>
    /// Finds the row of each selected row's key, by position, open changes included; -1 where there is none. Where keys are not
    /// nullable, rows with a null in the key must not be selected; elsewhere NULL is found as itself.
    /// </summary>
    public void Find(ReadOnlySpan<Column> keys, RowSelection rows, Span<int> slots)
    {
        Index.Find(keys, rows, slots);
        for (var i = 0; _mayHaveDeadKeys && i < rows.Count; i++)
        {
            if (slots[i] >= 0 && !IsLive(slots[i]))
                slots[i] = -1;
        }
    }

    /// <summary>
    /// Finds or adds the slot of each selected row's key, by position, and takes pre-images of those that the open commit had not touched.
    /// </summary>
    public void Touch(ReadOnlySpan<Column> keys, RowSelection rows, Span<int> slots)
    {
        Index.FindOrAdd(keys, rows, slots);
        EnsureSlots(Index.SlotLimit);
        _mayHaveDeadKeys = true;
        var fresh = _touched.Touch(slots);
        for (var position = _touched.Count - fresh; position < _touched.Count; position++)
        {
            var slot = _touched.Slots[position];
            _touched.SetPreImage(position, IsLive(slot) ? TakePreImage(slot) : TouchedSlots.Created);
        }
    }

    /// <summary>
    /// Replaces the rows of touched slots, each at most once: slot <c>slots[i]</c> takes row <c>rows[i]</c> of the value columns.
    /// </summary>
    public void Put(ReadOnlySpan<int> slots, ReadOnlySpan<Column> values, ReadOnlySpan<int> rows, FixedColumn<long> rowTime)
    {
        for (var c = 0; c < Values.Length; c++)
            Values[c].Scatter(values[c], rows, slots);
        for (var i = 0; i < slots.Length; i++)
        {
            var slot = slots[i];
            _times[slot] = rowTime[rows[i]];
            if (IsLive(slot))
                _overwritten++;
            _live[slot >> 6] |= 1UL << (slot & 63);
        }
    }

    /// <summary>Deletes the row of a touched slot.</summary>
    public void Delete(int slot)
    {
        _live[slot >> 6] &= ~(1UL << (slot & 63));
        foreach (var column in Values)
            column.SetNull(slot);
    }

    /// <summary>
    /// Charges growth to the budget, and moves variable-length values together when much of them is out
    /// of use. To be called after every batch.
    /// </summary>
    /// <exception cref="Data.Errors.SqlException">53200: over the budget.</exception>
    public void Settle()
    {
        if (!_isFixed && _overwritten > Math.Max(MinOverwritten, Index.Count))
            Compact();
        if (Index.HasOrder && !TryChargeOrder(Index))
            Index.GiveUpOrder();
        var bytes = MemoryBytes;
        _budget.Charge(bytes - _charged);
        _charged = bytes;
    }

    /// <inheritdoc/>
    internal override MemoryBudget Budget => _budget;

    /// <inheritdoc/>
    internal override bool TryChargeOrder(KeyIndex index)
    {
        var bytes = MemoryBytes;
        if (!_budget.TryCharge(bytes - _charged))
            return false;
        _charged = bytes;
        return true;
    }

    /// <summary>
    /// Shows committed rows as the last commit left them: row i of the columns is <c>slots[i]</c>. Bytes of text are not copied: the table
    /// only ever appends to them, so what is shown stays when the table goes on.
    /// </summary>
    /// <param name="slots">The slots.</param>
    /// <param name="values">As many columns as the table has values; null for those that are not wanted.</param>
    /// <param name="times">The rows' times.</param>
    public void ReadCommitted(ReadOnlySpan<int> slots, ReadOnlySpan<Column?> values, Span<long> times)
    {
        for (var c = 0; c < Values.Length; c++)
            values[c]?.Show(Values[c], slots);
        if (RowRuns.IsRun(slots))
        {
            _times.AsSpan(slots[0], slots.Length).CopyTo(times);
        }
        else
        {
            for (var i = 0; i < slots.Length; i++)
                times[i] = _times[slots[i]];
        }

        for (var i = 0; _touched.Count > 0 && i < slots.Length; i++)
        {
            if (!_touched.Contains(slots[i]))
                continue;
            var preImage = _touched.PreImageOf(slots[i]);
            for (var c = 0; c < Values.Length; c++)
                values[c]?.CopyRow(_before[c], preImage, i);
            times[i] = _timesBefore[preImage];
        }
    }

    /// <summary>
    /// Shows a block of slots as the last commit left them: row i of the columns is slot <c>from + i</c>, unspecified where that has no
    /// row. Returns how many rows there are.
    /// </summary>
    /// <param name="from">The first slot, a multiple of 64.</param>
    /// <param name="count">How many slots.</param>
    /// <param name="values">As many columns as the table has values; null for those that are not wanted.</param>
    /// <param name="times">The rows' times; empty where they are not wanted.</param>
    /// <param name="rows">Takes which of them are rows, unless all are.</param>
    public int ReadBlock(int from, int count, ReadOnlySpan<Column?> values, Span<long> times, Span<int> rows)
    {
        var found = FindCommitted(from, count, rows);
        if (found == 0)
            return 0;
        for (var c = 0; c < Values.Length; c++)
            values[c]?.ShowRun(Values[c], from, count);
        if (!times.IsEmpty)
            _times.AsSpan(from, count).CopyTo(times);
        for (var at = 0; _touched.Count > 0 && at < count; at += 64)
        {
            for (var touched = _touched.Word((from + at) >> 6) & FirstBits(count - at); touched != 0; touched &= touched - 1)
                ShowPreImage(from, at + BitOperations.TrailingZeroCount(touched), values, times);
        }

        return found;
    }

    /// <inheritdoc/>
    public override int EstimatedSlots => Index.SlotLimit;

    /// <inheritdoc/>
    public override TableCursor Open(TableAccess access) => new RowTableCursor(this, access);

    /// <inheritdoc/>
    public override void WriteChangelog(SliceList keys, SliceList values) => _log.WriteChanges(keys, values);

    /// <inheritdoc/>
    public override void Restore(SliceList keys, SliceList values)
    {
        lock (Sync)
            _log.Read(keys, values);
    }

    /// <inheritdoc/>
    public override string Shape => HasNullableKeys ? $"rows of {SchemaShape}, keys nullable" : $"rows of {SchemaShape}";

    /// <inheritdoc/>
    public override void Reset()
    {
        lock (Sync)
        {
            ForgetPreImages();
            Index.Clear();
            Array.Clear(_live);
            for (var c = 0; c < Values.Length; c++)
            {
                Values[c] = Column.Create(Values[c].Type);
                Values[c].Grow(_times.Length);
            }

            _overwritten = 0;
            Settle();
        }
    }

    /// <inheritdoc/>
    internal override StateScan Scan() => new RowTableScan(this);

    /// <inheritdoc/>
    internal override void Load(BlockReader block)
    {
        Reserve(block.ReadCapacity());
        var count = block.ReadRowCount();
        var slots = new int[count];
        Index.LoadKeys(ref block, slots);
        EnsureSlots(Index.SlotLimit);
        foreach (var slot in slots)
        {
            _times[slot] = block.ReadInt64();
            if (IsLive(slot))
                _overwritten++;
            _live[slot >> 6] |= 1UL << (slot & 63);
        }

        var rows = RowNumbers.Ascending(count);
        for (var c = 0; c < Values.Length; c++)
        {
            // The pre-images are not in use while blocks are loaded: their columns take the values in between.
            ColumnBlocks.Read(ref block, _before[c], count);
            Values[c].Scatter(_before[c], rows, slots);
            _before[c].Reset(0);
        }

        if (!block.IsAtEnd)
            throw new InvalidDataException("a block of rows is too long");
        Settle();
    }

    /// <inheritdoc/>
    public override void Commit()
    {
        lock (Sync)
        {
            foreach (var slot in _touched.Slots)
            {
                if (!IsLive(slot))
                    Index.Remove(slot);
            }

            ForgetPreImages();
        }
    }

    /// <inheritdoc/>
    public override void Abort()
    {
        lock (Sync)
        {
            foreach (var slot in _touched.Slots)
            {
                var preImage = _touched.PreImageOf(slot);
                Delete(slot);
                if (preImage == TouchedSlots.Created)
                    Index.Remove(slot);
                else
                    PutBack(slot, preImage);
            }

            ForgetPreImages();
        }
    }

    /// <summary>Adds or replaces a row outside any commit (restore).</summary>
    public void RestoreRow(ReadOnlySpan<byte> key, ReadOnlySpan<Column> values, long time)
    {
        var slot = Index.FindOrAdd(key);
        EnsureSlots(Index.SlotLimit);
        if (IsLive(slot))
            _overwritten++;
        for (var c = 0; c < Values.Length; c++)
            Values[c].CopyRow(values[c], 0, slot);
        _times[slot] = time;
        _live[slot >> 6] |= 1UL << (slot & 63);
    }

    /// <summary>Removes a row outside any commit (restore).</summary>
    public void RestoreRemoval(ReadOnlySpan<byte> key)
    {
        var slot = Index.Find(key);
        if (slot < 0)
            return;
        Delete(slot);
        Index.Remove(slot);
    }

    /// <summary>The lowest bits, all when there are 64 or more.</summary>
    private static ulong FirstBits(int count) => count >= 64 ? ~0UL : (1UL << count) - 1;

    /// <summary>Counts the committed rows of a block of slots; lists them, from 0, unless all slots have one.</summary>
    private int FindCommitted(int from, int count, Span<int> rows)
    {
        var missing = 0UL;
        for (var at = 0; at < count; at += 64)
            missing |= ~CommittedWord((from + at) >> 6) & FirstBits(count - at);
        if (missing == 0)
            return count;
        var found = 0;
        for (var at = 0; at < count; at += 64)
        {
            for (var word = CommittedWord((from + at) >> 6) & FirstBits(count - at); word != 0; word &= word - 1)
                rows[found++] = at + BitOperations.TrailingZeroCount(word);
        }

        return found;
    }

    /// <summary>Which of the slots <c>64 * word</c> and on the last commit has rows in, a bit each.</summary>
    private ulong CommittedWord(int word)
    {
        var committed = _live[word];
        for (var touched = _touched.Word(word); touched != 0; touched &= touched - 1)
        {
            var bit = BitOperations.TrailingZeroCount(touched);
            if (_touched.PreImageOf((word << 6) + bit) == TouchedSlots.Created)
                committed &= ~(1UL << bit);
            else
                committed |= 1UL << bit;
        }

        return committed;
    }

    private void ShowPreImage(int from, int row, ReadOnlySpan<Column?> values, Span<long> times)
    {
        var preImage = _touched.PreImageOf(from + row);
        if (preImage == TouchedSlots.Created)
            return;
        for (var c = 0; c < Values.Length; c++)
            values[c]?.CopyRow(_before[c], preImage, row);
        if (!times.IsEmpty)
            times[row] = _timesBefore[preImage];
    }

    private void EnsureSlots(int count)
    {
        _touched.EnsureSlots(count);
        if (count <= _times.Length)
            return;
        var size = SlotArrays.Size(_times.Length, count);
        Array.Resize(ref _times, size);
        Array.Resize(ref _live, (size + 63) >> 6);
        foreach (var column in Values)
            column.Grow(size);
    }

    private void Reserve(int capacity)
    {
        if (Index.Count > 0)
            return;
        Index.Reserve(capacity);
        EnsureSlots(capacity);
    }

    private int TakePreImage(int slot)
    {
        if (_preImages == _timesBefore.Length)
            Array.Resize(ref _timesBefore, Math.Max(64, _timesBefore.Length * 2));
        for (var c = 0; c < Values.Length; c++)
            _before[c].CopyRow(Values[c], slot, _preImages);
        _timesBefore[_preImages] = _times[slot];
        return _preImages++;
    }

    private void PutBack(int slot, int preImage)
    {
        for (var c = 0; c < Values.Length; c++)
            Values[c].CopyRow(_before[c], preImage, slot);
        _times[slot] = _timesBefore[preImage];
        _live[slot >> 6] |= 1UL << (slot & 63);
    }

    private void ForgetPreImages()
    {
        _touched.Clear();
        _mayHaveDeadKeys = false;
        _preImages = 0;
        foreach (var column in _before)
            column.Reset(column.Capacity);
    }

    private void Compact()
    {
        var rows = RowNumbers.Ascending(Index.SlotLimit);
        for (var c = 0; c < Values.Length; c++)
        {
            var packed = Column.Create(Values[c].Type);
            packed.Reset(_times.Length);
            packed.Gather(Values[c], rows, 0);
            Values[c] = packed;
        }

        _overwritten = 0;
    }
}
