using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;

namespace StreamSQL.Engine.State;

/// <summary>
/// Reads the committed sessions of a <see cref="SessionTable"/>: those of given keys, of a range of keys, or all of them.
/// </summary>
internal sealed class SessionTableCursor : TableCursor
{
    private readonly SessionTable _table;
    private readonly TableAccess _access;
    private readonly ChangeBatch _output;
    private readonly int[] _nodes = new int[ChangeBatch.MaxRows];
    private readonly int[] _keys = new int[ChangeBatch.MaxRows];
    private readonly RowSelection _points;
    private readonly int[] _found = [];
    private int _next;
    private int _nextOfKey;
    private KeyWalk? _walk;
    private bool _isBegun;

    // The key of which some sessions have been read, while the walk stands behind it.
    private byte[]? _openKey;

    /// <summary>Opens the read.</summary>
    public SessionTableCursor(SessionTable table, TableAccess access)
    {
        _table = table;
        _access = access;
        _output = new ChangeBatch(table.Schema.Columns.Select(static column => column.Type).ToArray());
        if (access.Points is not { } points)
            return;
        _found = new int[points.Selection.Count];
        _points = KeyRows.WithoutNulls(points.Columns.AsSpan(0, table.KeyCount), points.Selection, new int[_found.Length]);
    }

    /// <inheritdoc/>
    public override ChangeBatch? Read()
    {
        if (!_isBegun)
            (_isBegun, _walk) = (true, BeginWalk());
        lock (_table.Sync)
        {
            var count = _walk is not null ? NextOfWalk(_walk) : _access.Points is null ? NextNodes() : NextOfPoints(_access.Points);
            return count == 0 ? null : Copy(_nodes.AsSpan(0, count));
        }
    }

    /// <inheritdoc/>
    public override void Close()
    {
        if (_walk is null)
            return;
        lock (_table.Sync)
            _walk.Close();
        _walk = null;
    }

    private KeyWalk? BeginWalk() => _access is { Bounds: { } bounds, Points: null }
        ? KeyWalk.TryBegin(_table, _table.Index, [KeyRange.Of(_table.Index, _table.KeyCount, bounds)])
        : null;

    /// <summary>One key at a time: how many sessions a key has is not known before.</summary>
    private int NextOfWalk(KeyWalk walk)
    {
        var count = 0;
        if (_openKey is not null && _table.Index.Find(_openKey) is >= 0 and var open && !TakeChain(open, ref count))
            return count;
        (_openKey, _nextOfKey) = (null, 0);
        Span<int> next = stackalloc int[1];
        while (count < _nodes.Length && walk.Read(next) > 0)
        {
            if (TakeChain(next[0], ref count))
            {
                _nextOfKey = 0;
                continue;
            }

            _openKey = new byte[_table.Index.EncodedLength(next[0])];
            _table.Index.WriteEncoded(next[0], _openKey);
            break;
        }

        return count;
    }

    private int NextNodes()
    {
        var count = 0;
        for (; _next < _table.Nodes.Limit && count < _nodes.Length; _next++)
        {
            if (IsWanted(_next))
                _nodes[count++] = _next;
        }

        return count;
    }

    private int NextOfPoints(ChangeBatch points)
    {
        _table.Index.Find(points.Columns.AsSpan(0, _table.KeyCount), _points, _found);
        var count = 0;
        for (; _next < _points.Count && count < _nodes.Length; _next++, _nextOfKey = 0)
        {
            var key = _found[_next];
            if (key < 0 || Array.IndexOf(_found, key, 0, _next) >= 0)
                continue;
            if (!TakeChain(key, ref count))
                break;
        }

        return count;
    }

    /// <summary>Takes the sessions of a key that were not taken yet; false when there is no more room.</summary>
    private bool TakeChain(int key, ref int count)
    {
        var position = 0;
        for (var node = _table.HeadOf(key); node >= 0; node = _table.Nodes.NextOf(node))
        {
            if (!IsWanted(node) || position++ < _nextOfKey)
                continue;
            if (count == _nodes.Length)
                return false;
            _nodes[count++] = node;
            _nextOfKey++;
        }

        return true;
    }

    private bool IsWanted(int node) =>
        _table.Nodes.IsCommitted(node)
        && _table.Nodes.StartOf(node) >= _access.WindowStartMin && _table.Nodes.StartOf(node) <= _access.WindowStartMax
        && _table.Nodes.EndOf(node) >= _access.WindowEndMin && _table.Nodes.EndOf(node) <= _access.WindowEndMax;

    private ChangeBatch Copy(ReadOnlySpan<int> nodes)
    {
        _output.Reset(nodes.Length);
        var starts = ((FixedColumn<long>)_output.Columns[_table.KeyCount]).Values;
        var ends = ((FixedColumn<long>)_output.Columns[_table.KeyCount + 1]).Values;
        for (var i = 0; i < nodes.Length; i++)
        {
            _keys[i] = _table.Nodes.KeyOf(nodes[i]);
            starts[i] = _table.Nodes.StartOf(nodes[i]);
            ends[i] = _output.RowTime.Values[i] = _table.Nodes.EndOf(nodes[i]);
        }

        _table.Index.ReadKeys(_keys.AsSpan(0, nodes.Length), _output.Columns.AsSpan(0, _table.KeyCount), 0);
        for (var a = 0; a < _table.Nodes.States.Length; a++)
            _table.Nodes.States[a].Read(nodes, _output.Columns[_table.KeyCount + 2 + a], 0);
        return _output;
    }
}
