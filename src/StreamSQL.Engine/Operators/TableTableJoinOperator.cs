using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Types;
using StreamSQL.Engine.State;
using StreamSQL.Sql.Plans;

namespace StreamSQL.Engine.Operators;

/// <summary>
/// Joins the changes of two tables by their primary keys. Both tables are brought up to date before their changes come here, so each change
/// is looked up in the other table. Output: changes of the joined table: the key, the left columns, the
/// right columns. The time of a row is the later one of both sides.
/// </summary>
internal sealed class TableTableJoinOperator : BatchOperator
{
    private readonly Side _left;
    private readonly Side _right;
    private readonly int _keyCount;
    private readonly bool _withOld;
    private readonly ChangeBatch _output;
    private readonly FixedColumn<long> _times = new(SqlType.BigInt);
    private ChangeFlags[] _flags = [];
    private int[] _slots = [];
    private int[] _found = [];
    private int[] _foundRows = [];
    private int[] _selected = [];

    /// <summary>Creates the operator.</summary>
    /// <param name="plan">The join.</param>
    /// <param name="left">The left table.</param>
    /// <param name="right">The right table.</param>
    /// <param name="withOld">Whether the consumer needs old columns; then the changes come with theirs.</param>
    public TableTableJoinOperator(LogicalJoin plan, RowTable left, RowTable right, bool withOld)
    {
        _keyCount = plan.KeyColumns;
        _withOld = withOld;
        _left = new Side(left, plan.KeyColumns, plan.Kind is JoinKind.Left or JoinKind.Full);
        _right = new Side(right, plan.KeyColumns + left.Schema.Columns.Count, plan.Kind is JoinKind.Right or JoinKind.Full);
        _output = new ChangeBatch(new Column[plan.Schema.Columns.Count]);
        if (withOld)
            _output.OldColumns = new Column[plan.Schema.Columns.Count];
    }

    /// <inheritdoc/>
    protected override ChangeBatch? Process(ChangeBatch input)
    {
        var (mine, other) = Port == 0 ? (_left, _right) : (_right, _left);
        EnsureRoom(input.RowCount);
        var rows = input.Selection;
        var slots = _slots.AsSpan(0, rows.Count);
        _output.TakeRowsFrom(input);
        _times.Reset(input.RowCount);
        lock (other.Table.Sync)
        {
            var keys = input.Columns.AsSpan(0, _keyCount);
            other.Table.Find(keys, rows, slots);
            KeyRows.UnmatchNulls(keys, rows, slots);
            CopyOther(input, other, rows, slots);
        }

        var selected = Decide(input, mine, other, rows, slots);
        for (var c = 0; c < _keyCount; c++)
            _output.Columns[c] = input.Columns[c];
        mine.Show(input.Columns, input, ChangeFlags.HasNew, rows, other.IsPreserved, _output.Columns, mine.New);
        other.Other.CopyTo(_output.Columns, other.First);
        if (_withOld)
            ShowOld(input, mine, other, rows);
        _output.RowTime = _times;
        _output.SetFlags(_flags);
        _output.Selection = selected;
        return IsWorthGiving(_output) ? _output : null;
    }

    private void ShowOld(ChangeBatch input, Side mine, Side other, RowSelection rows)
    {
        var old = _output.OldColumns!;
        for (var c = 0; c < _keyCount; c++)
            old[c] = input.Columns[c];
        mine.Show(input.OldColumns!, input, ChangeFlags.HasOld, rows, other.IsPreserved, old, mine.Old);
        other.Other.CopyTo(old, other.First);
    }

    /// <summary>Copies what the other table has for the rows; null where it has nothing.</summary>
    private void CopyOther(ChangeBatch input, Side other, RowSelection rows, ReadOnlySpan<int> slots)
    {
        foreach (var column in other.Other)
            column.Reset(input.RowCount);
        var found = 0;
        for (var i = 0; i < slots.Length; i++)
        {
            var row = rows[i];
            _times.Values[row] = input.RowTime[row];
            if (slots[i] < 0)
            {
                foreach (var column in other.Other)
                    column.SetNull(row);
                continue;
            }

            _times.Values[row] = Math.Max(input.RowTime[row], other.Table.TimeOf(slots[i]));
            _found[found] = slots[i];
            _foundRows[found++] = row;
        }

        var foundRows = _foundRows.AsSpan(0, found);
        for (var c = 0; c < other.Other.Length; c++)
        {
            if (c < _keyCount)
                other.Other[c].Scatter(input.Columns[c], foundRows, foundRows);
            else
                other.Other[c].Scatter(other.Table.Values[c - _keyCount], _found.AsSpan(0, found), foundRows);
        }
    }

    /// <summary>Which rows the joined table has and had, and which changes are given out.</summary>
    private RowSelection Decide(ChangeBatch input, Side mine, Side other, RowSelection rows, ReadOnlySpan<int> slots)
    {
        var count = 0;
        for (var i = 0; i < rows.Count; i++)
        {
            var row = rows[i];
            var flags = input.FlagsOf(row);
            var isThere = slots[i] >= 0;
            if (!isThere && (!mine.IsPreserved || flags == ChangeFlags.None))
                continue;
            _flags[row] = isThere && other.IsPreserved ? ChangeFlags.HasOld | ChangeFlags.HasNew : flags;
            _selected[count++] = row;
        }

        return RowSelection.Of(_selected, count);
    }

    private void EnsureRoom(int rows)
    {
        if (_slots.Length >= rows)
            return;
        var size = Math.Max(ChangeBatch.MaxRows, rows);
        _flags = new ChangeFlags[size];
        _slots = new int[size];
        _found = new int[size];
        _foundRows = new int[size];
        _selected = new int[size];
    }

    /// <summary>One side of the join.</summary>
    private sealed class Side(RowTable table, int first, bool isPreserved)
    {
        private int[] _present = [];

        public RowTable Table => table;

        /// <summary>Where its columns stand in the output.</summary>
        public int First => first;

        /// <summary>Whether its rows are kept without a match.</summary>
        public bool IsPreserved => isPreserved;

        /// <summary>What was looked up in it.</summary>
        public Column[] Other { get; } = Create(table);

        /// <summary>Its own rows, where they can be missing.</summary>
        public Column[] New { get; } = Create(table);

        /// <summary>Its own rows before the change, where they can be missing.</summary>
        public Column[] Old { get; } = Create(table);

        /// <summary>
        /// Puts its columns into the output: as they are, or, when rows without them are given out, copies with nulls in these.
        /// </summary>
        public void Show(Column[] columns, ChangeBatch input, ChangeFlags flag, RowSelection rows, bool canBeMissing, Column[] target,
            Column[] copies)
        {
            if (!canBeMissing)
            {
                columns.CopyTo(target, first);
                return;
            }

            if (_present.Length < rows.Count)
                _present = new int[Math.Max(ChangeBatch.MaxRows, rows.Count)];
            foreach (var column in copies)
                column.Reset(input.RowCount);
            var present = 0;
            for (var i = 0; i < rows.Count; i++)
            {
                var row = rows[i];
                if ((input.FlagsOf(row) & flag) != 0)
                {
                    _present[present++] = row;
                    continue;
                }

                foreach (var column in copies)
                    column.SetNull(row);
            }

            var numbers = _present.AsSpan(0, present);
            for (var c = 0; c < copies.Length; c++)
                copies[c].Scatter(columns[c], numbers, numbers);
            copies.CopyTo(target, first);
        }

        private static Column[] Create(RowTable table) => [.. table.Schema.Columns.Select(static column => Column.Create(column.Type))];
    }
}
