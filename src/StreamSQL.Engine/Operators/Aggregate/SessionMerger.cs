using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;
using StreamSQL.Engine.State;

namespace StreamSQL.Engine.Operators.Aggregate;

/// <summary>
/// Brings rows into the sessions of their keys. A row joins all sessions within the gap of its time, which become one. The rows' values are
/// added to the aggregates in runs, ended only where sessions merge whose rows are not added yet.
/// </summary>
internal sealed class SessionMerger(SessionTable table, AggregateInput input)
{
    private readonly int[] _rows = new int[ChangeBatch.MaxRows];
    private readonly int[] _nodes = new int[ChangeBatch.MaxRows];
    private readonly List<int> _found = [];
    private int _pending;

    /// <summary>The sessions that the last row found, newest first.</summary>
    public IReadOnlyList<int> Found => _found;

    /// <summary>Called with the columns of a run's intermediate results; null when nobody wants them.</summary>
    public Action<int>? RunEnded { get; init; }

    /// <summary>Receives the value of each group after each row of a run; null when nobody wants them.</summary>
    public Column[]? RunValues { get; init; }

    /// <summary>Finds the sessions that a row joins, and the bounds of the session that comes out.</summary>
    /// <param name="key">The row's key.</param>
    /// <param name="time">The row's time.</param>
    /// <param name="closedEnd">Sessions that end here or earlier take no more rows.</param>
    public (long Start, long End) Find(int key, long time, long closedEnd)
    {
        _found.Clear();
        var (start, end) = (time, time);
        var gap = table.Window.SizeMs;
        for (var node = table.HeadOf(key); node >= 0; node = table.Nodes.NextOf(node))
        {
            if (!table.Nodes.IsLive(node) || table.Nodes.StartOf(node) > time + gap)
                continue;
            if (table.Nodes.EndOf(node) < time - gap || table.Nodes.EndOf(node) <= closedEnd)
                break;
            _found.Add(node);
            start = Math.Min(start, table.Nodes.StartOf(node));
            end = Math.Max(end, table.Nodes.EndOf(node));
        }

        return (start, end);
    }

    /// <summary>Merges the found sessions and adds the row.</summary>
    public void Merge(int key, int row, long start, long end)
    {
        var node = _found.Count == 1 ? Extend(key, _found[0], start, end) : Combine(key, start, end);
        if (_pending == _rows.Length)
            EndRun();
        _rows[_pending] = row;
        _nodes[_pending++] = node;
    }

    /// <summary>Adds the values of the rows that are waiting.</summary>
    public void EndRun()
    {
        if (_pending == 0)
            return;
        var rows = RowSelection.Of(_rows, _pending);
        for (var a = 0; a < table.Nodes.States.Length; a++)
        {
            RunValues?[a].Reset(_pending);
            table.Nodes.States[a].Add(input.Arguments[a], rows, _nodes.AsSpan(0, _pending), RunValues?[a]);
        }

        var count = _pending;
        _pending = 0;
        RunEnded?.Invoke(count);
    }

    private int Extend(int key, int node, long start, long end)
    {
        if (table.Nodes.MarkOf(node) == SessionMark.Born)
        {
            table.Nodes.SetBounds(node, start, end);
            return node;
        }

        // The session of the last commit stays as it is; no row can be waiting for it.
        var copy = table.AddSession(key, start, end);
        foreach (var state in table.Nodes.States)
            state.Merge(copy, state, node);
        table.RemoveSession(key, node);
        return copy;
    }

    private int Combine(int key, long start, long end)
    {
        if (_found.Count > 0)
            EndRun();
        var merged = table.AddSession(key, start, end);
        for (var i = _found.Count - 1; i >= 0; i--)
        {
            foreach (var state in table.Nodes.States)
                state.Merge(merged, state, _found[i]);
#if PLANTED_BUGS
            if (!Planted.IsAwake(PlantedBug.KeepMergedSession) || i == 0)
#endif
            table.RemoveSession(key, _found[i]);
        }

        return merged;
    }
}
