using StreamSQL.Data.Formats.Protobuf.Schema;

namespace StreamSQL.Data.Formats.Protobuf;

/// <summary>The names of the STRUCTs that stand for oneofs.</summary>
internal static class OneofNames
{
    /// <summary>The oneof of a name, as <see cref="Of"/> gives it; -1 when there is none.</summary>
    public static int Find(ProtoMessage message, string name)
    {
        for (var i = 0; i < message.Oneofs.Count; i++)
        {
            if (Of(message, i).Equals(name, StringComparison.OrdinalIgnoreCase))
                return i;
        }

        return -1;
    }

    /// <summary>The name of a oneof's STRUCT: its own and its place among the message's oneofs.</summary>
    public static string Of(ProtoMessage message, int index) => $"{message.Oneofs[index]}_{index}";
}
