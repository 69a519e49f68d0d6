using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Formats;
using StreamSQL.Data.Formats.Avro.Reading;
using StreamSQL.Data.Formats.Avro.Schemas;
using StreamSQL.Data.Formats.Avro.Writing;
using StreamSQL.Data.Formats.Rows;
using StreamSQL.Data.Types;

namespace StreamSQL.UnitTests.Data.Formats.Avro;

/// <summary>Decodes and encodes with schemas given as text, and shows rows as text.</summary>
internal static class AvroData
{
    public static Decoded Decode(
        string writer, IReadOnlyList<FormatField> fields, IEnumerable<byte[]?> records, bool wrapped = true, string? reader = null,
        Func<int, bool>? wanted = null,
        int slack = 0)
    {
        var decoder = new AvroDecoder(fields, wrapped, AvroSchema.Parse(writer), reader is null ? null : AvroSchema.Parse(reader));
        var source = Decoding.Slices(records, slack);
        var columns = fields.Select((field, i) => wanted is null || wanted(i) ? Column.Create(field.Type) : null).ToArray();
        foreach (var column in columns)
            column?.Reset(source.Count);
        var errors = new DecodeErrors();
        decoder.Attach(source.Buffer, columns);
        decoder.Decode(source, 0, source.Count, columns, errors);
        var rows = Enumerable.Range(0, source.Count).Select(row => Show(columns, row)).ToArray();
        return new Decoded(rows, [.. errors.Rows], errors.Count == 0 ? "" : errors.FirstReason);
    }

    /// <summary>One value, without a record around it.</summary>
    public static string Value(string writer, SqlType type, params byte[] bytes)
    {
        var result = Decode(writer, [new("V", type)], [bytes], wrapped: false);
        return result.Failed.Length == 0 ? result.Rows.Single() : result.Reason;
    }

    public static byte[]?[] Encode(string schema, IReadOnlyList<FormatField> fields, bool wrapped, params object?[][] rows)
    {
        var columns = fields.Select(static field => Column.Create(field.Type)).ToArray();
        for (var i = 0; i < columns.Length; i++)
        {
            columns[i].Reset(rows.Length);
            for (var row = 0; row < rows.Length; row++)
                ColumnWriter.Write(columns[i], row, rows[row][i]);
        }

        return Encode(schema, fields, wrapped, columns, rows.Length);
    }

    public static byte[]?[] Encode(string schema, IReadOnlyList<FormatField> fields, bool wrapped, Column[] columns, int rows)
    {
        var target = new SliceList();
        target.Reset();
        new AvroEncoder(fields, wrapped, AvroSchema.Parse(schema), []).Encode(columns, RowSelection.All(rows), target);
        return [.. Enumerable.Range(0, rows).Select(row => target.IsNull(row) ? null : target[row].ToArray())];
    }

    public static string Show(IEnumerable<Column?> columns, int row) =>
        string.Join('|', columns.Where(static c => c is not null).Select(c => ColumnText.ToText(c!, row, TextStyle.Ksql) ?? "NULL"));
}
