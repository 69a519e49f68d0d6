using System.Globalization;
using System.Numerics;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace StreamSQL.ConformanceTests.Ksql;

/// <summary>
/// Protobuf messages from and to the JSON of cases, by the definition of the wire format and of the messages that stand for values.
/// </summary>
internal static class CaseProtobuf
{
    private const string Wrapper = "google.protobuf.";
    private const string WrapperEnd = "Value";

    /// <summary>The bytes of a message.</summary>
    public static byte[] Encode(CaseMessage message, JsonElement value)
    {
        using var output = new MemoryStream();
        foreach (var field in message.Fields)
        {
            if (Find(value, field.Name) is not { } member)
                continue;
            if (field is { IsRepeated: true, Message: { IsEntry: true } entry })
                WriteEntries(output, field.Number, entry, member);
            else if (field.IsRepeated)
                WriteList(output, field, member);
            else
                Write(output, field, member);
        }

        return output.ToArray();
    }

    /// <summary>The JSON of a message: all its fields, absent ones with their defaults.</summary>
    public static JsonObject Decode(CaseMessage message, ReadOnlySpan<byte> bytes)
    {
        var result = new JsonObject();
        foreach (var field in message.Fields)
            result[field.Name] = field.IsRepeated ? field.Message is { IsEntry: true } ? new JsonObject() : new JsonArray() : Absent(field);
        while (!bytes.IsEmpty)
        {
            var tag = ReadVarint(ref bytes);
            var value = ReadValue(ref bytes, (int)(tag & 7));
            if (message.Fields.Find(field => field.Number == (int)(tag >> 3)) is { } field)
                Store(result, field, value, (int)(tag & 7));
        }

        return result;
    }

    private static void Store(JsonObject result, CaseMessageField field, ReadOnlySpan<byte> value, int wireType)
    {
        if (!field.IsRepeated)
        {
            result[field.Name] = Read(field, value);
        }
        else if (field.Message is { IsEntry: true } entry)
        {
            var pair = Decode(entry, value);
            result[field.Name]![pair["key"]!.GetValue<string>()] = pair["value"]?.DeepClone();
        }
        else if (wireType != 2 || field.IsDelimited)
        {
            result[field.Name]!.AsArray().Add(Read(field, value));
        }
        else
        {
            while (!value.IsEmpty)
                result[field.Name]!.AsArray().Add(Read(field, ReadValue(ref value, WireTypeOf(field))));
        }
    }

    private static JsonElement? Find(JsonElement value, string name)
    {
        foreach (var member in value.EnumerateObject())
        {
            if (member.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
                return member.Value.ValueKind == JsonValueKind.Null ? null : member.Value;
        }

        return null;
    }

    private static void WriteEntries(MemoryStream output, int number, CaseMessage entry, JsonElement map)
    {
        foreach (var member in map.EnumerateObject())
        {
            var pair = JsonSerializer.SerializeToElement(
                new JsonObject { ["key"] = member.Name, ["value"] = JsonNode.Parse(member.Value.GetRawText()) });
            WriteDelimited(output, number, Encode(entry, pair));
        }
    }

    private static void WriteList(MemoryStream output, CaseMessageField field, JsonElement list)
    {
        foreach (var element in list.EnumerateArray())
            Write(output, field, element);
    }

    private static void Write(MemoryStream output, CaseMessageField field, JsonElement value)
    {
        var bytes = Payload(field, value);
        if (field.IsDelimited)
        {
            WriteDelimited(output, field.Number, bytes);
            return;
        }

        WriteVarint(output, (ulong)((field.Number << 3) | WireTypeOf(field)));
        output.Write(bytes);
    }

    private static byte[] Payload(CaseMessageField field, JsonElement value)
    {
        if (field.Message is { } message)
            return Encode(message, value);
        using var output = new MemoryStream();
        switch (field.Type)
        {
            case "string":
                return System.Text.Encoding.UTF8.GetBytes(value.ToString());
            case "bytes":
                return value.ValueKind == JsonValueKind.Null ? [] : value.GetBytesFromBase64();
            case "double":
                return BitConverter.GetBytes(Number(value));
            case "float":
                return BitConverter.GetBytes((float)Number(value));
            case "bool":
                return [value.ValueKind == JsonValueKind.True ? (byte)1 : (byte)0];
            case "fixed32" or "sfixed32":
                return BitConverter.GetBytes((int)Integer(value));
            case "fixed64" or "sfixed64":
                return BitConverter.GetBytes(Integer(value));
            case "google.protobuf.Timestamp":
                var seconds = (long)Math.Floor(Integer(value) / 1000m);
                WriteNumbers(output, seconds, (Integer(value) - (seconds * 1000)) * 1_000_000);
                return output.ToArray();
            case "google.type.Date":
                var date = DateTime.UnixEpoch.AddDays(Integer(value));
                WriteNumbers(output, date.Year, date.Month, date.Day);
                return output.ToArray();
            case "google.type.TimeOfDay":
                var time = TimeSpan.FromMilliseconds(Integer(value));
                WriteNumbers(output, time.Hours, time.Minutes, time.Seconds, time.Milliseconds * 1_000_000L);
                return output.ToArray();
            case "confluent.type.Decimal":
                WriteDecimal(output, value.ToString());
                return output.ToArray();
            case var type when WrappedOf(type) is { } wrapped:
                var inner = new CaseMessageField("value", 1, wrapped, IsRepeated: false, IsOptional: false, null);
                Write(output, inner, value);
                return output.ToArray();
            case "sint32" or "sint64":
                WriteVarint(output, (ulong)((Integer(value) << 1) ^ (Integer(value) >> 63)));
                return output.ToArray();
            default:
                WriteVarint(output, (ulong)Integer(value));
                return output.ToArray();
        }
    }

    // Cases may write numbers as text; a null inside a list is the default.
    private static long Integer(JsonElement value) =>
        value.ValueKind == JsonValueKind.Null ? 0 : (long)decimal.Parse(value.ToString(), CultureInfo.InvariantCulture);

    private static double Number(JsonElement value) =>
        value.ValueKind == JsonValueKind.Null ? 0 : double.Parse(value.ToString(), CultureInfo.InvariantCulture);

    private static void WriteDecimal(MemoryStream output, string text)
    {
        var point = text.IndexOf('.', StringComparison.Ordinal);
        var digits = BigInteger.Parse(text.Replace(".", "", StringComparison.Ordinal), CultureInfo.InvariantCulture);
        WriteDelimited(output, 1, digits.ToByteArray(isBigEndian: true));
        WriteVarint(output, 3 << 3);
        WriteVarint(output, (ulong)(point < 0 ? 0 : text.Length - point - 1));
    }

    private static void WriteNumbers(MemoryStream output, params ReadOnlySpan<long> numbers)
    {
        for (var i = 0; i < numbers.Length; i++)
        {
            WriteVarint(output, (ulong)(i + 1) << 3);
            WriteVarint(output, (ulong)numbers[i]);
        }
    }

    private static void WriteDelimited(MemoryStream output, int number, ReadOnlySpan<byte> bytes)
    {
        WriteVarint(output, (ulong)((number << 3) | 2));
        WriteVarint(output, (ulong)bytes.Length);
        output.Write(bytes);
    }

    private static void WriteVarint(MemoryStream output, ulong value)
    {
        for (; value >= 0x80; value >>= 7)
            output.WriteByte((byte)(value | 0x80));
        output.WriteByte((byte)value);
    }

    private static string? WrappedOf(string type) => type.StartsWith(Wrapper, StringComparison.Ordinal)
        && type.EndsWith(WrapperEnd, StringComparison.Ordinal)
        ? type[Wrapper.Length..^WrapperEnd.Length].ToLowerInvariant()
        : null;

    private static int WireTypeOf(CaseMessageField field) => field.IsDelimited ? 2 : field.Type switch
    {
        "double" or "fixed64" or "sfixed64" => 1,
        "float" or "fixed32" or "sfixed32" => 5,
        _ => 0,
    };

    private static JsonNode? Absent(CaseMessageField field) =>
        field.IsOptional || field.Message is not null || field.Type.Contains('.', StringComparison.Ordinal)
            || field.Type == "bytes" ? null : field.Type switch
        {
            "string" => "",
            "bool" => false,
            _ => 0,
        };

    /// <summary>JSON has no number for NaN and the infinities: the cases write them as texts.</summary>
    private static JsonNode Real(double value) => double.IsFinite(value) ? value : value.ToString(CultureInfo.InvariantCulture);

    private static JsonNode? Read(CaseMessageField field, ReadOnlySpan<byte> value)
    {
        if (field.Message is { } message)
            return Decode(message, value);
        switch (field.Type)
        {
            case "string":
                return System.Text.Encoding.UTF8.GetString(value);
            case "bytes":
                // Absent and empty are the same: both are compared as null.
                return value.IsEmpty ? null : Convert.ToBase64String(value);
            case "double":
                return Real(BitConverter.ToDouble(value));
            case "float":
                return Real(BitConverter.ToSingle(value));
            case "fixed32":
                return BitConverter.ToUInt32(value);
            case "sfixed32":
                return BitConverter.ToInt32(value);
            case "fixed64" or "sfixed64":
                return BitConverter.ToInt64(value);
            case "google.protobuf.Timestamp":
                var instant = ReadNumbers(value);
                return (instant[1] * 1000) + (instant[2] / 1_000_000);
            case "google.type.Date":
                var date = ReadNumbers(value);
                return (long)(new DateTime((int)date[1], (int)date[2], (int)date[3], 0, 0, 0, DateTimeKind.Utc)
                    - DateTime.UnixEpoch).TotalDays;
            case "google.type.TimeOfDay":
                var time = ReadNumbers(value);
                return (((((time[1] * 60) + time[2]) * 60) + time[3]) * 1000) + (time[4] / 1_000_000);
            case "confluent.type.Decimal":
                return ReadDecimal(value);
            case var type when WrappedOf(type) is { } wrapped:
                var inner = new CaseMessageField("value", 1, wrapped, IsRepeated: false, IsOptional: false, null);
                return Decode(new CaseMessage("Wrapper", [inner]), value)["value"]?.DeepClone();
        }

        var varint = ReadVarint(ref value);
        return field.Type switch
        {
            "bool" => varint != 0,
            "uint32" => (uint)varint,
            "sint32" or "sint64" => (long)(varint >> 1) ^ -(long)(varint & 1),
            "int32" => (int)varint,
            _ => (long)varint,
        };
    }

    private static JsonNode? ReadDecimal(ReadOnlySpan<byte> value)
    {
        byte[] digits = [0];
        var scale = 0;
        while (!value.IsEmpty)
        {
            var tag = ReadVarint(ref value);
            var content = ReadValue(ref value, (int)(tag & 7));
            if (tag >> 3 == 1)
                digits = content.ToArray();
            else if (tag >> 3 == 3)
                scale = (int)ReadVarint(ref content);
        }

        var text = BigInteger.Abs(new BigInteger(digits, isBigEndian: true)).ToString(CultureInfo.InvariantCulture).PadLeft(scale + 1, '0');
        var sign = new BigInteger(digits, isBigEndian: true).Sign < 0 ? "-" : "";
        return JsonNode.Parse(scale == 0 ? sign + text : $"{sign}{text[..^scale]}.{text[^scale..]}");
    }

    private static long[] ReadNumbers(ReadOnlySpan<byte> value)
    {
        var numbers = new long[5];
        while (!value.IsEmpty)
        {
            var tag = ReadVarint(ref value);
            numbers[tag >> 3] = (long)ReadVarint(ref value);
        }

        return numbers;
    }

    /// <summary>Cuts a value off: a varint with its bytes, a delimited one without its length.</summary>
    private static ReadOnlySpan<byte> ReadValue(ref ReadOnlySpan<byte> bytes, int wireType)
    {
        var length = wireType switch
        {
            0 => 1 + bytes.IndexOfAnyInRange((byte)0, (byte)0x7F),
            1 => sizeof(long),
            2 => (int)ReadVarint(ref bytes),
            5 => sizeof(int),
            _ => throw new FormatException($"There is no wire type {wireType}."),
        };
        var value = bytes[..length];
        bytes = bytes[length..];
        return value;
    }

    private static ulong ReadVarint(ref ReadOnlySpan<byte> bytes)
    {
        var value = 0UL;
        for (var i = 0; ; i++)
        {
            value |= (ulong)(bytes[i] & 0x7F) << (7 * i);
            if (bytes[i] >= 0x80)
                continue;
            bytes = bytes[(i + 1)..];
            return value;
        }
    }
}
