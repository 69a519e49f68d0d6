using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Formats.Json;
using StreamSQL.Data.Schemas;

namespace StreamSQL.Data.Formats.JsonSchema;

/// <summary>Decodes the JSON behind a frame: JSON says itself what it is, so the writer's schema is not needed.</summary>
internal sealed class JsonPayloadDecoder : PayloadDecoder
{
    private readonly JsonDecoder? _general;
    private readonly JsonShapeDecoder? _shapes;

    /// <summary>Creates a decoder.</summary>
    public JsonPayloadDecoder(IReadOnlyList<FormatField> fields, bool wrapped)
    {
        // The shape decoder reads digits as little-endian words.
        if (wrapped && BitConverter.IsLittleEndian)
            _shapes = new JsonShapeDecoder(fields);
        else
            _general = new JsonDecoder(fields, wrapped);
    }

    /// <inheritdoc/>
    public override void Attach(byte[] buffer, Column?[] columns) => JsonDecoder.Attach(buffer, columns);

    /// <inheritdoc/>
    public override void Decode(SliceList source, int first, int end, Column?[] columns, DecodeErrors errors)
    {
        if (_shapes is not null)
            _shapes.DecodeRows(source, first, end, columns, errors);
        for (var row = first; row < end && _general is not null; row++)
            _general.DecodeRow(source, row, columns, errors);
    }
}
