using StreamSQL.Data.Columns;
using StreamSQL.Engine.State;

namespace StreamSQL.Engine.Operators.Aggregate;

/// <summary>Fills the columns in front of an aggregate's values.</summary>
internal static class GroupColumns
{
    /// <summary>Writes keys and window bounds of groups of one window.</summary>
    public static void WriteKeys(AggregateTable table, GroupTable group, ReadOnlySpan<int> slots, Column[] columns)
    {
        group.Index.ReadKeys(slots, columns.AsSpan(0, table.KeyCount), 0);
        if (table.BoundCount > 0)
            WindowColumns.Fill(columns.AsSpan(table.KeyCount, table.BoundCount), group.Start, group.End);
    }
}
