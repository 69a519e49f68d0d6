using StreamSQL.Data.Schemas;

namespace StreamSQL.UnitTests.Data.Formats;

/// <summary>A registry that holds some schemas and takes no others.</summary>
internal sealed class FixedRegistry(params RegisteredSchema[] schemas) : ISchemaRegistry
{
    public bool KnowsAll => true;

    public RegisteredSchema? Find(int id) => Array.Find(schemas, schema => schema.Id == id);

    public ValueTask<RegisteredSchema?> GetAsync(int id, CancellationToken cancellation) => ValueTask.FromResult(Find(id));

    public ValueTask<SubjectVersion?> GetVersionAsync(string subject, int? version, CancellationToken cancellation) =>
        throw new NotSupportedException();

    public ValueTask<RegisteredSchema> RegisterAsync(string subject, SchemaDefinition schema, CancellationToken cancellation) =>
        throw new NotSupportedException();

    public ValueTask<bool> DeleteSubjectAsync(string subject, CancellationToken cancellation) => throw new NotSupportedException();
}
