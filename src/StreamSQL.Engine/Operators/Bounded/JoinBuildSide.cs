using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;
using StreamSQL.Engine.Expressions;
using StreamSQL.Engine.State;
using StreamSQL.Sql.Expressions;
using StreamSQL.Sql.Plans;

namespace StreamSQL.Engine.Operators.Bounded;

/// <summary>The right rows of a bounded join, chained by equal key in the order they came. A row with a null key is in no chain.</summary>
internal sealed class JoinBuildSide
{
    private readonly ExpressionEvaluator[] _keys;
    private readonly Column[] _keyColumns;
    private readonly KeyIndex? _index;
    private readonly RowBuffer _rows;
    private readonly MemoryBudget _budget;
    private int[] _slots = [];
    private int[] _keyed = [];
    private int[] _next = [];
    private int[] _firstBySlot = [];
    private int[] _lastBySlot = [];
    private ulong[] _matched = [];
    private long _charged;

    /// <summary>Creates an empty side.</summary>
    public JoinBuildSide(OperatorContext context, PlanSchema schema, IReadOnlyList<BoundExpression> keys)
    {
        _keys = ExpressionEvaluator.CreateAll(keys, context);
        _keyColumns = new Column[_keys.Length];
        _index = keys.Count == 0 ? null : KeyIndex.Create(keys.Select(static key => key.Type).ToArray(), nullable: false);
        _budget = context.Budget.Part("a join");
        _rows = new RowBuffer(schema.Columns.Select(static column => column.Type).ToArray(), _budget);
    }

    /// <summary>Adds rows.</summary>
    /// <exception cref="Data.Errors.SqlException">53200: over the budget.</exception>
    public void Add(ChangeBatch input)
    {
        var first = _rows.Count;
        _rows.Append(input.Columns, input.RowTime, RowNumbers.Of(input.Selection));
        if (_index is null)
            return;
        EnsureRoom(input.Selection.Count);
        for (var i = 0; i < _keys.Length; i++)
            _keyColumns[i] = _keys[i].Evaluate(input, input.Selection);
        var positions = KeyedPositions(_keyColumns, input.Selection, out var keyed);
        _index.FindOrAdd(_keyColumns, keyed, _slots);
        EnsureSlots();
        for (var i = 0; i < keyed.Count; i++)
            Chain(_slots[i], first + positions[i]);
        Charge();
    }

    /// <summary>Finds, by position, the first row with the same key; -1 where there is none.</summary>
    public void FindFirst(ReadOnlySpan<Column> keys, RowSelection rows, int[] firstMatch)
    {
        if (_index is null)
        {
            firstMatch.AsSpan(0, rows.Count).Fill(_rows.Count > 0 ? 0 : -1);
            return;
        }

        EnsureRoom(rows.Count);
        firstMatch.AsSpan(0, rows.Count).Fill(-1);
        var positions = KeyedPositions(keys, rows, out var keyed);
        _index.Find(keys, keyed, _slots);
        for (var i = 0; i < keyed.Count; i++)
            firstMatch[positions[i]] = _slots[i] < 0 ? -1 : _firstBySlot[_slots[i]];
    }

    /// <summary>The next row with the same key; -1 at the end.</summary>
    public int Next(int row)
    {
        if (_index is not null)
            return _next[row];
        return row + 1 < _rows.Count ? row + 1 : -1;
    }

    /// <summary>Notes that a row has found a left row.</summary>
    public void MarkMatched(int row)
    {
        if (_matched.Length == 0)
            _matched = new ulong[(_rows.Count + 63) >> 6];
        _matched[row >> 6] |= 1UL << (row & 63);
    }

    /// <summary>
    /// Writes down rows from <paramref name="from"/> on that found no left row, as many as fit; moves on and returns how many.
    /// </summary>
    public int NextUnmatched(ref int from, Span<int> rows)
    {
        var count = 0;
        for (; from < _rows.Count && count < rows.Length; from++)
        {
            if (_matched.Length == 0 || (_matched[from >> 6] & (1UL << (from & 63))) == 0)
                rows[count++] = from;
        }

        return count;
    }

    /// <summary>Copies rows out, from row 0 of the columns on.</summary>
    public void Gather(ReadOnlySpan<int> rows, ReadOnlySpan<Column> columns)
    {
        for (var c = 0; c < columns.Length; c++)
            columns[c].Gather(_rows.Columns[c], rows, 0);
    }

    /// <summary>Copies the rows' times out.</summary>
    public void GatherTime(ReadOnlySpan<int> rows, FixedColumn<long> rowTime) => rowTime.Gather(_rows.RowTime, rows, 0);

    /// <summary>The selected rows whose key has no null, and where in the selection each stands.</summary>
    private ReadOnlySpan<int> KeyedPositions(ReadOnlySpan<Column> keys, RowSelection rows, out RowSelection keyed)
    {
        var mayHaveNulls = false;
        foreach (var key in keys)
            mayHaveNulls |= key.MayHaveNulls;
        keyed = rows;
        if (!mayHaveNulls)
            return RowNumbers.Ascending(rows.Count);

        var half = _keyed.Length / 2;
        var count = 0;
        for (var i = 0; i < rows.Count; i++)
        {
            var isNull = false;
            foreach (var key in keys)
                isNull |= key.IsNull(rows[i]);
            if (isNull)
                continue;
            _keyed[count] = rows[i];
            _keyed[half + count++] = i;
        }

        keyed = RowSelection.Of(_keyed, count);
        return _keyed.AsSpan(half, count);
    }

    private void Chain(int slot, int row)
    {
        _next[row] = -1;
        if (_firstBySlot[slot] < 0)
            _firstBySlot[slot] = row;
        else
            _next[_lastBySlot[slot]] = row;
        _lastBySlot[slot] = row;
    }

    private void EnsureRoom(int rows)
    {
        if (_slots.Length < rows)
        {
            _slots = new int[Math.Max(64, rows)];
            _keyed = new int[2 * _slots.Length];
        }

        if (_next.Length < _rows.Count)
            Array.Resize(ref _next, Math.Max(_rows.Count, _next.Length * 2));
    }

    private void EnsureSlots()
    {
        var old = _firstBySlot.Length;
        if (old >= _index!.SlotLimit)
            return;
        Array.Resize(ref _firstBySlot, Math.Max(_index.SlotLimit, old * 2));
        Array.Resize(ref _lastBySlot, _firstBySlot.Length);
        _firstBySlot.AsSpan(old).Fill(-1);
    }

    private void Charge()
    {
        var bytes = _index!.MemoryBytes + (4L * (_next.Length + _firstBySlot.Length + _lastBySlot.Length));
        _budget.Charge(bytes - _charged);
        _charged = bytes;
    }
}
