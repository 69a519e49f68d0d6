using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Types;
using StreamSQL.Engine.State;
using StreamSQL.Sql.Plans;

namespace StreamSQL.Engine.Operators.Bounded;

/// <summary>The groups of one grouping set: by some of the keys, or one group of all rows.</summary>
internal sealed class GroupingSetGroups
{
    private readonly IReadOnlyList<int> _keys;
    private readonly SqlType[] _types;
    private readonly Column[] _keyColumns;
    private readonly KeyIndex? _index;
    private readonly GroupedAggregate[] _aggregates;
    private readonly int[] _groupings;
    private readonly RowBuffer? _firstKeys;
    private int[] _slots = [];
    private int[] _new = [];

    /// <summary>Creates it without groups.</summary>
    /// <param name="keys">The keys of the set, by index.</param>
    /// <param name="plan">The grouping.</param>
    /// <param name="budget">Where DISTINCT and ORDER BY are charged.</param>
    public GroupingSetGroups(IReadOnlyList<int> keys, LogicalAggregate plan, MemoryBudget budget)
    {
        _keys = keys;
        _keyColumns = new Column[keys.Count];
        _types = [.. keys.Select(key => plan.Keys[key].Type)];
        _index = keys.Count == 0 ? null : KeyIndex.Create(_types, nullable: true);
        _firstKeys = _types.Any(KeyValueCodec.LosesForm) ? new RowBuffer(_types, budget) : null;
        _aggregates = [.. plan.Aggregates.Select(call => new GroupedAggregate(call, budget))];
        _groupings =
            [.. plan.Groupings.Select(arguments => arguments.Aggregate(0, (bits, key) => (bits << 1) | (keys.Contains(key) ? 0 : 1)))];
    }

    /// <summary>How many groups there are.</summary>
    public int Count => _index?.SlotLimit ?? 1;

    /// <summary>Bytes held, but for what is charged already.</summary>
    public long MemoryBytes
    {
        get
        {
            var bytes = (_index?.MemoryBytes ?? 0) + (4L * _slots.Length);
            foreach (var aggregate in _aggregates)
                bytes += aggregate.MemoryBytes;
            return bytes;
        }
    }

    /// <summary>Adds a batch.</summary>
    public void Add(ChangeBatch input, Column[] keys, AggregateArguments[] arguments)
    {
        var rows = input.Selection;
        if (_slots.Length < rows.Count)
            _slots = new int[Math.Max(64, rows.Count)];
        for (var i = 0; i < _keyColumns.Length; i++)
            _keyColumns[i] = keys[_keys[i]];
        var known = _index?.SlotLimit ?? 0;
        _index?.FindOrAdd(_keyColumns, rows, _slots);
        KeepFirst(input, known);
        for (var i = 0; i < _aggregates.Length; i++)
            _aggregates[i].Add(input, arguments[i], _slots.AsSpan(0, rows.Count), Count);
    }

    /// <summary>Adds the groups that another one of the same set has made of other rows.</summary>
    public void Merge(GroupingSetGroups other)
    {
        var keys = new ChangeBatch(_types);
        Span<int> all = RowNumbers.Ascending(other.Count).ToArray();
        for (var from = 0; from < all.Length; from += ChangeBatch.MaxRows)
        {
            var theirs = all.Slice(from, Math.Min(ChangeBatch.MaxRows, all.Length - from));
            var ours = new int[theirs.Length];
            if (_index is not null)
            {
                keys.Reset(theirs.Length);
                other._index!.ReadKeys(theirs, keys.Columns, 0);
                _index.FindOrAdd(keys.Columns, keys.Selection, ours);
            }

            for (var i = 0; i < _aggregates.Length; i++)
                _aggregates[i].Merge(ours, Count, other._aggregates[i], theirs, other.Count);
        }
    }

    /// <summary>Ends the input.</summary>
    public void Finish()
    {
        foreach (var aggregate in _aggregates)
            aggregate.Finish(Count);
    }

    /// <summary>Writes some groups as rows: keys, NULL for those of other sets; aggregates; GROUPING.</summary>
    public void Read(int from, int count, int keyCount, Column[] output)
    {
        var slots = RowNumbers.Ascending(from + count)[from..];
        for (var i = 0; i < _keyColumns.Length; i++)
            _keyColumns[i] = output[_keys[i]];
        if (_firstKeys is null)
            _index?.ReadKeys(slots, _keyColumns, 0);
        for (var i = 0; _firstKeys is not null && i < _keyColumns.Length; i++)
            _keyColumns[i].Gather(_firstKeys.Columns[i], slots, 0);
        for (var key = 0; key < keyCount; key++)
        {
            if (!_keys.Contains(key))
                output[key].SetAllNull(count);
        }

        for (var i = 0; i < _aggregates.Length; i++)
            _aggregates[i].Read(slots, output[keyCount + i]);
        for (var i = 0; i < _groupings.Length; i++)
            ((FixedColumn<int>)output[keyCount + _aggregates.Length + i]).Values.AsSpan(0, count).Fill(_groupings[i]);
    }

    /// <summary>Keeps the keys of new groups as the first row has them, where equal keys may look different.</summary>
    private void KeepFirst(ChangeBatch input, int known)
    {
        if (_firstKeys is null || known == Count)
            return;
        if (_new.Length < Count - known)
            _new = new int[Count - known];
        var count = 0;
        for (var i = 0; i < input.Selection.Count; i++)
        {
            // Nothing is ever removed, so the slot of a new group is the next one.
            if (_slots[i] == known + count)
                _new[count++] = input.Selection[i];
        }

        _firstKeys.Append(_keyColumns, input.RowTime, _new.AsSpan(0, count));
    }
}
