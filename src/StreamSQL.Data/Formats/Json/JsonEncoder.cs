using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;

namespace StreamSQL.Data.Formats.Json;

/// <summary>
/// Writes rows as ksqlDB's JSON: all fields in the order of the schema, nulls written out, DECIMAL with its full scale, DOUBLE as Java
/// prints it, BYTES as base64, TIME, DATE and TIMESTAMP as numbers. An unwrapped null is a null record.
/// </summary>
internal sealed class JsonEncoder : RecordEncoder
{
    private readonly JsonTemplate? _object;
    private readonly JsonTemplate? _inner;

    private readonly byte[] _frame;

    /// <summary>Creates an encoder.</summary>
    public JsonEncoder(IReadOnlyList<FormatField> fields, bool wrapped)
        : this(fields, wrapped, [])
    {
    }

    /// <summary>Creates an encoder that writes some bytes before each text.</summary>
    public JsonEncoder(IReadOnlyList<FormatField> fields, bool wrapped, byte[] frame)
    {
        _frame = frame;
        if (wrapped)
            _object = new JsonTemplate(fields);
        else
            _inner = JsonTemplate.Inside(fields[0].Type);
    }

    /// <inheritdoc/>
    public override void Encode(ReadOnlySpan<Column> columns, RowSelection rows, SliceList target)
    {
        for (var i = 0; i < rows.Count; i++)
        {
            var row = rows[i];
            if (_object is null && columns[0].IsNull(row))
            {
                target.AddNull();
                continue;
            }

            var output = new SliceOutput(target);
            output.Write(_frame);
            if (_object is not null)
                _object.Write(ref output, columns, row);
            else
                JsonNested.Write(ref output, columns[0], columns[0].Physical(row), _inner);
            output.Commit();
        }
    }
}
