namespace StreamSQL.Data.Columns;

/// <summary>Lists of rows that are a run, each one behind the last: they can be copied as a block.</summary>
public static class RowRuns
{
    /// <summary>Whether every row is the one behind the last.</summary>
    public static bool IsRun(ReadOnlySpan<int> rows)
    {
        if (rows.IsEmpty || rows[^1] - rows[0] != rows.Length - 1)
            return false;
        var differing = 0;
        for (var i = 0; i < rows.Length; i++)
            differing |= rows[i] - rows[0] - i;
        return differing == 0;
    }
}
