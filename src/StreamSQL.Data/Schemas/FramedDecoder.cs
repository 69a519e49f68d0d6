using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Errors;
using StreamSQL.Data.Formats;

namespace StreamSQL.Data.Schemas;

/// <summary>
/// Decodes records with a frame, each with the schema that it was written with. Neighbours of one schema are decoded as one run; the
/// decoder of an id is made when it first occurs.
/// </summary>
internal sealed class FramedDecoder : RecordDecoder
{
    /// <summary>Ids that a topic may have before decoders are made anew: each has its own schema text, so it is bounded.</summary>
    private const int MaxDecoders = 256;

    private readonly SchemaFormat _format;
    private readonly IReadOnlyList<FormatField> _fields;
    private readonly FormatOptions _options;
    private readonly ISchemaRegistry _registry;
    private readonly Dictionary<int, Writer> _writers = [];
    private readonly SliceList _payloads = new();

    /// <summary>Creates a decoder.</summary>
    public FramedDecoder(SchemaFormat format, IReadOnlyList<FormatField> fields, FormatOptions options)
    {
        _format = format;
        _fields = fields;
        _options = options;
        _registry = options.Registry ?? throw new ArgumentException("a format with schemas needs a registry", nameof(options));
    }

    /// <inheritdoc/>
    public override void Decode(SliceList source, Column?[] columns, DecodeErrors errors)
    {
        _payloads.Reset(source.Buffer);
        for (var row = 0; row < source.Count; row++)
            _payloads.Add(source.Starts[row] + SchemaFrame.Length,
                source.IsNull(row) ? -1 : Math.Max(0, source.Lengths[row] - SchemaFrame.Length));
        var attached = false;
        for (var first = 0; first < source.Count;)
        {
            var (writer, end) = NextRun(source, first);
            if (writer.Decoder is { } decoder)
            {
                if (!attached)
                    decoder.Attach(source.Buffer, columns);
                attached = true;
                decoder.Decode(_payloads, first, end, columns, errors);
            }
            else
            {
                Fail(first, end, writer.Reason, source, columns, errors);
            }

            first = end;
        }
    }

    /// <summary>The rows from <paramref name="first"/> on that one schema wrote; nulls belong to any.</summary>
    private (Writer Writer, int End) NextRun(SliceList source, int first)
    {
        var row = first;
        while (row < source.Count && source.IsNull(row))
            row++;
        if (row == source.Count)
            return (Writer.Nulls, row);
        var isFramed = SchemaFrame.TryReadId(source[row], out var id);
        for (row++; row < source.Count; row++)
        {
            if (!source.IsNull(row) && (SchemaFrame.TryReadId(source[row], out var next) != isFramed || next != id))
                break;
        }

        return (isFramed ? WriterOf(id) : Writer.Unframed, row);
    }

    private Writer WriterOf(int id)
    {
        if (_writers.TryGetValue(id, out var known))
            return known;
        if (_registry.Find(id) is not { } schema)
            return new Writer(null, $"the schema registry has no schema {id}");
        if (_writers.Count == MaxDecoders)
            _writers.Clear();
        return _writers[id] = Create(schema);
    }

    private Writer Create(RegisteredSchema schema)
    {
        if (schema.Schema.Type != _format.SchemaType)
            return new Writer(null, $"schema {schema.Id} is of type {schema.Schema.Type}, the format is {_format.Name}");
        try
        {
            return new Writer(_format.CreateDecoder(_fields, schema, _options), "");
        }
        catch (SqlException error)
        {
            return new Writer(null, $"schema {schema.Id}: {error.Message}");
        }
    }

    private static void Fail(int first, int end, string reason, SliceList source, Column?[] columns, DecodeErrors errors)
    {
        for (var row = first; row < end; row++)
        {
            foreach (var column in columns)
                column?.SetNull(row);
            if (!source.IsNull(row))
                errors.Report(row, reason);
        }
    }

    /// <summary>How the records of one schema are read, or why they cannot be.</summary>
    private sealed record Writer(PayloadDecoder? Decoder, string Reason)
    {
        public static Writer Nulls { get; } = new(null, "");

        public static Writer Unframed { get; } =
            new(null, "the record has no schema id: its first byte must be 0, and an id of 4 bytes follow");
    }
}
