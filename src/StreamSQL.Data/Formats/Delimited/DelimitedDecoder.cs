using System.Buffers;
using System.Buffers.Text;
using System.Text;
using System.Text.Unicode;
using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Text;
using StreamSQL.Data.Types;

namespace StreamSQL.Data.Formats.Delimited;

/// <summary>
/// Delimited text, one record each: fields in schema order, quoted with <c>"</c> where needed (a quote inside is doubled). An empty field
/// is NULL, a quoted empty one the empty string. White space around numbers does not count. TIME, DATE
/// and TIMESTAMP are numbers, BYTES base64.
/// </summary>
internal sealed class DelimitedDecoder : RecordDecoder
{
    private readonly IReadOnlyList<FormatField> _fields;
    private readonly byte _delimiter;
    private byte[] _scratch = [];

    /// <summary>Creates a decoder.</summary>
    public DelimitedDecoder(IReadOnlyList<FormatField> fields, byte delimiter)
    {
        _fields = fields;
        _delimiter = delimiter;
    }

    /// <inheritdoc/>
    public override void Decode(SliceList source, Column?[] columns, DecodeErrors errors)
    {
        foreach (var column in columns)
        {
            if (column is BytesColumn bytes && bytes.Type.Kind != SqlTypeKind.Bytes)
                bytes.Attach(source.Buffer);
        }

        for (var row = 0; row < source.Count; row++)
        {
            var failure = source.IsNull(row) ? DelimitedFault.Null : ReadRow(source, row, columns, out _);
            if (failure == DelimitedFault.None)
                continue;
            if (failure != DelimitedFault.Null)
                errors.Report(row, errors.WantsReason ? Describe(source, row, columns) : "");
            foreach (var column in columns)
                column?.SetNull(row);
        }
    }

    private DelimitedFault ReadRow(SliceList source, int row, Column?[] columns, out int field)
    {
        var record = source[row];
        // One line end after the record is no part of it.
        record = record.EndsWith("\r\n"u8) ? record[..^2] : record.EndsWith("\n"u8) ? record[..^1] : record;
        var at = 0;
        for (field = 0; field < _fields.Count; field++)
        {
            if (!NextField(record, ref at, out var value))
                return DelimitedFault.BadQuotes;
            if (columns[field] is { } column && !Store(column, row, source, value, record))
                return DelimitedFault.BadValue;
            var isLast = field == _fields.Count - 1;
            if (at == record.Length ? !isLast : isLast)
                return DelimitedFault.FieldCount;
            at++;
        }

        return DelimitedFault.None;
    }

    /// <summary>Takes the field at a place, up to its delimiter or the record's end.</summary>
    private bool NextField(ReadOnlySpan<byte> record, ref int at, out DelimitedValue value)
    {
        var rest = record[at..];
        if (rest.IsEmpty || rest[0] != (byte)'"')
        {
            var length = rest.IndexOf(_delimiter);
            length = length < 0 ? rest.Length : length;
            value = new DelimitedValue(at, length, Quoted: false, Doubled: false);
            at += length;
            return true;
        }

        var end = 1;
        var doubled = false;
        while (true)
        {
            var quote = rest[end..].IndexOf((byte)'"');
            if (quote < 0)
            {
                value = default;
                return false;
            }

            end += quote + 1;
            if (end == rest.Length || rest[end] != (byte)'"')
                break;
            doubled = true;
            end++;
        }

        value = new DelimitedValue(at + 1, end - 2, Quoted: true, doubled);
        at += end;
        return at == record.Length || record[at] == _delimiter;
    }

    private bool Store(Column column, int row, SliceList source, DelimitedValue value, ReadOnlySpan<byte> record)
    {
        if (value.Length == 0 && !(value.Quoted && column.Type.Physical == PhysicalKind.Bytes))
        {
            column.SetNull(row);
            return true;
        }

        column.SetValid(row);
        var text = record.Slice(value.Start, value.Length);
        if (value.Doubled)
            text = UndoubleQuotes(text);
        if (column is BytesColumn bytes)
            return bytes.Type.Kind == SqlTypeKind.Bytes ? StoreBase64(bytes, row, text) : StoreText(bytes, row, source, value, text);
        text = text.Trim((byte)' ');
        if (!text.IsEmpty)
            return StoreNumber(column, row, text);
        column.SetNull(row);
        return true;
    }

    private static bool StoreText(BytesColumn column, int row, SliceList source, DelimitedValue value, ReadOnlySpan<byte> text)
    {
        if (!Utf8.IsValid(text))
            return false;
        if (value.Doubled || !ReferenceEquals(column.Buffer, source.Buffer))
        {
            column.Set(row, text);
            return true;
        }

        column.Starts[row] = source.Starts[row] + value.Start;
        column.Lengths[row] = value.Length;
        return true;
    }

    private static bool StoreBase64(BytesColumn column, int row, ReadOnlySpan<byte> text)
    {
        var room = column.Allocate(row, Base64.GetMaxDecodedFromUtf8Length(text.Length));
        var status = Base64.DecodeFromUtf8(text, room, out _, out var written);
        column.Lengths[row] = written;
        return status == OperationStatus.Done;
    }

    private static bool StoreNumber(Column column, int row, ReadOnlySpan<byte> text)
    {
        switch (column)
        {
            case FixedColumn<long> longs:
                return IntegerText.TryParse(text, out longs.Values[row]) == ParseResult.Ok;
            case FixedColumn<int> ints:
                var parsed = IntegerText.TryParse(text, out var value);
                ints.Values[row] = (int)value;
                return parsed == ParseResult.Ok && value == (int)value
                    && (column.Type.Kind != SqlTypeKind.Time || value is >= 0 and < 86_400_000);
            case FixedColumn<double> doubles:
                return DoubleText.TryParse(text, out doubles.Values[row]) != ParseResult.Malformed;
            case FixedColumn<Int128> decimals:
                return DecimalText.TryParseExact(text, column.Type.Precision, column.Type.Scale, out decimals.Values[row])
                    == ParseResult.Ok;
            default:
                var isTrue = Ascii.EqualsIgnoreCase(text, "true"u8);
                ((FixedColumn<byte>)column).Values[row] = isTrue ? (byte)1 : (byte)0;
                return isTrue || Ascii.EqualsIgnoreCase(text, "false"u8);
        }
    }

    private ReadOnlySpan<byte> UndoubleQuotes(ReadOnlySpan<byte> text)
    {
        if (_scratch.Length < text.Length)
            _scratch = new byte[text.Length];
        var written = 0;
        for (var i = 0; i < text.Length; i++)
        {
            _scratch[written++] = text[i];
            if (text[i] == (byte)'"')
                i++;
        }

        return _scratch.AsSpan(0, written);
    }

    /// <summary>Reads the failed record again for the words.</summary>
    private string Describe(SliceList source, int row, Column?[] columns)
    {
        var fault = ReadRow(source, row, columns, out var field);
        return fault switch
        {
            DelimitedFault.FieldCount => $"column {_fields[field].Name}: the record does not have {_fields.Count} fields",
            DelimitedFault.BadQuotes => $"column {_fields[field].Name}: text around or after a closing quote, or none",
            _ => $"column {_fields[field].Name}: the text is not a {_fields[field].Type}",
        };
    }

    private enum DelimitedFault : byte
    {
        None,
        Null,
        FieldCount,
        BadQuotes,
        BadValue,
    }

    private readonly record struct DelimitedValue(int Start, int Length, bool Quoted, bool Doubled);
}
