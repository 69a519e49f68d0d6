using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;
using StreamSQL.Engine.State;

namespace StreamSQL.Engine.Operators.Aggregate;

/// <summary>Some keys, and where each has its group in a run of slices' tables.</summary>
internal sealed class SliceKeys(AggregateTable table)
{
    private const int MaxSlots = 1 << 20;

    private readonly List<GroupTable> _parts = [];
    private int[] _slots = [];

    /// <summary>How many keys there are.</summary>
    public int Count { get; private set; }

    /// <summary>How many keys to take at once, so that memory stays within a bound however many slices there are.</summary>
    public int MaxCount => Math.Clamp(MaxSlots / Math.Max(1, _parts.Count), 1, ChangeBatch.MaxRows);

    /// <summary>The key columns.</summary>
    public Column[] Keys { get; } = table.KeyTypes.Select(Column.Create).ToArray();

    /// <summary>A table of the run.</summary>
    public GroupTable Part(int index) => _parts[index];

    /// <summary>Whether a table of the run counts in all windows of its slice.</summary>
    public bool IsWhole(int index) => table.Slices!.IsWhole(_parts[index]);

    /// <summary>Where the keys have their groups in a table of the run; -1 where there is none.</summary>
    public ReadOnlySpan<int> SlotsOf(int index) => _slots.AsSpan(index * Count, Count);

    /// <summary>Takes the run of tables at positions of the state.</summary>
    public void TakeParts(int from, int to)
    {
        _parts.Clear();
        for (var i = from; i < to; i++)
            _parts.Add(table.Windows[i]);
    }

    /// <summary>Takes keys, and finds their groups.</summary>
    public void TakeKeys(KeyIndex index, ReadOnlySpan<int> ids)
    {
        Count = ids.Length;
        foreach (var column in Keys)
            column.Reset(Count);
        index.ReadKeys(ids, Keys, 0);
        if (_slots.Length < _parts.Count * Count)
            _slots = new int[_parts.Count * Count];
        for (var p = 0; p < _parts.Count; p++)
            _parts[p].Index.Find(Keys, RowSelection.All(Count), _slots.AsSpan(p * Count, Count));
    }

    /// <summary>The part of the run that a window is made of.</summary>
    public (int From, int To) PartsOf(long start)
    {
        var end = table.Window!.End(start);
        return (FirstFrom(start), end == long.MaxValue ? _parts.Count : FirstFrom(end));
    }

    private int FirstFrom(long start)
    {
        int low = 0, high = _parts.Count;
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (_parts[middle].Start < start)
                low = middle + 1;
            else
                high = middle;
        }

        return low;
    }
}
