using StreamSQL.Data.Errors;
using StreamSQL.Data.Schemas;
using StreamSQL.Sql.Syntax;

namespace StreamSQL.Sql.Binding;

/// <summary>A schema that a statement cannot be planned without.</summary>
/// <param name="IsKey">Whether it is the key's.</param>
/// <param name="Id">Its id, when the statement names it; else the latest version of the subject is meant.</param>
/// <param name="Subject">The topic's subject.</param>
public sealed record SchemaLookup(bool IsKey, int? Id, string Subject)
{
    /// <summary>The schemas that a statement needs; whoever plans it fetches them first.</summary>
    /// <param name="statement">The statement.</param>
    /// <param name="properties">The session's properties.</param>
    /// <exception cref="SqlException">Its WITH clause is wrong.</exception>
    public static IReadOnlyList<SchemaLookup> Of(Statement statement, IReadOnlyDictionary<string, string> properties)
    {
        if (statement is not CreateSourceStatement create)
            return [];
        var options = new WithOptions(create.Properties);
        return new List<SchemaLookup?> { Of(create, options, properties, isKey: true),
            Of(create, options, properties, isKey: false) }.OfType<SchemaLookup>().ToList();
    }

    /// <summary>The subject of a topic's keys or values.</summary>
    public static string SubjectOf(string topic, bool isKey) => topic + (isKey ? "-key" : "-value");

    private static SchemaLookup? Of(CreateSourceStatement create, WithOptions options,
        IReadOnlyDictionary<string, string> properties, bool isKey)
    {
        var id = options.SchemaId(isKey);
        if (id is null && !SchemaInference.Infers(create, options, properties, isKey))
            return null;
        return new SchemaLookup(isKey, id, SubjectOf(options.Text("KAFKA_TOPIC") ?? create.Name.Last.Name, isKey));
    }
}

/// <summary>
/// The schemas that were found for the <see cref="SchemaLookup"/>s of a statement; null where there is none, or none was needed.
/// </summary>
/// <param name="Key">The key's.</param>
/// <param name="Value">The value's.</param>
public sealed record FetchedSchemas(RegisteredSchema? Key, RegisteredSchema? Value)
{
    /// <summary>None.</summary>
    public static FetchedSchemas None { get; } = new(null, null);

    /// <summary>The key's or the value's.</summary>
    public RegisteredSchema? Of(bool isKey) => isKey ? Key : Value;
}
