using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;
using StreamSQL.Engine.Planning;
using StreamSQL.Engine.State;
using StreamSQL.Sql.Plans;

namespace StreamSQL.Engine.Operators.ForeignKey;

/// <summary>
/// Joins answers to the rows of the left table. An answer whose hash is not that of the row as it is now was overtaken by a change, which
/// has an answer of its own: it is dropped. Output: for each answer the joined row, or its removal.
/// </summary>
internal sealed class ForeignKeyResolveOperator : BatchOperator
{
    private readonly RowTable _left;
    private readonly int _keyCount;
    private readonly bool _keepsUnmatched;
    private readonly RowHash _hash = new();
    private readonly Column[] _leftColumns;
    private readonly ChangeBatch _output;
    private ChangeFlags[] _flags = [];
    private int[] _slots = [];
    private int[] _selected = [];
    private int[] _withRow = [];

    /// <summary>Creates the operator.</summary>
    public ForeignKeyResolveOperator(ForeignKeyResolve node, RowTable left)
    {
        _left = left;
        _keyCount = node.Join.KeyColumns;
        _keepsUnmatched = node.Join.Kind == JoinKind.Left;
        _leftColumns = [.. left.Schema.Columns.Select(static column => Column.Create(column.Type))];
        _output = new ChangeBatch(new Column[node.Schema.Columns.Count]);
    }

    /// <inheritdoc/>
    protected override ChangeBatch? Process(ChangeBatch input)
    {
        EnsureRoom(input.RowCount);
        var rows = input.Selection;
        var slots = _slots.AsSpan(0, rows.Count);
        int count;
        lock (_left.Sync)
        {
            _left.Find(input.Columns.AsSpan(0, _keyCount), rows, slots);
            count = Judge(input, slots);
            CopyLeft(input, count);
        }

        for (var c = 0; c < _keyCount; c++)
            _output.Columns[c] = input.Columns[c];
        _leftColumns.CopyTo(_output.Columns, _keyCount);
        input.Columns.AsSpan(_keyCount + 2).CopyTo(_output.Columns.AsSpan(_keyCount + _leftColumns.Length));
        _output.TakeRowsFrom(input);
        _output.SetFlags(_flags);
        _output.Selection = RowSelection.Of(_selected, count);
        return count == 0 ? null : _output;
    }

    /// <summary>Keeps the answers that are not overtaken, with their left rows' slots.</summary>
    private int Judge(ChangeBatch input, ReadOnlySpan<int> slots)
    {
        var hash = (FixedColumn<long>)input.Columns[_keyCount];
        var found = (FixedColumn<byte>)input.Columns[_keyCount + 1];
        var count = 0;
        for (var i = 0; i < slots.Length; i++)
        {
            var (row, slot) = (input.Selection[i], slots[i]);
            var isGone = slot < 0;
#if PLANTED_BUGS
            if (isGone || !Planted.IsAwake(PlantedBug.TakeOvertakenAnswer))
#endif
            if (isGone != hash.IsNull(row) || (!isGone && _hash.Of(_left.Values, slot) != hash[row]))
                continue;
            _flags[row] = !isGone && (_keepsUnmatched || found[row] != 0) ? ChangeFlags.HasNew : ChangeFlags.HasOld;
            _selected[count] = row;
            _withRow[count++] = slot;
        }

        return count;
    }

    private void CopyLeft(ChangeBatch input, int count)
    {
        foreach (var column in _leftColumns)
            column.Reset(input.RowCount);
        for (var i = 0; i < count; i++)
        {
            var row = _selected[i];
            for (var c = 0; c < _keyCount; c++)
                _leftColumns[c].Scatter(input.Columns[c], [row], [row]);
            for (var c = _keyCount; c < _leftColumns.Length && _withRow[i] >= 0; c++)
                _leftColumns[c].Scatter(_left.Values[c - _keyCount], [_withRow[i]], [row]);
        }
    }

    private void EnsureRoom(int rows)
    {
        if (_slots.Length >= rows)
            return;
        var size = Math.Max(ChangeBatch.MaxRows, rows);
        _flags = new ChangeFlags[size];
        _slots = new int[size];
        _selected = new int[size];
        _withRow = new int[size];
    }
}
