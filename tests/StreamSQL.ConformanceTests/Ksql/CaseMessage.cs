using StreamSQL.Data.Types;
using StreamSQL.Sql.Catalog;

namespace StreamSQL.ConformanceTests.Ksql;

/// <summary>A Protobuf message type, as far as cases need it.</summary>
internal sealed record CaseMessage(string Name, List<CaseMessageField> Fields)
{
    /// <summary>Whether a list of it is a map.</summary>
    public bool IsEntry => Name.EndsWith("Entry", StringComparison.Ordinal) && Fields is [{ Name: "key" }, { Name: "value" }];

    /// <summary>The message that ksqlDB makes for the columns of a key or value.</summary>
    public static CaseMessage Of(SourceDefinition source, bool isKey) =>
        Of(source.Columns.Where(column => column.IsKey == isKey).Select(static column => (column.Name, column.Type)));

    private static CaseMessage Of(IEnumerable<(string Name, SqlType Type)> columns)
    {
        var message = new CaseMessage("Message", []);
        foreach (var (name, type) in columns)
            message.Fields.Add(Field(name, message.Fields.Count + 1, type));
        return message;
    }

    private static CaseMessageField Field(string name, int number, SqlType type) => type.Kind switch
    {
        SqlTypeKind.Array => Field(name, number, type.Element!) with { IsRepeated = true },
        SqlTypeKind.Map => new(name, number, "", IsRepeated: true, IsOptional: false, new CaseMessage("Entry", [
            new("key", 1, "string", IsRepeated: false, IsOptional: false, null), Field("value", 2, type.Element!)])),
        SqlTypeKind.Struct => new(
            name, number, "", IsRepeated: false, IsOptional: false, Of(type.Fields.Select(static field => (field.Name, field.Type)))),
        _ => new(name, number, ScalarOf(type.Kind), IsRepeated: false, IsOptional: false, null),
    };

    private static string ScalarOf(SqlTypeKind kind) => kind switch
    {
        SqlTypeKind.Boolean => "bool",
        SqlTypeKind.Integer => "int32",
        SqlTypeKind.BigInt => "int64",
        SqlTypeKind.Double => "double",
        SqlTypeKind.Bytes => "bytes",
        SqlTypeKind.Timestamp => "google.protobuf.Timestamp",
        SqlTypeKind.Date => "google.type.Date",
        SqlTypeKind.Time => "google.type.TimeOfDay",
        SqlTypeKind.Decimal => "confluent.type.Decimal",
        _ => "string",
    };
}

/// <summary>A field of a Protobuf message type.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Number">Its number.</param>
/// <param name="Type">A scalar type, or the full name of a message that stands for one value; empty for other messages.</param>
/// <param name="IsRepeated">Whether it is a list.</param>
/// <param name="IsOptional">Whether an absent one is null although it is a scalar.</param>
/// <param name="Message">The message, for other messages.</param>
internal sealed record CaseMessageField(string Name, int Number, string Type, bool IsRepeated, bool IsOptional, CaseMessage? Message)
{
    /// <summary>Whether values have a length before them.</summary>
    public bool IsDelimited => Message is not null || Type.Contains('.', StringComparison.Ordinal) || Type is "string" or "bytes";
}
