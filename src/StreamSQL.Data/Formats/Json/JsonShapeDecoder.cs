using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Formats.Json.Shapes;

namespace StreamSQL.Data.Formats.Json;

/// <summary>
/// Decodes JSON objects by speculation: programs write records in one layout, so it learns the bytes that stand between the values and then only compares
/// them, step by step over a chunk of rows, and reads the wanted values in place. Rows of another layout take the general decoder, and when they
/// become frequent their shape is learned too. What it gives never differs from what the general decoder gives.
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
        foreach (var column in columns)
        {
            // The steps write through pointers: the rows must be there.
            if (column is not null)
                ArgumentOutOfRangeException.ThrowIfLessThan(column.Capacity, source.Count, nameof(columns));
        }

        // stackalloc is in bounds by construction: a chunk has at most MaxCount rows.
        var rows = stackalloc int[JsonRows.MaxCount];
        var positions = stackalloc int[JsonRows.MaxCount];
        var ends = stackalloc int[JsonRows.MaxCount];
        var failed = stackalloc byte[JsonRows.MaxCount];
        fixed (byte* buffer = source.Buffer)
        {
            var chunk = new JsonRows { Buffer = buffer, Source = source, Rows = rows, Positions = positions, Ends = ends, Failed = failed };
            for (var first = 0; first < source.Count; first += JsonRows.MaxCount)
                DecodeChunk(ref chunk, first, Math.Min(source.Count, first + JsonRows.MaxCount), columns, errors);
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
                Keep(ref chunk, first, done);
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
        var count = 0;
        for (var row = first; row < end; row++)
        {
            var start = source.Starts[row];
            var length = source.Lengths[row];
            if (length < 0 || start > limit - length)
                continue;
            chunk.Rows[count] = row;
            chunk.Positions[count] = start;
            chunk.Ends[count] = start + length;
            chunk.Failed[count++] = 0;
        }

        chunk.Count = count;
    }

    /// <summary>Notes the rows that had the shape; the others stay, from their start, for the next shape.</summary>
    private static void Keep(ref JsonRows chunk, int first, Span<bool> done)
    {
        var count = 0;
        for (var i = 0; i < chunk.Count; i++)
        {
            var row = chunk.Rows[i];
            if (chunk.Failed[i] == 0)
            {
                done[row - first] = true;
                continue;
            }

            chunk.Rows[count] = row;
            chunk.Positions[count] = chunk.Source.Starts[row];
            chunk.Ends[count] = chunk.Ends[i];
            chunk.Failed[count++] = 0;
        }

        chunk.Count = count;
    }
}
