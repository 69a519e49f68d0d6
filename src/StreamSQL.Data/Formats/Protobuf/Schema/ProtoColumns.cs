using Npgsql;
using StreamSQL.Data.Errors;
using StreamSQL.Data.Types;

namespace StreamSQL.Data.Formats.Protobuf.Schema;

/// <summary>
/// The SQL types of a message, as Confluent's converter has them: a STRUCT for each oneof first, then the fields; enums as the names of
/// their values, unsigned 32-bit numbers as BIGINT, wrappers as what they wrap. What SQL has no type for is left out: recursive messages,
/// maps without text keys, groups.
/// </summary>
internal static class ProtoColumns
{
    /// <summary>The message of a full name, the first of the file when it is null.</summary>
    /// <exception cref="SqlException">22023: there is none.</exception>
    public static ProtoMessage Select(ProtoFile file, string? fullName)
    {
        if (fullName is null)
            return file.Messages.Count > 0 ? file.Messages[0] : throw Invalid("The Protobuf schema has no message.");
        return Find(file.Messages, fullName) ?? throw Invalid($"The Protobuf schema has no message {fullName}.");
    }

    /// <summary>The STRUCT of a message.</summary>
    /// <exception cref="SqlException">22023: no field of it has a SQL type.</exception>
    public static SqlType TypeOf(ProtoMessage message) =>
        Struct(message, []) ?? throw Invalid($"No field of the Protobuf message {message.FullName} has a SQL type.");

    private static ProtoMessage? Find(List<ProtoMessage> messages, string fullName)
    {
        foreach (var message in messages)
        {
            if (message.FullName == fullName)
                return message;
            if (fullName.StartsWith($"{message.FullName}.", StringComparison.Ordinal) && Find(message.Messages, fullName) is { } inner)
                return inner;
        }

        return null;
    }

    private static SqlType? Struct(ProtoMessage message, HashSet<ProtoMessage> around)
    {
        if (around.Count == ProtobufTypes.MaxDepth || !around.Add(message))
            return null;
        var fields = new List<StructField>();
        for (var i = 0; i < message.Oneofs.Count; i++)
        {
            var members = Fields(message.Fields.Where(field => field.Oneof == i), around);
            if (members.Count > 0)
                fields.Add(new StructField(OneofNames.Of(message, i), SqlType.StructOf(members)));
        }

        fields.AddRange(Fields(message.Fields.Where(static field => field.Oneof < 0), around));
        around.Remove(message);
        return fields.Count == 0 ? null : SqlType.StructOf(fields);
    }

    private static List<StructField> Fields(IEnumerable<ProtoField> fields, HashSet<ProtoMessage> around)
    {
        var result = new List<StructField>();
        foreach (var field in fields)
        {
            if (Field(field, around) is { } type)
                result.Add(new StructField(field.Name, type));
        }

        return result;
    }

    private static SqlType? Field(ProtoField field, HashSet<ProtoMessage> around)
    {
        if (field.IsMap)
        {
            var entry = field.Message!;
            return entry.Fields[0].Type == ProtoType.String
                && Field(entry.Fields[1], around) is { } value ? SqlType.MapOf(SqlType.Varchar, value) : null;
        }

        var type = field.Type == ProtoType.Message ? Message(field, around) : Scalar(field.Type);
        return field.Label == ProtoLabel.Repeated && type is not null ? SqlType.ArrayOf(type) : type;
    }

    private static SqlType? Message(ProtoField field, HashSet<ProtoMessage> around) =>
        WellKnown.SqlTypeOf(field)
            ?? (WellKnown.IsWrapper(field.Message!, out var wrapped) ? Scalar(wrapped) : Struct(field.Message!, around));

    private static SqlType? Scalar(ProtoType type) => type switch
    {
        ProtoType.Double or ProtoType.Float => SqlType.Double,
        ProtoType.Int32 or ProtoType.SInt32 or ProtoType.SFixed32 => SqlType.Integer,
        ProtoType.UInt32 or ProtoType.Fixed32 or ProtoType.Int64 or ProtoType.UInt64 or ProtoType.SInt64 or ProtoType.Fixed64
            or ProtoType.SFixed64 => SqlType.BigInt,
        ProtoType.Bool => SqlType.Boolean,
        ProtoType.String or ProtoType.Enum => SqlType.Varchar,
        ProtoType.Bytes => SqlType.Bytes,
        _ => null,
    };

    private static SqlException Invalid(string message) => new(PostgresErrorCodes.InvalidParameterValue, message);
}
