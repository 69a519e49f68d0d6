using StreamSQL.Data.Columns;
using StreamSQL.Data.Types;

namespace StreamSQL.Data.Batches;

/// <summary>
/// The record headers of the rows of a batch, as they are encoded in the records, so that they can go
/// on to the results that the rows cause.
/// </summary>
public sealed class HeaderColumns
{
    /// <summary>The encoded headers of each row.</summary>
    public BytesColumn Encoded { get; } = new(SqlType.Bytes);

    /// <summary>How many headers each row has.</summary>
    public FixedColumn<int> Counts { get; } = new(SqlType.Integer);

    /// <summary>Makes room for so many rows, none of which has a header.</summary>
    public void Reset(int rows)
    {
        Encoded.Reset(rows);
        Counts.Reset(rows);
        Counts.Values.AsSpan(0, rows).Clear();
        Encoded.Starts.AsSpan(0, rows).Clear();
        Encoded.Lengths.AsSpan(0, rows).Clear();
    }

    /// <summary>Sets a row's headers.</summary>
    public void Set(int row, ReadOnlySpan<byte> encoded, int count)
    {
        Encoded.Set(row, encoded);
        Counts.Values[row] = count;
    }

    /// <summary>Takes over rows of another batch: row i becomes row <c>rows[i]</c> of the source.</summary>
    public void Take(HeaderColumns source, ReadOnlySpan<int> rows)
    {
        Reset(rows.Length);
        Encoded.Gather(source.Encoded, rows, 0);
        Counts.Gather(source.Counts, rows, 0);
    }
}
