using StreamSQL.Data.Batches;
using StreamSQL.Engine.State;
using StreamSQL.Sql.Plans;

namespace StreamSQL.Engine.Operators.StreamJoin;

/// <summary>
/// Joins the rows of two streams that have the same key and lie near each other in time. Every row is kept in its side's buffer and looked
/// for in the other one, so a pair is given out when its second row comes, its time the later of both. Without a grace period the unmatched
/// row of an outer join is given out at once, and its matches later; with one it is held until the time
/// of its matches, and the grace period, are over.
/// </summary>
internal sealed class StreamStreamJoinOperator : Operator
{
    private const int None = -1;

    /// <summary>Longer windows are as good as this one, and times can be added to it.</summary>
    private const long MaxMs = 1L << 58;

    /// <summary>How often ksqlDB looks for rows whose time is over.</summary>
    private static readonly TimeSpan CompatibleInterval = TimeSpan.FromSeconds(1);

    private readonly OperatorContext _context;
    private readonly JoinSide[] _sides;
    private readonly JoinOutput _output;
    private readonly long _graceMs;
    private readonly bool _holds;
    private readonly long?[] _times = new long?[2];
    private readonly long?[] _floors = new long?[2];
    private readonly List<(int Row, int Key)> _passing = [];
    private ChangeBatch? _input;
    private int _port;
    private int _position;
    private bool _isBegun;
    private int _match = None;
    private bool _hasMatched;
    private bool _mayEmitHeld;
    private long _time = long.MinValue;
    private DateTimeOffset _nextEmission = DateTimeOffset.MinValue;

    /// <summary>Creates the operator.</summary>
    /// <param name="context">The task's context.</param>
    /// <param name="plan">The join.</param>
    /// <param name="left">The left rows.</param>
    /// <param name="right">The right rows.</param>
    public StreamStreamJoinOperator(OperatorContext context, LogicalJoin plan, JoinBuffer left, JoinBuffer right)
    {
        var within = Bounded(plan.Within!);
        _context = context;
        _graceMs = within.GraceMs ?? 0;
        _holds = within.GraceMs is not null;
        _sides =
        [
            new JoinSide(left, plan.LeftKeys, within.BeforeMs, within.AfterMs, plan.Kind is JoinKind.Left or JoinKind.Full, context),
            new JoinSide(right, plan.RightKeys, within.AfterMs, within.BeforeMs, plan.Kind is JoinKind.Right or JoinKind.Full, context),
        ];
        _output = new JoinOutput(plan.Schema, plan.KeyColumns, left, right, context.Partition);
        _time = Math.Max(left.Clock.FinalTime, right.Clock.FinalTime);
    }

    /// <summary>Makes the buffer of a side.</summary>
    public static JoinBuffer CreateBuffer(string id, LogicalJoin plan, int port, MemoryBudget budget)
    {
        var (keys, schema) = port == 0 ? (plan.LeftKeys, plan.Left.Schema) : (plan.RightKeys, plan.Right.Schema);
        var preserved = port == 0 ? JoinKind.Left : JoinKind.Right;
        return new JoinBuffer(
            id, [.. keys.Select(static key => key.Type)], [.. schema.Columns.Select(static column => column.Type)],
            RetentionOf(plan.Within!),
            plan.Within!.GraceMs is not null && (plan.Kind == preserved || plan.Kind == JoinKind.Full), budget);
    }

    /// <summary>The window and its grace period, by default 24 hours less the window.</summary>
    private static long RetentionOf(JoinWindow window)
    {
        var within = Bounded(window);
        var grace = within.GraceMs ?? Math.Max(0, (24 * 60 * 60 * 1000L) - (2 * within.BeforeMs));
        return within.BeforeMs + within.AfterMs + grace;
    }

    private static JoinWindow Bounded(JoinWindow within) => new(
        Math.Min(within.BeforeMs, MaxMs), Math.Min(within.AfterMs, MaxMs), within.GraceMs is { } grace ? Math.Min(grace, MaxMs) : null);

    /// <inheritdoc/>
    public override long HeldTime
    {
        get
        {
            var time = long.MaxValue;
            foreach (var side in _sides)
            {
                lock (side.Buffer.Sync)
                {
                    if (side.Buffer.Held.TryPeek(out _, out var held))
                        time = Math.Min(time, held);
                }
            }

            return time;
        }
    }

    /// <inheritdoc/>
    public override void Push(ChangeBatch input, int port = 0)
    {
        (_input, _port, _position, _isBegun) = (input, port, 0, false);
        (_times[port], _floors[port]) = (input.StreamTime, input.StreamTimeFloor);
        var (side, other) = (_sides[port], _sides[1 - port]);
        _time = Math.Max(_time, Math.Max(side.Buffer.Clock.FinalTime, other.Buffer.Clock.FinalTime));
        lock (_sides[0].Buffer.Sync)
        {
            lock (_sides[1].Buffer.Sync)
                side.Begin(input, other.Buffer);
        }
    }

    /// <inheritdoc/>
    public override ChangeBatch? Pull()
    {
        if (_input is null)
            return null;
        lock (_sides[0].Buffer.Sync)
        {
            lock (_sides[1].Buffer.Sync)
            {
                var headers = _input.Headers;
                Join(_input);
                var isDone = !_output.IsFull;
                var hasClock = isDone && _times[_port] is not null;
                if (isDone)
                    End();
                return _output.Count == 0 && !hasClock ? null : Clocked(_output.Take(headers));
            }
        }
    }

    /// <inheritdoc/>
    public override void Signal(OperatorSignal signal)
    {
        if (signal != OperatorSignal.Commit)
            return;
        foreach (var side in _sides)
        {
            lock (side.Buffer.Sync)
                side.Buffer.Expire();
        }
    }

    /// <summary>The row of the input that is at work; where time alone makes rows come, the first.</summary>
    private int Cause => _position < _sides[_port].Rows.Count ? _sides[_port].Rows[_position] : 0;

    private void Join(ChangeBatch input)
    {
        var side = _sides[_port];
        if (input.StreamTime is { } time && !_context.KsqlCompat)
            Advance(time);
        while (!_output.IsFull && (_position < side.Rows.Count || _mayEmitHeld))
        {
            if (_position < side.Rows.Count && !_isBegun)
                Begin(input, side);
            if (_mayEmitHeld && !EmitHeld())
                return;
            if (_position < side.Rows.Count && !Match(side, input.RowTime.Values[side.Rows[_position]]))
                return;
        }
    }

    /// <summary>Lets time and rows that are over see the next row.</summary>
    private void Begin(ChangeBatch input, JoinSide side)
    {
        _isBegun = true;
        _hasMatched = false;
        var time = input.RowTime.Values[side.Rows[_position]];
        var clock = side.Buffer.Clock;
        side.Buffer.Clock = clock with { StreamTime = Math.Max(clock.StreamTime, _context.KsqlCompat ? time : input.StreamTime ?? time) };
        if (input.StreamTime is null || _context.KsqlCompat)
            Advance(time);
        _match = side.OtherKeys[_position] < 0 ? None : _sides[1 - _port].Buffer.FirstFrom(side.OtherKeys[_position], time - side.BeforeMs);
    }

    private void Advance(long time)
    {
        if (time < _time || (time == _time && !_context.KsqlCompat))
            return;
        _time = time;
        _mayEmitHeld = _holds && HasHeldOver() && IsTimeToEmit();
        foreach (var side in _sides)
            side.Buffer.Clock = side.Buffer.Clock with { FinalTime = time };
    }

    /// <summary>Pairs the present row with what it matches; false when the output is full before that is done.</summary>
    private bool Match(JoinSide side, long time)
    {
        var other = _sides[1 - _port].Buffer;
        var (row, key) = (side.Numbers[_position], side.OwnKeys[_position]);
        var last = time + side.AfterMs;
        while (_match >= 0 && other.TimeOf(_match) <= last)
        {
            if (_output.IsFull)
                return false;
            _output.Add(_port, row, key, _match, Math.Max(time, other.TimeOf(_match)), Cause);
            other.EndHold(_match);
            _hasMatched = true;
            _match = other.Next(_match);
        }

        var isHeld = false;
        if (!_hasMatched && side.IsPreserved)
        {
            // ksqlDB gives out a row that comes after its matches' time at once, though they may still come within the grace period.
            isHeld = _holds && key >= 0 && last + (_context.KsqlCompat ? 0 : _graceMs) >= _time;
            if (!isHeld && _output.IsFull)
                return false;
            if (!isHeld)
                _output.Add(_port, row, key, None, time, Cause);
        }

        Keep(side, row, key, time, isHeld);
        _position++;
        _isBegun = false;
        return true;
    }

    /// <summary>Stores a row for those that come later, unless it is forgotten already.</summary>
    private void Keep(JoinSide side, int row, int key, long time, bool isHeld)
    {
        if (key < 0 || (time < side.Buffer.VisibleFrom && !isHeld))
        {
            _passing.Add((row, key));
            return;
        }

        side.Buffer.Store(row, key, time);
        if (isHeld)
            side.Buffer.Hold(row);
    }

    /// <summary>
    /// Gives out the rows that no match can come for any more, the earliest first; false when the output is full before that is done.
    /// </summary>
    private bool EmitHeld()
    {
        while (NextOver() is var port and >= 0)
        {
            if (_output.IsFull)
                return false;
            var buffer = _sides[port].Buffer;
            buffer.Held.TryPeek(out var row, out var time);
            _output.Add(port, row, buffer.KeyOf(row), None, time, Cause);
            buffer.EndHold(row);
        }

        _mayEmitHeld = false;
        return true;
    }

    private bool HasHeldOver() => NextOver() >= 0;

    /// <summary>
    /// The side with the earliest row whose time is over; -1 when there is none. Of equal times the right one comes first, as in ksqlDB.
    /// </summary>
    private int NextOver()
    {
        var next = None;
        var earliest = long.MaxValue;
        for (var port = 1; port >= 0; port--)
        {
            var side = _sides[port];
            if (!side.Buffer.Held.TryPeek(out _, out var time) || time >= earliest || time + side.AfterMs + _graceMs >= _time)
                continue;
            (next, earliest) = (port, time);
        }

        return next;
    }

    private bool IsTimeToEmit()
    {
        if (!_context.KsqlCompat)
            return true;
        var now = _context.Time.GetUtcNow();
        if (now < _nextEmission)
            return false;
        _nextEmission = now + CompatibleInterval;
        return true;
    }

    /// <summary>The batch is used up: what was not stored is given back, though its values stay until the next batch.</summary>
    private void End()
    {
        _input = null;
        foreach (var (row, key) in _passing)
            _sides[_port].Buffer.Release(row, key);
        _passing.Clear();
        foreach (var side in _sides)
            side.Buffer.Settle();
    }

    /// <summary>Behind a repartition the output carries the time of both sides, less what is held.</summary>
    private ChangeBatch Clocked(ChangeBatch batch)
    {
        batch.StreamTime = batch.StreamTimeFloor = null;
        if ((_times[0] ?? _times[1]) is null)
            return batch;
        var held = long.MaxValue;
        foreach (var side in _sides)
        {
            if (side.Buffer.Held.TryPeek(out _, out var time))
                held = Math.Min(held, time);
        }

        batch.StreamTime = Math.Min(held, Math.Max(_times[0] ?? long.MinValue, _times[1] ?? long.MinValue));
        batch.StreamTimeFloor = Math.Min(held, Math.Min(_floors[0] ?? long.MaxValue, _floors[1] ?? long.MaxValue));
        return batch;
    }
}
