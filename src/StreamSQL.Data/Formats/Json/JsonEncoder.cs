using System.Buffers.Text;
using System.Text;
using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Formats.Text;
using StreamSQL.Data.Types;

namespace StreamSQL.Data.Formats.Json;

/// <summary>
/// Writes rows as ksqlDB's JSON: all fields in the order of the schema, nulls written out, DECIMAL with its full scale, DOUBLE as Java prints it,
/// BYTES as base64, TIME, DATE and TIMESTAMP as numbers. An unwrapped null is a null record.
/// </summary>
internal sealed class JsonEncoder : RecordEncoder
{
    private readonly JsonTemplate _template;
    private readonly bool _wrapped;

    /// <summary>Creates an encoder.</summary>
    public JsonEncoder(IReadOnlyList<FormatField> fields, bool wrapped)
    {
        _template = new JsonTemplate(fields);
        _wrapped = wrapped;
    }

    /// <inheritdoc/>
    public override void Encode(ReadOnlySpan<Column> columns, RowSelection rows, SliceList target)
    {
        for (var i = 0; i < rows.Count; i++)
        {
            var row = rows[i];
            if (!_wrapped && columns[0].IsNull(row))
            {
                target.AddNull();
                continue;
            }

            var output = new JsonOutput(target);
            if (_wrapped)
                _template.Write(ref output, columns, row);
            else
                JsonTemplate.WriteValue(ref output, columns[0], row, _template.Nested(0));
            output.Commit();
        }
    }
}

/// <summary>The end of a slice list's buffer, being written to.</summary>
internal ref struct JsonOutput
{
    private readonly SliceList _target;
    private Span<byte> _room;
    private int _written;

    /// <summary>Starts a slice.</summary>
    public JsonOutput(SliceList target)
    {
        _target = target;
        _room = target.Reserve(256);
    }

    /// <summary>Room for at least <paramref name="size"/> bytes at the place of writing.</summary>
    public Span<byte> Reserve(int size)
    {
        // What was written so far survives: the list copies its whole buffer when it grows.
        if (size > _room.Length - _written)
            _room = _target.Reserve(checked(_written + size));
        return _room[_written..];
    }

    /// <summary>Goes on by what was written to the room.</summary>
    public void Advance(int count) => _written += count;

    /// <summary>Appends bytes.</summary>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(Reserve(bytes.Length));
        _written += bytes.Length;
    }

    /// <summary>Ends the slice.</summary>
    public readonly void Commit() => _target.Commit(_written);
}

/// <summary>The constant parts of an object with a fixed list of fields, ready to be copied: <c>{"A":</c>, <c>,"B":</c>.</summary>
internal sealed class JsonTemplate
{
    private readonly byte[][] _leads;
    private readonly JsonTemplate?[] _nested;

    /// <summary>Prepares the parts.</summary>
    public JsonTemplate(IReadOnlyList<FormatField> fields)
    {
        _leads = new byte[fields.Count][];
        _nested = new JsonTemplate?[fields.Count];
        for (var i = 0; i < fields.Count; i++)
        {
            var name = Encoding.UTF8.GetBytes(fields[i].Name);
            var lead = new byte[2 + JsonText.MaxStringLength(name.Length)];
            lead[0] = i == 0 ? (byte)'{' : (byte)',';
            var length = 1 + JsonText.WriteString(lead.AsSpan(1), name);
            lead[length++] = (byte)':';
            _leads[i] = lead[..length];
            _nested[i] = ForType(fields[i].Type);
        }
    }

    /// <summary>The template of the STRUCT inside a field's type, if any.</summary>
    public JsonTemplate? Nested(int field) => _nested[field];

    /// <summary>Writes an object.</summary>
    public void Write(ref JsonOutput output, ReadOnlySpan<Column> columns, int row)
    {
        if (columns.Length == 0)
            output.Write("{"u8);
        for (var i = 0; i < columns.Length; i++)
        {
            var lead = _leads[i];
            var room = output.Reserve(lead.Length + NumberText.MaxInt64Length);
            lead.CopyTo(room);
            output.Advance(lead.Length);
            WriteValue(ref output, columns[i], row, _nested[i]);
        }

        output.Write("}"u8);
    }

    /// <summary>Writes a value; <paramref name="nested"/> is the template of the STRUCT inside its type.</summary>
    public static void WriteValue(ref JsonOutput output, Column column, int row, JsonTemplate? nested)
    {
        if (column.IsNull(row))
        {
            output.Write("null"u8);
            return;
        }

        row = column.Physical(row);
        switch (column.Type.Physical)
        {
            case PhysicalKind.Int64:
                output.Advance(NumberText.WriteInt64(output.Reserve(NumberText.MaxInt64Length), ((FixedColumn<long>)column).Values[row]));
                break;
            case PhysicalKind.Int32:
                output.Advance(NumberText.WriteInt64(output.Reserve(NumberText.MaxInt64Length), ((FixedColumn<int>)column).Values[row]));
                break;
            case PhysicalKind.Bytes:
                WriteString(ref output, (BytesColumn)column, row);
                break;
            case PhysicalKind.Double:
                WriteDouble(ref output, ((FixedColumn<double>)column).Values[row]);
                break;
            case PhysicalKind.Boolean:
                output.Write(((FixedColumn<byte>)column).Values[row] != 0 ? "true"u8 : "false"u8);
                break;
            case PhysicalKind.Int128:
                var decimals = (FixedColumn<Int128>)column;
                output.Advance(NumberText.WriteDecimal(output.Reserve(NumberText.MaxDecimalLength), decimals.Values[row], column.Type.Scale));
                break;
            case PhysicalKind.Array:
                WriteArray(ref output, (ArrayColumn)column, row, nested);
                break;
            case PhysicalKind.Map:
                WriteMap(ref output, (MapColumn)column, row, nested);
                break;
            default:
                nested!.Write(ref output, ((StructColumn)column).Fields, row);
                break;
        }
    }

    private static JsonTemplate? ForType(SqlType type) => type.Kind switch
    {
        SqlTypeKind.Struct => new JsonTemplate([.. type.Fields.Select(static f => new FormatField(f.Name, f.Type))]),
        SqlTypeKind.Array or SqlTypeKind.Map => ForType(type.Element!),
        _ => null,
    };

    private static void WriteString(ref JsonOutput output, BytesColumn column, int row)
    {
        var value = column[row];
        if (column.Type.Kind != SqlTypeKind.Bytes)
        {
            output.Advance(JsonText.WriteString(output.Reserve(JsonText.MaxStringLength(value.Length)), value));
            return;
        }

        var room = output.Reserve(checked(2 + Base64.GetMaxEncodedToUtf8Length(value.Length)));
        room[0] = (byte)'"';
        Base64.EncodeToUtf8(value, room[1..], out _, out var written);
        room[written + 1] = (byte)'"';
        output.Advance(written + 2);
    }

    /// <summary>What is no number in JSON is written as a string, as Jackson does.</summary>
    private static void WriteDouble(ref JsonOutput output, double value)
    {
        var room = output.Reserve(DoubleText.MaxLength + 2);
        if (double.IsFinite(value))
        {
            output.Advance(DoubleText.WriteJava(room, value));
            return;
        }

        room[0] = (byte)'"';
        var length = 1 + DoubleText.WriteJava(room[1..], value);
        room[length] = (byte)'"';
        output.Advance(length + 1);
    }

    private static void WriteArray(ref JsonOutput output, ArrayColumn column, int row, JsonTemplate? nested)
    {
        output.Write("["u8);
        for (var i = 0; i < column.Lengths[row]; i++)
        {
            if (i > 0)
                output.Write(","u8);
            WriteValue(ref output, column.Elements, column.Starts[row] + i, nested);
        }

        output.Write("]"u8);
    }

    private static void WriteMap(ref JsonOutput output, MapColumn column, int row, JsonTemplate? nested)
    {
        output.Write("{"u8);
        for (var i = 0; i < column.Lengths[row]; i++)
        {
            if (i > 0)
                output.Write(","u8);
            var entry = column.Starts[row] + i;
            WriteString(ref output, (BytesColumn)column.Keys, entry);
            output.Write(":"u8);
            WriteValue(ref output, column.Values, entry, nested);
        }

        output.Write("}"u8);
    }
}
