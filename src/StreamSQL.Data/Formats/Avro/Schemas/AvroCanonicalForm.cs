using System.Globalization;
using System.Text;

namespace StreamSQL.Data.Formats.Avro.Schemas;

/// <summary>
/// The parsing canonical form of schemas: only what decides how data is written, in one order, with full names and no white space; and its
/// 64-bit Rabin fingerprint (CRC-64-AVRO). Two schemas with the same form read each other's data as their own.
/// </summary>
public static class AvroCanonicalForm
{
    private const ulong Empty = 0xC15D213AA4D7A795;

    private static readonly ulong[] Table = MakeTable();

    /// <summary>The canonical form.</summary>
    public static string Of(AvroSchema schema)
    {
        var text = new StringBuilder();
        Write(schema, text, new HashSet<string>(StringComparer.Ordinal));
        return text.ToString();
    }

    /// <summary>The fingerprint of the canonical form.</summary>
    public static ulong Fingerprint(AvroSchema schema) => Fingerprint(Encoding.UTF8.GetBytes(Of(schema)));

    /// <summary>The CRC-64-AVRO of bytes.</summary>
    public static ulong Fingerprint(ReadOnlySpan<byte> bytes)
    {
        var fingerprint = Empty;
        foreach (var value in bytes)
            fingerprint = (fingerprint >> 8) ^ Table[(byte)fingerprint ^ value];
        return fingerprint;
    }

    private static void Write(AvroSchema schema, StringBuilder text, HashSet<string> defined)
    {
        switch (schema.Kind)
        {
            case AvroKind.Union:
                text.Append('[');
                for (var i = 0; i < schema.Branches.Count; i++)
                    Write(schema.Branches[i], i == 0 ? text : text.Append(','), defined);
                text.Append(']');
                break;
            case AvroKind.Array:
                Write(schema.Element!, text.Append("{\"type\":\"array\",\"items\":"), defined);
                text.Append('}');
                break;
            case AvroKind.Map:
                Write(schema.Element!, text.Append("{\"type\":\"map\",\"values\":"), defined);
                text.Append('}');
                break;
            case AvroKind.Record or AvroKind.Enum or AvroKind.Fixed:
                if (defined.Add(schema.FullName))
                    WriteNamed(schema, text, defined);
                else
                    text.Append('"').Append(schema.FullName).Append('"');
                break;
            default:
                text.Append('"').Append(AvroSchema.NameOf(schema.Kind)).Append('"');
                break;
        }
    }

    private static void WriteNamed(AvroSchema schema, StringBuilder text, HashSet<string> defined)
    {
        // Names and symbols are ASCII letters, digits and underscores: nothing in them needs an escape.
        text.Append("{\"name\":\"").Append(schema.FullName).Append("\",\"type\":\"").Append(AvroSchema.NameOf(schema.Kind)).Append('"');
        switch (schema.Kind)
        {
            case AvroKind.Enum:
                text.Append(",\"symbols\":[").AppendJoin(',', schema.Symbols.Select(static symbol => $"\"{symbol}\"")).Append(']');
                break;
            case AvroKind.Fixed:
                text.Append(",\"size\":").Append(schema.Size.ToString(CultureInfo.InvariantCulture));
                break;
            default:
                text.Append(",\"fields\":[");
                for (var i = 0; i < schema.Fields.Count; i++)
                {
                    text.Append(i == 0 ? "" : ",").Append("{\"name\":\"").Append(schema.Fields[i].Name).Append("\",\"type\":");
                    Write(schema.Fields[i].Schema, text, defined);
                    text.Append('}');
                }

                text.Append(']');
                break;
        }

        text.Append('}');
    }

    private static ulong[] MakeTable()
    {
        var table = new ulong[256];
        for (var i = 0; i < table.Length; i++)
        {
            var value = (ulong)i;
            for (var bit = 0; bit < 8; bit++)
                value = (value >> 1) ^ ((value & 1) == 0 ? 0 : Empty);
            table[i] = value;
        }

        return table;
    }
}
