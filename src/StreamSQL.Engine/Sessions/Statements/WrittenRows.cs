using StreamSQL.Data.Batches;
using StreamSQL.Engine.Operators;
using StreamSQL.Engine.Operators.Bounded;

namespace StreamSQL.Engine.Sessions.Statements;

/// <summary>
/// What the statements in a WITH that write have given back, for the rest of the statement, while it runs. Not thread-safe.
/// </summary>
internal sealed class WrittenRows
{
    private readonly Dictionary<int, RowBuffer> _rows = [];

    /// <summary>Takes what the statement of a number gives back.</summary>
    /// <param name="number">The number by which its rows are read.</param>
    /// <param name="returned">The rows; null without RETURNING.</param>
    /// <param name="budget">Where they are charged.</param>
    /// <exception cref="Data.Errors.SqlException">53200: over the budget.</exception>
    public void Set(int number, ChangeBatch? returned, MemoryBudget budget)
    {
        var buffer = new RowBuffer([.. returned?.Columns.Select(static column => column.Type) ?? []], budget);
        if (returned is not null)
            buffer.Append(returned.Columns, returned.RowTime, RowNumbers.Of(returned.Selection));
        _rows[number] = buffer;
    }

    /// <summary>Forgets all.</summary>
    public void Clear() => _rows.Clear();

    /// <summary>Gives them to what reads rows by such numbers.</summary>
    public void AddTo(Dictionary<int, RowBuffer> workingTables)
    {
        foreach (var (number, rows) in _rows)
            workingTables[number] = rows;
    }
}
