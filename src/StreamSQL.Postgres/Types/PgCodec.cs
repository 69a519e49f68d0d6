using StreamSQL.Data.Columns;
using StreamSQL.Data.Formats.Rows;
using StreamSQL.Data.Types;
using StreamSQL.Postgres.Protocol;

namespace StreamSQL.Postgres.Types;

/// <summary>
/// How one type travels: a value of a column to the client and a parameter from it, as text and in binary. Stateless but for what the
/// session sets (time zone). Values are never null here; a row number may be of a constant column.
/// </summary>
/// <remarks>Parameters come out as <c>BoundLiteral</c> has values: bool, int, long, double, Interval,
/// string, byte[], object?[]; numeric as its text.</remarks>
internal abstract class PgCodec(PgType type, int typeModifier = -1)
{
    /// <summary>The type for clients.</summary>
    public PgType Type { get; } = type;

    /// <summary>Precision and scale of numeric; else -1.</summary>
    public int TypeModifier { get; } = typeModifier;

    /// <summary>Writes a value as text.</summary>
    public abstract void WriteText(OutputBuffer output, Column column, int row);

    /// <summary>Writes a value in binary.</summary>
    public abstract void WriteBinary(OutputBuffer output, Column column, int row);

    /// <summary>Writes a value with its length in front.</summary>
    public void Write(OutputBuffer output, FormatCode format, Column column, int row)
    {
        var start = output.BeginLength();
        if (format == FormatCode.Binary)
            WriteBinary(output, column, row);
        else
            WriteText(output, column, row);
        output.EndLength(start);
    }

    /// <summary>Reads a parameter from text.</summary>
    /// <exception cref="Data.Errors.SqlException">It is not a value of the type (22P02, 22003, 22007, 22008).</exception>
    public abstract object ReadText(ReadOnlySpan<byte> text);

    /// <summary>Reads a parameter from binary.</summary>
    /// <exception cref="Data.Errors.SqlException">It is not a value of the type (22P03).</exception>
    public abstract object ReadBinary(ReadOnlySpan<byte> bytes);

    /// <summary>A value that was read, as a value of the type that the statement takes.</summary>
    /// <exception cref="Data.Errors.SqlException">It cannot be one (22P02, 22003, 42804).</exception>
    public virtual object Adapt(object value, SqlType target, TextSettings settings) => ParameterValue.Convert(value, target, settings);

    /// <summary>Reads a binary value into a column of the codec's SQL type. The common types do so without an object between.</summary>
    /// <exception cref="Data.Errors.SqlException">It is not a value of the type (22P03).</exception>
    public virtual void ReadBinary(ReadOnlySpan<byte> bytes, Column column, int row) =>
        ColumnWriter.Write(column, row, ParameterValue.Convert(ReadBinary(bytes), column.Type));

    /// <summary>The codec for results of a SQL type.</summary>
    public static PgCodec For(SqlType type, TextSettings settings) => type.Kind switch
    {
        SqlTypeKind.Boolean => BoolCodec.Instance,
        SqlTypeKind.SmallInt => Int2Codec.Instance,
        SqlTypeKind.Integer => Int4Codec.Instance,
        SqlTypeKind.BigInt => Int8Codec.Instance,
        SqlTypeKind.Double => Float8Codec.Instance,
        SqlTypeKind.Real => Float4Codec.Instance,
        SqlTypeKind.Uuid => UuidCodec.Instance,
        SqlTypeKind.Decimal or SqlTypeKind.Numeric => new NumericCodec(type),
        SqlTypeKind.Bytes => ByteaCodec.Instance,
        SqlTypeKind.Time => new TimeCodec(settings.Forms, inMillis: true),
        SqlTypeKind.PlainTime => new TimeCodec(settings.Forms, inMillis: false),
        SqlTypeKind.TimeTz => new TimeTzCodec(settings.Forms),
        SqlTypeKind.Date => new DateCodec(settings.Forms),
        SqlTypeKind.Timestamp => new TimestampCodec(PgTypes.TimestampTz, settings.Forms, inMillis: true),
        SqlTypeKind.TimestampTz => new TimestampCodec(PgTypes.TimestampTz, settings.Forms, inMillis: false),
        SqlTypeKind.PlainTimestamp => new PlainTimestampCodec(settings.Forms),
        SqlTypeKind.Interval => new IntervalCodec(settings.Forms),
        SqlTypeKind.Oid => OidCodec.Instance,
        SqlTypeKind.Xid => OidCodec.OfTransaction,
        SqlTypeKind.RegClass or SqlTypeKind.RegType or SqlTypeKind.RegProc or SqlTypeKind.RegNamespace or SqlTypeKind.RegRole =>
            new RegObjectCodec(PgTypes.Of(type), type.Kind, settings),
        SqlTypeKind.Array when type.IsVector => new VectorCodec(PgTypes.Of(type), type, For(type.Element!, settings)),
        SqlTypeKind.Array when !type.Element!.IsNested || type.Element.IsRow =>
            new ArrayCodec(PgTypes.Of(type), For(type.Element, settings), settings.Forms),
        SqlTypeKind.Jsonb => JsonbCodec.Instance,
        SqlTypeKind.JsonPath => JsonPathCodec.Instance,
        SqlTypeKind.Struct when type.IsRow => new RecordCodec([.. type.Fields.Select(field => For(field.Type, settings))], settings.Forms),
        SqlTypeKind.Array or SqlTypeKind.Map or SqlTypeKind.Struct => JsonbCodec.Instance,
        _ => TextCodec.Of(PgTypes.Of(type)),
    };

    /// <summary>The codec for parameters of a declared type; null when the type is not known here.</summary>
    public static PgCodec? ForParameter(uint oid, TextSettings settings)
    {
        if (oid == PgTypes.Numeric.Oid)
            return NumericCodec.OfAnyScale;
        if (oid == PgTypes.Jsonb.Oid)
            return JsonbCodec.Instance;
        if (!PgTypes.ByOid.TryGetValue(oid, out var type))
            return null;
        if (PgTypes.ToSqlType(oid) is { IsVector: true } vector)
            return For(vector, settings);
        if (type.Category == 'A')
            return ForParameter(type.ElementOid, settings) is { } element ? new ArrayCodec(type, element, settings.Forms) : null;
        if (type.Category is 'S' or 'X')
            return TextCodec.Of(type);
        return PgTypes.ToSqlType(oid) is { } sqlType ? For(sqlType, settings) : null;
    }
}
