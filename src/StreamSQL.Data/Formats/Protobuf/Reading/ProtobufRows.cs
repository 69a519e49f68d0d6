using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Types;

namespace StreamSQL.Data.Formats.Protobuf.Reading;

/// <summary>Decodes rows whose messages are all of one type.</summary>
/// <param name="message">Reads the message into the columns of the schema.</param>
internal sealed class ProtobufRows(MessageReader message)
{
    private readonly WireState _state = new();

    /// <summary>
    /// Decodes rows first to end (exclusive); the messages start <paramref name="offset"/> bytes behind the start of their slices. Rows
    /// that are null become nulls, rows that fail are reported and become nulls.
    /// </summary>
    public void Decode(SliceList source, int first, int end, int offset, Column?[] columns, DecodeErrors errors)
    {
        _state.Buffer = source.Buffer;
        message.Bind(columns);
        message.Init(first, end - first);
        for (var row = first; row < end; row++)
        {
            var start = source.Starts[row];
            if (!source.IsNull(row) && message.Read(_state, start + offset, start + source.Lengths[row], row))
                continue;
            foreach (var column in columns)
                column?.SetNull(row);
            if (_state.Fault == WireFault.None)
                continue;
            errors.Report(row, errors.WantsReason ? Describe(_state, start) : "");
            _state.Clear();
        }
    }

    private static string Describe(WireState state, int start)
    {
        var what = state.Fault switch
        {
            WireFault.Truncated => "the value goes beyond the end of its message",
            WireFault.InvalidVarint => "a varint of more than ten bytes",
            WireFault.InvalidTag => "not a field's tag",
            WireFault.InvalidGroup => "the groups are not balanced",
            WireFault.TooDeep => $"groups more than {WireFormat.MaxGroupDepth} deep",
            WireFault.InvalidUtf8 => "not UTF-8",
            WireFault.OutOfRange => "the value does not fit the column's type",
            _ => state.Field?.Mismatch ?? "",
        };
        return state.Field is { } field ? $"column {field.Path}, byte {state.Position - start}: {what}"
            : $"byte {state.Position - start}: {what}";
    }
}

/// <summary>Decodes bare messages: PROTOBUF_NOSR.</summary>
internal sealed class ProtobufDecoder : RecordDecoder
{
    private readonly ProtobufRows _rows;

    /// <summary>Creates a decoder for a writer's message.</summary>
    public ProtobufDecoder(Schema.ProtoMessage message, IReadOnlyList<FormatField> fields) =>
        _rows = new ProtobufRows(ReaderCompiler.Compile(message,
            [.. fields.Select(static field => new StructField(field.Name, field.Type))], ""));

    /// <inheritdoc/>
    public override void Decode(SliceList source, Column?[] columns, DecodeErrors errors)
    {
        SharedBuffer.Attach(source.Buffer, columns, withBytes: true);
        _rows.Decode(source, 0, source.Count, 0, columns, errors);
    }
}
