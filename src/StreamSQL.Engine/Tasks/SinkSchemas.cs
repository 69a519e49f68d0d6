using Npgsql;
using StreamSQL.Data.Errors;
using StreamSQL.Data.Schemas;
using StreamSQL.Sql.Binding;
using StreamSQL.Sql.Catalog;

namespace StreamSQL.Engine.Tasks;

/// <summary>
/// The schemas that records of a stream or table are written with: registered under its topic's
/// subjects, and known before the first record.
/// </summary>
internal static class SinkSchemas
{
    /// <summary>
    /// Registers the schemas of a new stream or table and returns it with their ids. Where the topic has a schema already, one that only
    /// reads it leaves that as it is: its own is registered when it is first written.
    /// </summary>
    /// <param name="source">The stream or table.</param>
    /// <param name="isWritten">Whether a query is going to write it.</param>
    /// <param name="schemas">The schema registry; null when the engine has none.</param>
    /// <param name="cancellation">Ends the waiting.</param>
    /// <exception cref="SqlException">The registry refuses a schema, or cannot be reached.</exception>
    public static async ValueTask<SourceDefinition> RegisterAsync(
        SourceDefinition source, bool isWritten, ISchemaRegistry? schemas, CancellationToken cancellation) => source with
        {
            KeyFormat = await RegisterAsync(source, source.KeyFormat, isKey: true, isWritten, schemas, cancellation),
            ValueFormat = await RegisterAsync(source, source.ValueFormat, isKey: false, isWritten, schemas, cancellation),
        };

    /// <summary>Makes the schemas known that a stream or table is written with, and returns it with their ids.</summary>
    /// <exception cref="SqlException">The registry refuses a schema, does not have it, or cannot be reached.</exception>
    public static async ValueTask<SourceDefinition> PrepareAsync(SourceDefinition source, ISchemaRegistry? schemas,
        CancellationToken cancellation) => source with
    {
        KeyFormat = await PrepareAsync(source, source.KeyFormat, isKey: true, schemas, cancellation),
        ValueFormat = await PrepareAsync(source, source.ValueFormat, isKey: false, schemas, cancellation),
    };

    private static async ValueTask<FormatSpec> PrepareAsync(
        SourceDefinition source, FormatSpec spec, bool isKey, ISchemaRegistry? schemas, CancellationToken cancellation)
    {
        if (spec.SchemaId is not { } id)
            return await RegisterAsync(source, spec, isKey, isWritten: true, schemas, cancellation);
        if (schemas is not null)
            await GetAsync(schemas, id, cancellation);
        return spec;
    }

    private static async ValueTask<FormatSpec> RegisterAsync(
        SourceDefinition source, FormatSpec spec, bool isKey, bool isWritten, ISchemaRegistry? schemas, CancellationToken cancellation)
    {
        var fields = RecordFormats.Fields(source, isKey);
        if (SchemaFormats.Find(spec.Name) is not { } format || fields.Length == 0)
            return spec;
        var options = RecordFormats.Options(spec, isKey, schemas);
        var subject = SchemaLookup.SubjectOf(source.Topic, isKey);
        if (spec.SchemaId is { } id)
        {
            var schema = await GetAsync(schemas!, id, cancellation);
            if (isWritten)
                await schemas!.RegisterAsync(subject, new SchemaDefinition(schema.Schema.Type, schema.Schema.Text, schema.References),
                    cancellation);
            return spec;
        }

        if (!isWritten && await schemas!.GetVersionAsync(subject, null, cancellation) is not null)
            return spec;
        var registered = await schemas!.RegisterAsync(subject, format.Describe(fields, options), cancellation);
        return spec with { SchemaId = registered.Id };
    }

    private static async ValueTask<RegisteredSchema> GetAsync(ISchemaRegistry schemas, int id, CancellationToken cancellation) =>
        await schemas.GetAsync(id, cancellation)
            ?? throw new SqlException(PostgresErrorCodes.UndefinedObject, $"the schema registry has no schema {id}");
}
