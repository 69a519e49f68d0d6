using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Formats.Json.Shapes;

namespace StreamSQL.Data.Formats.Json;

/// <summary>
/// Decodes JSON objects by speculation: programs write records in one layout, so it learns the bytes that stand between the values and then
/// only compares them, step by step over a chunk of rows, and reads the wanted values in place. Rows of another layout take the general
/// decoder, and when they become frequent their shape is learned too. What it gives never differs from what the general decoder gives.
/// </summary>
internal sealed unsafe class JsonShapeDecoder : RecordDecoder
{
    private readonly JsonDecoder _general;
    private readonly JsonShapes _shapes;

    /// <summary>Creates a decoder for wrapped records.</summary>
    public JsonShapeDecoder(IReadOnlyList<FormatField> fields)
    {
        _general = new JsonDecoder(fields, wrapped: true);
        _shapes = new JsonShapes(_general.Object, fields.Count);
    }

    /// <inheritdoc/>
    public override void Decode(SliceList source, Column?[] columns, DecodeErrors errors)
    {
        JsonDecoder.Attach(source.Buffer, columns);
        DecodeRows(source, 0, source.Count, columns, errors);
    }

    /// <summary>
    /// Decodes some of the rows; the columns share the records' buffer (<see cref="JsonDecoder.Attach(byte[], ReadOnlySpan{Column?})"/>).
    /// </summary>
    internal void DecodeRows(SliceList source, int start, int end, Column?[] columns, DecodeErrors errors)
    {
        foreach (var column in columns)
        {
            // The steps write through pointers: the rows must be there.
            if (column is not null)
                ArgumentOutOfRangeException.ThrowIfLessThan(column.Capacity, end, nameof(columns));
        }

        // In bounds: a chunk has at most MaxCount rows.
        var rows = stackalloc JsonRow[JsonRows.MaxCount];
        fixed (byte* buffer = source.Buffer)
        {
            var chunk = new JsonRows { Buffer = buffer, Source = source, First = rows };
            for (var first = start; first < end; first += JsonRows.MaxCount)
                DecodeChunk(ref chunk, first, Math.Min(end, first + JsonRows.MaxCount), columns, errors);
        }
    }

    private void DecodeChunk(ref JsonRows chunk, int first, int end, Column?[] columns, DecodeErrors errors)
    {
        var source = chunk.Source;
        Span<bool> done = stackalloc bool[JsonRows.MaxCount];
        done.Clear();
        if (_shapes.IsWorthTrying(end - first))
        {
            Collect(ref chunk, first, end);
            _shapes.Prepare(chunk);
            for (var i = 0; i < _shapes.Count && chunk.Count > 0; i++)
            {
                var tried = chunk.Count;
                _shapes[i].Run(chunk, columns);
                Keep(ref chunk, first, done, columns);
                _shapes[i].Hits += tried - chunk.Count;
            }

            _shapes.Learn(chunk);
        }

        // In row order: errors are reported ascending.
        for (var row = first; row < end; row++)
        {
            if (!done[row - first])
                _general.DecodeRow(source, row, columns, errors);
        }
    }

    /// <summary>Takes the rows that may be read with wide loads: not null, and not among the last in their buffer.</summary>
    private static void Collect(ref JsonRows chunk, int first, int end)
    {
        var source = chunk.Source;
        var limit = source.Buffer.Length - JsonRows.Slack;
        var row = chunk.First;
        for (var number = first; number < end; number++)
        {
            var start = source.Starts[number];
            var length = source.Lengths[number];
            if (length >= 0 && start <= limit - length)
                *row++ = new JsonRow { Position = start, End = start + length, Number = number };
        }

        chunk.Count = (int)(row - chunk.First);
    }

    /// <summary>
    /// Notes the rows that had the shape; the others stay, from their start, for the next one, which
    /// takes for granted that all its values are valid.
    /// </summary>
    private static void Keep(ref JsonRows chunk, int first, Span<bool> done, Column?[] columns)
    {
        var kept = chunk.First;
        for (var row = chunk.First; row < chunk.Last; row++)
        {
            done[row->Number - first] = !row->Failed;
            if (!row->Failed)
                continue;
            foreach (var column in columns)
                column?.SetValid(row->Number);
            *kept++ = new JsonRow { Position = chunk.Source.Starts[row->Number], End = row->End, Number = row->Number };
        }

        chunk.Count = (int)(kept - chunk.First);
    }
}
