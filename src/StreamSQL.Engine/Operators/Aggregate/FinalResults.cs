using StreamSQL.Data.Batches;
using StreamSQL.Engine.State;

namespace StreamSQL.Engine.Operators.Aggregate;

/// <summary>
/// EMIT FINAL: gives out the windows that stream time has closed, each once, by window start and then key. ksqlDB loses windows that a jump
/// of time pushes out of its store before they are given out; that only happens here when <paramref name="losesLikeKsql"/> asks for it.
/// </summary>
internal sealed class FinalResults(AggregateTable table, ChangeBatch output, bool losesLikeKsql) : HeldResults
{
    private readonly List<GroupTable> _closed = [];
    private int[] _slots = [];
    private int _count;
    private int _window;
    private int _position;
    private bool _isOpen;

    /// <inheritdoc/>
    public override bool IsResumable => _position == _count;

    /// <inheritdoc/>
    public override void Begin()
    {
        var window = table.Window!;
        var clock = table.Clock;
        var from = window.ClosedEnd(clock.FinalTime);
        var to = window.ClosedEnd(clock.StreamTime);
        var oldestStored = losesLikeKsql && table.Windows.Count > 0 ? table.Windows[^1].Start - (window.SizeMs + window.GraceMs)
            : long.MinValue;
        var first = from == long.MinValue ? 0 : table.FirstWindowFrom(from - window.SizeMs + 1);
        for (var i = first; i < table.Windows.Count && table.Windows[i].End <= to; i++)
        {
            if (table.Windows[i].Start >= oldestStored)
                _closed.Add(table.Windows[i]);
        }

        _isOpen = true;
        _window = 0;
        SortKeys();
    }

    /// <inheritdoc/>
    public override ChangeBatch? Next()
    {
        if (!_isOpen)
            return null;
        while (_window < _closed.Count)
        {
            var count = Math.Min(_count - _position, ChangeBatch.MaxRows);
            if (count > 0)
            {
                Write(_closed[_window], _slots.AsSpan(_position, count));
                _position += count;
                if (_position == _count)
                    table.SetGivenOut(_closed[_window].End);
                return output;
            }

            _window++;
            SortKeys();
        }

        _closed.Clear();
        _isOpen = false;
        table.Clock = table.Clock with { FinalTime = table.Clock.StreamTime };
        return null;
    }

    private void SortKeys()
    {
        _position = 0;
        _count = 0;
        if (_window >= _closed.Count)
            return;
        var group = _closed[_window];
        if (_slots.Length < group.Index.Count)
            _slots = new int[group.Index.Count];
        for (var slot = 0; slot < group.Index.SlotLimit; slot++)
        {
            if (group.IsLive(slot))
                _slots[_count++] = slot;
        }

        _slots.AsSpan(0, _count).Sort(group.Index.Compare);
    }

    private void Write(GroupTable group, ReadOnlySpan<int> slots)
    {
        output.Reset(slots.Length);
        GroupColumns.WriteKeys(table, group, slots, output.Columns);
        for (var a = 0; a < group.States.Length; a++)
            group.States[a].Read(slots, output.Columns[table.KeyCount + table.BoundCount + a], 0);
        group.ReadTimes(slots, output.RowTime.Values);
    }
}
