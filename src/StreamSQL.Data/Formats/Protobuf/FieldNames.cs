using StreamSQL.Data.Formats.Protobuf.Schema;

namespace StreamSQL.Data.Formats.Protobuf;

/// <summary>Which part of a message a column or STRUCT field stands for: by its exact name first, then in any case.</summary>
internal static class FieldNames
{
    /// <summary>The field of a name; null when there is none.</summary>
    public static ProtoField? FindField(ProtoMessage message, string name) =>
        message.Fields.Find(field => field.Name == name)
        ?? message.Fields.Find(field => field.Name.Equals(name, StringComparison.OrdinalIgnoreCase));

    /// <summary>The oneof of a name, as <see cref="OfOneof"/> gives it; -1 when there is none.</summary>
    public static int FindOneof(ProtoMessage message, string name)
    {
        for (var i = 0; i < message.Oneofs.Count; i++)
        {
            if (OfOneof(message, i).Equals(name, StringComparison.OrdinalIgnoreCase))
                return i;
        }

        return -1;
    }

    /// <summary>The name of a oneof's STRUCT: its own and its place among the message's oneofs.</summary>
    public static string OfOneof(ProtoMessage message, int index) => $"{message.Oneofs[index]}_{index}";
}
