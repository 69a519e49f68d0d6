using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;
using StreamSQL.Engine.Operators;
using StreamSQL.Engine.State;
using StreamSQL.Sql.Catalog;

namespace StreamSQL.Engine.Sessions.Writing;

/// <summary>
/// What an open transaction has made of the rows of one table: the keys that it has written or deleted,
/// and the rows that they have now. Not thread-safe.
/// </summary>
internal sealed class WriteOverlay
{
    private readonly int _keyCount;
    private readonly KeyIndex _index;
    private readonly Column[] _values;
    private readonly FixedColumn<long> _times = new(Data.Types.SqlType.BigInt);
    private bool[] _live = [];
    private int[] _slots = [];

    /// <summary>Creates an empty overlay.</summary>
    public WriteOverlay(SourceDefinition table)
    {
        var keys = table.Columns.Where(static column => column.IsKey).Select(static column => column.Type).ToArray();
        _keyCount = keys.Length;
        _index = KeyIndex.Create(keys, nullable: keys.Length > 1);
        _values = table.Columns.Skip(_keyCount).Select(static column => Column.Create(column.Type)).ToArray();
        Types = table.Columns.Select(static column => column.Type).ToArray();
    }

    /// <summary>Readers that are not at their end: an overlay that is read is not changed any more.</summary>
    public int Readers { get; set; }

    /// <summary>How many of the transaction's writes are in it.</summary>
    public int WritesApplied { get; set; }

    private Data.Types.SqlType[] Types { get; }

    /// <summary>Applies a write.</summary>
    public void Apply(RowWrite write)
    {
        var slots = Slots(write.Count);
        _index.FindOrAdd(write.Rows.Columns.AsSpan(0, _keyCount), write.Rows.Selection, slots);
        if (_live.Length < _index.SlotLimit)
            Array.Resize(ref _live, Math.Max(64, _index.SlotLimit * 2));
        foreach (var slot in slots)
            _live[slot] = !write.IsDelete;
        if (write.IsDelete)
            return;
        var rows = RowNumbers.Of(write.Rows.Selection);
        for (var c = 0; c < _values.Length; c++)
        {
            _values[c].Grow(_live.Length);
            _values[c].Scatter(write.Rows.Columns[_keyCount + c], rows, slots);
        }

        _times.Grow(_live.Length);
        _times.Scatter(write.Rows.RowTime, rows, slots);
    }

    /// <summary>Finds keys: by position their slot, or -1 where the transaction has not touched the key.</summary>
    public void Find(ReadOnlySpan<Column> keys, RowSelection rows, Span<int> slots) => _index.Find(keys, rows, slots);

    /// <summary>Whether a slot's key has a row.</summary>
    public bool IsLive(int slot) => _live[slot];

    /// <summary>Copies the row of a slot behind others.</summary>
    public void Read(int slot, ReadOnlySpan<Column> columns, int at)
    {
        _index.ReadKeys([slot], columns[.._keyCount], at);
        for (var c = 0; c < _values.Length; c++)
            columns[_keyCount + c].Gather(_values[c], [slot], at);
    }

    /// <summary>Leaves out of a batch of the table's rows those whose keys the transaction has touched.</summary>
    public void Hide(ChangeBatch batch)
    {
        var slots = Slots(batch.Selection.Count);
        _index.Find(batch.Columns.AsSpan(0, _keyCount), batch.Selection, slots);
        var rows = new int[slots.Length];
        var count = 0;
        for (var i = 0; i < slots.Length; i++)
        {
            if (slots[i] < 0)
                rows[count++] = batch.Selection[i];
        }

        if (count < slots.Length)
            batch.Selection = RowSelection.Of(rows, count);
    }

    /// <summary>The rows from a slot on, as many as a batch holds; moves on the slot. Null at the end.</summary>
    public ChangeBatch? ReadFrom(ref int next)
    {
        var slots = new List<int>();
        for (; next < _index.SlotLimit && slots.Count < ChangeBatch.MaxRows; next++)
        {
            if (_live[next])
                slots.Add(next);
        }

        if (slots.Count == 0)
            return null;
        var batch = new ChangeBatch(Types);
        batch.Reset(slots.Count);
        var found = slots.ToArray();
        _index.ReadKeys(found, batch.Columns.AsSpan(0, _keyCount), 0);
        for (var c = 0; c < _values.Length; c++)
            batch.Columns[_keyCount + c].Gather(_values[c], found, 0);
        batch.RowTime.Gather(_times, found, 0);
        return batch;
    }

    private Span<int> Slots(int count)
    {
        if (_slots.Length < count)
            _slots = new int[Math.Max(64, count)];
        return _slots.AsSpan(0, count);
    }
}
