using StreamSQL.Data.Errors;

namespace StreamSQL.Data.Schemas;

/// <summary>
/// Where the schemas of records are kept: in this process, or behind a URL. Thread-safe. What waits has
/// a cancellation; what a decoder asks for row by row, <see cref="Find"/>, never waits.
/// </summary>
public interface ISchemaRegistry
{
    /// <summary>Whether <see cref="Find"/> knows every schema that there is.</summary>
    bool KnowsAll { get; }

    /// <summary>
    /// The schema of an id if it is known without waiting; null when <see cref="GetAsync"/> has not fetched it yet, or there is none.
    /// </summary>
    RegisteredSchema? Find(int id);

    /// <summary>The schema of an id, remembered from then on; null when there is none.</summary>
    /// <exception cref="SqlException">08006: the registry cannot be reached.</exception>
    ValueTask<RegisteredSchema?> GetAsync(int id, CancellationToken cancellation);

    /// <summary>
    /// A version of a subject, the latest when <paramref name="version"/> is null; null when there is no such subject or version.
    /// </summary>
    /// <exception cref="SqlException">08006: the registry cannot be reached.</exception>
    ValueTask<SubjectVersion?> GetVersionAsync(string subject, int? version, CancellationToken cancellation);

    /// <summary>Registers a schema under a subject, unless it is there; its id is known to <see cref="Find"/> from then on.</summary>
    /// <exception cref="SqlException">22023: the schema is invalid, or incompatible with what the
    /// subject holds; 08006: the registry cannot be reached.</exception>
    ValueTask<RegisteredSchema> RegisterAsync(string subject, SchemaDefinition schema, CancellationToken cancellation);

    /// <summary>Deletes a subject with all its versions; false when there is none.</summary>
    /// <exception cref="SqlException">42809: another schema refers to it; 08006: the registry cannot be reached.</exception>
    ValueTask<bool> DeleteSubjectAsync(string subject, CancellationToken cancellation);
}
