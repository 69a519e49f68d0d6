using StreamSQL.Data.Columns;

namespace StreamSQL.Data.Formats.Avro.Writing;

/// <summary>A field of a record that is written.</summary>
/// <param name="Writer">What writes it; null for a constant.</param>
/// <param name="Column">Which of the columns it is.</param>
/// <param name="Constant">What is written where there is no column, and for NULL where the type has none; null for nothing.</param>
internal readonly record struct AvroFieldWriter(AvroWriter? Writer, int Column, byte[]? Constant);

/// <summary>The fields of a record, in the schema's order.</summary>
internal sealed class AvroFieldsWriter(AvroFieldWriter[] fields)
{
    /// <summary>Writes a row of the columns.</summary>
    public void Write(ref SliceOutput output, ReadOnlySpan<Column> columns, int row)
    {
        foreach (var field in fields)
        {
            if (field.Writer is { } writer && (field.Constant is null || !columns[field.Column].IsNull(row)))
                writer.Write(ref output, columns[field.Column], row);
            else
                output.Write(field.Constant);
        }
    }
}

/// <summary>STRUCT as record.</summary>
internal sealed class AvroRecordWriter(AvroFieldsWriter fields, string path) : AvroWriter
{
    /// <inheritdoc/>
    public override void Write(ref SliceOutput output, Column column, int row)
    {
        if (column.IsNull(row))
            throw Unfit(path, "it is NULL, and the type has no null");
        fields.Write(ref output, ((StructColumn)column).Fields, column.Physical(row));
    }
}

/// <summary>ARRAY as array, in one block.</summary>
internal sealed class AvroArrayWriter(AvroWriter element, string path) : AvroWriter
{
    /// <inheritdoc/>
    public override void Write(ref SliceOutput output, Column column, int row)
    {
        if (column.IsNull(row))
            throw Unfit(path, "it is NULL, and the type has no null");
        row = column.Physical(row);
        var list = (ArrayColumn)column;
        var count = list.Lengths[row];
        if (count > 0)
            WriteLong(ref output, count);
        for (var i = 0; i < count; i++)
            element.Write(ref output, list.Elements, list.Starts[row] + i);
        WriteLong(ref output, 0);
    }
}

/// <summary>MAP as map or as an array of entries, in one block.</summary>
internal sealed class AvroMapWriter(AvroWriter key, AvroWriter value, bool valueFirst, string path) : AvroWriter
{
    /// <inheritdoc/>
    public override void Write(ref SliceOutput output, Column column, int row)
    {
        if (column.IsNull(row))
            throw Unfit(path, "it is NULL, and the type has no null");
        row = column.Physical(row);
        var map = (MapColumn)column;
        var count = map.Lengths[row];
        if (count > 0)
            WriteLong(ref output, count);
        for (var i = 0; i < count; i++)
        {
            var entry = map.Starts[row] + i;
            if (valueFirst)
                value.Write(ref output, map.Values, entry);
            key.Write(ref output, map.Keys, entry);
            if (!valueFirst)
                value.Write(ref output, map.Values, entry);
        }

        WriteLong(ref output, 0);
    }
}
