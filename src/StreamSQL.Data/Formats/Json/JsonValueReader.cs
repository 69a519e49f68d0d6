using System.Buffers;
using System.Buffers.Text;
using System.Text.Unicode;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Text;
using StreamSQL.Data.Types;

namespace StreamSQL.Data.Formats.Json;

/// <summary>
/// Reads JSON values of one SQL type into a column, with ksqlDB's conversions: numbers also from strings, fractions of integers cut off,
/// anything to VARCHAR as its JSON text; a BOOLEAN only from true and false.
/// </summary>
internal sealed class JsonValueReader
{
    private const int MillisPerDay = 86_400_000;

    private readonly SqlType _type;
    private readonly JsonValueReader? _element;
    private readonly JsonObjectReader? _object;
    private readonly JsonMapReader? _map;
    private byte[] _scratch = [];

    /// <summary>Creates a reader, with one for each type inside.</summary>
    public JsonValueReader(SqlType type)
    {
        _type = type;
        if (type.Kind == SqlTypeKind.Array)
            _element = new JsonValueReader(type.Element!);
        else if (type.Kind == SqlTypeKind.Map)
            _map = new JsonMapReader(type);
        else if (type.Kind == SqlTypeKind.Struct)
            _object = new JsonObjectReader([.. type.Fields.Select(static f => f.Name)], [.. type.Fields.Select(static f => f.Type)]);
    }

    /// <summary>Reads the value at the position into a row.</summary>
    public bool Read(ref JsonCursor cursor, Column column, int row)
    {
        var start = cursor.Position;
        if (cursor.Peek() == (byte)'n')
        {
            column.SetNull(row);
            return cursor.ReadWord("null"u8);
        }

        column.SetValid(row);
        if (ReadValid(ref cursor, column, row))
            return true;
        if (cursor.Fault == JsonFault.None)
            cursor.Fail(JsonFault.WrongType, start);
        cursor.FaultType ??= _type;
        return false;
    }

    private bool ReadValid(ref JsonCursor cursor, Column column, int row)
    {
        switch (_type.Kind)
        {
            case SqlTypeKind.Boolean:
                return ReadBoolean(ref cursor, out ((FixedColumn<byte>)column).Values[row]);
            case SqlTypeKind.Integer or SqlTypeKind.Date or SqlTypeKind.Time:
                if (!ReadInteger(ref cursor, out var small))
                    return false;
                ((FixedColumn<int>)column).Values[row] = (int)small;
                return true;
            case SqlTypeKind.BigInt or SqlTypeKind.Timestamp:
                return ReadInteger(ref cursor, out ((FixedColumn<long>)column).Values[row]);
            case SqlTypeKind.Double:
                return ReadDouble(ref cursor, out ((FixedColumn<double>)column).Values[row]);
            case SqlTypeKind.Decimal:
                return ReadDecimal(ref cursor, out ((FixedColumn<Int128>)column).Values[row]);
            case SqlTypeKind.Bytes:
                return ReadBytes(ref cursor, (BytesColumn)column, row);
            case SqlTypeKind.Array:
                return ReadArray(ref cursor, (ArrayColumn)column, row);
            case SqlTypeKind.Map:
                return cursor.Peek() == (byte)'{' && _map!.Read(ref cursor, (MapColumn)column, row);
            case SqlTypeKind.Struct:
                return cursor.Peek() == (byte)'{' && _object!.Read(ref cursor, ((StructColumn)column).Fields, row);
            default:
                return ReadText(ref cursor, (BytesColumn)column, row);
        }
    }

    private static bool ReadBoolean(ref JsonCursor cursor, out byte value)
    {
        var first = cursor.Peek();
        value = first == (byte)'t' ? (byte)1 : (byte)0;
        return first switch
        {
            (byte)'t' => cursor.ReadWord("true"u8),
            (byte)'f' => cursor.ReadWord("false"u8),
            _ => false,
        };
    }

    private bool ReadInteger(ref JsonCursor cursor, out long value)
    {
        var start = cursor.Position;
        value = 0;
        ParseResult parsed;
        if (cursor.Peek() == (byte)'"')
        {
            if (!ReadPlainString(ref cursor, out var text))
                return false;
            parsed = IntegerText.TryParse(text, out value);
        }
        else if (IsNumberStart(cursor.Peek()))
        {
            if (!cursor.ReadNumber(out var number, out var whole))
                return false;
            parsed = JsonNumber.ParseInt64(number, whole, out value);
        }
        else
        {
            return false;
        }

        if (parsed == ParseResult.Ok && !Fits(value))
            parsed = ParseResult.OutOfRange;
        return Check(ref cursor, parsed, start);
    }

    private bool Fits(long value) => _type.Kind switch
    {
        SqlTypeKind.Time => value is >= 0 and < MillisPerDay,
        SqlTypeKind.BigInt or SqlTypeKind.Timestamp => true,
        _ => value == (int)value,
    };

    private bool ReadDouble(ref JsonCursor cursor, out double value)
    {
        var start = cursor.Position;
        value = 0;
        if (cursor.Peek() == (byte)'"')
            return ReadPlainString(ref cursor, out var text)
                && Check(ref cursor, DoubleText.TryParse(text, out value) == ParseResult.Malformed ? ParseResult.Malformed : ParseResult.Ok,
                    start);
        return IsNumberStart(cursor.Peek()) && cursor.ReadNumber(out var number, out _)
            && Check(ref cursor, JsonNumber.ParseDouble(number, out value), start);
    }

    private bool ReadDecimal(ref JsonCursor cursor, out Int128 unscaled)
    {
        var start = cursor.Position;
        unscaled = 0;
        if (cursor.Peek() == (byte)'"')
            return ReadPlainString(ref cursor, out var text)
                && Check(ref cursor, DecimalText.TryParseExact(text, _type.Precision, _type.Scale, out unscaled), start);
        return IsNumberStart(cursor.Peek()) && cursor.ReadNumber(out var number, out _)
            && Check(ref cursor, DecimalText.TryParseExact(number, _type.Precision, _type.Scale, out unscaled), start);
    }

    private bool ReadBytes(ref JsonCursor cursor, BytesColumn column, int row)
    {
        var start = cursor.Position;
        if (cursor.Peek() != (byte)'"' || !ReadPlainString(ref cursor, out var text))
            return false;
        var room = column.Allocate(row, Base64.GetMaxDecodedFromUtf8Length(text.Length));
        if (Base64.DecodeFromUtf8(text, room, out _, out var written) != OperationStatus.Done)
            return cursor.Fail(JsonFault.InvalidBase64, start);
        column.Lengths[row] = written;
        return true;
    }

    private bool ReadArray(ref JsonCursor cursor, ArrayColumn column, int row)
    {
        if (cursor.Peek() != (byte)'[')
            return false;
        var start = cursor.Position;
        if (!JsonCounting.CountElements(ref cursor, out var count))
            return false;
        var end = cursor.Position;
        cursor.Position = start;
        var element = column.Allocate(row, count);
        for (var i = 0; i < count; i++)
        {
            cursor.Position++;
            cursor.Peek();
            if (!_element!.Read(ref cursor, column.Elements, element + i))
                return false;
            cursor.Peek();
        }

        cursor.Position = end;
        return true;
    }

    /// <summary>Text: a string as it is; any other value as its JSON text, without white space.</summary>
    private static bool ReadText(ref JsonCursor cursor, BytesColumn column, int row)
    {
        var start = cursor.Position;
        if (cursor.Peek() == (byte)'"')
        {
            if (!cursor.ReadString(out var token))
                return false;
            if (!token.Ascii && !Utf8.IsValid(cursor.Text.Slice(token.Start, token.Length)))
                return cursor.Fail(JsonFault.InvalidUtf8, token.Start);
            return token.Escaped ? SetUnescaped(ref cursor, token, column, row) : SetSlice(ref cursor, token.Start, token.Length,
                column, row);
        }

        if (!cursor.SkipValue())
            return false;
        var text = cursor.Text[start..cursor.Position];
        if (!Utf8.IsValid(text))
            return cursor.Fail(JsonFault.InvalidUtf8, start);
        if (text[0] is not ((byte)'{' or (byte)'[') || text.IndexOfAny(" \t\r\n"u8) < 0)
            return SetSlice(ref cursor, start, text.Length, column, row);
        column.Lengths[row] = JsonCounting.CopyWithoutSpace(text, column.Allocate(row, text.Length));
        return true;
    }

    private static bool SetSlice(ref JsonCursor cursor, int start, int length, BytesColumn column, int row)
    {
        if (ReferenceEquals(column.Buffer, cursor.Buffer))
        {
            column.Starts[row] = cursor.Start + start;
            column.Lengths[row] = length;
        }
        else
        {
            column.Set(row, cursor.Text.Slice(start, length));
        }

        return true;
    }

    private static bool SetUnescaped(ref JsonCursor cursor, JsonStringToken token, BytesColumn column, int row)
    {
        var written = JsonEscapes.Undo(cursor.Text.Slice(token.Start, token.Length), column.Allocate(row, token.Length));
        if (written < 0)
        {
            column.Lengths[row] = 0;
            return cursor.Fail(JsonFault.InvalidEscape, token.Start);
        }

        column.Lengths[row] = written;
        return true;
    }

    /// <summary>A string with its escapes undone; it lies in the text or in a buffer that the next call overwrites.</summary>
    private bool ReadPlainString(ref JsonCursor cursor, out ReadOnlySpan<byte> text)
    {
        text = default;
        if (!cursor.ReadString(out var token))
            return false;
        text = cursor.Text.Slice(token.Start, token.Length);
        if (!token.Escaped)
            return true;
        if (_scratch.Length < text.Length)
            _scratch = new byte[text.Length];
        var length = JsonEscapes.Undo(text, _scratch);
        text = _scratch.AsSpan(0, Math.Max(length, 0));
        return length >= 0 || cursor.Fail(JsonFault.InvalidEscape, token.Start);
    }

    private static bool IsNumberStart(byte first) => first == (byte)'-' || (uint)first - '0' <= 9;

    private static bool Check(ref JsonCursor cursor, ParseResult parsed, int position) => parsed switch
    {
        ParseResult.Ok => true,
        ParseResult.OutOfRange => cursor.Fail(JsonFault.OutOfRange, position),
        _ => cursor.Fail(JsonFault.WrongType, position),
    };
}
