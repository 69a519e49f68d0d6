using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using System.Text.Json;

namespace StreamSQL.Data.Formats.Avro.Schemas;

/// <summary>
/// Turns the default of a field, JSON by Avro's table, into binary data of the field's type, so that it is read like any other value. A
/// union's default is of the first of its branches that it fits.
/// </summary>
internal static class AvroDefaults
{
    /// <summary>Encodes a default.</summary>
    /// <exception cref="Errors.SqlException">22023: it is no value of the type.</exception>
    public static byte[] Encode(AvroSchema schema, JsonElement value, string path)
    {
        var target = new ArrayBufferWriter<byte>();
        if (!TryWrite(schema, value, target, 0))
            throw AvroSchemaParser.Invalid(
                $"The Avro schema is not valid at {path}: the default {Shorten(value.GetRawText())} is no value of {schema}.");
        return target.WrittenSpan.ToArray();
    }

    private static bool TryWrite(AvroSchema schema, JsonElement value, ArrayBufferWriter<byte> target, int depth)
    {
        // A record whose field has itself as its default would never end.
        if (depth > 100)
            return false;
        switch (schema.Kind)
        {
            case AvroKind.Null:
                return value.ValueKind == JsonValueKind.Null;
            case AvroKind.Boolean:
                target.Write([value.ValueKind == JsonValueKind.True ? (byte)1 : (byte)0]);
                return value.ValueKind is JsonValueKind.True or JsonValueKind.False;
            case AvroKind.Int:
                return IsNumber(value) && value.TryGetInt32(out var small) && Write(small, target);
            case AvroKind.Long:
                return IsNumber(value) && value.TryGetInt64(out var large) && Write(large, target);
            case AvroKind.Float or AvroKind.Double:
                return TryWriteFloating(schema.Kind, value, target);
            case AvroKind.String:
                return value.ValueKind == JsonValueKind.String && Write(Encoding.UTF8.GetBytes(value.GetString()!), target);
            case AvroKind.Bytes or AvroKind.Fixed:
                return TryWriteBytes(schema, value, target);
            case AvroKind.Enum:
                return value.ValueKind == JsonValueKind.String && TryWriteSymbol(schema, value.GetString()!, target);
            case AvroKind.Array:
                return value.ValueKind == JsonValueKind.Array && TryWriteArray(schema.Element!, value, target, depth);
            case AvroKind.Map:
                return value.ValueKind == JsonValueKind.Object && TryWriteMap(schema.Element!, value, target, depth);
            case AvroKind.Record:
                return value.ValueKind == JsonValueKind.Object && TryWriteRecord(schema, value, target, depth);
            default:
                return TryWriteUnion(schema, value, target, depth);
        }
    }

    private static bool TryWriteFloating(AvroKind kind, JsonElement value, ArrayBufferWriter<byte> target)
    {
        double number;
        if (IsNumber(value))
            number = value.GetDouble();
        else if (value.ValueKind != JsonValueKind.String || !TryNamed(value.GetString()!, out number))
            return false;
        Span<byte> bytes = stackalloc byte[8];
        if (kind == AvroKind.Float)
            BinaryPrimitives.WriteSingleLittleEndian(bytes, (float)number);
        else
            BinaryPrimitives.WriteDoubleLittleEndian(bytes, number);
        target.Write(kind == AvroKind.Float ? bytes[..4] : bytes);
        return true;
    }

    private static bool TryNamed(string name, out double number)
    {
        number = name switch { "Infinity" or "INF" => double.PositiveInfinity, "-Infinity" or "-INF" => double.NegativeInfinity,
            _ => double.NaN };
        return name is "NaN" or "Infinity" or "-Infinity" or "INF" or "-INF";
    }

    /// <summary>Each character stands for the byte of its number.</summary>
    private static bool TryWriteBytes(AvroSchema schema, JsonElement value, ArrayBufferWriter<byte> target)
    {
        if (value.ValueKind != JsonValueKind.String)
            return false;
        var text = value.GetString()!;
        if (text.Any(static c => c > 0xFF) || (schema.Kind == AvroKind.Fixed && text.Length != schema.Size))
            return false;
        var bytes = Encoding.Latin1.GetBytes(text);
        if (schema.Kind == AvroKind.Bytes)
            return Write(bytes, target);
        target.Write(bytes);
        return true;
    }

    private static bool TryWriteSymbol(AvroSchema schema, string symbol, ArrayBufferWriter<byte> target)
    {
        for (var i = 0; i < schema.Symbols.Count; i++)
        {
            if (schema.Symbols[i] == symbol)
                return Write(i, target);
        }

        return false;
    }

    private static bool TryWriteArray(AvroSchema element, JsonElement value, ArrayBufferWriter<byte> target, int depth)
    {
        if (value.GetArrayLength() > 0)
        {
            Write(value.GetArrayLength(), target);
            foreach (var item in value.EnumerateArray())
            {
                if (!TryWrite(element, item, target, depth + 1))
                    return false;
            }
        }

        return Write(0, target);
    }

    private static bool TryWriteMap(AvroSchema element, JsonElement value, ArrayBufferWriter<byte> target, int depth)
    {
        var count = value.EnumerateObject().Count();
        if (count > 0)
        {
            Write(count, target);
            foreach (var member in value.EnumerateObject())
            {
                Write(Encoding.UTF8.GetBytes(member.Name), target);
                if (!TryWrite(element, member.Value, target, depth + 1))
                    return false;
            }
        }

        return Write(0, target);
    }

    private static bool TryWriteRecord(AvroSchema schema, JsonElement value, ArrayBufferWriter<byte> target, int depth)
    {
        foreach (var field in schema.Fields)
        {
            if (value.TryGetProperty(field.Name, out var inner))
            {
                if (!TryWrite(field.Schema, inner, target, depth + 1))
                    return false;
            }
            else if (field.Default is { } known)
            {
                target.Write(known);
            }
            else
            {
                return false;
            }
        }

        return true;
    }

    private static bool TryWriteUnion(AvroSchema schema, JsonElement value, ArrayBufferWriter<byte> target, int depth)
    {
        for (var i = 0; i < schema.Branches.Count; i++)
        {
            // What a branch that does not fit has written is thrown away with its writer.
            var attempt = new ArrayBufferWriter<byte>();
            Write(i, attempt);
            if (!TryWrite(schema.Branches[i], value, attempt, depth + 1))
                continue;
            target.Write(attempt.WrittenSpan);
            return true;
        }

        return false;
    }

    private static bool IsNumber(JsonElement value) => value.ValueKind == JsonValueKind.Number;

    private static bool Write(long number, ArrayBufferWriter<byte> target)
    {
        target.Advance(AvroVarint.Write(target.GetSpan(AvroVarint.MaxLength), number));
        return true;
    }

    private static bool Write(byte[] bytes, ArrayBufferWriter<byte> target)
    {
        Write(bytes.Length, target);
        target.Write(bytes);
        return true;
    }

    private static string Shorten(string text) => text.Length <= 80 ? text : text[..80] + "...";
}
