using StreamSQL.Data.Columns;

namespace StreamSQL.Engine.Operators.Windows;

/// <summary>
/// Where partitions and peers begin among rows that are sorted: row numbers, by row and by partition.
/// Rows are compared with their predecessors only.
/// </summary>
internal sealed class WindowPartitions
{
    private bool[] _isPeerStart = [];
    private int[] _peerStart = [];
    private int[] _peerEnd = [];
    private int[] _group = [];
    private int[] _groupStarts = [];
    private bool _hasPeers;
    private bool _hasGroups;

    /// <summary>Rows looked at.</summary>
    public int RowCount { get; private set; }

    /// <summary>Where each partition starts, and behind the last one the number of rows.</summary>
    public List<int> Starts { get; } = [];

    /// <summary>How many partitions there are.</summary>
    public int Count => Starts.Count - 1;

    /// <summary>Bytes held.</summary>
    public long MemoryBytes => _isPeerStart.Length
        + (4L * (_peerStart.Length + _peerEnd.Length + _group.Length + _groupStarts.Length + Starts.Capacity));

    /// <summary>The first peer of each row.</summary>
    public ReadOnlySpan<int> PeerStart => Peers()._peerStart;

    /// <summary>The row behind the last peer of each row.</summary>
    public ReadOnlySpan<int> PeerEnd => Peers()._peerEnd;

    /// <summary>The number of each row's group of peers, over all partitions.</summary>
    public ReadOnlySpan<int> Group => Groups()._group;

    /// <summary>Where each group of peers starts, and behind the last one the number of rows.</summary>
    public ReadOnlySpan<int> GroupStarts => Groups()._groupStarts;

    /// <summary>Takes in the partitions of rows 0..count-1.</summary>
    /// <param name="isPartitionStart">Marks by row; row 0 starts one.</param>
    /// <param name="order">The columns whose equality makes peers; none makes all rows of a partition peers.</param>
    /// <param name="count">How many rows.</param>
    public void Read(ReadOnlySpan<bool> isPartitionStart, IReadOnlyList<Column> order, int count)
    {
        RowCount = count;
        Starts.Clear();
        if (_isPeerStart.Length < count)
            _isPeerStart = new bool[count];
        isPartitionStart[..count].CopyTo(_isPeerStart);
        for (var row = 0; row < count; row++)
        {
            if (isPartitionStart[row])
                Starts.Add(row);
        }

        Starts.Add(count);
        foreach (var column in order)
            MarkChanges(column, 1, _isPeerStart.AsSpan(0, count));
        (_hasPeers, _hasGroups) = (false, false);
    }

    /// <summary>Marks rows whose value is another than that of the row before, from a row on.</summary>
    public static void MarkChanges(Column column, int from, Span<bool> marks)
    {
        if (column.IsConstant)
            return;
        switch (column)
        {
            case FixedColumn<int> { MayHaveNulls: false } values:
                Mark<int>(values.Values, from, marks);
                break;
            case FixedColumn<long> { MayHaveNulls: false } values:
                Mark<long>(values.Values, from, marks);
                break;
            case FixedColumn<Int128> { MayHaveNulls: false } values:
                Mark<Int128>(values.Values, from, marks);
                break;
            case FixedColumn<byte> { MayHaveNulls: false } values:
                Mark<byte>(values.Values, from, marks);
                break;
            default:
                for (var row = from; row < marks.Length; row++)
                    marks[row] |= !AreEqual(column, row);
                break;
        }
    }

    private static bool AreEqual(Column column, int row) => column is FixedColumn<double> numbers && !column.IsNull(row)
        && !column.IsNull(row - 1)
        ? numbers[row] == numbers[row - 1] || (double.IsNaN(numbers[row]) && double.IsNaN(numbers[row - 1]))
        : ColumnValue.AreEqual(column, row - 1, column, row);

    private static void Mark<T>(ReadOnlySpan<T> values, int from, Span<bool> marks)
        where T : unmanaged, IEquatable<T>
    {
        for (var row = from; row < marks.Length && row < values.Length; row++)
            marks[row] |= !values[row].Equals(values[row - 1]);
    }

    private WindowPartitions Peers()
    {
        if (_hasPeers)
            return this;
        if (_peerStart.Length < RowCount)
        {
            _peerStart = new int[RowCount];
            _peerEnd = new int[RowCount];
        }

        var start = 0;
        for (var row = 0; row < RowCount; row++)
        {
            if (_isPeerStart[row])
            {
                _peerEnd.AsSpan(start, row - start).Fill(row);
                start = row;
            }

            _peerStart[row] = start;
        }

        _peerEnd.AsSpan(start, RowCount - start).Fill(RowCount);
        _hasPeers = true;
        return this;
    }

    private WindowPartitions Groups()
    {
        if (_hasGroups)
            return this;
        if (_group.Length < RowCount)
        {
            _group = new int[RowCount];
            _groupStarts = new int[RowCount + 1];
        }

        var group = -1;
        for (var row = 0; row < RowCount; row++)
        {
            if (_isPeerStart[row])
                _groupStarts[++group] = row;
            _group[row] = group;
        }

        _groupStarts[group + 1] = RowCount;
        _hasGroups = true;
        return this;
    }
}
