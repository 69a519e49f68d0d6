using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Types;

namespace StreamSQL.Data.Formats;

/// <summary>
/// Turns record keys or values of one format and schema into columns, filling only the columns that the plan wants. One instance serves
/// one reader: it may learn the records' shape and keep buffers. Not thread-safe.
/// </summary>
public abstract class RecordDecoder
{
    /// <summary>
    /// Decodes all slices. Column i of <paramref name="columns"/> belongs to field i of the schema; null where the field is not wanted. The
    /// columns are reset by the caller to the number of slices. A null slice gives nulls. Text may stay in the slices' buffer (no copy), so
    /// the columns are valid only as long as it is. A row that fails is reported, and its columns are null.
    /// </summary>
    public abstract void Decode(SliceList source, Column?[] columns, DecodeErrors errors);
}

/// <summary>Turns columns into record keys or values of one format and schema. Not thread-safe.</summary>
public abstract class RecordEncoder
{
    /// <summary>Appends one slice per selected row to <paramref name="target"/>, which the caller has reset.</summary>
    /// <exception cref="Errors.SqlException">A value that the format cannot hold.</exception>
    public abstract void Encode(ReadOnlySpan<Column> columns, RowSelection rows, SliceList target);
}

/// <summary>A field of a record's key or value.</summary>
public sealed record FormatField(string Name, SqlType Type);

/// <summary>Rows of one decoding that failed, each once, with the reason of the first. Reused; no allocation while nothing fails.</summary>
public sealed class DecodeErrors
{
    private readonly List<int> _rows = [];

    /// <summary>How many rows failed.</summary>
    public int Count => _rows.Count;

    /// <summary>The failed rows, ascending.</summary>
    public IReadOnlyList<int> Rows => _rows;

    /// <summary>Why the first of them failed, with the column's name and the place in the record.</summary>
    public string FirstReason { get; private set; } = "";

    /// <summary>Whether the reason of the next report would be kept: build it only then.</summary>
    public bool WantsReason => _rows.Count == 0;

    /// <summary>Marks a row as failed; repeated reports of the same row count once. Rows come in ascending order.</summary>
    public void Report(int row, string reason)
    {
        if (_rows.Count > 0 && _rows[^1] == row)
            return;
        if (_rows.Count == 0)
            FirstReason = reason;
        _rows.Add(row);
    }

    /// <summary>Forgets all.</summary>
    public void Clear() => _rows.Clear();
}
