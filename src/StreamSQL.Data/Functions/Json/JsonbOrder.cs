using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using System.Text.Json;

namespace StreamSQL.Data.Functions.Json;

/// <summary>
/// The order of jsonb as bytes: two values have equal bytes exactly when they are equal, and their bytes sort as they do (PostgreSQL's
/// manual, "jsonb Indexing"): null, texts, numbers, booleans, arrays, objects; the array or object with more in it after the other, then
/// part by part. An empty array by itself comes before all else.
/// </summary>
public static class JsonbOrder
{
    private const byte EmptyArray = 0;
    private const byte Null = 1;
    private const byte Text = 2;
    private const byte Number = 3;
    private const byte False = 4;
    private const byte True = 5;
    private const byte Array = 6;
    private const byte Object = 7;

    /// <summary>Appends the bytes of a value of jsonb, given as its text.</summary>
    public static void Write(ReadOnlySpan<byte> jsonb, IBufferWriter<byte> writer)
    {
        using var document = JsonValue.TryParse(jsonb) ?? throw new InvalidOperationException("a value of jsonb is no JSON");
        if (document.RootElement is { ValueKind: JsonValueKind.Array } root && root.GetArrayLength() == 0)
            WriteByte(EmptyArray, writer);
        else
            Write(document.RootElement, writer);
    }

    /// <summary>Negative, zero or positive as the first value comes before, with or after the second.</summary>
    public static int Compare(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        if (left.SequenceEqual(right))
            return 0;
        return ToBytes(left).SequenceCompareTo(ToBytes(right));
    }

    /// <summary>The bytes of a value.</summary>
    public static ReadOnlySpan<byte> ToBytes(ReadOnlySpan<byte> jsonb)
    {
        var writer = new ArrayBufferWriter<byte>(jsonb.Length + 16);
        Write(jsonb, writer);
        return writer.WrittenSpan;
    }

    private static void Write(JsonElement value, IBufferWriter<byte> writer)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                WriteObject(value, writer);
                break;
            case JsonValueKind.Array:
                WriteByte(Array, writer);
                WriteInt32(value.GetArrayLength(), writer);
                foreach (var element in value.EnumerateArray())
                    Write(element, writer);
                break;
            case JsonValueKind.String:
                WriteByte(Text, writer);
                WriteText(value.GetString()!, writer);
                break;
            case JsonValueKind.Number:
                WriteByte(Number, writer);
                WriteNumber(JsonDecimal.Parse(value.GetRawText()), writer);
                break;
            default:
                WriteByte(value.ValueKind switch { JsonValueKind.True => True, JsonValueKind.False => False, _ => Null }, writer);
                break;
        }
    }

    private static void WriteObject(JsonElement value, IBufferWriter<byte> writer)
    {
        var members = JsonValue.Members(value).ToArray();
        WriteByte(Object, writer);
        WriteInt32(members.Length, writer);
        foreach (var member in members)
        {
            WriteText(member.Name, writer);
            Write(member.Value, writer);
        }
    }

    private static void WriteText(string text, IBufferWriter<byte> writer)
    {
        // jsonb has no character 0, so it can end a text.
        writer.Write(Encoding.UTF8.GetBytes(text));
        WriteByte(0, writer);
    }

    /// <summary>Sign, place of the point, digits; all turned round for negative numbers.</summary>
    private static void WriteNumber(JsonDecimal number, IBufferWriter<byte> writer)
    {
        WriteByte((byte)(number.IsZero ? 1 : number.IsNegative ? 0 : 2), writer);
        if (number.IsZero)
            return;
        var bytes = new byte[sizeof(int) + number.Digits.Length + 1];
        BinaryPrimitives.WriteInt32BigEndian(bytes, number.Exponent ^ int.MinValue);
        Encoding.ASCII.GetBytes(number.Digits, bytes.AsSpan(sizeof(int)));
        if (number.IsNegative)
        {
            for (var i = 0; i < bytes.Length; i++)
                bytes[i] = (byte)~bytes[i];
        }

        writer.Write(bytes);
    }

    private static void WriteByte(byte value, IBufferWriter<byte> writer)
    {
        writer.GetSpan(1)[0] = value;
        writer.Advance(1);
    }

    private static void WriteInt32(int value, IBufferWriter<byte> writer)
    {
        BinaryPrimitives.WriteInt32BigEndian(writer.GetSpan(sizeof(int)), value);
        writer.Advance(sizeof(int));
    }
}
