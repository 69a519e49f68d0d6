using System.Buffers.Binary;
using System.Text;

namespace StreamSQL.ClusterTests.Postgres.Protocol;

/// <summary>What a server sends, as words: a message's letter and what it says.</summary>
internal static class BackendWords
{
    /// <summary>A message as a word.</summary>
    public static string Show(char type, ReadOnlySpan<byte> body) => type switch
    {
        'Z' => "Z" + (char)body[0],
        'C' => "C:" + Encoding.UTF8.GetString(body[..^1]),
        'E' or 'N' => $"{type}({Field(body, 'C')} {Field(body, 'M')})",
        'S' => "S:" + Encoding.UTF8.GetString(body[..^1]).Replace('\0', '='),
        'T' => $"T({Columns(body)})",
        'D' => $"D({Values(body)})",
        't' => $"t({Parameters(body)})",
        'V' => $"V({Text(body[sizeof(int)..])})",
        'd' => $"d({Text(body)})",
        'G' or 'H' or 'W' => $"{type}({body[0]};{BinaryPrimitives.ReadInt16BigEndian(body[1..])})",
        _ => type.ToString(),
    };

    private static string Columns(ReadOnlySpan<byte> body)
    {
        const int FieldBytes = 18; // behind the name
        var columns = new List<string>();
        for (body = body[sizeof(short)..]; !body.IsEmpty;)
        {
            var end = body.IndexOf((byte)0);
            var name = Encoding.UTF8.GetString(body[..end]);
            var field = body.Slice(end + 1, FieldBytes);
            columns.Add($"{name}:{BinaryPrimitives.ReadUInt32BigEndian(field[6..])}{(field[^1] == 0 ? "" : ":b")}");
            body = body[(end + 1 + FieldBytes)..];
        }

        return string.Join(',', columns);
    }

    private static string Values(ReadOnlySpan<byte> body)
    {
        var values = new List<string>();
        for (body = body[sizeof(short)..]; !body.IsEmpty;)
        {
            var length = BinaryPrimitives.ReadInt32BigEndian(body);
            body = body[sizeof(int)..];
            values.Add(length < 0 ? "null" : Text(body[..length]));
            body = body[Math.Max(0, length)..];
        }

        return string.Join(',', values);
    }

    private static string Parameters(ReadOnlySpan<byte> body)
    {
        var types = new List<uint>();
        for (body = body[sizeof(short)..]; !body.IsEmpty; body = body[sizeof(uint)..])
            types.Add(BinaryPrimitives.ReadUInt32BigEndian(body));
        return string.Join(',', types);
    }

    private static string Text(ReadOnlySpan<byte> value) => value.ContainsAnyInRange((byte)0, (byte)8)
        ? "\\x" + Convert.ToHexStringLower(value)
        : Encoding.UTF8.GetString(value).Replace("\n", "\\n", StringComparison.Ordinal).Replace("\t", "\\t", StringComparison.Ordinal);

    private static string Field(ReadOnlySpan<byte> body, char code) =>
        Encoding.UTF8.GetString(body).Split('\0').FirstOrDefault(field => field.Length > 0 && field[0] == code)?[1..] ?? "";
}
