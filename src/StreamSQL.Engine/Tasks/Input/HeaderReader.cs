using System.Text;
using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;
using StreamSQL.Kafka.Records;
using StreamSQL.Sql.Catalog;

namespace StreamSQL.Engine.Tasks.Input;

/// <summary>Fills columns that show record headers: all of them, or the value of the last one of a key.</summary>
internal static class HeaderReader
{
    /// <summary>Fills a column for all rows.</summary>
    /// <exception cref="Kafka.KafkaException">The bytes are no headers.</exception>
    public static void Fill(Column target, SourceHeader header, HeaderColumns? headers, int rows)
    {
        target.Reset(rows);
        var key = header.Key is { } text ? Encoding.UTF8.GetBytes(text) : null;
        for (var row = 0; row < rows; row++)
        {
            var count = headers?.Counts.Values[row] ?? 0;
            var encoded = count == 0 ? default : headers!.Encoded[row];
            if (key is null)
                FillAll((ArrayColumn)target, row, new RecordHeaderReader(encoded, count), count);
            else
                FillOne((BytesColumn)target, row, new RecordHeaderReader(encoded, count), key);
        }
    }

    private static void FillAll(ArrayColumn target, int row, RecordHeaderReader reader, int count)
    {
        var at = target.Allocate(row, count);
        var fields = ((StructColumn)target.Elements).Fields;
        for (; reader.MoveNext(); at++)
        {
            ((BytesColumn)fields[0]).Set(at, reader.Name);
            if (reader.HasValue)
                ((BytesColumn)fields[1]).Set(at, reader.Value);
            else
                fields[1].SetNull(at);
        }
    }

    private static void FillOne(BytesColumn target, int row, RecordHeaderReader reader, ReadOnlySpan<byte> key)
    {
        target.SetNull(row);
        while (reader.MoveNext())
        {
            if (!reader.Name.SequenceEqual(key))
                continue;
            if (!reader.HasValue)
            {
                target.SetNull(row);
                continue;
            }

            target.Set(row, reader.Value);
            target.SetValid(row);
        }
    }
}
