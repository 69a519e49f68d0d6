using System.Text;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Formats.Avro.Schemas;
using StreamSQL.Data.Types;

namespace StreamSQL.Data.Formats.Avro.Reading;

/// <summary>
/// Makes the steps for simple types of SQL, for values alone or in a union with null (<paramref name="nullBranch"/>, -1 for alone).
/// </summary>
internal readonly struct AvroScalars(SqlType type, string path, int nullBranch)
{
    private const int MillisPerDay = 86_400_000;

    /// <summary>The step that reads a writer's type; null when there is none.</summary>
    public AvroStep? Create(AvroSchema writer, AvroSchema? reader) => type.Kind switch
    {
        SqlTypeKind.Boolean when writer.Kind == AvroKind.Boolean => Step<AvroBooleanReader, FixedColumn<byte>>(default),
        SqlTypeKind.Integer => Int32(writer, int.MinValue, int.MaxValue),
        SqlTypeKind.Date when writer.Logical is AvroLogicalType.Date or AvroLogicalType.None => Int32(writer, int.MinValue, int.MaxValue),
        SqlTypeKind.Time when writer.Logical == AvroLogicalType.TimeMicros => Step<AvroTimeMicrosReader, FixedColumn<int>>(default),
        SqlTypeKind.Time when writer.Logical is AvroLogicalType.TimeMillis or AvroLogicalType.None => Int32(writer, 0, MillisPerDay - 1),
        SqlTypeKind.BigInt => Int64(writer),
        SqlTypeKind.Timestamp => Timestamp(writer),
        SqlTypeKind.Double => Double(writer),
        SqlTypeKind.Decimal => Decimal(writer),
        SqlTypeKind.Varchar => Text(writer, reader),
        SqlTypeKind.Bytes => Bytes(writer),
        _ => null,
    };

    private AvroStep? Int32(AvroSchema writer, int min, int max) =>
        IsInteger(writer) ? Step<AvroInt32Reader, FixedColumn<int>>(new(min, max)) : null;

    private AvroStep? Int64(AvroSchema writer) =>
        IsInteger(writer) ? Step<AvroInt64Reader, FixedColumn<long>>(new(writer.Kind == AvroKind.Int)) : null;

    private AvroStep? Timestamp(AvroSchema writer) => writer.Logical switch
    {
        AvroLogicalType.TimestampMicros or AvroLogicalType.LocalTimestampMicros => Step<AvroMicrosReader, FixedColumn<long>>(default),
        AvroLogicalType.TimestampMillis or AvroLogicalType.LocalTimestampMillis or AvroLogicalType.None => Int64(writer),
        _ => null,
    };

    private AvroStep? Double(AvroSchema writer) => writer.Kind switch
    {
        AvroKind.Int or AvroKind.Long => Step<AvroIntegerAsDoubleReader, FixedColumn<double>>(new(writer.Kind == AvroKind.Int)),
        AvroKind.Float => Step<AvroFloatReader, FixedColumn<double>>(default),
        AvroKind.Double => Step<AvroDoubleReader, FixedColumn<double>>(default),
        _ => null,
    };

    private AvroStep? Decimal(AvroSchema writer) => writer.Logical == AvroLogicalType.Decimal
        ? Step<AvroDecimalReader, FixedColumn<Int128>>(
            new(writer.Kind == AvroKind.Fixed ? writer.Size : -1, writer.Scale, type.Scale, type.Precision))
        : null;

    private AvroStep? Text(AvroSchema writer, AvroSchema? reader) => writer.Kind switch
    {
        AvroKind.String => Step<AvroTextReader, BytesColumn>(default),
        AvroKind.Bytes when writer.Logical == AvroLogicalType.None => Step<AvroTextReader, BytesColumn>(default),
        AvroKind.Enum => Step<AvroSymbolReader, BytesColumn>(new(Symbols(writer, reader is { Kind: AvroKind.Enum } ? reader : writer))),
        AvroKind.Boolean => Step<AvroBooleanTextReader, BytesColumn>(default),
        AvroKind.Int or AvroKind.Long => Step<AvroIntegerTextReader, BytesColumn>(new(writer.Kind == AvroKind.Int)),
        AvroKind.Float or AvroKind.Double => Step<AvroFloatingTextReader, BytesColumn>(new(writer.Kind == AvroKind.Float)),
        AvroKind.Fixed when writer.Logical == AvroLogicalType.Uuid => Step<AvroUuidReader, BytesColumn>(default),
        _ => null,
    };

    private AvroStep? Bytes(AvroSchema writer) => writer.Kind switch
    {
        AvroKind.Bytes or AvroKind.String => Step<AvroBytesReader, BytesColumn>(default),
        AvroKind.Fixed => Step<AvroFixedReader, BytesColumn>(new(writer.Size)),
        _ => null,
    };

    private static bool IsInteger(AvroSchema writer) => writer.Kind is AvroKind.Int or AvroKind.Long;

    /// <summary>The texts of the writer's symbols; those that the reader does not have are its default.</summary>
    private static byte[]?[] Symbols(AvroSchema writer, AvroSchema reader) =>
    [
        .. writer.Symbols
            .Select(symbol => reader.Symbols.Contains(symbol) ? symbol : reader.DefaultSymbol)
            .Select(static symbol => symbol is null ? null : Encoding.UTF8.GetBytes(symbol)),
    ];

    private AvroStep Step<TReader, TColumn>(TReader reader)
        where TReader : struct, IAvroReader<TColumn>
        where TColumn : Column =>
        nullBranch < 0
            ? new AvroValueStep<TReader, TColumn>(reader) { Path = path, Type = type }
            : new AvroValueStep<AvroNullableReader<TReader, TColumn>, TColumn>(new(reader, nullBranch)) { Path = path, Type = type };
}
