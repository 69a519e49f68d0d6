using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;

namespace StreamSQL.Engine.State;

/// <summary>Rows by whether they have a key.</summary>
internal static class KeyRows
{
    /// <summary>
    /// The rows of which no key column is null, written to <paramref name="scratch"/> (as long as the selection) unless they are all.
    /// </summary>
    public static RowSelection WithoutNulls(ReadOnlySpan<Column> keys, RowSelection rows, int[] scratch)
    {
        var mayHaveNulls = false;
        foreach (var key in keys)
            mayHaveNulls |= key.MayHaveNulls;
        if (!mayHaveNulls)
            return rows;

        var count = 0;
        for (var i = 0; i < rows.Count; i++)
        {
            var row = rows[i];
            var isNull = false;
            foreach (var key in keys)
                isNull |= key.IsNull(row);
            if (!isNull)
                scratch[count++] = row;
        }

        return count == rows.Count ? rows : RowSelection.Of(scratch, count);
    }

    /// <summary>Takes back what was found for rows with a NULL among their keys, by position: to a join NULL equals nothing.</summary>
    public static void UnmatchNulls(ReadOnlySpan<Column> keys, RowSelection rows, Span<int> slots)
    {
        foreach (var key in keys)
        {
            for (var i = 0; key.MayHaveNulls && i < rows.Count; i++)
            {
                if (key.IsNull(rows[i]))
                    slots[i] = -1;
            }
        }
    }
}
