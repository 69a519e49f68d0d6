using System.Buffers.Binary;
using System.Text.Unicode;
using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Types;

namespace StreamSQL.Data.Formats.Kafka;

/// <summary>
/// Kafka's own serializers for one value: INTEGER 4 and BIGINT 8 bytes big-endian, DOUBLE 8 bytes IEEE
/// 754 big-endian, VARCHAR UTF-8, BYTES as they are.
/// </summary>
internal sealed class KafkaDecoder : RecordDecoder
{
    private readonly FormatField _field;

    /// <summary>Creates a decoder for the only field.</summary>
    public KafkaDecoder(FormatField field) => _field = field;

    /// <inheritdoc/>
    public override void Decode(SliceList source, Column?[] columns, DecodeErrors errors)
    {
        switch (columns[0])
        {
            case FixedColumn<int> ints:
                DecodeInt32(source, ints, errors);
                break;
            case FixedColumn<long> longs:
                DecodeInt64(source, longs, errors);
                break;
            case FixedColumn<double> doubles:
                DecodeDouble(source, doubles, errors);
                break;
            case BytesColumn bytes:
                DecodeBytes(source, bytes, errors);
                break;
        }
    }

    private void DecodeInt32(SliceList source, FixedColumn<int> column, DecodeErrors errors)
    {
        for (var row = 0; row < source.Count; row++)
        {
            if (source.Lengths[row] == sizeof(int))
                column.Values[row] = BinaryPrimitives.ReadInt32BigEndian(source.Buffer.AsSpan(source.Starts[row]));
            else
                Fail(source, row, sizeof(int), column, errors);
        }
    }

    private void DecodeInt64(SliceList source, FixedColumn<long> column, DecodeErrors errors)
    {
        for (var row = 0; row < source.Count; row++)
        {
            if (source.Lengths[row] == sizeof(long))
                column.Values[row] = BinaryPrimitives.ReadInt64BigEndian(source.Buffer.AsSpan(source.Starts[row]));
            else
                Fail(source, row, sizeof(long), column, errors);
        }
    }

    private void DecodeDouble(SliceList source, FixedColumn<double> column, DecodeErrors errors)
    {
        for (var row = 0; row < source.Count; row++)
        {
            if (source.Lengths[row] == sizeof(double))
                column.Values[row] = BinaryPrimitives.ReadDoubleBigEndian(source.Buffer.AsSpan(source.Starts[row]));
            else
                Fail(source, row, sizeof(double), column, errors);
        }
    }

    private void DecodeBytes(SliceList source, BytesColumn column, DecodeErrors errors)
    {
        var isText = _field.Type.Kind != SqlTypeKind.Bytes;
        column.Attach(source.Buffer);
        for (var row = 0; row < source.Count; row++)
        {
            if (source.IsNull(row))
            {
                column.SetNull(row);
                continue;
            }

            if (isText && !Utf8.IsValid(source[row]))
            {
                column.SetNull(row);
                errors.Report(row, errors.WantsReason ? $"column {_field.Name}: not UTF-8" : "");
                continue;
            }

            column.Starts[row] = source.Starts[row];
            column.Lengths[row] = source.Lengths[row];
        }
    }

    private void Fail(SliceList source, int row, int expected, Column column, DecodeErrors errors)
    {
        column.SetNull(row);
        if (!source.IsNull(row))
            errors.Report(row, errors.WantsReason ? $"column {_field.Name}: {expected} bytes expected, {source.Lengths[row]} found" : "");
    }
}
