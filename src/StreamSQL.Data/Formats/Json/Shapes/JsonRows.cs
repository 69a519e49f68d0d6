using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;

namespace StreamSQL.Data.Formats.Json.Shapes;

/// <summary>
/// The rows of a chunk that a shape is tried on, and how far each is read. All loads rest on two facts: a position is never beyond its
/// row's end, and <see cref="Slack"/> bytes after each row's end are readable.
/// </summary>
internal unsafe struct JsonRows
{
    /// <summary>Rows of a chunk: few enough that their bytes stay in the first-level cache from step to step.</summary>
    public const int MaxCount = 128;

    /// <summary>
    /// Bytes that must be readable after a row's end: a literal, a quote or sign, and 64 bytes of value are looked at before the position is checked again.
    /// </summary>
    public const int Slack = JsonLiteral.MaxLength + 96;

    /// <summary>The buffer that all rows lie in.</summary>
    public byte* Buffer;

    /// <summary>The records.</summary>
    public SliceList Source;

    /// <summary>Row numbers, <see cref="Count"/> of them.</summary>
    public int* Rows;

    /// <summary>The next byte to read of each.</summary>
    public int* Positions;

    /// <summary>The byte after the last of each.</summary>
    public int* Ends;

    /// <summary>1 for each that does not have the shape.</summary>
    public byte* Failed;

    /// <summary>How many there are.</summary>
    public int Count;

    /// <summary>
    /// Reads a value that a step's loop does not know, the general way (or skips it without a column). False when it is none; else the position after it.
    /// </summary>
    public readonly bool ReadGeneral(JsonValueReader? reader, Column? column, int index, ref int position)
    {
        var row = Rows[index];
        var start = Source.Starts[row];
        var cursor = new JsonCursor(Source.Buffer, start, Source.Lengths[row]) { Position = position - start };
        if (column is null ? !cursor.SkipValue() : !reader!.Read(ref cursor, column, row))
            return false;
        position = start + cursor.Position;
        return true;
    }
}
