using System.Text;
using Npgsql;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Errors;
using StreamSQL.Data.Functions;
using StreamSQL.Data.Text;
using StreamSQL.Data.Types;

namespace StreamSQL.Data.Formats.Rows;

/// <summary>Writes single values into columns: literals, INSERT VALUES, parameters.</summary>
public static class ColumnWriter
{
    /// <summary>
    /// Writes a value whose CLR type follows the column's physical kind: bool, int, long, double, Int128 (unscaled), Interval, string
    /// (byte[] for BYTES and for UTF-8 text), NumericValue, object?[] for ARRAY and STRUCT,
    /// KeyValuePair&lt;object, object?&gt;[] for MAP; null is SQL NULL.
    /// </summary>
    /// <exception cref="ArgumentException">Another CLR type, or a struct with another number of fields.</exception>
    public static void Write(Column column, int row, object? value)
    {
        if (value is null)
        {
            column.SetNull(row);
            return;
        }

        column.SetValid(row);
        switch (column, value)
        {
            case (FixedColumn<byte> booleans, bool flag):
                booleans.Values[row] = flag ? (byte)1 : (byte)0;
                break;
            case (FixedColumn<int> ints, int number):
                ints.Values[row] = number;
                break;
            case (FixedColumn<long> longs, long number):
                longs.Values[row] = number;
                break;
            case (FixedColumn<double> doubles, double number):
                doubles.Values[row] = number;
                break;
            case (FixedColumn<Int128> decimals, Int128 unscaled):
                decimals.Values[row] = unscaled;
                break;
            case (FixedColumn<Interval> spans, Interval span):
                spans.Values[row] = span;
                break;
            case (BytesColumn { Type.Kind: SqlTypeKind.Numeric } numbers, NumericValue number):
                NumericColumns.Set(numbers, row, number);
                break;
            case (BytesColumn { Type.Kind: not SqlTypeKind.Numeric } bytes, string text):
                Encoding.UTF8.GetBytes(text, bytes.Allocate(row, Encoding.UTF8.GetByteCount(text)));
                break;
            case (BytesColumn bytes, byte[] content):
                bytes.Set(row, content);
                break;
            default:
                WriteNested(column, row, value);
                break;
        }
    }

    /// <summary>Reads a value from PostgreSQL's text form (also ISO 8601 instants) and writes it. Scalar types only.</summary>
    /// <exception cref="SqlException">22P02, 22007, 22003: the text is not a value of the column's type; 0A000: a nested type.</exception>
    public static void WriteText(Column column, int row, ReadOnlySpan<byte> text)
    {
        column.SetValid(row);
        if (column is BytesColumn { Type.Kind: SqlTypeKind.Numeric } numbers)
        {
            Check(NumericText.TryParse(text, out var number), text, column.Type);
            NumericColumns.Set(numbers, row, number);
            return;
        }

        if (column is BytesColumn bytes && column.Type.Kind != SqlTypeKind.Bytes)
        {
            bytes.Set(row, text);
            return;
        }

        var trimmed = text.Trim(" \t\r\n"u8);
        switch (column)
        {
            case FixedColumn<byte> booleans:
                booleans.Values[row] = ParseBoolean(trimmed) ? (byte)1 : (byte)0;
                break;
            case FixedColumn<int> ints:
                ints.Values[row] = ParseInt32(trimmed, column.Type);
                break;
            case FixedColumn<long> longs:
                longs.Values[row] = ParseInt64(trimmed, column.Type);
                break;
            case FixedColumn<double> doubles:
                Check(DoubleText.TryParse(trimmed, out doubles.Values[row]), trimmed, column.Type);
                break;
            case FixedColumn<Int128> decimals:
                Check(DecimalText.TryParseExact(trimmed, column.Type.Precision, column.Type.Scale, out decimals.Values[row]), trimmed,
                    column.Type);
                break;
            case FixedColumn<Interval> spans:
                if (IntervalParser.TryParse(trimmed, IntervalFields.All, out spans.Values[row]) != ParseResult.Ok)
                    throw InvalidDateTime(trimmed, column.Type);
                break;
            case BytesColumn binary:
                WriteHex(binary, row, trimmed);
                break;
            default:
                throw new SqlException(PostgresErrorCodes.FeatureNotSupported, $"A value of type {column.Type} cannot be read from text.");
        }
    }

    private static void WriteNested(Column column, int row, object value)
    {
        switch (column, value)
        {
            case (ArrayColumn array, object?[] elements):
                var first = array.Allocate(row, elements.Length);
                for (var i = 0; i < elements.Length; i++)
                    Write(array.Elements, first + i, elements[i]);
                break;
            case (MapColumn map, KeyValuePair<object, object?>[] entries):
                var at = map.Allocate(row, entries.Length);
                for (var i = 0; i < entries.Length; i++)
                {
                    Write(map.Keys, at + i, entries[i].Key);
                    Write(map.Values, at + i, entries[i].Value);
                }

                break;
            case (StructColumn structs, object?[] fields) when fields.Length == structs.Fields.Length:
                for (var i = 0; i < fields.Length; i++)
                    Write(structs.Fields[i], row, fields[i]);
                break;
            default:
                throw new ArgumentException($"A {value.GetType().Name} is not a value of {column.Type}.", nameof(value));
        }
    }

    private static bool ParseBoolean(ReadOnlySpan<byte> text)
    {
        Span<byte> lower = stackalloc byte[8];
        if (text.Length is 0 or > 5 || Ascii.ToLower(text, lower, out var length) != System.Buffers.OperationStatus.Done)
            throw Invalid(text, SqlType.Boolean, ParseResult.Malformed);
        lower = lower[..length];
        if ("true"u8.StartsWith(lower) || "yes"u8.StartsWith(lower) || lower.SequenceEqual("on"u8) || lower.SequenceEqual("1"u8))
            return true;
        if ("false"u8.StartsWith(lower) || "no"u8.StartsWith(lower) || (length > 1 && "off"u8.StartsWith(lower))
            || lower.SequenceEqual("0"u8))
            return false;
        throw Invalid(text, SqlType.Boolean, ParseResult.Malformed);
    }

    private static int ParseInt32(ReadOnlySpan<byte> text, SqlType type)
    {
        switch (type.Kind)
        {
            case SqlTypeKind.Date:
                return DateTimeText.TryParseDate(text, out var day) == ParseResult.Ok ? day : throw InvalidDateTime(text, type);
            case SqlTypeKind.Time:
                return DateTimeText.TryParseTime(text, out var millis) == ParseResult.Ok ? millis : throw InvalidDateTime(text, type);
            default:
                Check(IntegerText.TryParse(text, out var number), text, type);
                var (least, most) = type.Kind == SqlTypeKind.SmallInt ? (short.MinValue, short.MaxValue) : (int.MinValue, int.MaxValue);
                Check(number < least || number > most ? ParseResult.OutOfRange : ParseResult.Ok, text, type);
                return (int)number;
        }
    }

    private static long ParseInt64(ReadOnlySpan<byte> text, SqlType type)
    {
        if (type.Kind is SqlTypeKind.TimestampTz or SqlTypeKind.PlainTimestamp)
            return PostgresDates.TryInstant(text, StatementClock.Utc, out var micros) == DateTimeFailure.None
                ? micros : throw InvalidDateTime(text, type);
        if (type.Kind == SqlTypeKind.PlainTime)
            return PostgresDates.TryTime(text, StatementClock.Utc, out var ofDay) == DateTimeFailure.None
                ? ofDay : throw InvalidDateTime(text, type);
        if (type.Kind == SqlTypeKind.TimeTz)
            return PostgresDates.TryTimeTz(text, StatementClock.Utc, out var zoned) == DateTimeFailure.None
                ? zoned.Packed : throw InvalidDateTime(text, type);
        if (type.Kind == SqlTypeKind.Timestamp)
            return DateTimeText.TryParseTimestamp(text, out var millis) == ParseResult.Ok ? millis : throw InvalidDateTime(text, type);
        Check(IntegerText.TryParse(text, out var number), text, type);
        return number;
    }

    private static void WriteHex(BytesColumn column, int row, ReadOnlySpan<byte> text)
    {
        if (text.StartsWith("\\x"u8) && text.Length % 2 == 0)
        {
            var room = column.Allocate(row, (text.Length - 2) / 2);
            if (Convert.FromHexString(text[2..], room, out _, out _) == System.Buffers.OperationStatus.Done)
                return;
        }

        throw Invalid(text, SqlType.Bytes, ParseResult.Malformed);
    }

    private static void Check(ParseResult parsed, ReadOnlySpan<byte> text, SqlType type)
    {
        if (parsed != ParseResult.Ok)
            throw Invalid(text, type, parsed);
    }

    private static SqlException Invalid(ReadOnlySpan<byte> text, SqlType type, ParseResult parsed)
    {
        var shown = Encoding.UTF8.GetString(text[..Math.Min(text.Length, 100)]);
        var name = type.Kind > SqlTypeKind.Struct ? type.ToString().ToLowerInvariant() : type.ToString();
        return parsed == ParseResult.OutOfRange
            ? new SqlException(PostgresErrorCodes.NumericValueOutOfRange, $"value \"{shown}\" is out of range for type {name}")
            : new SqlException(PostgresErrorCodes.InvalidTextRepresentation, $"invalid input syntax for type {name}: \"{shown}\"");
    }

    private static SqlException InvalidDateTime(ReadOnlySpan<byte> text, SqlType type) => new(
        PostgresErrorCodes.InvalidDatetimeFormat,
        $"invalid input syntax for type {type}: \"{Encoding.UTF8.GetString(text[..Math.Min(text.Length, 100)])}\"");
}
