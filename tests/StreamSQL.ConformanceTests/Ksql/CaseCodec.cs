using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.Json;
using StreamSQL.Data.Types;

namespace StreamSQL.ConformanceTests.Ksql;

/// <summary>
/// Turns the JSON in which cases write keys and values into the bytes of a format, and back: by the definition of the format, not with the
/// engine's own codecs, which are what is tested.
/// </summary>
/// <param name="format">JSON, DELIMITED, KAFKA or NONE.</param>
/// <param name="type">The type of the only column, where there is one: KAFKA needs it.</param>
internal sealed class CaseCodec(string format, SqlType? type) : RecordCodec
{
    /// <inheritdoc/>
    public override byte[]? Encode(JsonElement? value) => value is not { } element
        ? null
        : format switch
        {
            "JSON" => Encoding.UTF8.GetBytes(element.GetRawText()),
            "DELIMITED" => Encoding.UTF8.GetBytes(element.ToString()),
            "KAFKA" => EncodeKafka(element),
            "NONE" => Encoding.UTF8.GetBytes(element.ToString()),
            _ => throw new NotSupportedException($"Format {format} is not known here."),
        };

    /// <inheritdoc/>
    public override string? Compare(JsonElement? expected, byte[]? actual, bool exactNumbers)
    {
        if (expected is not { } element)
            return actual is null ? null : $"expected nothing, got {Show(actual)}";
        if (actual is null)
            return $"expected {element.GetRawText()}, got nothing";
        var matches = format switch
        {
            "JSON" => MatchesJson(element, actual, exactNumbers),
            "KAFKA" => MatchesKafka(element, actual),
            _ => Encoding.UTF8.GetString(actual) == element.ToString(),
        };
        return matches ? null : $"expected {element.GetRawText()}, got {Show(actual)}";
    }

    private static bool MatchesJson(JsonElement expected, byte[] actual, bool exactNumbers)
    {
        try
        {
            using var document = JsonDocument.Parse(actual);
            return JsonComparison.Matches(expected, document.RootElement, exactNumbers);
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private byte[] EncodeKafka(JsonElement element)
    {
        var bytes = new byte[type?.Kind is SqlTypeKind.Integer ? sizeof(int) : sizeof(long)];
        switch (type?.Kind)
        {
            case SqlTypeKind.Integer when element.ValueKind == JsonValueKind.Number:
                BinaryPrimitives.WriteInt32BigEndian(bytes, element.GetInt32());
                return bytes;
            case SqlTypeKind.BigInt or SqlTypeKind.Timestamp when element.ValueKind == JsonValueKind.Number:
                BinaryPrimitives.WriteInt64BigEndian(bytes, element.GetInt64());
                return bytes;
            case SqlTypeKind.Double when element.ValueKind == JsonValueKind.Number:
                BinaryPrimitives.WriteDoubleBigEndian(bytes, element.GetDouble());
                return bytes;
            case SqlTypeKind.Bytes:
                return element.GetBytesFromBase64();
            default:
                return Encoding.UTF8.GetBytes(element.ToString());
        }
    }

    private bool MatchesKafka(JsonElement expected, byte[] actual) => (type?.Kind, actual.Length) switch
    {
        (SqlTypeKind.Integer, sizeof(int)) => expected.GetRawText() == BinaryPrimitives.ReadInt32BigEndian(actual)
            .ToString(CultureInfo.InvariantCulture),
        (SqlTypeKind.BigInt or SqlTypeKind.Timestamp, sizeof(long)) =>
            expected.GetRawText() == BinaryPrimitives.ReadInt64BigEndian(actual).ToString(CultureInfo.InvariantCulture),
        (SqlTypeKind.Double, sizeof(double)) =>
            expected.ValueKind == JsonValueKind.Number && expected.GetDouble().Equals(BinaryPrimitives.ReadDoubleBigEndian(actual)),
        (SqlTypeKind.Bytes, _) => expected.ToString() == Convert.ToBase64String(actual),
        (SqlTypeKind.Integer or SqlTypeKind.BigInt or SqlTypeKind.Double, _) => false,
        _ => expected.ToString() == Encoding.UTF8.GetString(actual),
    };

    private string Show(byte[] bytes) => format == "KAFKA"
        && type is { Kind: not SqlTypeKind.Varchar } ? Convert.ToHexString(bytes) : Encoding.UTF8.GetString(bytes);
}
