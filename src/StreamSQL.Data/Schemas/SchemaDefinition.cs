namespace StreamSQL.Data.Schemas;

/// <summary>The languages that schemas are written in.</summary>
public enum SchemaType
{
    /// <summary>Avro.</summary>
    Avro,

    /// <summary>Protocol Buffers.</summary>
    Protobuf,

    /// <summary>JSON Schema.</summary>
    Json,
}

/// <summary>A schema to be registered.</summary>
/// <param name="Type">Its language.</param>
/// <param name="Text">Its text.</param>
/// <param name="References">The schemas that the text imports by name.</param>
public sealed record SchemaDefinition(SchemaType Type, string Text, IReadOnlyList<SchemaReference> References)
{
    /// <summary>A schema without references.</summary>
    public SchemaDefinition(SchemaType type, string text)
        : this(type, text, [])
    {
    }
}

/// <summary>A schema that another one imports.</summary>
/// <param name="Name">The name in the importing text: an Avro full name, a .proto path, a JSON Schema URI.</param>
/// <param name="Subject">The subject that it is registered under.</param>
/// <param name="Version">Its version there.</param>
public sealed record SchemaReference(string Name, string Subject, int Version);

/// <summary>A schema with the texts of everything that it imports, so that it can be parsed without a registry.</summary>
/// <param name="Type">Its language.</param>
/// <param name="Text">Its text.</param>
/// <param name="Imports">What it imports, directly or not: each after those that it needs itself, each once.</param>
public sealed record ResolvedSchema(SchemaType Type, string Text, IReadOnlyList<SchemaImport> Imports)
{
    /// <summary>A schema without imports.</summary>
    public ResolvedSchema(SchemaType type, string text)
        : this(type, text, [])
    {
    }
}

/// <summary>An imported schema.</summary>
/// <param name="Name">The name that texts import it by.</param>
/// <param name="Text">Its text.</param>
public sealed record SchemaImport(string Name, string Text);

/// <summary>A schema as a registry holds it. Immutable: an id never changes its meaning.</summary>
/// <param name="Id">Its id, which stands in each record.</param>
/// <param name="Schema">The schema.</param>
/// <param name="References">What it was registered with.</param>
public sealed record RegisteredSchema(int Id, ResolvedSchema Schema, IReadOnlyList<SchemaReference> References);

/// <summary>A schema as one version of a subject.</summary>
/// <param name="Subject">The subject.</param>
/// <param name="Version">The version, from 1.</param>
/// <param name="Schema">The schema.</param>
public sealed record SubjectVersion(string Subject, int Version, RegisteredSchema Schema);
