using Npgsql;
using StreamSQL.Data.Errors;
using StreamSQL.Data.Formats.Protobuf.Schema;
using StreamSQL.Data.Types;

namespace StreamSQL.Data.Formats.Protobuf.Writing;

/// <summary>Makes the writers for columns and the message that they are written as.</summary>
internal static class WriterCompiler
{
    /// <summary>Makes a writer for columns or STRUCT fields in order.</summary>
    /// <exception cref="SqlException">22023: a column has no field in the message, or one of a type
    /// that it cannot be written as.</exception>
    public static MessageWriter Compile(ProtoMessage message, IReadOnlyList<StructField> columns, string path)
    {
        var writers = new List<(int, FieldWriter)>();
        for (var i = 0; i < columns.Count; i++)
        {
            var column = columns[i];
            var columnPath = path.Length == 0 ? column.Name : $"{path}->{column.Name}";
            if (message.FindAnyCase(column.Name) is { } field)
                writers.Add((i, Create(field, column.Type, columnPath)));
            else if (OneofNames.Find(message, column.Name) is >= 0 and var oneof && column.Type.Kind == SqlTypeKind.Struct)
                writers.Add((i, CreateOneof(message, oneof, column.Type, columnPath)));
            else
                throw Invalid($"The column {columnPath} is not a field of the message {message.FullName}.");
        }

        return new MessageWriter(writers);
    }

    private static OneofWriter CreateOneof(ProtoMessage message, int oneof, SqlType type, string path)
    {
        var members = new List<FieldWriter>();
        foreach (var member in type.Fields)
        {
            var field = message.FindAnyCase(member.Name);
            if (field?.Oneof != oneof)
                throw Invalid($"The column {path}->{member.Name} is not a field of the oneof {message.Oneofs[oneof]} of the message " +
                    $"{message.FullName}.");
            members.Add(Create(field, member.Type, $"{path}->{member.Name}"));
        }

        return new OneofWriter(path, members.Count == 0 ? 0 : members[0].Number, members);
    }

    private static FieldWriter Create(ProtoField field, SqlType type, string path)
    {
        if (field.Label != ProtoLabel.Repeated)
            return CreateSingle(field, type, path);
        if (field.IsMap && type.Kind == SqlTypeKind.Map)
        {
            var entry = field.Message!;
            return new MapWriter(path, field, Create(entry.Fields[0], type.Key!, path), Create(entry.Fields[1], type.Element!, path));
        }

        return type.Kind == SqlTypeKind.Array ? new ArrayWriter(path, field, CreateSingle(field, type.Element!, path))
            : throw Mismatch(field, type, path);
    }

    private static ValueWriter CreateSingle(ProtoField field, SqlType type, string path)
    {
        if (field.Type == ProtoType.Message)
            return CreateMessage(field, type, path);
        return CreateScalar(field, type, path) ?? throw Mismatch(field, type, path);
    }

    private static ValueWriter CreateMessage(ProtoField field, SqlType type, string path)
    {
        var message = field.Message!;
        if (WellKnown.IsWrapper(message, out _) && !type.IsNested)
            return new WrapperWriter(path, field, CreateScalar(message.Fields[0], type, path) ?? throw Mismatch(field, type, path));
        return (message.FullName, type.Kind) switch
        {
            (WellKnown.Timestamp, SqlTypeKind.Timestamp) => new TimestampWriter(path, field),
            (WellKnown.Date, SqlTypeKind.Date) => new DateWriter(path, field),
            (WellKnown.TimeOfDay, SqlTypeKind.Time) => new TimeOfDayWriter(path, field),
            (WellKnown.Decimal, SqlTypeKind.Decimal) => new DecimalWriter(path, field),
            (_, SqlTypeKind.Struct) => new StructWriter(path, field, Compile(message, type.Fields, path)),
            _ => throw Mismatch(field, type, path),
        };
    }

    private static ValueWriter? CreateScalar(ProtoField field, SqlType type, string path) => (type.Kind, field.Type) switch
    {
        (SqlTypeKind.BigInt, ProtoType.Int64 or ProtoType.UInt64 or ProtoType.Fixed64 or ProtoType.SFixed64) =>
            new NumberWriter<long, LongToWire>(path, field),
        (SqlTypeKind.BigInt, ProtoType.Int32 or ProtoType.SFixed32 or ProtoType.Enum) =>
            new NumberWriter<long, LongToSigned32>(path, field),
        (SqlTypeKind.BigInt, ProtoType.UInt32 or ProtoType.Fixed32) => new NumberWriter<long, LongToUnsigned32>(path, field),
        (SqlTypeKind.BigInt, ProtoType.SInt64) => new NumberWriter<long, LongToZigZag>(path, field),
        (SqlTypeKind.BigInt, ProtoType.SInt32) => new NumberWriter<long, LongToZigZag32>(path, field),
        (SqlTypeKind.Integer, ProtoType.Int32 or ProtoType.Int64 or ProtoType.SFixed32 or ProtoType.SFixed64 or ProtoType.Enum) =>
            new NumberWriter<int, IntToWire>(path, field),
        (SqlTypeKind.Integer, ProtoType.UInt32 or ProtoType.UInt64 or ProtoType.Fixed32 or ProtoType.Fixed64) =>
            new NumberWriter<int, IntToUnsigned>(path, field),
        (SqlTypeKind.Integer, ProtoType.SInt32 or ProtoType.SInt64) => new NumberWriter<int, IntToZigZag>(path, field),
        (SqlTypeKind.Double, ProtoType.Double) => new NumberWriter<double, DoubleToWire>(path, field),
        (SqlTypeKind.Double, ProtoType.Float) => new NumberWriter<double, DoubleToFloat>(path, field),
        (SqlTypeKind.Boolean, ProtoType.Bool) => new NumberWriter<byte, BoolToWire>(path, field),
        (SqlTypeKind.Varchar, ProtoType.String) => new BytesWriter(path, field),
        (SqlTypeKind.Bytes, ProtoType.Bytes) => new BytesWriter(path, field),
        (SqlTypeKind.Varchar, ProtoType.Enum) => new EnumWriter(path, field),
        _ => null,
    };

    private static SqlException Mismatch(ProtoField field, SqlType type, string path)
    {
        var name = field.Message?.FullName ?? field.Enum?.FullName ?? ProtoTypes.Keyword(field.Type);
        return Invalid(
            $"The column {path} of type {type} cannot be written as {(field.Label == ProtoLabel.Repeated ? "repeated " : "")}{name}.");
    }

    private static SqlException Invalid(string message) => new(PostgresErrorCodes.InvalidParameterValue, message);
}
