using System.Collections.Concurrent;
using StreamSQL.Data.Schemas;

namespace StreamSQL.Connect.Schemas;

/// <summary>The registry of this process as formats and statements use it: everything is known without waiting.</summary>
public sealed class EmbeddedSchemaRegistry(SubjectRegistry registry) : ISchemaRegistry
{
    private readonly ConcurrentDictionary<int, RegisteredSchema> _found = [];

    /// <inheritdoc/>
    public bool KnowsAll => true;

    /// <inheritdoc/>
    public RegisteredSchema? Find(int id)
    {
        if (_found.TryGetValue(id, out var found))
            return found;
        return registry.Schema(id) is { } schema ? _found[id] = schema : null;
    }

    /// <inheritdoc/>
    public ValueTask<RegisteredSchema?> GetAsync(int id, CancellationToken cancellation) => ValueTask.FromResult(Find(id));

    /// <inheritdoc/>
    public ValueTask<SubjectVersion?> GetVersionAsync(string subject, int? version, CancellationToken cancellation)
    {
        try
        {
            return ValueTask.FromResult<SubjectVersion?>(registry.Version(subject, version, deleted: false));
        }
        catch (RegistryException error) when (error.Status == 404)
        {
            return ValueTask.FromResult<SubjectVersion?>(null);
        }
    }

    /// <inheritdoc/>
    public async ValueTask<RegisteredSchema> RegisterAsync(string subject, SchemaDefinition schema, CancellationToken cancellation)
    {
        try
        {
            return (await registry.RegisterAsync(subject, schema, normalize: false, null, null, cancellation)).Schema;
        }
        catch (RegistryException error)
        {
            throw error.ToSql();
        }
    }

    /// <inheritdoc/>
    public async ValueTask<bool> DeleteSubjectAsync(string subject, CancellationToken cancellation)
    {
        try
        {
            return (await registry.DeleteSubjectAsync(subject, permanent: false, cancellation)).Count > 0;
        }
        catch (RegistryException error) when (error.Status == 404)
        {
            return false;
        }
        catch (RegistryException error)
        {
            throw error.ToSql();
        }
    }
}
