using System.Runtime.CompilerServices;
using StreamSQL.Data.Types;

namespace StreamSQL.Data.Columns;

/// <summary>Values of one fixed size: byte (BOOLEAN), int, long, double, Int128 (the unscaled value of a DECIMAL), Interval.</summary>
public sealed class FixedColumn<T> : Column
    where T : unmanaged
{
    private T[] _values = [];

    /// <summary>Creates an empty column.</summary>
    public FixedColumn(SqlType type)
        : base(type)
    {
    }

    /// <summary>The values by row; as long as <see cref="Column.Capacity"/>. In a constant column only row 0 counts.</summary>
    public T[] Values => _values;

    /// <inheritdoc/>
    public override long MemoryBytes => (long)_values.Length * Unsafe.SizeOf<T>();

    /// <summary>The value of a row, also in a constant column.</summary>
    public T this[int row] => _values[Physical(row)];

    private protected override void Resize(int capacity, int keep)
    {
        var values = GC.AllocateUninitializedArray<T>(capacity);
        _values.AsSpan(0, keep).CopyTo(values);
        _values = values;
    }

    private protected override void GatherValues(Column source, ReadOnlySpan<int> rows, int at)
    {
        var from = ((FixedColumn<T>)source)._values;
        var to = _values.AsSpan(at, rows.Length);
        if (source.IsConstant)
        {
            to.Fill(from[0]);
            return;
        }

        for (var i = 0; i < rows.Length; i++)
            to[i] = from[rows[i]];
    }

    private protected override void ShowRunValues(Column source, int start, int count) =>
        ((FixedColumn<T>)source)._values.AsSpan(start, count).CopyTo(_values);

    private protected override void ScatterValues(Column source, ReadOnlySpan<int> sourceRows, ReadOnlySpan<int> rows)
    {
        var from = ((FixedColumn<T>)source)._values;
        var to = _values;
        if (source.IsConstant)
        {
            foreach (var row in rows)
                to[row] = from[0];
            return;
        }

        for (var i = 0; i < rows.Length; i++)
            to[rows[i]] = from[sourceRows[i]];
    }
}
