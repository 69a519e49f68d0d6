using StreamSQL.Data.Functions;
using StreamSQL.Engine.State;

namespace StreamSQL.Engine.Operators.Aggregate;

/// <summary>
/// The groups of some keys in one window after the other, put together from slices. However many slices a window has, a slice is merged
/// twice only: the older ones of a window lie as merges of each with all behind it up to a point, the newer ones as one merge (a queue of
/// two stacks). Parts of slices that only later windows count are added to each of these by themselves.
/// </summary>
/// <param name="bindings">The aggregates.</param>
/// <param name="committed">Whether the groups are those of the last commit, else those of the open one.</param>
internal sealed class SlidingMerge(IReadOnlyList<AggregateBinding> bindings, bool committed)
{
    private readonly MergedGroups _older = new(bindings);
    private readonly MergedGroups _newer = new(bindings);
    private int[] _targets = [];
    private int[] _sources = [];
    private SliceKeys _keys = null!;
    private int _olderBase;
    private int _middle;
    private int _end;

    /// <summary>The groups of the window, by position of the key.</summary>
    public MergedGroups Window { get; } = new(bindings);

    /// <summary>Begins with other keys, before the first window.</summary>
    public void Begin(SliceKeys keys)
    {
        _keys = keys;
        _olderBase = _middle = _end = 0;
        if (_targets.Length >= keys.Count)
            return;
        _targets = new int[keys.Count];
        _sources = new int[keys.Count];
    }

    /// <summary>Puts a window's groups together for some keys, into <see cref="Window"/>. Windows ascend.</summary>
    /// <param name="start">Start of the window.</param>
    /// <param name="from">Its first part.</param>
    /// <param name="to">Behind its last part.</param>
    /// <param name="positions">The keys.</param>
    public void MoveTo(long start, int from, int to, ReadOnlySpan<int> positions)
    {
        if (from >= _middle)
            Rebuild(from, to);
        for (; _end < to; _end++)
        {
            if (_keys.IsWhole(_end))
                MergePart(_end, _newer, 0);
        }

        Window.EnsureSlots(_keys.Count);
        Window.Clear(positions);
        if (from < _middle)
        {
            for (var i = 0; i < positions.Length; i++)
                _sources[i] = ((from - _olderBase) * _keys.Count) + positions[i];
            Window.Add(positions, _older, _sources.AsSpan(0, positions.Length));
        }

        if (_middle < _end)
            Window.Add(positions, _newer, positions);
        for (var part = from; part < to; part++)
        {
            if (!_keys.IsWhole(part) && _keys.Part(part).FirstWindow <= start)
                MergePart(part, Window, 0);
        }
    }

    private void Rebuild(int from, int to)
    {
        var count = _keys.Count;
        _older.Reset((to - from) * count);
        _newer.Reset(count);
        (_olderBase, _middle, _end) = (from, to, to);
        for (var part = to - 1; part >= from; part--)
        {
            var at = (part - from) * count;
            if (part + 1 < to)
            {
                for (var i = 0; i < count; i++)
                    (_targets[i], _sources[i]) = (at + i, at + count + i);
                _older.Add(_targets.AsSpan(0, count), _older, _sources.AsSpan(0, count));
            }

            if (_keys.IsWhole(part))
                MergePart(part, _older, at);
        }
    }

    private void MergePart(int part, MergedGroups target, int at)
    {
        var table = _keys.Part(part);
        var slots = _keys.SlotsOf(part);
        var count = 0;
        for (var i = 0; i < slots.Length; i++)
        {
            if (slots[i] < 0 || (committed && !table.IsCommitted(slots[i])))
                continue;
            _targets[count] = at + i;
            _sources[count++] = slots[i];
        }

        if (committed)
            table.MergeCommittedInto(target, _targets.AsSpan(0, count), _sources.AsSpan(0, count));
        else
            table.MergeInto(target, _targets.AsSpan(0, count), _sources.AsSpan(0, count));
    }
}
