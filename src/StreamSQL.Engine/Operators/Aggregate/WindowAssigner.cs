using System.Numerics;
using System.Runtime.InteropServices;
using StreamSQL.Data.Batches;
using StreamSQL.Engine.State;

namespace StreamSQL.Engine.Operators.Aggregate;

/// <summary>
/// Splits rows by the windows that they belong to. A pair is one row in one window; pairs are numbered in the order of the rows and, within
/// a row, of the window starts. Groups hold the pairs of one window each. By slices, a row has one
/// pair, and groups hold the rows of one part each. Reused.
/// </summary>
internal sealed class WindowAssigner(ResolvedWindow? window, WindowSlices? slices)
{
    private readonly Dictionary<PartId, int> _groupByPart = [];
    private readonly List<PartId> _parts = [];
    private int[] _pairRows = [];
    private int[] _pairGroups = [];
    private int[] _sortedRows = [];
    private int[] _sortedPairs = [];
    private int[] _offsets = [];
    private RowSelection _single;
    private int _pairCount;
    private int _lastPairs;
    private long _lastFirst;
    private long _lastLast;
    private PartId _lastPart;
    private long _lastPartEnd;
    private int _lastGroup;

    /// <summary>How many groups there are.</summary>
    public int GroupCount => _parts.Count;

    /// <summary>How many pairs there are.</summary>
    public int PairCount => IsSingle ? _single.Count : _pairCount;

    /// <summary>Whether all rows are in one and the same window: then pair i is row i of the selection.</summary>
    public bool IsSingle { get; private set; }

    /// <summary>Rows that were taken by no window, since theirs were closed.</summary>
    public int LateRows { get; private set; }

    /// <summary>The window or slice of a group.</summary>
    public PartId PartOf(int group) => _parts[group];

    /// <summary>The rows of a group's pairs, in order.</summary>
    public RowSelection RowsOf(int group, ref int[] scratch)
    {
        if (IsSingle)
            return _single;
        var rows = _sortedRows.AsSpan(_offsets[group], _offsets[group + 1] - _offsets[group]);
        if (scratch.Length < rows.Length)
            scratch = new int[Math.Max(64, rows.Length)];
        rows.CopyTo(scratch);
        return RowSelection.Of(scratch, rows.Length);
    }

    /// <summary>The numbers of a group's pairs.</summary>
    public ReadOnlySpan<int> PairsOf(int group) => _sortedPairs.AsSpan(_offsets[group], _offsets[group + 1] - _offsets[group]);

    /// <summary>The rows of all pairs, by pair number.</summary>
    public ReadOnlySpan<int> PairRows => IsSingle ? RowNumbers.Of(_single) : _pairRows.AsSpan(0, _pairCount);

    /// <summary>The group of a pair.</summary>
    public int GroupOf(int pair) => IsSingle ? 0 : _pairGroups[pair];

    /// <summary>Assigns rows, in order; the clock sees each row before it is judged.</summary>
    public void Assign(RowSelection rows, long[] times, ref WindowClock clock)
    {
        LateRows = 0;
        _pairCount = 0;
        _parts.Clear();
        _groupByPart.Clear();
        _lastFirst = -1;
        _lastPartEnd = long.MinValue;
        IsSingle = rows.Count > 0 && TryAssignSingle(rows, times, ref clock);
        if (IsSingle)
            return;
        for (var i = 0; i < rows.Count; i++)
            AssignRow(rows[i], times[rows[i]], ref clock);
        SortByGroup();
    }

    private bool TryAssignSingle(RowSelection rows, long[] times, ref WindowClock clock)
    {
        if (slices is null && window is { WindowsPerRow: > 1 })
            return false;
        var (min, max) = rows.IsDense ? Range(times.AsSpan(0, rows.Count)) : Range(times, rows.Rows);
        var part = PartId.Whole;
        if (window is not null)
        {
            part = PartAt(min);
            if (min < 0 || part != PartAt(max))
                return false;
            var after = clock;
            after.See(max);
            if (after.IsClosed(part.FirstWindow, window.End(part.FirstWindow)))
                return false;
        }

        clock.See(max);
        _parts.Add(part);
        _single = rows;
        return true;
    }

    /// <summary>The window (the last one) or the slice of an instant.</summary>
    private PartId PartAt(long time) => slices is null ? PartId.OfWindow(window!.LastStart(time))
        : new(slices.StartOf(time), window!.FirstStart(time));

    private void AssignRow(int row, long time, ref WindowClock clock)
    {
        clock.See(time);
        var pairs = _pairCount;
        if (time >= 0 && slices is not null)
        {
            AddToSlice(row, time, ref clock);
        }
        else if (time >= 0)
        {
            var (first, last) = (window!.FirstStart(time), window.LastStart(time));
            if (first == _lastFirst && last == _lastLast && !clock.IsClosed(first, window.End(first)))
                RepeatPairs(row);
            else
                AddPairs(row, first, last, ref clock);
        }

        if (pairs == _pairCount)
            LateRows++;
    }

    private void AddToSlice(int row, long time, ref WindowClock clock)
    {
        if (time < _lastPart.Start || time >= _lastPartEnd || clock.IsClosed(_lastPart.FirstWindow, window!.End(_lastPart.FirstWindow)))
        {
            var part = PartAt(time);
            if (clock.FirstOpen(part.FirstWindow, window!.LastStart(time)) is not { } open)
                return;
            _lastPart = part with { FirstWindow = open };
            _lastPartEnd = slices!.EndOf(part.Start);
            _lastGroup = FindOrAddGroup(_lastPart);
        }

        Append(row, _lastGroup);
    }

    private void AddPairs(int row, long first, long last, ref WindowClock clock)
    {
        _lastPairs = _pairCount;
        for (var start = first; ; start += window.AdvanceMs)
        {
            if (!clock.IsClosed(start, window!.End(start)))
                Append(row, FindOrAddGroup(PartId.OfWindow(start)));
            if (last - start < window.AdvanceMs)
                break;
        }

        // Only a row that all of its windows have taken is an example for the next one.
        _lastFirst = clock.IsClosed(first, window!.End(first)) ? -1 : first;
        _lastLast = last;
    }

    /// <summary>The row belongs to the same windows as the one before.</summary>
    private void RepeatPairs(int row)
    {
        var from = _lastPairs;
        _lastPairs = _pairCount;
        for (var count = _pairCount - from; count > 0; count--)
            Append(row, _pairGroups[from++]);
    }

    private int FindOrAddGroup(PartId part)
    {
        ref var group = ref CollectionsMarshal.GetValueRefOrAddDefault(_groupByPart, part, out var exists);
        if (!exists)
        {
            group = _parts.Count;
            _parts.Add(part);
        }

        return group;
    }

    private void Append(int row, int group)
    {
        if (_pairCount == _pairRows.Length)
        {
            var size = Math.Max(ChangeBatch.MaxRows, _pairRows.Length * 2);
            Array.Resize(ref _pairRows, size);
            Array.Resize(ref _pairGroups, size);
            _sortedRows = new int[size];
            _sortedPairs = new int[size];
        }

        _pairRows[_pairCount] = row;
        _pairGroups[_pairCount++] = group;
    }

    /// <summary>A stable counting sort of the pairs by group.</summary>
    private void SortByGroup()
    {
        var groups = _parts.Count;
        if (_offsets.Length < groups + 1)
            _offsets = new int[Math.Max(64, groups + 1)];
        var offsets = _offsets.AsSpan(0, groups + 1);
        offsets.Clear();
        for (var pair = 0; pair < _pairCount; pair++)
            offsets[_pairGroups[pair] + 1]++;
        for (var group = 0; group < groups; group++)
            offsets[group + 1] += offsets[group];
        for (var pair = 0; pair < _pairCount; pair++)
        {
            var at = offsets[_pairGroups[pair]]++;
            _sortedRows[at] = _pairRows[pair];
            _sortedPairs[at] = pair;
        }

        // Each offset has moved to its group's end, which is the next group's start.
        for (var group = groups; group > 0; group--)
            offsets[group] = offsets[group - 1];
        offsets[0] = 0;
    }

    private static (long Min, long Max) Range(ReadOnlySpan<long> times)
    {
        long min = times[0], max = times[0];
        var i = 0;
        if (times.Length >= Vector<long>.Count)
        {
            var mins = new Vector<long>(times);
            var maxs = mins;
            for (; i <= times.Length - Vector<long>.Count; i += Vector<long>.Count)
            {
                var some = new Vector<long>(times[i..]);
                mins = Vector.Min(mins, some);
                maxs = Vector.Max(maxs, some);
            }

            for (var lane = 0; lane < Vector<long>.Count; lane++)
            {
                min = Math.Min(min, mins[lane]);
                max = Math.Max(max, maxs[lane]);
            }
        }

        for (; i < times.Length; i++)
        {
            min = Math.Min(min, times[i]);
            max = Math.Max(max, times[i]);
        }

        return (min, max);
    }

    private static (long Min, long Max) Range(long[] times, ReadOnlySpan<int> rows)
    {
        long min = long.MaxValue, max = long.MinValue;
        foreach (var row in rows)
        {
            min = Math.Min(min, times[row]);
            max = Math.Max(max, times[row]);
        }

        return (min, max);
    }
}
