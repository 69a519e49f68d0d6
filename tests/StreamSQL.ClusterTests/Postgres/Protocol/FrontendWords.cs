using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace StreamSQL.ClusterTests.Postgres.Protocol;

/// <summary>What a client sends, written as words: a message's letter, its names in parentheses, its text.</summary>
internal static partial class FrontendWords
{
    /// <summary>A word's bytes.</summary>
    /// <exception cref="FormatException">It is no word.</exception>
    public static byte[] Encode(string word)
    {
        var match = Word().Match(word.Trim());
        if (!match.Success)
            throw new FormatException($"no message: {word}");
        var (type, names, text) = (match.Groups[1].Value, match.Groups[2].Value, match.Groups[3].Value);
        return type switch
        {
            "Q" or "f" => Message(type[0], body => WriteString(body, text)),
            "P" => Message('P', body => Parse(body, names, text)),
            "B" => Message('B', body => Bind(body, names.Split(','), text)),
            "D" or "C" => Message(type[0], body =>
            {
                body.WriteByte((byte)names[0]);
                WriteString(body, names[2..]);
            }),
            "E" => Message('E', body =>
            {
                WriteString(body, names.Split(':')[0]);
                WriteInt32(body, names.Split(':') is [_, var rows] ? int.Parse(rows, CultureInfo.InvariantCulture) : 0);
            }),
            "F" => Message('F', body => Function(body, names, text)),
            "d" => Message('d', body => body.Write(
                Encoding.UTF8.GetBytes(text.Replace("\\n", "\n", StringComparison.Ordinal)
                    .Replace("\\t", "\t", StringComparison.Ordinal)))),
            "S" or "H" or "c" or "X" => Message(type[0], static _ => { }),
            "raw" => Convert.FromHexString(text.Replace(" ", "", StringComparison.Ordinal)),
            _ => throw new FormatException($"no message: {word}"),
        };
    }

    public static void WriteString(Stream body, string text)
    {
        body.Write(Encoding.UTF8.GetBytes(text));
        body.WriteByte(0);
    }

    public static void WriteInt32(Stream body, int value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32BigEndian(bytes, value);
        body.Write(bytes);
    }

    private static void Parse(Stream body, string names, string text)
    {
        var parts = names.Split(':');
        WriteString(body, parts[0]);
        WriteString(body, text);
        var types = parts is [_, { Length: > 0 } list] ? list.Split(',') : [];
        WriteInt16(body, types.Length);
        foreach (var type in types)
            WriteInt32(body, int.Parse(type, CultureInfo.InvariantCulture));
    }

    private static void Bind(Stream body, string[] names, string text)
    {
        WriteString(body, names[0]);
        WriteString(body, names.ElementAtOrDefault(1) ?? "");
        Format(body, names.ElementAtOrDefault(2));
        Values(body, text);
        Format(body, names.ElementAtOrDefault(3));
    }

    private static void Function(Stream body, string oid, string text)
    {
        WriteInt32(body, int.Parse(oid, CultureInfo.InvariantCulture));
        WriteInt16(body, 0);
        Values(body, text);
        WriteInt16(body, 0);
    }

    private static void Format(Stream body, string? format)
    {
        WriteInt16(body, string.IsNullOrEmpty(format) ? 0 : 1);
        if (!string.IsNullOrEmpty(format))
            WriteInt16(body, int.Parse(format, CultureInfo.InvariantCulture));
    }

    private static void Values(Stream body, string text)
    {
        var values = text.Length == 0 ? [] : text.Split(',');
        WriteInt16(body, values.Length);
        foreach (var value in values)
        {
            var bytes = value == "null" ? null : value.StartsWith("\\x", StringComparison.Ordinal) ? Convert.FromHexString(value[2..])
                : Encoding.UTF8.GetBytes(value);
            WriteInt32(body, bytes?.Length ?? -1);
            body.Write(bytes ?? []);
        }
    }

    private static byte[] Message(char type, Action<MemoryStream> write)
    {
        var body = new MemoryStream();
        write(body);
        var message = new MemoryStream();
        message.WriteByte((byte)type);
        WriteInt32(message, (int)body.Length + sizeof(int));
        body.WriteTo(message);
        return message.ToArray();
    }

    private static void WriteInt16(Stream body, int value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(short)];
        BinaryPrimitives.WriteInt16BigEndian(bytes, (short)value);
        body.Write(bytes);
    }

    [GeneratedRegex(@"^(\w+)(?:\(([^)]*)\))?(?: (.*))?$", RegexOptions.Singleline)]
    private static partial Regex Word();
}
