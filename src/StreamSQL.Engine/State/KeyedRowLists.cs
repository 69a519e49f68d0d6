using System.Runtime.CompilerServices;

namespace StreamSQL.Engine.State;

/// <summary>
/// The rows of each key in the order of time, those of the same time as they came: doubly linked lists through arrays by row number, with
/// their ends in arrays by the key's slot. Not thread-safe.
/// </summary>
internal sealed class KeyedRowLists
{
    private const int None = -1;

    private long[] _times = [];
    private int[] _keys = [];
    private int[] _next = [];
    private int[] _previous = [];
    private int[] _first = [];
    private int[] _last = [];

    /// <summary>Bytes held.</summary>
    public long MemoryBytes => (20L * _times.Length) + (8L * _first.Length);

    /// <summary>Makes room for row numbers below a limit.</summary>
    public void EnsureRows(int limit)
    {
        Array.Resize(ref _times, limit);
        Array.Resize(ref _keys, limit);
        Array.Resize(ref _next, limit);
        Array.Resize(ref _previous, limit);
    }

    /// <summary>Makes room for keys' slots below a limit.</summary>
    public void EnsureKeys(int limit)
    {
        if (limit <= _first.Length)
            return;
        var old = _first.Length;
        var size = Math.Max(limit, Math.Max(16, old * 2));
        Array.Resize(ref _first, size);
        Array.Resize(ref _last, size);
        _first.AsSpan(old).Fill(None);
        _last.AsSpan(old).Fill(None);
    }

    /// <summary>The time of a row.</summary>
    public long TimeOf(int row) => _times[row];

    /// <summary>The slot of a row's key.</summary>
    public int KeyOf(int row) => _keys[row];

    /// <summary>Whether a key has no rows.</summary>
    public bool IsEmpty(int key) => _first[key] < 0;

    /// <summary>The row after a row of the same key; -1 at the end.</summary>
    public int Next(int row) => _next[row];

    /// <summary>The first row of a key at or after a time; -1 when there is none. Costs as many steps as there are such rows.</summary>
    public int FirstFrom(int key, long time)
    {
        var found = None;
        for (var row = _last[key]; row >= 0 && _times[row] >= time; row = _previous[row])
            found = row;
        return found;
    }

    /// <summary>Puts a row into its key's list, behind those of the same time.</summary>
    public void Link(int row, int key, long time)
    {
        _times[row] = time;
        _keys[row] = key;
        var before = _last[key];
        while (before >= 0 && _times[before] > time)
            before = _previous[before];
        var after = before < 0 ? _first[key] : _next[before];
        _previous[row] = before;
        _next[row] = after;
        Neighbour(_next, _first, before, key) = row;
        Neighbour(_previous, _last, after, key) = row;
    }

    /// <summary>Takes a row out of its key's list.</summary>
    public void Unlink(int row)
    {
        var (before, after, key) = (_previous[row], _next[row], _keys[row]);
        Neighbour(_next, _first, before, key) = after;
        Neighbour(_previous, _last, after, key) = before;
    }

    /// <summary>Forgets all rows; memory is kept.</summary>
    public void Clear()
    {
        _first.AsSpan().Fill(None);
        _last.AsSpan().Fill(None);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ref int Neighbour(int[] links, int[] ends, int row, int key) => ref row < 0 ? ref ends[key] : ref links[row];
}
