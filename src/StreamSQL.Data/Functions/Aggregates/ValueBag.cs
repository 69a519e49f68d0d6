using StreamSQL.Data.Columns;
using StreamSQL.Data.Types;

namespace StreamSQL.Data.Functions.Aggregates;

/// <summary>
/// The values of one group in order of arrival, all or each once. A set finds a value through an open-addressing table over the column.
/// </summary>
internal sealed class ValueBag(SqlType type, bool distinct)
{
    private Column _values = Create(type);
    private int[] _table = [];

    /// <summary>How many values there are.</summary>
    public int Count { get; private set; }

    /// <summary>The values, rows 0..Count-1.</summary>
    public Column Values => _values;

    /// <summary>Bytes held.</summary>
    public long MemoryBytes => 96 + _values.MemoryBytes + (4L * _table.Length);

    /// <summary>Adds a value or a null, unless this is a set that has it.</summary>
    public void Add(Column source, int row)
    {
        if (distinct && !TryClaim(source, row))
            return;
        _values.CopyRow(source, row, Count++);
    }

    /// <summary>Removes the last value that is equal to one; does nothing when there is none.</summary>
    public void RemoveLast(Column source, int row)
    {
        for (var i = Count - 1; i >= 0; i--)
        {
            if (!ColumnValue.AreEqual(_values, i, source, row))
                continue;
            var rest = Create(type);
            rest.Gather(_values, [.. Enumerable.Range(0, Count).Where(other => other != i)], 0);
            _values = rest;
            Count--;
            return;
        }
    }

    /// <summary>Reads one value more from its binary form; returns the bytes used.</summary>
    public int Load(ReadOnlySpan<byte> source)
    {
        var column = Create(type);
        var used = ColumnValueCodec.ReadNullable(source, column, 0);
        Add(column, 0);
        return used;
    }

    private static Column Create(SqlType type)
    {
        var column = Column.Create(type);
        column.Grow(4);
        return column;
    }

    private bool TryClaim(Column source, int row)
    {
        if (Count * 2 >= _table.Length)
            Rehash();
        var mask = _table.Length - 1;
        var at = (int)ColumnValue.Hash(source, row) & mask;
        for (; _table[at] != 0; at = (at + 1) & mask)
        {
            if (ColumnValue.AreEqual(_values, _table[at] - 1, source, row))
                return false;
        }

        _table[at] = Count + 1;
        return true;
    }

    private void Rehash()
    {
        _table = new int[Math.Max(8, _table.Length * 2)];
        var mask = _table.Length - 1;
        for (var i = 0; i < Count; i++)
        {
            var at = (int)ColumnValue.Hash(_values, i) & mask;
            while (_table[at] != 0)
                at = (at + 1) & mask;
            _table[at] = i + 1;
        }
    }
}
