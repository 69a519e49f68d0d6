using StreamSQL.Data.Columns;

namespace StreamSQL.Engine.State;

/// <summary>Fills the columns WINDOWSTART and WINDOWEND.</summary>
internal static class WindowColumns
{
    /// <summary>Makes both columns constant: all rows are of one window.</summary>
    public static void Fill(ReadOnlySpan<Column> bounds, long start, long end)
    {
        FillOne(bounds[0], start);
        FillOne(bounds[1], end);
    }

    private static void FillOne(Column column, long value)
    {
        column.Reset(1, constant: true);
        ((FixedColumn<long>)column).Values[0] = value;
    }
}
