namespace StreamSQL.Data.Batches;

/// <summary>
/// Which rows of a batch count, in order: either all of 0..count-1 or a list of row numbers. A filter narrows the selection; columns do
/// not move. The list belongs to the operator that made it and is valid until that operator's next output.
/// </summary>
public readonly struct RowSelection
{
    private readonly int[]? _rows;

    private RowSelection(int[]? rows, int count)
    {
        _rows = rows;
        Count = count;
    }

    /// <summary>How many rows count.</summary>
    public int Count { get; }

    /// <summary>Whether the rows are 0..Count-1.</summary>
    public bool IsDense => _rows is null;

    /// <summary>The row numbers; empty when dense.</summary>
    public ReadOnlySpan<int> Rows => _rows.AsSpan(0, _rows is null ? 0 : Count);

    /// <summary>The row number at a position.</summary>
    public int this[int position] => _rows is null ? position : _rows[position];

    /// <summary>All rows 0..count-1.</summary>
    public static RowSelection All(int count) => new(null, count);

    /// <summary>The first <paramref name="count"/> row numbers of a list.</summary>
    public static RowSelection Of(int[] rows, int count) => new(rows, count);

    /// <summary>Goes through the row numbers in order.</summary>
    public Enumerator GetEnumerator() => new(_rows, Count);

    /// <summary>
    /// The positions from <paramref name="start"/> on, <paramref name="count"/> of them, written out into <paramref name="scratch"/>.
    /// </summary>
    public RowSelection Slice(int start, int count, ref int[] scratch)
    {
        if (start == 0 && count == Count)
            return this;
        if (scratch.Length < count)
            scratch = new int[Math.Max(count, 64)];
        for (var i = 0; i < count; i++)
            scratch[i] = this[start + i];
        return Of(scratch, count);
    }

    /// <summary>Goes through row numbers.</summary>
    public ref struct Enumerator
    {
        private readonly ReadOnlySpan<int> _rows;
        private readonly bool _dense;
        private readonly int _count;
        private int _position;

        internal Enumerator(int[]? rows, int count)
        {
            _dense = rows is null;
            _rows = rows.AsSpan(0, rows is null ? 0 : count);
            _count = count;
            _position = -1;
        }

        /// <summary>The row number.</summary>
        public readonly int Current => _dense ? _position : _rows[_position];

        /// <summary>Goes to the next row; false at the end.</summary>
        public bool MoveNext() => ++_position < _count;
    }
}
