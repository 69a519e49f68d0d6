using StreamSQL.Data.Schemas;

namespace StreamSQL.Data.Formats;

/// <summary>How a key or value is laid out, beyond the format's name.</summary>
public sealed record FormatOptions
{
    /// <summary>What every source has that says nothing else.</summary>
    public static FormatOptions Default { get; } = new();

    /// <summary>
    /// KEY_DELIMITER or VALUE_DELIMITER: one ASCII character, or the word SPACE or TAB; null for the comma. DELIMITED only.
    /// </summary>
    public string? Delimiter { get; init; }

    /// <summary>
    /// Whether a single column is written as an object with one field: WRAP_SINGLE_VALUE; null for the
    /// default, wrapped for values and not for keys.
    /// </summary>
    public bool? WrapSingle { get; init; }

    /// <summary>Whether it is a record's key.</summary>
    public bool IsKey { get; init; }

    /// <summary>Where the schemas of records are; null for formats without schemas.</summary>
    public ISchemaRegistry? Registry { get; init; }

    /// <summary>
    /// The schema that is written with; known to <see cref="Registry"/> before an encoder is made. Formats with schemas only.
    /// </summary>
    public int? SchemaId { get; init; }

    /// <summary>KEY_SCHEMA_FULL_NAME or VALUE_SCHEMA_FULL_NAME: the record or message that is meant; null for the default.</summary>
    public string? SchemaFullName { get; init; }

    /// <summary>KEY_ or VALUE_PROTOBUF_NULLABLE_REPRESENTATION. PROTOBUF only.</summary>
    public NullableRepresentation NullableRepresentation { get; init; }

    /// <summary>
    /// Whether fields that a JSON Schema does not number come in ksqlDB's order, not in the document's.
    /// JSON_SR only, when types are made of a schema.
    /// </summary>
    public bool HasKsqlOrder { get; init; }

    /// <summary>Whether fields are written as an object with a member per field, and not as the only field's value itself.</summary>
    public bool IsWrapped(int fieldCount) => fieldCount != 1 || (WrapSingle ?? !IsKey);
}

/// <summary>How a Protobuf schema made from columns tells NULL from a type's default.</summary>
public enum NullableRepresentation
{
    /// <summary>It does not: NULL comes back as the default.</summary>
    None,

    /// <summary>By proto3's <c>optional</c>.</summary>
    Optional,

    /// <summary>By the wrapper messages (<c>google.protobuf.StringValue</c>).</summary>
    Wrapper,
}
