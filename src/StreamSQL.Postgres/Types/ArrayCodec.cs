using System.Buffers.Binary;
using Npgsql;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Errors;
using StreamSQL.Data.Formats.Rows;
using StreamSQL.Data.Text;
using StreamSQL.Data.Types;
using StreamSQL.Postgres.Protocol;

namespace StreamSQL.Postgres.Types;

/// <summary>Arrays of a scalar type, of one dimension; parameters come out as object?[].</summary>
internal sealed class ArrayCodec(PgType type, PgCodec element, DateForms forms, int lowerBound = 1) : PgCodec(type)
{
    /// <inheritdoc/>
    public override void WriteText(OutputBuffer output, Column column, int row) => ColumnText.Format(column, row, output, TextStyle.Postgres, forms);

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
    public override object Adapt(object value, SqlType target, TextSettings settings) => target.Kind == SqlTypeKind.Array && value is object?[] values
        ? Array.ConvertAll(values, item => item is null ? null : element.Adapt(item, target.Element!, settings))
        : base.Adapt(value, target, settings);

    /// <inheritdoc/>
    public override object ReadText(ReadOnlySpan<byte> text)
    {
        var body = text.Trim(" \t\r\n"u8);
        if (body.Length < 2 || body[0] != (byte)'{' || body[^1] != (byte)'}')
            throw Malformed(text);
        var values = new List<object?>();
        var rest = body[1..^1].Trim(" \t\r\n"u8);
        while (!rest.IsEmpty)
        {
            if (values.Count > 0)
                rest = rest[1..];
            values.Add(ReadElement(ref rest, text));
            if (!rest.IsEmpty && rest[0] != (byte)',')
                throw Malformed(text);
        }

        return values.ToArray();
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
        if (dimensions != 1)
            throw new SqlException(PostgresErrorCodes.FeatureNotSupported, "arrays of more than one dimension are not supported as parameters");
        if (bytes.Length < HeaderBytes + DimensionBytes)
            InvalidValue.ThrowBinary(Type);
        var count = BinaryPrimitives.ReadInt32BigEndian(bytes[HeaderBytes..]);
        var rest = bytes[(HeaderBytes + DimensionBytes)..];
        if (count < 0 || count > rest.Length / sizeof(int))
            InvalidValue.ThrowBinary(Type);

        var values = new object?[count];
        for (var i = 0; i < count; i++)
        {
            if (rest.Length < sizeof(int))
                InvalidValue.ThrowBinary(Type);
            var length = BinaryPrimitives.ReadInt32BigEndian(rest);
            rest = rest[sizeof(int)..];
            if (length == -1)
                continue;
            if (length < 0 || length > rest.Length)
                InvalidValue.ThrowBinary(Type);
            values[i] = element.ReadBinary(rest[..length]);
            rest = rest[length..];
        }

        return values;
    }

    private object? ReadElement(ref ReadOnlySpan<byte> rest, ReadOnlySpan<byte> whole)
    {
        rest = rest.TrimStart(" \t\r\n"u8);
        if (rest.IsEmpty || rest[0] == (byte)'{')
            throw Malformed(whole);
        if (rest[0] == (byte)'"')
            return element.ReadText(ReadQuoted(ref rest, whole));
        var end = rest.IndexOf((byte)',');
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
        new(PostgresErrorCodes.InvalidTextRepresentation, $"malformed array literal: \"{System.Text.Encoding.UTF8.GetString(text[..Math.Min(text.Length, 200)])}\"");
}
