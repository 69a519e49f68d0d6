using System.Buffers.Binary;
using System.Text.Json;
using StreamSQL.Data.Schemas;

namespace StreamSQL.ConformanceTests.Ksql;

/// <summary>Keys or values in Protobuf, written and read by the definition of the format and not with the engine's own codec.</summary>
/// <param name="registry">Where the schemas are that records name; null when they name none.</param>
/// <param name="writer">The schema that records are written with; null when none is known.</param>
/// <param name="message">The message that records hold when they name no schema, and that is written
/// otherwise; null for the schema's first.</param>
internal sealed class ProtobufCaseCodec(ISchemaRegistry? registry, RegisteredSchema? writer, CaseMessage? message) : RecordCodec
{
    private const int FrameLength = 5;

    /// <inheritdoc/>
    public override byte[]? Encode(JsonElement? value)
    {
        if (value is not { } element)
            return null;
        if (registry is null)
            return CaseProtobuf.Encode(message!, element);
        var schema = writer ?? throw new NotSupportedException("no schema is known to write PROTOBUF with");
        var messages = CaseProtoText.Parse(schema.Schema);
        var written = message is null ? messages[0] : messages.Find(other => other.Name == message.Name)
            ?? throw new NotSupportedException($"there is no message {message.Name}");
        var frame = new byte[FrameLength];
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(1), schema.Id);
        var index = messages.IndexOf(written);
        // Numbers of the list are written zig-zag: those here are small, and not negative.
        return [.. frame, .. index == 0 ? (byte[])[0] : [2, (byte)(2 * index)], .. CaseProtobuf.Encode(written, element)];
    }

    /// <inheritdoc/>
    public override string? Compare(JsonElement? expected, byte[]? actual, bool exactNumbers)
    {
        if (expected is not { } element)
            return actual is null ? null : $"expected nothing, got {ToJson(actual)}";
        if (actual is null)
            return $"expected {element.GetRawText()}, got nothing";
        var json = ToJson(actual);
        using var document = JsonDocument.Parse(json);
        return JsonComparison.Matches(element, document.RootElement, exactNumbers: false)
            ? null : $"expected {element.GetRawText()}, got {json}";
    }

    private string ToJson(byte[] bytes)
    {
        if (registry is null)
            return CaseProtobuf.Decode(message!, bytes).ToJsonString();
        if (bytes.Length <= FrameLength || bytes[0] != 0)
            throw new FormatException("a record has no schema id");
        var schema = registry.Find(BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan(1)))
            ?? throw new FormatException("a record names a schema that is not there");
        var messages = CaseProtoText.Parse(schema.Schema);
        return bytes[FrameLength] switch
        {
            0 => CaseProtobuf.Decode(messages[0], bytes.AsSpan(FrameLength + 1)).ToJsonString(),
            2 => CaseProtobuf.Decode(messages[bytes[FrameLength + 1] / 2], bytes.AsSpan(FrameLength + 2)).ToJsonString(),
            _ => throw new FormatException("a record holds a message inside another"),
        };
    }
}
