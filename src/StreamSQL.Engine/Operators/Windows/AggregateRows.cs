using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;

namespace StreamSQL.Engine.Operators.Windows;

/// <summary>
/// The rows that an aggregate counts: all, or those that pass its FILTER, in order. Frames are kept as positions among them, so that
/// whatever computes over frames knows nothing of filters.
/// </summary>
internal sealed class AggregateRows
{
    private int[] _rows = [];
    private int[] _before = [];
    private int[] _slice = [];
    private bool _isFiltered;

    /// <summary>How many rows count.</summary>
    public int Count { get; private set; }

    /// <summary>Bytes held.</summary>
    public long MemoryBytes => 4L * (_rows.Length + _before.Length);

    /// <summary>The rows.</summary>
    public RowSelection Selection => _isFiltered ? RowSelection.Of(_rows, Count) : RowSelection.All(Count);

    /// <summary>Takes in rows 0..count-1, or those of them where the filter is true.</summary>
    public void Read(Column? filter, int count)
    {
        _isFiltered = filter is not null;
        Count = count;
        if (filter is null)
            return;
        if (_rows.Length < count)
        {
            _rows = new int[count];
            _before = new int[count + 1];
        }

        var passes = (FixedColumn<byte>)filter;
        Count = 0;
        for (var row = 0; row < count; row++)
        {
            _before[row] = Count;
            if (!passes.IsNull(row) && passes[row] != 0)
                _rows[Count++] = row;
        }

        _before[count] = Count;
    }

    /// <summary>How many of the rows stand before a row.</summary>
    public int PositionOf(int row) => _isFiltered ? _before[row] : row;

    /// <summary>The row at a position.</summary>
    public int this[int position] => _isFiltered ? _rows[position] : position;

    /// <summary>The rows at positions [from, to), valid until the next call.</summary>
    public RowSelection Slice(int from, int to)
    {
        var count = to - from;
        if (_slice.Length < count)
            _slice = new int[Math.Max(64, count)];
        for (var i = 0; i < count; i++)
            _slice[i] = this[from + i];
        return RowSelection.Of(_slice, count);
    }
}
