using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;
using StreamSQL.Engine.State;

namespace StreamSQL.Engine.Operators.Aggregate;

/// <summary>
/// EMIT FINAL over windows that are kept by slices: gives out the windows that stream time has closed, each once, by window start and then
/// key. One window is put together at a time.
/// </summary>
internal sealed class SlicedFinalResults : HeldResults
{
    private readonly AggregateTable _table;
    private readonly WindowSlices _slices;
    private readonly ChangeBatch _output;
    private readonly KeyIndex _keys;
    private readonly MergedGroups _groups;
    private readonly Column[] _keyColumns;
    private readonly int[] _from = new int[ChangeBatch.MaxRows];
    private readonly int[] _to = new int[ChangeBatch.MaxRows];
    private int[] _order = [];
    private long _start;
    private long _next;
    private long _closedEnd;
    private bool _isOpen;
    private int _count;
    private int _position;

    /// <summary>Creates it.</summary>
    public SlicedFinalResults(AggregateTable table, ChangeBatch output)
    {
        _table = table;
        _slices = table.Slices!;
        _output = output;
        _keys = KeyIndex.Create(table.KeyTypes, nullable: false);
        _groups = new MergedGroups(table.Aggregates);
        _keyColumns = table.KeyTypes.Select(Column.Create).ToArray();
    }

    /// <inheritdoc/>
    public override bool IsResumable => _position == _count;

    /// <inheritdoc/>
    public override void Begin()
    {
        var window = _table.Window!;
        var clock = _table.Clock;
        var from = window.ClosedEnd(clock.FinalTime);
        _next = from == long.MinValue ? 0 : Math.Max(0, from - window.SizeMs + 1);
        _closedEnd = window.ClosedEnd(clock.StreamTime);
        _isOpen = true;
        _count = _position = 0;
    }

    /// <inheritdoc/>
    public override ChangeBatch? Next()
    {
        if (!_isOpen)
            return null;
        while (_position == _count)
        {
            if (_slices.NextWindow(_table, _next) is not { } start || _table.Window!.End(start) > _closedEnd)
            {
                _isOpen = false;
                _table.Clock = _table.Clock with { FinalTime = _table.Clock.StreamTime };
                return null;
            }

            Merge(start);
            _next = start + 1;
        }

        var slots = _order.AsSpan(_position, Math.Min(_count - _position, ChangeBatch.MaxRows));
        _position += slots.Length;
        Write(slots);
        if (_position == _count)
            _table.SetGivenOut(_table.Window!.End(_start));
        return _output;
    }

    private void Merge(long start)
    {
        _start = start;
        _groups.Clear(0, _keys.SlotLimit);
        _keys.Clear();
        var (from, to) = _slices.PartsOf(_table, start);
        for (var p = from; p < to; p++)
        {
            if (_table.Windows[p].FirstWindow <= start)
                Merge(_table.Windows[p]);
        }

        _position = 0;
        _count = _keys.SlotLimit;
        if (_order.Length < _count)
            _order = new int[Math.Max(_count, _order.Length * 2)];
        RowNumbers.Ascending(_count).CopyTo(_order);
        _order.AsSpan(0, _count).Sort(_keys.Compare);
    }

    private void Merge(GroupTable part)
    {
        for (var slot = 0; slot < part.Index.SlotLimit;)
        {
            var count = 0;
            for (; slot < part.Index.SlotLimit && count < _from.Length; slot++)
            {
                if (part.IsLive(slot))
                    _from[count++] = slot;
            }

            var from = _from.AsSpan(0, count);
            var to = _to.AsSpan(0, count);
            foreach (var column in _keyColumns)
                column.Reset(count);
            part.Index.ReadKeys(from, _keyColumns, 0);
            _keys.FindOrAdd(_keyColumns, RowSelection.All(count), to);
            _groups.EnsureSlots(_keys.SlotLimit);
            part.MergeInto(_groups, to, from);
        }
    }

    private void Write(ReadOnlySpan<int> slots)
    {
        _output.Reset(slots.Length);
        _keys.ReadKeys(slots, _output.Columns.AsSpan(0, _table.KeyCount), 0);
        WindowColumns.Fill(_output.Columns.AsSpan(_table.KeyCount, _table.BoundCount), _start, _table.Window!.End(_start));
        for (var a = 0; a < _groups.States.Length; a++)
            _groups.States[a].Read(slots, _output.Columns[_table.KeyCount + _table.BoundCount + a], 0);
        _groups.ReadTimes(slots, _output.RowTime.Values);
    }
}
