using System.Globalization;

namespace StreamSQL.Data.Formats.Protobuf.Schema;

/// <summary>
/// Whether programs with one schema can read what was written with another. Fields are what their numbers are; the rules are those of
/// Protobuf's wire format, and stricter where Confluent's registry is: named types keep their names,
/// packages too, and required fields stay required.
/// </summary>
internal sealed class ProtoComparison
{
    private readonly List<string> _reasons = [];
    private readonly HashSet<(ProtoMessage, ProtoMessage)> _compared = [];

    private ProtoComparison()
    {
    }

    /// <summary>
    /// The reasons why a reader cannot read what the writer wrote, each with the path of message and field number; empty when it can.
    /// </summary>
    public static IReadOnlyList<string> Compare(ProtoFile reader, ProtoFile writer)
    {
        var comparison = new ProtoComparison();
        if (reader.Package != writer.Package)
            comparison._reasons.Add($"#/: the package is '{reader.Package}', the writer's is '{writer.Package}'");
        else
            comparison.CompareMessages(reader.Messages, writer.Messages);
        return comparison._reasons;
    }

    private void CompareMessages(List<ProtoMessage> readers, List<ProtoMessage> writers)
    {
        var byName = readers.ToDictionary(static message => message.Name, StringComparer.Ordinal);
        foreach (var writer in writers)
        {
            if (byName.TryGetValue(writer.Name, out var reader))
                Compare(reader, writer);
            else
                _reasons.Add($"#/{writer.FullName}: the reader has no such message");
        }
    }

    private void Compare(ProtoMessage reader, ProtoMessage writer)
    {
        if (!_compared.Add((reader, writer)))
            return;
        foreach (var written in writer.Fields)
        {
            if (reader.Find(written.Number) is { } field)
                Compare(reader, field, written);
            else if (written.Label == ProtoLabel.Required)
                Add(writer, written, $"the required field {written.Name} is not in the reader's message");
        }

        foreach (var field in reader.Fields)
        {
            if (field.Label == ProtoLabel.Required && writer.Find(field.Number)?.Label != ProtoLabel.Required)
                Add(reader, field, $"the field {field.Name} is required, but the writer may leave it out");
        }

        CompareOneofs(reader, writer);
        CompareMessages(reader.Messages, writer.Messages);
    }

    private void Compare(ProtoMessage message, ProtoField reader, ProtoField writer)
    {
        var readerKind = KindOf(reader);
        var writerKind = KindOf(writer);
        if (reader.IsMap != writer.IsMap && (reader.Message is { IsMapEntry: true } || writer.Message is { IsMapEntry: true }))
            Add(message, reader,
                $"the field is {(reader.IsMap ? "a map" : "no map")} to the reader, and {(writer.IsMap ? "one" : "none")} to the writer");
        else if (readerKind != writerKind)
            Add(message, reader, $"the field's type is {NameOf(reader)}, the writer's {NameOf(writer)} stands on the wire in another way");
        else if (reader.Label == ProtoLabel.Repeated != (writer.Label == ProtoLabel.Repeated)
            && ProtoTypes.WireTypeOf(reader.Type) != WireType.Delimited)
            Add(message, reader,
                $"the field is {(reader.Label == ProtoLabel.Repeated ? "a list" : "a single value")} to the reader, but not to the writer");
        else if (reader.Message is { } readerMessage && writer.Message is { } writerMessage)
            CompareNamed(message, reader, readerMessage, writerMessage);
    }

    private void CompareNamed(ProtoMessage message, ProtoField field, ProtoMessage reader, ProtoMessage writer)
    {
        if (!reader.IsMapEntry && reader.FullName != writer.FullName)
            Add(message, field, $"the field's type is {reader.FullName}, the writer's is {writer.FullName}");
        else
            Compare(reader, writer);
    }

    /// <summary>
    /// A field may go into a new oneof alone. Else values that the writer sets together would push each
    /// other out, and a member that is gone looks unset.
    /// </summary>
    private void CompareOneofs(ProtoMessage reader, ProtoMessage writer)
    {
        for (var i = 0; i < reader.Oneofs.Count; i++)
        {
            var members = reader.Fields.Where(field => field.Oneof == i)
                .Select(field => (Field: field, Written: writer.Find(field.Number))).ToList();
            var moved = members.Where(static member => member.Written is { Oneof: < 0 }).ToList();
            var isOld = members.Exists(static member => member.Written is { Oneof: >= 0 });
            if (moved.Count > (isOld ? 0 : 1))
                Add(reader, moved[0].Field,
                    $"the field {moved[0].Field.Name} is in the oneof {reader.Oneofs[i]}, to the writer it is in none");
        }

        foreach (var written in writer.Fields)
        {
            var isKept = written.Oneof >= 0
                && writer.Fields.Any(other => other.Oneof == written.Oneof && reader.Find(other.Number) is { Oneof: >= 0 });
            if (isKept && reader.Find(written.Number) is null)
                Add(writer, written,
                    $"the field {written.Name} of the oneof {writer.Oneofs[written.Oneof]} is not in the reader's message");
        }
    }

    /// <summary>Types that can be read as each other have one kind.</summary>
    private static ProtoType KindOf(ProtoField field) => field.Type switch
    {
        ProtoType.Int32 or ProtoType.Int64 or ProtoType.UInt32 or ProtoType.UInt64 or ProtoType.Bool or ProtoType.Enum => ProtoType.Int64,
        ProtoType.SInt32 => ProtoType.SInt64,
        ProtoType.SFixed32 => ProtoType.Fixed32,
        ProtoType.SFixed64 => ProtoType.Fixed64,
        ProtoType.String => ProtoType.Bytes,
        _ => field.Type,
    };

    private static string NameOf(ProtoField field) => field.Message?.FullName ?? field.Enum?.FullName ?? ProtoTypes.Keyword(field.Type);

    private void Add(ProtoMessage message, ProtoField field, string reason) =>
        _reasons.Add(string.Create(CultureInfo.InvariantCulture, $"#/{message.FullName}/{field.Number}: {reason}"));
}
