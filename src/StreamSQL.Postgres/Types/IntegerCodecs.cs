using System.Buffers.Binary;
using System.Globalization;
using Npgsql;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Errors;
using StreamSQL.Postgres.Protocol;

namespace StreamSQL.Postgres.Types;

/// <summary>Reads integers from text, with the bounds of a type.</summary>
internal static class IntegerText
{
    public static long Read(PgType type, ReadOnlySpan<byte> text, long min, long max)
    {
        var trimmed = text.Trim(" \t\r\n"u8);
        if (!long.TryParse(trimmed, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value))
        {
            if (trimmed.Length > 18 && Int128.TryParse(trimmed, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _))
                InvalidValue.ThrowRange(type, text);
            InvalidValue.ThrowSyntax(type, text);
        }

        if (value < min || value > max)
            InvalidValue.ThrowRange(type, text);
        return value;
    }
}

/// <summary>int2; an int in columns.</summary>
internal sealed class Int2Codec() : PgCodec(PgTypes.Int2)
{
    public static readonly Int2Codec Instance = new();

    /// <inheritdoc/>
    public override void WriteText(OutputBuffer output, Column column, int row) => output.WriteNumber(((FixedColumn<int>)column)[row]);

    /// <inheritdoc/>
    public override void WriteBinary(OutputBuffer output, Column column, int row) =>
        output.WriteInt16((short)((FixedColumn<int>)column)[row]);

    /// <inheritdoc/>
    public override object ReadText(ReadOnlySpan<byte> text) => (int)IntegerText.Read(Type, text, short.MinValue, short.MaxValue);

    /// <inheritdoc/>
    public override object ReadBinary(ReadOnlySpan<byte> bytes)
    {
        InvalidValue.RequireLength(Type, bytes, sizeof(short));
        return (int)BinaryPrimitives.ReadInt16BigEndian(bytes);
    }
}

/// <summary>int4.</summary>
internal sealed class Int4Codec() : PgCodec(PgTypes.Int4)
{
    public static readonly Int4Codec Instance = new();

    /// <inheritdoc/>
    public override void WriteText(OutputBuffer output, Column column, int row) => output.WriteNumber(((FixedColumn<int>)column)[row]);

    /// <inheritdoc/>
    public override void WriteBinary(OutputBuffer output, Column column, int row) => output.WriteInt32(((FixedColumn<int>)column)[row]);

    /// <inheritdoc/>
    public override object ReadText(ReadOnlySpan<byte> text) => (int)IntegerText.Read(Type, text, int.MinValue, int.MaxValue);

    /// <inheritdoc/>
    public override object ReadBinary(ReadOnlySpan<byte> bytes)
    {
        InvalidValue.RequireLength(Type, bytes, sizeof(int));
        return BinaryPrimitives.ReadInt32BigEndian(bytes);
    }

    /// <inheritdoc/>
    public override void ReadBinary(ReadOnlySpan<byte> bytes, Column column, int row)
    {
        InvalidValue.RequireLength(Type, bytes, sizeof(int));
        ((FixedColumn<int>)column).Values[row] = BinaryPrimitives.ReadInt32BigEndian(bytes);
    }
}

/// <summary>int8.</summary>
internal sealed class Int8Codec() : PgCodec(PgTypes.Int8)
{
    public static readonly Int8Codec Instance = new();

    /// <inheritdoc/>
    public override void WriteText(OutputBuffer output, Column column, int row) => output.WriteNumber(((FixedColumn<long>)column)[row]);

    /// <inheritdoc/>
    public override void WriteBinary(OutputBuffer output, Column column, int row) => output.WriteInt64(((FixedColumn<long>)column)[row]);

    /// <inheritdoc/>
    public override object ReadText(ReadOnlySpan<byte> text) => IntegerText.Read(Type, text, long.MinValue, long.MaxValue);

    /// <inheritdoc/>
    public override object ReadBinary(ReadOnlySpan<byte> bytes)
    {
        InvalidValue.RequireLength(Type, bytes, sizeof(long));
        return BinaryPrimitives.ReadInt64BigEndian(bytes);
    }

    /// <inheritdoc/>
    public override void ReadBinary(ReadOnlySpan<byte> bytes, Column column, int row)
    {
        InvalidValue.RequireLength(Type, bytes, sizeof(long));
        ((FixedColumn<long>)column).Values[row] = BinaryPrimitives.ReadInt64BigEndian(bytes);
    }
}

/// <summary>oid and xid: unsigned 32 bits; a long in columns.</summary>
internal sealed class OidCodec(PgType type) : PgCodec(type)
{
    public static readonly OidCodec Instance = new(PgTypes.Oid);

    /// <summary>xid, which travels in the same way.</summary>
    public static readonly OidCodec OfTransaction = new(PgTypes.Xid);

    /// <inheritdoc/>
    public override void WriteText(OutputBuffer output, Column column, int row) => output.WriteNumber(((FixedColumn<long>)column)[row]);

    /// <inheritdoc/>
    public override void WriteBinary(OutputBuffer output, Column column, int row) =>
        output.WriteInt32((int)(uint)((FixedColumn<long>)column)[row]);

    /// <inheritdoc/>
    public override object ReadText(ReadOnlySpan<byte> text) => IntegerText.Read(Type, text, 0, uint.MaxValue);

    /// <inheritdoc/>
    public override object ReadBinary(ReadOnlySpan<byte> bytes)
    {
        InvalidValue.RequireLength(Type, bytes, sizeof(uint));
        return (long)BinaryPrimitives.ReadUInt32BigEndian(bytes);
    }
}

/// <summary>regclass, regtype, regproc, regnamespace, regrole: an oid whose text is the object's name.</summary>
internal sealed class RegObjectCodec(PgType type, Data.Types.SqlTypeKind kind, TextSettings settings) : PgCodec(type)
{
    /// <inheritdoc/>
    public override void WriteText(OutputBuffer output, Column column, int row)
    {
        var oid = ((FixedColumn<long>)column)[row];
        if (oid == 0)
            output.WriteByte((byte)'-');
        else if (settings.ObjectNames(kind, (uint)oid) is { } name)
            output.WriteText(name);
        else
            output.WriteNumber(oid);
    }

    /// <inheritdoc/>
    public override void WriteBinary(OutputBuffer output, Column column, int row) => OidCodec.Instance.WriteBinary(output, column, row);

    /// <inheritdoc/>
    public override object ReadText(ReadOnlySpan<byte> text)
    {
        if (text is [(byte)'-'] || text.IsEmpty || char.IsAsciiDigit((char)text[0]))
            return text is [(byte)'-'] ? 0L : OidCodec.Instance.ReadText(text);
        var name = System.Text.Encoding.UTF8.GetString(text);
        return settings.ObjectIds(kind, name) is { } oid ? (long)oid : throw NotThere(name);
    }

    /// <inheritdoc/>
    public override object ReadBinary(ReadOnlySpan<byte> bytes) => OidCodec.Instance.ReadBinary(bytes);

    private SqlException NotThere(string name) => kind switch
    {
        Data.Types.SqlTypeKind.RegClass => new(PostgresErrorCodes.UndefinedTable, $"relation \"{name}\" does not exist"),
        Data.Types.SqlTypeKind.RegProc => new(PostgresErrorCodes.UndefinedFunction, $"function \"{name}\" does not exist"),
        Data.Types.SqlTypeKind.RegNamespace => new(PostgresErrorCodes.InvalidSchemaName, $"schema \"{name}\" does not exist"),
        Data.Types.SqlTypeKind.RegRole => new(PostgresErrorCodes.UndefinedObject, $"role \"{name}\" does not exist"),
        _ => new(PostgresErrorCodes.UndefinedObject, $"type \"{name}\" does not exist"),
    };
}
