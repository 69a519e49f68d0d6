using System.Globalization;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Formats.Rows;
using StreamSQL.Postgres.Protocol;

namespace StreamSQL.Postgres.Types;

/// <summary>text, varchar, name, "char", json: the bytes are the same in both formats.</summary>
internal sealed class TextCodec(PgType type) : PgCodec(type)
{
    private static readonly TextCodec Text = new(PgTypes.Text);

    /// <summary>The codec for a type whose values are text.</summary>
    public static TextCodec Of(PgType type) => type == PgTypes.Text ? Text : new(type);

    /// <inheritdoc/>
    public override void WriteText(OutputBuffer output, Column column, int row) => output.WriteBytes(((BytesColumn)column)[row]);

    /// <inheritdoc/>
    public override void WriteBinary(OutputBuffer output, Column column, int row) => WriteText(output, column, row);

    /// <inheritdoc/>
    public override object ReadText(ReadOnlySpan<byte> text) => MessageBodyReader.Decode(text);

    /// <inheritdoc/>
    public override object ReadBinary(ReadOnlySpan<byte> bytes) => MessageBodyReader.Decode(bytes);

    /// <inheritdoc/>
    public override void ReadBinary(ReadOnlySpan<byte> bytes, Column column, int row)
    {
        MessageBodyReader.RequireUtf8(bytes);
        ((BytesColumn)column).Set(row, bytes);
    }
}

/// <summary>bytea: hex (or, from clients, also escape) text.</summary>
internal sealed class ByteaCodec() : PgCodec(PgTypes.Bytea)
{
    public static readonly ByteaCodec Instance = new();

    /// <inheritdoc/>
    public override void WriteText(OutputBuffer output, Column column, int row) =>
        ColumnText.Format(column, row, output, TextStyle.Postgres);

    /// <inheritdoc/>
    public override void WriteBinary(OutputBuffer output, Column column, int row) => output.WriteBytes(((BytesColumn)column)[row]);

    /// <inheritdoc/>
    public override object ReadText(ReadOnlySpan<byte> text)
    {
        if (!text.StartsWith("\\x"u8))
            return ReadEscaped(text);
        var bytes = new byte[(text.Length - 2) / 2];
        if (text.Length % 2 != 0 || Convert.FromHexString(text[2..], bytes, out _, out _) != System.Buffers.OperationStatus.Done)
            InvalidValue.ThrowSyntax(Type, text);
        return bytes;
    }

    /// <inheritdoc/>
    public override object ReadBinary(ReadOnlySpan<byte> bytes) => bytes.ToArray();

    /// <inheritdoc/>
    public override void ReadBinary(ReadOnlySpan<byte> bytes, Column column, int row) => ((BytesColumn)column).Set(row, bytes);

    /// <summary>The older form: <c>\\</c> is a backslash, <c>\ooo</c> a byte in octal.</summary>
    private byte[] ReadEscaped(ReadOnlySpan<byte> text)
    {
        var bytes = new byte[text.Length];
        var count = 0;
        for (var i = 0; i < text.Length; i++)
        {
            var value = text[i];
            if (value == (byte)'\\')
            {
                if (i + 1 < text.Length && text[i + 1] == (byte)'\\')
                {
                    i++;
                }
                else if (i + 3 < text.Length && text[i + 1] is >= (byte)'0' and <= (byte)'3'
                    && text[i + 2] is >= (byte)'0' and <= (byte)'7' && text[i + 3] is >= (byte)'0' and <= (byte)'7')
                {
                    value = (byte)(((text[i + 1] - '0') << 6) | ((text[i + 2] - '0') << 3) | (text[i + 3] - '0'));
                    i += 3;
                }
                else
                {
                    InvalidValue.ThrowSyntax(Type, text);
                }
            }

            bytes[count++] = value;
        }

        return bytes[..count];
    }
}

/// <summary>uuid: text in columns.</summary>
internal sealed class UuidCodec() : PgCodec(PgTypes.Uuid)
{
    public static readonly UuidCodec Instance = new();

    /// <inheritdoc/>
    public override void WriteText(OutputBuffer output, Column column, int row) => output.WriteBytes(((BytesColumn)column)[row]);

    /// <inheritdoc/>
    public override void WriteBinary(OutputBuffer output, Column column, int row)
    {
        if (!Guid.TryParse(((BytesColumn)column)[row], CultureInfo.InvariantCulture, out var value)
            || !value.TryWriteBytes(output.Take(16), bigEndian: true, out _))
            InvalidValue.ThrowSyntax(Type, ((BytesColumn)column)[row]);
    }

    /// <inheritdoc/>
    public override object ReadText(ReadOnlySpan<byte> text)
    {
        if (!Guid.TryParse(text, CultureInfo.InvariantCulture, out var value))
            InvalidValue.ThrowSyntax(Type, text);
        return value.ToString();
    }

    /// <inheritdoc/>
    public override object ReadBinary(ReadOnlySpan<byte> bytes)
    {
        InvalidValue.RequireLength(Type, bytes, 16);
        return new Guid(bytes, bigEndian: true).ToString();
    }
}

/// <summary>jsonb: MAP, STRUCT and arrays of them. In binary a version byte stands before the text.</summary>
internal sealed class JsonbCodec() : PgCodec(PgTypes.Jsonb)
{
    public static readonly JsonbCodec Instance = new();

    private const byte Version = 1;

    /// <inheritdoc/>
    public override void WriteText(OutputBuffer output, Column column, int row) =>
        ColumnText.Format(column, row, output, TextStyle.Postgres);

    /// <inheritdoc/>
    public override void WriteBinary(OutputBuffer output, Column column, int row)
    {
        output.WriteByte(Version);
        WriteText(output, column, row);
    }

    /// <inheritdoc/>
    public override object ReadText(ReadOnlySpan<byte> text)
    {
        var reader = new System.Text.Json.Utf8JsonReader(text);
        try
        {
            while (reader.Read())
            {
            }
        }
        catch (System.Text.Json.JsonException error)
        {
            throw new Data.Errors.SqlException(
                Npgsql.PostgresErrorCodes.InvalidTextRepresentation, "invalid input syntax for type json", detail: error.Message,
                inner: error);
        }

        return MessageBodyReader.Decode(text);
    }

    /// <inheritdoc/>
    public override object ReadBinary(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty || bytes[0] != Version)
            InvalidValue.ThrowBinary(Type);
        return ReadText(bytes[1..]);
    }
}

/// <summary>jsonpath; in binary behind a version number.</summary>
internal sealed class JsonPathCodec() : PgCodec(PgTypes.JsonPath)
{
    public static readonly JsonPathCodec Instance = new();

    private const byte Version = 1;

    /// <inheritdoc/>
    public override void WriteText(OutputBuffer output, Column column, int row) => output.WriteBytes(((BytesColumn)column)[row]);

    /// <inheritdoc/>
    public override void WriteBinary(OutputBuffer output, Column column, int row)
    {
        output.WriteByte(Version);
        WriteText(output, column, row);
    }

    /// <inheritdoc/>
    public override object ReadText(ReadOnlySpan<byte> text)
    {
        MessageBodyReader.RequireUtf8(text);
        return PgEpoch.Parse(text, Data.Types.SqlType.JsonPath, Data.Text.DateForms.Utc);
    }

    /// <inheritdoc/>
    public override object ReadBinary(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty || bytes[0] != Version)
            InvalidValue.ThrowBinary(Type);
        return ReadText(bytes[1..]);
    }
}
