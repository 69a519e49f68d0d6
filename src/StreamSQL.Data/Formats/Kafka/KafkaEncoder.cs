using System.Buffers.Binary;
using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;

namespace StreamSQL.Data.Formats.Kafka;

/// <summary>Writes one value per record with Kafka's own serializers; see <see cref="KafkaDecoder"/>. NULL is a null record.</summary>
internal sealed class KafkaEncoder : RecordEncoder
{
    /// <inheritdoc/>
    public override void Encode(ReadOnlySpan<Column> columns, RowSelection rows, SliceList target)
    {
        var column = columns[0];
        for (var i = 0; i < rows.Count; i++)
        {
            var row = rows[i];
            if (column.IsNull(row))
                target.AddNull();
            else
                Write(column, row, target);
        }
    }

    private static void Write(Column column, int row, SliceList target)
    {
        switch (column)
        {
            case FixedColumn<long> longs:
                BinaryPrimitives.WriteInt64BigEndian(target.Reserve(sizeof(long)), longs[row]);
                target.Commit(sizeof(long));
                break;
            case BytesColumn bytes:
                target.Append(bytes[row]);
                break;
            case FixedColumn<int> ints:
                BinaryPrimitives.WriteInt32BigEndian(target.Reserve(sizeof(int)), ints[row]);
                target.Commit(sizeof(int));
                break;
            case FixedColumn<double> doubles:
                BinaryPrimitives.WriteDoubleBigEndian(target.Reserve(sizeof(double)), doubles[row]);
                target.Commit(sizeof(double));
                break;
            default:
                throw new ArgumentException($"The KAFKA format has no {column.Type}.", nameof(column));
        }
    }
}
