using Npgsql;
using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Errors;
using StreamSQL.Data.Formats.Avro.Schemas;
using StreamSQL.Data.Types;

namespace StreamSQL.Data.Formats.Avro.Writing;

/// <summary>Writes rows with one schema, straight from the columns. An unwrapped null is a null record.</summary>
internal sealed class AvroEncoder : RecordEncoder
{
    private readonly AvroFieldsWriter? _record;
    private readonly AvroWriter? _value;
    private readonly byte[] _prefix;

    /// <summary>Creates an encoder.</summary>
    /// <param name="fields">The columns.</param>
    /// <param name="wrapped">Whether they are the fields of a record.</param>
    /// <param name="schema">The schema.</param>
    /// <param name="frame">What stands before each record.</param>
    /// <exception cref="SqlException">22023: the schema cannot hold the columns.</exception>
    public AvroEncoder(IReadOnlyList<FormatField> fields, bool wrapped, AvroSchema schema, byte[] frame)
    {
        _prefix = frame;
        if (!wrapped)
        {
            _value = AvroWriters.For(schema, fields[0].Type, fields[0].Name);
            return;
        }

        var record = AvroColumns.NonNull(schema);
        if (record.Kind != AvroKind.Record)
            throw new SqlException(PostgresErrorCodes.InvalidParameterValue, $"The columns need a record, the Avro schema is {schema}.");
        if (schema.Kind == AvroKind.Union)
            _prefix = [.. frame, schema.Branches[0].Kind == AvroKind.Record ? (byte)0 : (byte)2];
        _record = AvroWriters.Fields(record, [.. fields.Select(static f => new StructField(f.Name, f.Type))], "");
    }

    /// <inheritdoc/>
    public override void Encode(ReadOnlySpan<Column> columns, RowSelection rows, SliceList target)
    {
        for (var i = 0; i < rows.Count; i++)
        {
            var row = rows[i];
            if (_value is not null && columns[0].IsNull(row))
            {
                target.AddNull();
                continue;
            }

            var output = new SliceOutput(target);
            output.Write(_prefix);
            if (_value is not null)
                _value.Write(ref output, columns[0], row);
            else
                _record!.Write(ref output, columns, row);
            output.Commit();
        }
    }
}
