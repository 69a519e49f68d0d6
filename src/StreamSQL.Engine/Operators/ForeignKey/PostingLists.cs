using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;
using StreamSQL.Engine.State;

namespace StreamSQL.Engine.Operators.ForeignKey;

/// <summary>
/// For each foreign key the subscriptions that refer to it, by their slots in the table of
/// subscriptions. It follows from that table and is made again from it.
/// </summary>
internal sealed class PostingLists
{
    private const int None = -1;

    private readonly RowTable _table;
    private readonly KeyIndex _index;
    private readonly int _keyCount;
    private readonly int[] _oneSlot = new int[1];
    private int[] _first = [];
    private int[] _next = [];
    private int[] _previous = [];
    private int[] _keyBySlot = [];
    private int[] _sorted = [];
    private bool _isMade;

    /// <summary>Creates lists.</summary>
    /// <param name="table">The subscriptions; the first of their values are the foreign key.</param>
    /// <param name="keyCount">Columns of the foreign key.</param>
    public PostingLists(RowTable table, int keyCount)
    {
        _table = table;
        _keyCount = keyCount;
        _index = KeyIndex.Create([.. table.Values.Take(keyCount).Select(static column => column.Type)], nullable: false);
    }

    /// <summary>Bytes held.</summary>
    public long MemoryBytes => _index.MemoryBytes
        + (4L * (_first.Length + _next.Length + _previous.Length + _keyBySlot.Length + _sorted.Length));

    /// <summary>Makes the lists from a restored table, once.</summary>
    public void Make()
    {
        if (_isMade)
            return;
        _isMade = true;
        for (var slot = 0; slot < _table.Index.SlotLimit; slot++)
        {
            if (_table.IsCommitted(slot))
                Add(slot);
        }
    }

    /// <summary>Adds a subscription; it must not be in a list.</summary>
    public void Add(int slot)
    {
        _index.FindOrAdd(_table.Values.AsSpan(0, _keyCount), RowSelection.Of([slot], 1), _oneSlot);
        EnsureRoom(slot);
        var key = _oneSlot[0];
        _keyBySlot[slot] = key;
        _previous[slot] = None;
        _next[slot] = _first[key];
        if (_first[key] >= 0)
            _previous[_first[key]] = slot;
        _first[key] = slot;
    }

    /// <summary>Takes a subscription out of its list, if it is in one.</summary>
    public void Remove(int slot)
    {
        if (slot >= _keyBySlot.Length || _keyBySlot[slot] < 0)
            return;
        var key = _keyBySlot[slot];
        if (_previous[slot] >= 0)
            _next[_previous[slot]] = _next[slot];
        else
            _first[key] = _next[slot];
        if (_next[slot] >= 0)
            _previous[_next[slot]] = _previous[slot];
        _keyBySlot[slot] = None;
        if (_first[key] < 0)
            _index.Remove(key);
    }

    /// <summary>Whether a subscription is to the key in a row.</summary>
    public bool Holds(ReadOnlySpan<Column> keys, int row, int slot)
    {
        _index.Find(keys, RowSelection.Of([row], 1), _oneSlot);
        return _oneSlot[0] >= 0 && slot < _keyBySlot.Length && _keyBySlot[slot] == _oneSlot[0];
    }

    /// <summary>The subscriptions of the key in a row, in the order of their left keys, lent until the next call.</summary>
    public ReadOnlySpan<int> Find(ReadOnlySpan<Column> keys, int row)
    {
        _index.Find(keys, RowSelection.Of([row], 1), _oneSlot);
        var count = 0;
        for (var slot = _oneSlot[0] < 0 ? None : _first[_oneSlot[0]]; slot >= 0; slot = _next[slot])
        {
            if (count == _sorted.Length)
                Array.Resize(ref _sorted, Math.Max(64, count * 2));
            _sorted[count++] = slot;
        }

        var found = _sorted.AsSpan(0, count);
        found.Sort((a, b) => _table.Index.Compare(a, b));
        return found;
    }

    private void EnsureRoom(int slot)
    {
        Grow(ref _first, _index.SlotLimit);
        Grow(ref _keyBySlot, slot + 1);
        Grow(ref _next, slot + 1);
        Grow(ref _previous, slot + 1);
    }

    private static void Grow(ref int[] values, int count)
    {
        if (count <= values.Length)
            return;
        var old = values.Length;
        Array.Resize(ref values, Math.Max(count, Math.Max(64, old * 2)));
        values.AsSpan(old).Fill(None);
    }
}
