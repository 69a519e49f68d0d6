using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;
using StreamSQL.Engine.State;
using StreamSQL.Sql.Plans;

namespace StreamSQL.Engine.Operators.Aggregate;

/// <summary>
/// Groups events over session windows into a <see cref="SessionTable"/>. Bounds are inclusive. A row merges all sessions within the gap:
/// with every change given out, each of them first becomes a tombstone (unless the row alone makes the
/// same window), then the merged session follows.
/// </summary>
/// <remarks>
/// A session is closed when stream time has passed its end by more than gap and grace; a row whose merged session would be closed is late.
/// ksqlDB does not merge sessions that are closed; we merge all that are kept, so that results do not depend on the order of rows within
/// grace, except for EMIT FINAL, where what was given out stands.
/// </remarks>
internal sealed class SessionAggregateOperator : Operator
{
    private const int RowsAtOnce = ChangeBatch.MaxRows / 2;

    private readonly SessionTable _table;
    private readonly AggregateInput _input;
    private readonly SessionMerger _merger;
    private readonly SessionOutput _output;
    private readonly OperatorContext _context;
    private readonly bool _emitsFinal;
    private readonly bool _emitsEveryChange;
    private readonly Column[]? _runValues;
    private readonly List<SessionChange> _changes = [];
    private readonly List<int> _closed = [];
    private readonly int[] _keys = new int[ChangeBatch.MaxRows];
    private readonly int[] _one = new int[1];
    private ChangeBatch? _batch;
    private WindowClock _clock;
    private int[] _chunk = [];
    private int _position;
    private int _nextKey = -1;
    private int _nextClosed;

    /// <summary>Creates the operator.</summary>
    /// <param name="context">The task's context.</param>
    /// <param name="plan">The aggregate; its window is a session window.</param>
    /// <param name="table">Its state, made by <see cref="SessionTable.Create"/>.</param>
    /// <param name="withOld">Whether the consumer needs old columns.</param>
    public SessionAggregateOperator(OperatorContext context, LogicalAggregate plan, SessionTable table, bool withOld)
    {
        _table = table;
        _context = context;
        _input = new AggregateInput(context, plan.Keys, plan.Aggregates);
        var types = plan.Schema.Columns.Select(static column => column.Type).ToArray();
        _output = new SessionOutput(table, new ChangeBatch(types, withOld) { Partition = context.Partition });
        _emitsFinal = plan.EmitFinal;
        _emitsEveryChange = !plan.EmitFinal && context.Emission == EmissionMode.EveryChange;
        if (_emitsEveryChange)
            _runValues = types.Skip(table.KeyCount + 2).Select(Column.Create).ToArray();
        _merger = new SessionMerger(table, _input)
        {
            RunValues = _runValues,
            RunEnded = _runValues is null ? null : count => _output.AppendNew(_runValues, count),
        };
    }

    private long ClosedAfterMs => _table.Window.SizeMs + _table.Window.GraceMs;

    /// <inheritdoc/>
    public override void Push(ChangeBatch input, int port = 0)
    {
        _batch = input;
        _position = 0;
        _input.Evaluate(input, ChangeFlags.HasNew);
        _clock = new WindowClock(_table.Window, _table.Clock, input);
    }

    /// <inheritdoc/>
    public override void Signal(OperatorSignal signal)
    {
        if (signal == OperatorSignal.Commit && !_emitsEveryChange && !_emitsFinal)
            _nextKey = 0;
    }

    /// <inheritdoc/>
    /// <exception cref="Data.Errors.SqlException">The state is over its budget (53200), or an aggregate failed.</exception>
    public override ChangeBatch? Pull()
    {
        lock (_table.Sync)
        {
            while (true)
            {
                if ((FoldedChanges() ?? ClosedSessions()) is { } pending)
                    return pending;
                if (_batch is null)
                    return null;
                if (_position == _input.Rows.Count)
                    EndBatch();
                else if (ProcessChunk(_batch) is { } changes)
                    return changes;
            }
        }
    }

    private void EndBatch()
    {
        _batch = null;
        _table.Clock = _table.Clock with { StreamTime = _clock.StreamTime };
        if (_emitsFinal)
            FindClosed();
        _table.ExpireSessions();
        _table.Settle();
    }

    private ChangeBatch? ProcessChunk(ChangeBatch batch)
    {
        var count = Math.Min(RowsAtOnce, _input.Rows.Count - _position);
        var rows = _input.Rows.Slice(_position, count, ref _chunk);
        _position += count;
        _table.FindKeys(_input.Keys, rows, _keys.AsSpan(0, count));
        if (_emitsEveryChange)
            _output.Begin();
        var late = 0;
        for (var i = 0; i < count; i++)
        {
            if (!AddRow(rows[i], _keys[i], batch.RowTime.Values[rows[i]]))
                late++;
        }

        _merger.EndRun();
        if (late > 0)
            _context.Counters.AddLateRows(late);
        return _emitsEveryChange ? _output.Finish(batch.Headers) : null;
    }

    /// <summary>Brings one row into the sessions of its key; false when it is late.</summary>
    private bool AddRow(int row, int key, long time)
    {
        var timeBefore = _clock.StreamTime;
        _clock.See(time);
        var (start, end) = _merger.Find(key, time, ClosedEnd(timeBefore));
        if (time < 0 || IsLate(end))
            return false;
        if (_emitsEveryChange)
            AddTombstones(key, row, time, start, end);
        _merger.Merge(key, row, start, end);
        if (_emitsEveryChange)
            _output.Add(key, start, end, ChangeFlags.HasNew, row);
        return true;
    }

    /// <summary>Sessions that end here or earlier do not merge with new rows any more.</summary>
    private long ClosedEnd(long streamTime)
    {
        if (streamTime == long.MinValue || !(_context.KsqlCompat || _emitsFinal))
            return long.MinValue;
        return streamTime - ClosedAfterMs - (_context.KsqlCompat && !_emitsFinal ? 0 : 1);
    }

    private bool IsLate(long end) =>
        IsPast(end, _clock.LateTime, ClosedAfterMs) || IsPast(end, _table.Clock.FinalTime, ClosedAfterMs)
            || IsPast(end, _clock.StreamTime, _table.Window.RetentionMs);

    private static bool IsPast(long end, long clock, long after) => clock != long.MinValue && end < clock - after;

    private void AddTombstones(int key, int row, long time, long start, long end)
    {
        if (start == time && end == time)
            return;
        if (_merger.Found.Count > 0 && _output.WantsOld)
            _merger.EndRun();
        for (var i = _merger.Found.Count - 1; i >= 0; i--)
        {
            var node = _merger.Found[i];
            _output.Add(key, _table.Nodes.StartOf(node), _table.Nodes.EndOf(node), ChangeFlags.HasOld, row);
            _output.AppendOld(node);
        }
    }

    /// <summary>The next sessions that the open commit has touched, folded, once a commit was signalled.</summary>
    private ChangeBatch? FoldedChanges()
    {
        if (_nextKey < 0)
            return null;
        _output.Begin();
        while (_nextKey < _table.TouchedKeys.Length && _output.Count < ChangeBatch.MaxRows)
        {
            var key = _table.TouchedKeys[_nextKey++];
            _changes.Clear();
            SessionChanges.Collect(_table, key, withExpired: false, _changes);
            foreach (var change in _changes)
                AddFolded(key, change);
        }

        if (_nextKey == _table.TouchedKeys.Length)
            _nextKey = -1;
        return _output.Finish();
    }

    private void AddFolded(int key, SessionChange change)
    {
        var node = change.After >= 0 ? change.After : change.Before;
        var flags = (change.After >= 0 ? ChangeFlags.HasNew : ChangeFlags.None)
            | (change.Before >= 0 ? ChangeFlags.HasOld : ChangeFlags.None);
        _output.Add(key, _table.Nodes.StartOf(node), _table.Nodes.EndOf(node), flags);
        if (change.Before >= 0)
            _output.AppendOld(change.Before);
        if (change.After < 0)
            return;
        _one[0] = change.After;
        _output.AppendNew(_one);
    }

    /// <summary>
    /// EMIT FINAL: finds the sessions that stream time has closed since the last time, in the order of end, start and key.
    /// </summary>
    private void FindClosed()
    {
        var nodes = _table.Nodes;
        var clock = _table.Clock;
        var to = clock.StreamTime == long.MinValue ? long.MinValue : clock.StreamTime - ClosedAfterMs;
        var from = clock.FinalTime == long.MinValue ? long.MinValue : clock.FinalTime - ClosedAfterMs;
        _table.Clock = clock with { FinalTime = clock.StreamTime };
        if (from == to)
            return;
        _closed.Clear();
        _nextClosed = 0;
        for (var node = 0; node < nodes.Limit; node++)
        {
            if (nodes.IsLive(node) && nodes.EndOf(node) >= from && nodes.EndOf(node) < to)
                _closed.Add(node);
        }

        _closed.Sort(CompareClosed);
    }

    private int CompareClosed(int node, int other)
    {
        var nodes = _table.Nodes;
        var byEnd = nodes.EndOf(node).CompareTo(nodes.EndOf(other));
        if (byEnd != 0)
            return byEnd;
        var byStart = nodes.StartOf(node).CompareTo(nodes.StartOf(other));
        return byStart != 0 ? byStart : _table.Index.Compare(nodes.KeyOf(node), nodes.KeyOf(other));
    }

    private ChangeBatch? ClosedSessions()
    {
        var count = Math.Min(_closed.Count - _nextClosed, ChangeBatch.MaxRows);
        if (count <= 0)
            return null;
        _output.Begin();
        for (var i = 0; i < count; i++)
        {
            _one[0] = _closed[_nextClosed++];
            _output.Add(_table.Nodes.KeyOf(_one[0]), _table.Nodes.StartOf(_one[0]), _table.Nodes.EndOf(_one[0]), ChangeFlags.HasNew);
            _output.AppendNew(_one);
        }

        return _output.Finish();
    }
}
