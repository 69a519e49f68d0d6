using StreamSQL.Data.Types;

namespace StreamSQL.Data.Columns;

/// <summary>Values that are slices of child columns, which hold what all rows have one after the other.</summary>
public abstract class SlicedColumn : Column
{
    private int[] _starts = [];
    private int[] _lengths = [];
    private int _used;

    private protected SlicedColumn(SqlType type)
        : base(type)
    {
    }

    /// <summary>Where each row's slice starts.</summary>
    public int[] Starts => _starts;

    /// <summary>How long each row's slice is.</summary>
    public int[] Lengths => _lengths;

    /// <inheritdoc/>
    public override long MemoryBytes => 8L * _starts.Length;

    /// <summary>
    /// Makes room for <paramref name="length"/> elements or entries as the value of a row; returns where they start in the child columns.
    /// </summary>
    public int Allocate(int row, int length)
    {
        GrowChildren(_used + length);
        _starts[row] = _used;
        _lengths[row] = length;
        _used += length;
        return _starts[row];
    }

    /// <summary>
    /// Makes a row's slice longer by <paramref name="length"/>; returns where the new ones are in the child columns. The slice must be
    /// empty or the one that was allocated last.
    /// </summary>
    public int Extend(int row, int length)
    {
        if (_lengths[row] == 0)
            return Allocate(row, length);
        if (_starts[row] + _lengths[row] != _used)
            throw new InvalidOperationException("Only the last slice can become longer.");
        GrowChildren(_used + length);
        _lengths[row] += length;
        _used += length;
        return _used - length;
    }

    private protected override void Resize(int capacity, int keep)
    {
        Array.Resize(ref _starts, capacity);
        Array.Resize(ref _lengths, capacity);
    }

    private protected override void Clear()
    {
        _used = 0;
        ResetChildren();
    }

    private protected override void GatherValues(Column source, ReadOnlySpan<int> rows, int at)
    {
        var from = (SlicedColumn)source;
        for (var i = 0; i < rows.Length; i++)
        {
            if (source.IsNull(rows[i]))
                continue;
            var row = source.Physical(rows[i]);
            var start = Allocate(at + i, from._lengths[row]);
            CopySlice(from, from._starts[row], start, from._lengths[row]);
        }
    }

    /// <summary>Makes room for so many rows in the child columns.</summary>
    private protected abstract void GrowChildren(int capacity);

    /// <summary>Empties the child columns.</summary>
    private protected abstract void ResetChildren();

    /// <summary>Copies rows of the child columns of a column of the same type.</summary>
    private protected abstract void CopySlice(SlicedColumn source, int from, int to, int length);
}

/// <summary>Lists as slices of a child column.</summary>
public sealed class ArrayColumn : SlicedColumn
{
    /// <summary>Creates an empty column.</summary>
    public ArrayColumn(SqlType type)
        : base(type) => Elements = Create(type.Element!);

    /// <summary>The elements of all rows.</summary>
    public Column Elements { get; }

    /// <inheritdoc/>
    public override long MemoryBytes => Elements.MemoryBytes + base.MemoryBytes;

    private protected override void GrowChildren(int capacity) => Elements.Grow(capacity);

    private protected override void ResetChildren() => Elements.Reset(0);

    private protected override void CopySlice(SlicedColumn source, int from, int to, int length)
    {
        var elements = ((ArrayColumn)source).Elements;
        for (var i = 0; i < length; i++)
            Elements.CopyRow(elements, from + i, to + i);
    }
}

/// <summary>Maps as slices of a key column and a value column. Keys of a row are unique.</summary>
public sealed class MapColumn : SlicedColumn
{
    /// <summary>Creates an empty column.</summary>
    public MapColumn(SqlType type)
        : base(type)
    {
        Keys = Create(type.Key!);
        Values = Create(type.Element!);
    }

    /// <summary>The keys of all rows.</summary>
    public Column Keys { get; }

    /// <summary>The values of all rows.</summary>
    public Column Values { get; }

    /// <inheritdoc/>
    public override long MemoryBytes => Keys.MemoryBytes + Values.MemoryBytes + base.MemoryBytes;

    private protected override void GrowChildren(int capacity)
    {
        Keys.Grow(capacity);
        Values.Grow(capacity);
    }

    private protected override void ResetChildren()
    {
        Keys.Reset(0);
        Values.Reset(0);
    }

    private protected override void CopySlice(SlicedColumn source, int from, int to, int length)
    {
        var map = (MapColumn)source;
        for (var i = 0; i < length; i++)
        {
            Keys.CopyRow(map.Keys, from + i, to + i);
            Values.CopyRow(map.Values, from + i, to + i);
        }
    }
}

/// <summary>Structs: one child column per field, row for row.</summary>
public sealed class StructColumn : Column
{
    /// <summary>Creates an empty column.</summary>
    public StructColumn(SqlType type)
        : base(type)
    {
        Fields = new Column[type.Fields.Count];
        for (var i = 0; i < Fields.Length; i++)
            Fields[i] = Create(type.Fields[i].Type);
    }

    /// <summary>The fields' columns; row r of each belongs to row r.</summary>
    public Column[] Fields { get; }

    /// <inheritdoc/>
    public override long MemoryBytes => Fields.Sum(static column => column.MemoryBytes);

    private protected override void Resize(int capacity, int keep)
    {
        foreach (var field in Fields)
            field.Grow(capacity);
    }

    private protected override void Clear()
    {
        foreach (var field in Fields)
            field.Reset(Capacity);
    }

    private protected override void GatherValues(Column source, ReadOnlySpan<int> rows, int at)
    {
        var from = (StructColumn)source;
        for (var i = 0; i < rows.Length; i++)
        {
            if (source.IsNull(rows[i]))
                continue;
            for (var f = 0; f < Fields.Length; f++)
                Fields[f].CopyRow(from.Fields[f], source.Physical(rows[i]), at + i);
        }
    }
}
