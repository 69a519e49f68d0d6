using System.Buffers.Binary;
using Npgsql;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Errors;
using StreamSQL.Data.Formats.Rows;
using StreamSQL.Data.Text;
using StreamSQL.Data.Types;
using StreamSQL.Postgres.Protocol;

namespace StreamSQL.Postgres.Types;

/// <summary>
/// Arrays of a scalar type. Results have one dimension; parameters may have several, and come out as object?[], those of
/// several dimensions as arrays of arrays, which an ARRAY of ARRAYs takes.
/// </summary>
internal sealed class ArrayCodec(PgType type, PgCodec element, DateForms forms, int lowerBound = 1) : PgCodec(type)
{
    // PostgreSQL's limit.
    private const int MaxDimensions = 6;

    /// <inheritdoc/>
    public override void WriteText(OutputBuffer output, Column column, int row) =>
        ColumnText.Format(column, row, output, TextStyle.Postgres, forms);

    /// <inheritdoc/>
    public override void WriteBinary(OutputBuffer output, Column column, int row)
    {
        var array = (ArrayColumn)column;
        row = array.Physical(row);
        var start = array.Starts[row];
        var count = array.Lengths[row];
        output.WriteInt32(count == 0 ? 0 : 1); // dimensions
        output.WriteInt32(HasNulls(array, start, count) ? 1 : 0);
        output.WriteInt32((int)element.Type.Oid);
        if (count == 0)
            return;
        output.WriteInt32(count);
        output.WriteInt32(lowerBound);
        for (var i = start; i < start + count; i++)
        {
            if (array.Elements.IsNull(i))
            {
                output.WriteInt32(-1);
                continue;
            }

            var length = output.BeginLength();
            element.WriteBinary(output, array.Elements, i);
            output.EndLength(length);
        }
    }

    /// <inheritdoc/>
    public override object Adapt(object value, SqlType target, TextSettings settings)
    {
        if (target.Kind != SqlTypeKind.Array || value is not object?[] values)
            return base.Adapt(value, target, settings);
        return Array.ConvertAll(
            values, item => item is null ? null : (item is object?[] ? this : element).Adapt(item, target.Element!, settings));
    }

    /// <inheritdoc/>
    public override object ReadText(ReadOnlySpan<byte> text)
    {
        var rest = text.Trim(" \t\r\n"u8);
        if (rest.Length < 2 || rest[0] != (byte)'{')
            throw Malformed(text);
        var values = ReadBraces(ref rest, text, depth: 1);
        return rest.IsEmpty && IsRectangular(values) ? values : throw Malformed(text);
    }

    /// <inheritdoc/>
    public override object ReadBinary(ReadOnlySpan<byte> bytes)
    {
        const int HeaderBytes = 12;
        const int DimensionBytes = 8;
        if (bytes.Length < HeaderBytes)
            InvalidValue.ThrowBinary(Type);
        var dimensions = BinaryPrimitives.ReadInt32BigEndian(bytes);
        if (BinaryPrimitives.ReadUInt32BigEndian(bytes[8..]) != element.Type.Oid)
            throw new SqlException(PostgresErrorCodes.DatatypeMismatch, $"wrong element type of a parameter of type {Type.SqlName}");
        if (dimensions == 0)
            return Array.Empty<object?>();
        if (dimensions is < 0 or > MaxDimensions || bytes.Length < HeaderBytes + (dimensions * DimensionBytes))
            InvalidValue.ThrowBinary(Type);
        var rest = bytes[(HeaderBytes + (dimensions * DimensionBytes))..];
        var counts = new int[dimensions];
        long all = 1;
        for (var i = 0; i < dimensions; i++)
        {
            counts[i] = BinaryPrimitives.ReadInt32BigEndian(bytes[(HeaderBytes + (i * DimensionBytes))..]);
            if (counts[i] == 0)
                return Array.Empty<object?>();
            if (counts[i] < 0 || counts[i] > rest.Length / sizeof(int) / all)
                InvalidValue.ThrowBinary(Type);
            all *= counts[i];
        }

        return ReadDimension(ref rest, counts, 0);
    }

    private object?[] ReadDimension(ref ReadOnlySpan<byte> rest, int[] counts, int dimension)
    {
        var values = new object?[counts[dimension]];
        for (var i = 0; i < values.Length; i++)
            values[i] = dimension < counts.Length - 1 ? ReadDimension(ref rest, counts, dimension + 1) : ReadBinaryElement(ref rest);
        return values;
    }

    private object? ReadBinaryElement(ref ReadOnlySpan<byte> rest)
    {
        if (rest.Length < sizeof(int))
            InvalidValue.ThrowBinary(Type);
        var length = BinaryPrimitives.ReadInt32BigEndian(rest);
        rest = rest[sizeof(int)..];
        if (length == -1)
            return null;
        if (length < 0 || length > rest.Length)
            InvalidValue.ThrowBinary(Type);
        var value = element.ReadBinary(rest[..length]);
        rest = rest[length..];
        return value;
    }

    /// <summary>Reads elements up to the closing brace, which is passed.</summary>
    private object?[] ReadBraces(ref ReadOnlySpan<byte> rest, ReadOnlySpan<byte> whole, int depth)
    {
        if (depth > MaxDimensions)
        {
            throw new SqlException(
                PostgresErrorCodes.ProgramLimitExceeded, $"number of array dimensions exceeds the maximum allowed ({MaxDimensions})");
        }

        rest = rest[1..].TrimStart(" \t\r\n"u8);
        var values = new List<object?>();
        while (rest.IsEmpty || rest[0] != (byte)'}' || values.Count > 0)
        {
            if (rest.IsEmpty)
                throw Malformed(whole);
            values.Add(rest[0] == (byte)'{' ? ReadBraces(ref rest, whole, depth + 1) : ReadElement(ref rest, whole));
            rest = rest.TrimStart(" \t\r\n"u8);
            if (rest.IsEmpty || rest[0] is not ((byte)',' or (byte)'}'))
                throw Malformed(whole);
            if (rest[0] == (byte)'}')
                break;
            rest = rest[1..].TrimStart(" \t\r\n"u8);
        }

        rest = rest[1..];
        return [.. values];
    }

    /// <summary>Whether all inner arrays are alike.</summary>
    private static bool IsRectangular(object?[] values)
    {
        var inner = values.OfType<object?[]>().ToArray();
        return inner.Length == 0
            || (inner.Length == values.Length && Array.TrueForAll(inner, array => array.Length == inner[0].Length && IsRectangular(array)));
    }

    private object? ReadElement(ref ReadOnlySpan<byte> rest, ReadOnlySpan<byte> whole)
    {
        rest = rest.TrimStart(" \t\r\n"u8);
        if (rest.IsEmpty)
            throw Malformed(whole);
        if (rest[0] == (byte)'"')
            return element.ReadText(ReadQuoted(ref rest, whole));
        var end = rest.IndexOfAny((byte)',', (byte)'}', (byte)'{');
        var word = (end < 0 ? rest : rest[..end]).TrimEnd(" \t\r\n"u8);
        rest = end < 0 ? default : rest[end..];
        if (word.IsEmpty)
            throw Malformed(whole);
        return System.Text.Ascii.EqualsIgnoreCase(word, "NULL"u8) ? null : element.ReadText(word);
    }

    private static byte[] ReadQuoted(ref ReadOnlySpan<byte> rest, ReadOnlySpan<byte> whole)
    {
        var value = new List<byte>();
        var i = 1;
        for (; i < rest.Length && rest[i] != (byte)'"'; i++)
        {
            if (rest[i] == (byte)'\\' && ++i == rest.Length)
                break;
            value.Add(rest[i]);
        }

        if (i >= rest.Length)
            throw Malformed(whole);
        rest = rest[(i + 1)..].TrimStart(" \t\r\n"u8);
        return [.. value];
    }

    private static bool HasNulls(ArrayColumn array, int start, int count)
    {
        for (var i = start; i < start + count; i++)
        {
            if (array.Elements.IsNull(i))
                return true;
        }

        return false;
    }

    private static SqlException Malformed(ReadOnlySpan<byte> text) =>
        new(PostgresErrorCodes.InvalidTextRepresentation,
            $"malformed array literal: \"{System.Text.Encoding.UTF8.GetString(text[..Math.Min(text.Length, 200)])}\"");
}
