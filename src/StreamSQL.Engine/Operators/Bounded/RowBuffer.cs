using StreamSQL.Data.Columns;
using StreamSQL.Data.Types;

namespace StreamSQL.Engine.Operators.Bounded;

/// <summary>Rows copied out of batches and kept, column by column, within a memory budget.</summary>
internal sealed class RowBuffer
{
    private readonly IReadOnlyList<SqlType> _types;
    private readonly MemoryBudget _budget;
    private long _charged;

    /// <summary>Creates an empty buffer.</summary>
    public RowBuffer(IReadOnlyList<SqlType> types, MemoryBudget budget)
    {
        _types = types;
        _budget = budget;
        Columns = types.Select(Column.Create).ToArray();
    }

    /// <summary>The columns; row r of each belongs to row r.</summary>
    public Column[] Columns { get; private set; }

    /// <summary>Event time of each row.</summary>
    public FixedColumn<long> RowTime { get; private set; } = new(SqlType.BigInt);

    /// <summary>Rows held.</summary>
    public int Count { get; private set; }

    /// <summary>Copies rows to the end.</summary>
    /// <exception cref="Data.Errors.SqlException">53200: over the budget.</exception>
    public void Append(ReadOnlySpan<Column> columns, FixedColumn<long> rowTime, ReadOnlySpan<int> rows)
    {
        for (var c = 0; c < Columns.Length; c++)
            Columns[c].Gather(columns[c], rows, Count);
        RowTime.Gather(rowTime, rows, Count);
        Count += rows.Length;
        Charge();
    }

    /// <summary>Keeps only the given rows, in the given order.</summary>
    public void Keep(ReadOnlySpan<int> rows)
    {
        var old = Columns;
        var oldTime = RowTime;
        Columns = _types.Select(Column.Create).ToArray();
        RowTime = new FixedColumn<long>(SqlType.BigInt);
        Count = 0;
        Append(old, oldTime, rows);
    }

    /// <summary>Forgets all rows and gives their memory back.</summary>
    public void Release() => Keep([]);

    private void Charge()
    {
        var bytes = RowTime.MemoryBytes;
        foreach (var column in Columns)
            bytes += column.MemoryBytes;
        _budget.Charge(bytes - _charged);
        _charged = bytes;
    }
}
