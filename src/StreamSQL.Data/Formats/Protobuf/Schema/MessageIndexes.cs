using StreamSQL.Data.Formats.Protobuf.Writing;

namespace StreamSQL.Data.Formats.Protobuf.Schema;

/// <summary>
/// Which message of a schema a record holds: the place of a message among those at the top, then of the one inside it, and so on, as
/// zig-zag varints behind their count. A single 0 instead stands for the first message. Entries of maps do not count.
/// </summary>
internal static class MessageIndexes
{
    /// <summary>The bytes for a message of a file.</summary>
    public static byte[] Of(ProtoFile file, ProtoMessage message)
    {
        var path = new List<int>();
        if (!Find(file.Messages, message, path))
            throw new ArgumentException("the message is not of the file", nameof(message));
        if (path is [0])
            return [0];
        var output = new WireOutput();
        for (var i = path.Count - 1; i >= 0; i--)
            output.Varint(WireFormat.ZigZag(path[i]));
        output.Varint(WireFormat.ZigZag(path.Count));
        return output.Written.ToArray();
    }

    /// <summary>Reads the indexes at a place, which moves behind them; null when the schema has no such message.</summary>
    public static ProtoMessage? Read(ProtoFile file, byte[] buffer, ref int at, int end, out WireFault fault)
    {
        if (!WireFormat.TryReadVarint(buffer, ref at, end, out var value, out fault))
            return null;
        var count = WireFormat.UnZigZag(value);
        var messages = file.Messages;
        if (count == 0)
        {
            fault = messages.Count == 0 ? WireFault.UnknownMessage : WireFault.None;
            return messages.Count == 0 ? null : messages[0];
        }

        // The depth of schemas bounds the loop: a count that lies finds no message.
        for (; ; count--)
        {
            if (!WireFormat.TryReadVarint(buffer, ref at, end, out value, out fault))
                return null;
            var index = WireFormat.UnZigZag(value);
            if (count < 0 || index < 0 || index >= messages.Count)
            {
                fault = WireFault.UnknownMessage;
                return null;
            }

            var message = messages[(int)index];
            if (count == 1)
                return message;
            messages = message.Messages;
        }
    }

    private static bool Find(List<ProtoMessage> messages, ProtoMessage message, List<int> path)
    {
        for (var i = 0; i < messages.Count; i++)
        {
            path.Add(i);
            if (messages[i] == message || Find(messages[i].Messages, message, path))
                return true;
            path.RemoveAt(path.Count - 1);
        }

        return false;
    }
}
