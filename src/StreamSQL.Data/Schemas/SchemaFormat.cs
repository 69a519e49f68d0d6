using StreamSQL.Data.Errors;
using StreamSQL.Data.Formats;
using StreamSQL.Data.Formats.Avro;
using StreamSQL.Data.Formats.JsonSchema;
using StreamSQL.Data.Formats.Protobuf;
using StreamSQL.Data.Types;

namespace StreamSQL.Data.Schemas;

/// <summary>
/// A record format whose records name the schema that they were written with. One stateless instance per format, listed in
/// <see cref="SchemaFormats"/>. The <em>root</em> of a key or value is what its whole bytes are: the STRUCT of all fields, or the type of
/// the only one when that is not wrapped.
/// </summary>
public abstract class SchemaFormat
{
    /// <summary>The format's name in SQL, upper case.</summary>
    public abstract string Name { get; }

    /// <summary>The language of its schemas.</summary>
    public abstract SchemaType SchemaType { get; }

    /// <summary>Whether a single column can stand unwrapped, as itself; a format that cannot wraps single keys too.</summary>
    public virtual bool CanUnwrap => true;

    /// <summary>Whether the fields are wrapped in an object or message.</summary>
    public bool IsWrapped(IReadOnlyList<FormatField> fields, FormatOptions options) => !CanUnwrap || options.IsWrapped(fields.Count);

    /// <summary>The root of a key or value with these fields.</summary>
    public SqlType RootOf(IReadOnlyList<FormatField> fields, FormatOptions options) =>
        IsWrapped(fields, options) ? SqlType.StructOf([.. fields.Select(static field => new StructField(field.Name, field.Type))])
            : fields[0].Type;

    /// <summary>Checks that the format can hold a column.</summary>
    /// <exception cref="SqlException">0A000: it cannot; the message names the column.</exception>
    public abstract void CheckField(FormatField field);

    /// <summary>The full name of a source's schema when the statement gives none; null where schemas have none.</summary>
    /// <param name="source">The stream's or table's name.</param>
    /// <param name="isKey">Whether it is the key's schema.</param>
    public virtual string? DefaultFullName(string source, bool isKey) => null;

    /// <summary>The schema to be registered for a key or value with these fields.</summary>
    public SchemaDefinition Describe(IReadOnlyList<FormatField> fields, FormatOptions options) =>
        new(SchemaType, ToSchema(RootOf(fields, options), options with { WrapSingle = IsWrapped(fields, options) }));

    /// <summary>SQL to schema: the text for a root, as ksqlDB registers it.</summary>
    /// <param name="root">The root.</param>
    /// <param name="options">
    /// Gives <see cref="FormatOptions.SchemaFullName"/>, <see cref="FormatOptions.NullableRepresentation"/>, and in
    /// <see cref="FormatOptions.WrapSingle"/> whether the root is the STRUCT around the fields.
    /// </param>
    public abstract string ToSchema(SqlType root, FormatOptions options);

    /// <summary>
    /// Schema to SQL: the root, with the names as the schema has them. Parts that SQL has no type for are left out of their STRUCT.
    /// </summary>
    /// <param name="schema">The schema.</param>
    /// <param name="options">Gives <see cref="FormatOptions.SchemaFullName"/>: which of several messages or records is meant.</param>
    /// <exception cref="SqlException">22023: not a schema, no such full name, or nothing in it has a SQL type.</exception>
    public abstract SqlType ToSqlType(ResolvedSchema schema, FormatOptions options);

    /// <summary>
    /// Decodes payloads that were written with <paramref name="writer"/>. Fields are found by exact name, then in any case; a field that
    /// the writer does not have is NULL.
    /// </summary>
    /// <exception cref="SqlException">22023: the writer's schema cannot be read as these fields.</exception>
    public abstract PayloadDecoder CreateDecoder(IReadOnlyList<FormatField> fields, RegisteredSchema writer, FormatOptions options);

    /// <summary>
    /// Encodes records with <paramref name="schema"/>, frame included (<see cref="SchemaFrame"/>). Fields are found by exact name, then in
    /// any case; what the schema has beyond the fields gets its default or null.
    /// </summary>
    /// <exception cref="SqlException">22023: the fields cannot be written with the schema.</exception>
    public abstract RecordEncoder CreateEncoder(IReadOnlyList<FormatField> fields, RegisteredSchema schema, FormatOptions options);

    /// <summary>
    /// The text that equal schemas share, whatever their layout: the registry gives them one id. Normalized, also those share it that
    /// differ in the order of what has none, in spelling, or in what is implied.
    /// </summary>
    /// <exception cref="SqlException">22023: not a schema, with the place and the reason.</exception>
    public abstract string Canonicalize(ResolvedSchema schema, bool normalize);

    /// <summary>
    /// Why a program that has <paramref name="reader"/> cannot read what was written with <paramref name="writer"/>, one sentence a reason
    /// with the path to the place; empty when it can. (BACKWARD: the new schema reads the old; FORWARD: the old reads the new.)
    /// </summary>
    public abstract IReadOnlyList<string> FindIncompatibilities(ResolvedSchema reader, ResolvedSchema writer);
}

/// <summary>The formats with schemas.</summary>
public static class SchemaFormats
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<SchemaFormat> All { get; } =
    [
        new AvroFormat(),
        new JsonSchemaFormat(),
        new ProtobufFormat(),
    ];

    /// <summary>A format by its SQL name, in any case; null when it is none with schemas.</summary>
    public static SchemaFormat? Find(string formatName) =>
        All.FirstOrDefault(format => format.Name.Equals(formatName, StringComparison.OrdinalIgnoreCase));

    /// <summary>The format of a schema language; null when it is not known.</summary>
    public static SchemaFormat? Find(SchemaType type) => All.FirstOrDefault(format => format.SchemaType == type);
}
