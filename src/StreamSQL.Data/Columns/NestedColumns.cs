using StreamSQL.Data.Types;

namespace StreamSQL.Data.Columns;

/// <summary>Lists as slices of a child column.</summary>
public sealed class ArrayColumn : Column
{
    private int[] _starts = [];
    private int[] _lengths = [];
    private int _used;

    /// <summary>Creates an empty column.</summary>
    public ArrayColumn(SqlType type)
        : base(type) => Elements = Create(type.Element!);

    /// <summary>The elements of all rows.</summary>
    public Column Elements { get; }

    /// <summary>Where each row's elements start.</summary>
    public int[] Starts => _starts;

    /// <summary>How many elements each row has.</summary>
    public int[] Lengths => _lengths;

    /// <inheritdoc/>
    public override long MemoryBytes => Elements.MemoryBytes + (8L * _starts.Length);

    /// <summary>Makes room for <paramref name="length"/> elements as the value of a row; returns where they start in <see cref="Elements"/>.</summary>
    public int Allocate(int row, int length)
    {
        Elements.Grow(_used + length);
        _starts[row] = _used;
        _lengths[row] = length;
        _used += length;
        return _starts[row];
    }

    private protected override void Resize(int capacity, int keep)
    {
        Array.Resize(ref _starts, capacity);
        Array.Resize(ref _lengths, capacity);
    }

    private protected override void Clear()
    {
        _used = 0;
        Elements.Reset(0);
    }

    private protected override void GatherValues(Column source, ReadOnlySpan<int> rows, int at)
    {
        var from = (ArrayColumn)source;
        for (var i = 0; i < rows.Length; i++)
        {
            if (source.IsNull(rows[i]))
                continue;
            var row = source.Physical(rows[i]);
            var start = Allocate(at + i, from._lengths[row]);
            for (var e = 0; e < from._lengths[row]; e++)
                Elements.CopyRow(from.Elements, from._starts[row] + e, start + e);
        }
    }
}

/// <summary>Maps as slices of a key column and a value column. Keys of a row are unique.</summary>
public sealed class MapColumn : Column
{
    private int[] _starts = [];
    private int[] _lengths = [];
    private int _used;

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

    /// <summary>Where each row's entries start.</summary>
    public int[] Starts => _starts;

    /// <summary>How many entries each row has.</summary>
    public int[] Lengths => _lengths;

    /// <inheritdoc/>
    public override long MemoryBytes => Keys.MemoryBytes + Values.MemoryBytes + (8L * _starts.Length);

    /// <summary>Makes room for <paramref name="length"/> entries as the value of a row; returns where they start in the child columns.</summary>
    public int Allocate(int row, int length)
    {
        Keys.Grow(_used + length);
        Values.Grow(_used + length);
        _starts[row] = _used;
        _lengths[row] = length;
        _used += length;
        return _starts[row];
    }

    private protected override void Resize(int capacity, int keep)
    {
        Array.Resize(ref _starts, capacity);
        Array.Resize(ref _lengths, capacity);
    }

    private protected override void Clear()
    {
        _used = 0;
        Keys.Reset(0);
        Values.Reset(0);
    }

    private protected override void GatherValues(Column source, ReadOnlySpan<int> rows, int at)
    {
        var from = (MapColumn)source;
        for (var i = 0; i < rows.Length; i++)
        {
            if (source.IsNull(rows[i]))
                continue;
            var row = source.Physical(rows[i]);
            var start = Allocate(at + i, from._lengths[row]);
            for (var e = 0; e < from._lengths[row]; e++)
            {
                Keys.CopyRow(from.Keys, from._starts[row] + e, start + e);
                Values.CopyRow(from.Values, from._starts[row] + e, start + e);
            }
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
