using System.Text.Json;

namespace StreamSQL.Data.Formats.Avro.Schemas;

/// <summary>
/// Reads the logical type of a type. As the specification wants it, one that is unknown or does not fit
/// its type is as if it were not there.
/// </summary>
internal static class AvroLogicalTypes
{
    /// <summary>The logical type that an object gives its type, with a decimal's precision (0 where missing) and scale.</summary>
    public static (AvroLogicalType Logical, int Precision, int Scale) Read(JsonElement json, AvroKind kind, int size)
    {
        if (!json.TryGetProperty("logicalType", out var name) || name.ValueKind != JsonValueKind.String)
            return default;
        if (name.ValueEquals("decimal"u8))
            return kind is AvroKind.Bytes or AvroKind.Fixed ? ReadDecimal(json, kind, size) : default;
        var logical = (name.GetString(), kind) switch
        {
            ("date", AvroKind.Int) => AvroLogicalType.Date,
            ("time-millis", AvroKind.Int) => AvroLogicalType.TimeMillis,
            ("time-micros", AvroKind.Long) => AvroLogicalType.TimeMicros,
            ("timestamp-millis", AvroKind.Long) => AvroLogicalType.TimestampMillis,
            ("timestamp-micros", AvroKind.Long) => AvroLogicalType.TimestampMicros,
            ("local-timestamp-millis", AvroKind.Long) => AvroLogicalType.LocalTimestampMillis,
            ("local-timestamp-micros", AvroKind.Long) => AvroLogicalType.LocalTimestampMicros,
            ("uuid", AvroKind.String) => AvroLogicalType.Uuid,
            ("uuid", AvroKind.Fixed) when size == 16 => AvroLogicalType.Uuid,
            _ => AvroLogicalType.None,
        };
        return (logical, 0, 0);
    }

    /// <summary>
    /// The specification demands a precision; Kafka Connect writes and reads decimals without one, so a missing one is not a fault.
    /// </summary>
    private static (AvroLogicalType Logical, int Precision, int Scale) ReadDecimal(JsonElement json, AvroKind kind, int size)
    {
        if (!TryNumber(json, "precision", out var precision) || !TryNumber(json, "scale", out var scale))
            return default;
        var hasPrecision = json.TryGetProperty("precision", out _);
        var fits = kind != AvroKind.Fixed || precision <= Math.Floor(Math.Log10(2) * ((8.0 * size) - 1));
        var valid = scale >= 0 && (!hasPrecision || (precision > 0 && scale <= precision)) && fits;
        return valid ? (AvroLogicalType.Decimal, precision, scale) : default;
    }

    private static bool TryNumber(JsonElement json, string attribute, out int value)
    {
        value = 0;
        return !json.TryGetProperty(attribute, out var element)
            || (element.ValueKind == JsonValueKind.Number && element.TryGetInt32(out value));
    }
}
