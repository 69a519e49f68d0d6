using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Types;
using StreamSQL.Engine.State;

namespace StreamSQL.Engine.Operators.Aggregate;

/// <summary>
/// Collects output rows of a <see cref="SessionTable"/>: tombstones of sessions that are gone and rows of sessions that are there. The
/// values are appended in the order of the rows that have them and put into place at the end.
/// </summary>
internal sealed class SessionOutput
{
    private readonly SessionTable _table;
    private readonly ChangeBatch _output;
    private readonly Column[] _new;
    private readonly Column[] _old;
    private readonly List<Entry> _entries = [];
    private readonly CauseHeaders _causes = new();
    private ChangeFlags[] _flags = [];
    private int[] _keys = [];
    private int[] _newAt = [];
    private int[] _oldAt = [];
    private int _newCount;
    private int _oldCount;

    /// <summary>Creates the collector.</summary>
    public SessionOutput(SessionTable table, ChangeBatch output)
    {
        _table = table;
        _output = output;
        SqlType[] types = [.. table.Schema.Columns.Skip(table.KeyCount + 2).Select(static column => column.Type)];
        _new = types.Select(Column.Create).ToArray();
        _old = types.Select(Column.Create).ToArray();
    }

    /// <summary>Rows collected so far.</summary>
    public int Count => _entries.Count;

    /// <summary>Whether old values are wanted.</summary>
    public bool WantsOld => _output.OldColumns is not null;

    /// <summary>Begins anew.</summary>
    public void Begin()
    {
        _entries.Clear();
        _newCount = 0;
        _oldCount = 0;
        foreach (var column in _new)
            column.Reset(0);
        foreach (var column in _old)
            column.Reset(0);
    }

    /// <summary>Adds a row without its values.</summary>
    /// <param name="key">The slot of its key.</param>
    /// <param name="start">The session's start.</param>
    /// <param name="end">The session's end.</param>
    /// <param name="flags">Which sides of the change are there.</param>
    /// <param name="cause">The row of the input that made it come, where one did.</param>
    public void Add(int key, long start, long end, ChangeFlags flags, int cause = 0)
    {
        _causes.Set(_entries.Count, cause);
        _entries.Add(new(key, start, end, flags));
    }

    /// <summary>Appends the aggregates of sessions as the new values of the rows that still lack them.</summary>
    public void AppendNew(ReadOnlySpan<int> nodes)
    {
        for (var a = 0; a < _new.Length; a++)
        {
            _new[a].Grow(_newCount + nodes.Length);
            _table.Nodes.States[a].Read(nodes, _new[a], _newCount);
        }

        _newCount += nodes.Length;
    }

    /// <summary>Appends columns as the new values of the rows that still lack them.</summary>
    public void AppendNew(Column[] values, int count)
    {
        for (var a = 0; a < _new.Length; a++)
            _new[a].Gather(values[a], RowNumbers.Ascending(count), _newCount);
        _newCount += count;
    }

    /// <summary>
    /// Appends the aggregates of a session as the old values of the row that still lacks them, if anyone wants old values.
    /// </summary>
    public void AppendOld(int node)
    {
        if (!WantsOld)
            return;
        for (var a = 0; a < _old.Length; a++)
        {
            _old[a].Grow(_oldCount + 1);
            _table.Nodes.States[a].Read([node], _old[a], _oldCount);
        }

        _oldCount++;
    }

    /// <summary>Puts the rows together, with the headers of the rows that made them come; null when there are none.</summary>
    public ChangeBatch? Finish(HeaderColumns? headers = null)
    {
        if (_entries.Count == 0)
            return null;
        EnsureRoom();
        _output.Reset(_entries.Count);
        WriteKeys(_output.Columns);
        if (_output.OldColumns is not null)
            WriteKeys(_output.OldColumns);
        int news = 0, olds = 0;
        for (var i = 0; i < _entries.Count; i++)
        {
            var entry = _entries[i];
            _flags[i] = entry.Flags;
            _output.RowTime.Values[i] = entry.End;
            if ((entry.Flags & ChangeFlags.HasNew) != 0)
                _newAt[news++] = i;
            if ((entry.Flags & ChangeFlags.HasOld) != 0)
                _oldAt[olds++] = i;
        }

        for (var a = 0; a < _new.Length; a++)
        {
            _output.Columns[_table.KeyCount + 2 + a].Scatter(_new[a], RowNumbers.Ascending(news), _newAt.AsSpan(0, news));
            _output.OldColumns?[_table.KeyCount + 2 + a].Scatter(_old[a], RowNumbers.Ascending(olds), _oldAt.AsSpan(0, olds));
        }

        _output.SetFlags(_flags);
        _causes.Give(headers, _output);
        return _output;
    }

    private void WriteKeys(Column[] columns)
    {
        var starts = ((FixedColumn<long>)columns[_table.KeyCount]).Values;
        var ends = ((FixedColumn<long>)columns[_table.KeyCount + 1]).Values;
        for (var i = 0; i < _entries.Count; i++)
        {
            _keys[i] = _entries[i].Key;
            starts[i] = _entries[i].Start;
            ends[i] = _entries[i].End;
        }

        _table.Index.ReadKeys(_keys.AsSpan(0, _entries.Count), columns.AsSpan(0, _table.KeyCount), 0);
    }

    private void EnsureRoom()
    {
        if (_flags.Length >= _entries.Count)
            return;
        var size = Math.Max(ChangeBatch.MaxRows, _entries.Count);
        _flags = new ChangeFlags[size];
        _keys = new int[size];
        _newAt = new int[size];
        _oldAt = new int[size];
    }

    private readonly record struct Entry(int Key, long Start, long End, ChangeFlags Flags);
}
