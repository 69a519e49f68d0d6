using System.Runtime.CompilerServices;
using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;

namespace StreamSQL.Data.Formats.Json.Shapes;

/// <summary>A row that a shape is tried on, and how far it is read.</summary>
internal struct JsonRow
{
    /// <summary>The next byte to read, a place in the buffer; never beyond <see cref="End"/>.</summary>
    public int Position;

    /// <summary>The byte after the record.</summary>
    public int End;

    /// <summary>The row's number in the columns.</summary>
    public int Number;

    /// <summary>
    /// Whether the row does not have the shape. It is then read on as garbage, within the same bounds, and decoded again another way.
    /// </summary>
    public bool Failed;
}

/// <summary>
/// The rows of a chunk. All loads rest on two facts: a position is never beyond its row's end, and <see cref="Slack"/> bytes after each
/// row's end are readable.
/// </summary>
internal unsafe struct JsonRows
{
    /// <summary>Rows of a chunk: few enough that their bytes stay in the first-level cache from step to step.</summary>
    public const int MaxCount = 128;

    /// <summary>
    /// Bytes that must be readable after a row's end. Before the position is checked again, a step looks at most at a literal, a sign or
    /// quote, 15 digits, a point and 16 digits, with one more load of up to 32 bytes from there.
    /// </summary>
    public const int Slack = JsonLiteral.MaxLength + 96;

    /// <summary>The buffer that all rows lie in.</summary>
    public byte* Buffer;

    /// <summary>The records.</summary>
    public SliceList Source;

    /// <summary>The rows.</summary>
    public JsonRow* First;

    /// <summary>How many there are.</summary>
    public int Count;

    /// <summary>The end of the rows.</summary>
    public readonly JsonRow* Last => First + Count;

    /// <summary>Moves a row behind its value; what lies beyond the row's end belongs to another record.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void MoveTo(JsonRow* row, long position)
    {
        if (position <= row->End)
            row->Position = (int)position;
        else
            row->Failed = true;
    }

    /// <summary>Reads the value behind a literal, which a step's loop does not know, the general way into a column.</summary>
    public readonly void ReadGeneral(JsonRow* row, int literalLength, JsonValueReader reader, Column column)
    {
        var cursor = CursorAt(row, literalLength);
        if (!row->Failed && cursor.Position <= cursor.Text.Length && reader.Read(ref cursor, column, row->Number))
            row->Position = cursor.Start + cursor.Position;
        else
            row->Failed = true;
    }

    /// <summary>Skips such a value; gives its bytes, none when it is no value.</summary>
    public readonly ReadOnlySpan<byte> SkipGeneral(JsonRow* row, int literalLength)
    {
        var cursor = CursorAt(row, literalLength);
        var start = cursor.Position;
        if (row->Failed || start > cursor.Text.Length || !cursor.SkipValue())
        {
            row->Failed = true;
            return default;
        }

        row->Position = cursor.Start + cursor.Position;
        return cursor.Text[start..cursor.Position];
    }

    private readonly JsonCursor CursorAt(JsonRow* row, int literalLength)
    {
        var start = Source.Starts[row->Number];
        return new JsonCursor(Source.Buffer, start, Source.Lengths[row->Number]) { Position = row->Position - start + literalLength };
    }
}
