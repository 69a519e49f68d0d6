using StreamSQL.Data.Batches;
using StreamSQL.Engine.State;

namespace StreamSQL.Engine.Operators.Aggregate;

/// <summary>
/// Gives out the groups of an <see cref="AggregateTable"/> that the open commit has touched, each once: windows ascending, groups in the
/// order of their first change. The old values, where wanted, are those of the last commit.
/// </summary>
internal sealed class FoldedChanges(AggregateTable table, ChangeBatch output) : HeldResults
{
    private readonly List<GroupTable> _groups = [];
    private readonly ChangeFlags[] _flags = new ChangeFlags[ChangeBatch.MaxRows];
    private readonly int[] _committed = new int[ChangeBatch.MaxRows];
    private readonly int[] _committedRows = new int[ChangeBatch.MaxRows];
    private readonly ChangeBatch _old = new(table.Schema.Columns.Skip(table.KeyCount + table.BoundCount)
        .Select(static column => column.Type).ToArray());
    private int _group;
    private int _position;

    /// <inheritdoc/>
    public override void Begin()
    {
        _groups.Clear();
        _groups.AddRange(table.Dirty);
        _groups.Sort(static (a, b) => a.Start.CompareTo(b.Start));
        _group = 0;
        _position = 0;
    }

    /// <inheritdoc/>
    public override ChangeBatch? Next()
    {
        for (; _group < _groups.Count; _group++, _position = 0)
        {
            var group = _groups[_group];
            var count = Math.Min(group.Touched.Length - _position, ChangeBatch.MaxRows);
            if (count <= 0)
                continue;
            Write(group, group.Touched.Slice(_position, count));
            _position += count;
            return output;
        }

        _groups.Clear();
        return null;
    }

    private void Write(GroupTable group, ReadOnlySpan<int> slots)
    {
        output.Reset(slots.Length);
        GroupColumns.WriteKeys(table, group, slots, output.Columns);
        for (var a = 0; a < group.States.Length; a++)
            group.States[a].Read(slots, output.Columns[table.KeyCount + table.BoundCount + a], 0);
        group.ReadTimes(slots, output.RowTime.Values);

        var committed = 0;
        for (var i = 0; i < slots.Length; i++)
        {
            _flags[i] = ChangeFlags.HasNew;
            if (!group.IsCommitted(slots[i]))
                continue;
            _flags[i] |= ChangeFlags.HasOld;
            _committed[committed] = slots[i];
            _committedRows[committed++] = i;
        }

        output.SetFlags(_flags);
        if (output.OldColumns is not null)
            WriteOld(group, slots, committed);
    }

    private void WriteOld(GroupTable group, ReadOnlySpan<int> slots, int committed)
    {
        GroupColumns.WriteKeys(table, group, slots, output.OldColumns!);
        _old.Reset(committed);
        group.ReadCommitted(_committed.AsSpan(0, committed), _old.Columns, _old.RowTime.Values);
        for (var a = 0; a < _old.Columns.Length; a++)
        {
            output.OldColumns![table.KeyCount + table.BoundCount + a]
                .Scatter(_old.Columns[a], RowNumbers.Ascending(committed), _committedRows.AsSpan(0, committed));
        }
    }
}
