using StreamSQL.Data.Columns;

namespace StreamSQL.Data.Functions.Kernels;

/// <summary>Reads a column by row without asking at each row whether it is constant: a constant's row number is masked to 0.</summary>
internal readonly ref struct ValueReader<T>
    where T : unmanaged
{
    private readonly ReadOnlySpan<T> _values;
    private readonly int _mask;

    public ValueReader(FixedColumn<T> column)
    {
        _values = column.Values;
        _mask = column.IsConstant ? 0 : -1;
    }

    public ValueReader(Column column)
        : this((FixedColumn<T>)column)
    {
    }

    public T this[int row] => _values[row & _mask];
}
