using StreamSQL.Data.Errors;
using StreamSQL.Data.Schemas;
using StreamSQL.Kafka;
using StreamSQL.Kafka.Client;

namespace StreamSQL.Connect.Schemas;

/// <summary>
/// The schema registry of this process: subjects and their versions, what may follow what, in a compacted topic. Its operations are those
/// of the Schema Registry API. Thread-safe; changes are made one after another, each on what the topic holds at that moment.
/// </summary>
public sealed class SubjectRegistry : IDisposable
{
    private const int MaxSchemaLength = 1 << 20;
    private const int MaxSubjectLength = 1024;

    private readonly SchemasTopic _topic;
    private readonly RegistryState _state = new();
    private readonly SemaphoreSlim _turn = new(1);

    private SubjectRegistry(SchemasTopic topic) => _topic = topic;

    /// <summary>Opens the registry and reads its topic, if there is one.</summary>
    /// <param name="broker">Where the topic is; it stays the caller's.</param>
    /// <param name="replicationFactor">Of the topic, when it is made.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellation">Ends the reading.</param>
    /// <exception cref="InvalidDataException">The topic holds what is none of a registry's records.</exception>
    public static async ValueTask<SubjectRegistry> OpenAsync(IBrokerClient broker, short replicationFactor, TimeProvider time,
        CancellationToken cancellation)
    {
        var registry = new SubjectRegistry(new SchemasTopic(broker, replicationFactor, time));
        await registry._topic.ReadAsync(registry.Apply, cancellation);
        return registry;
    }

    /// <summary>The names of the subjects.</summary>
    public IReadOnlyList<string> Subjects(string prefix, bool deleted, bool deletedOnly) => Read(state => (IReadOnlyList<string>)
    [
        .. state.Versions.GroupBy(static stored => stored.Subject)
            .Where(subject => subject.Key.StartsWith(prefix, StringComparison.Ordinal)
                && Shows(subject.All(static stored => stored.IsDeleted), deleted, deletedOnly))
            .Select(static subject => subject.Key),
    ]);

    /// <summary>The versions of a subject.</summary>
    /// <exception cref="RegistryException">40401.</exception>
    public IReadOnlyList<int> Versions(string subject, bool deleted, bool deletedOnly)
    {
        var versions = Read(state => state.VersionsOf(subject, deleted: true).Where(stored => Shows(stored.IsDeleted, deleted, deletedOnly))
            .Select(static stored => stored.Version).ToArray());
        return versions.Length > 0 ? versions : throw NoSubject(subject);
    }

    /// <summary>All schemas, by subject and version.</summary>
    public IReadOnlyList<SubjectVersion> Schemas(string prefix, bool deleted, bool latestOnly) =>
        Read(state => (IReadOnlyList<SubjectVersion>)
        [
            .. state.Versions.Where(stored => stored.Subject.StartsWith(prefix, StringComparison.Ordinal) && (deleted || !stored.IsDeleted))
                .GroupBy(static stored => stored.Subject)
                .SelectMany(subject => latestOnly ? subject.TakeLast(1) : subject)
                .Select(stored => Show(state, stored)),
        ]);

    /// <summary>A version of a subject; the latest when <paramref name="version"/> is null.</summary>
    /// <exception cref="RegistryException">40401, 40402.</exception>
    public SubjectVersion Version(string subject, int? version, bool deleted) =>
        Read(state => Show(state, Get(state, subject, version, deleted)));

    /// <summary>The schema of an id; null when there is none.</summary>
    public RegisteredSchema? Schema(int id) => Read(state => state.FindById(id) is [var stored, ..] ? Show(state, stored).Schema : null);

    /// <summary>The subjects and versions that have a schema.</summary>
    /// <exception cref="RegistryException">40403.</exception>
    public IReadOnlyList<(string Subject, int Version)> Uses(int id, bool deleted)
    {
        var versions = Read(state => state.FindById(id).ToArray());
        return versions.Length > 0
            ? [.. versions.Where(stored => deleted || !stored.IsDeleted).OrderBy(static stored => stored.Subject, StringComparer.Ordinal)
                .Select(static stored => (stored.Subject, stored.Version))]
            : throw NoSchema(id);
    }

    /// <summary>Ids of the schemas that import a version.</summary>
    /// <exception cref="RegistryException">40401, 40402.</exception>
    public IReadOnlyList<int> ReferencesTo(string subject, int? version) =>
        Read(state => state.ReferencesTo(subject, Get(state, subject, version, deleted: true).Version));

    /// <summary>The version under which a subject has a schema.</summary>
    /// <exception cref="RegistryException">40401: no such subject; 40403: it does not have it; 42201.</exception>
    public SubjectVersion Lookup(string subject, SchemaDefinition schema, bool normalize, bool deleted) => Read(state =>
    {
        if (!state.VersionsOf(subject, deleted).Any())
            throw NoSubject(subject);
        var (definition, canonical) = Understand(state, schema, normalize);
        var found = state.VersionsOf(subject, deleted).LastOrDefault(stored => state.AreEqual(stored, canonical, definition));
        return found is null ? throw new RegistryException(RegistryException.SchemaNotFound, "Schema not found") : Show(state, found);
    });

    /// <summary>Why a schema cannot follow what a subject holds, by the level in force; empty when it can.</summary>
    /// <exception cref="RegistryException">40401, 40402, 42201.</exception>
    public IReadOnlyList<string> TestCompatibility(string subject, int? version, bool allVersions, SchemaDefinition schema,
        bool normalize) => Read(state =>
        {
            var earlier = allVersions ? state.VersionsOf(subject, deleted: false)
                .ToArray() : [Get(state, subject, version, deleted: false)];
            var (definition, _) = Understand(state, schema, normalize);
            return CompatibilityCheck.Find(state, state.LevelOf(subject) ?? state.GlobalLevel, earlier, definition);
        });

    /// <summary>Registers a schema under a subject; one that is there keeps its version.</summary>
    /// <param name="subject">The subject; it is made when it is new.</param>
    /// <param name="schema">The schema.</param>
    /// <param name="normalize">Whether schemas that mean the same count as equal.</param>
    /// <param name="id">The id that it is to get, in mode IMPORT; else null.</param>
    /// <param name="version">The version that it is to get, in mode IMPORT; else null.</param>
    /// <param name="cancellation">Gives up waiting.</param>
    /// <exception cref="RegistryException">409: incompatible; 42201: not a schema; 42205: the mode forbids it; 42208; 50001.</exception>
    public async ValueTask<SubjectVersion> RegisterAsync(
        string subject, SchemaDefinition schema, bool normalize, int? id, int? version, CancellationToken cancellation)
    {
        if (subject.Length is 0 or > MaxSubjectLength)
            throw new RegistryException(RegistryException.InvalidSubject, $"The specified subject '{subject}' is not a valid subject.");
        StoredVersion? registered = null;
        await ChangeAsync(
            state =>
            {
                registered = Registration(state, subject, schema, normalize, id, version, out var isNew);
                return isNew ? [new SchemaRecord(registered)] : [];
            },
            cancellation);
        return Read(state => Show(state, registered!));
    }

    /// <summary>Deletes a subject: marks its versions, or takes away for good what was marked. Returns the versions.</summary>
    /// <exception cref="RegistryException">40401, 40404, 40405, 42205, 42206, 50001.</exception>
    public async ValueTask<IReadOnlyList<int>> DeleteSubjectAsync(string subject, bool permanent, CancellationToken cancellation)
    {
        StoredVersion[] versions = [];
        await ChangeAsync(
            state =>
            {
                RequireWritable(state, subject);
                versions = [.. state.VersionsOf(subject, deleted: permanent)];
                RequireDeletable(state, subject, versions, permanent);
                if (!permanent)
                    return [new SubjectDeletedRecord(subject, versions[^1].Version)];
                return [.. versions.Select(static stored => new SchemaGoneRecord(stored.Subject, stored.Version)),
                    new LevelRecord(subject, null), new ModeRecord(subject, null)];
            },
            cancellation);
        return [.. versions.Select(static stored => stored.Version)];
    }

    /// <summary>Deletes a version: marks it, or takes it away for good when it was marked. Returns the version.</summary>
    /// <exception cref="RegistryException">40401, 40402, 40406, 40407, 42205, 42206, 50001.</exception>
    public async ValueTask<int> DeleteVersionAsync(string subject, int? version, bool permanent, CancellationToken cancellation)
    {
        var deleted = 0;
        await ChangeAsync(
            state =>
            {
                RequireWritable(state, subject);
                var stored = Get(state, subject, version, deleted: true);
                deleted = stored.Version;
                if (!permanent && stored.IsDeleted)
                    throw new RegistryException(RegistryException.VersionSoftDeleted,
                        $"Subject '{subject}' Version {deleted} was soft deleted. Set permanent=true to delete permanently");
                if (permanent && !stored.IsDeleted)
                    throw new RegistryException(RegistryException.VersionNotSoftDeleted,
                        $"Subject '{subject}' Version {deleted} was not deleted first before being permanently deleted");
                RequireUnreferenced(state, stored);
                return [permanent ? new SchemaGoneRecord(subject, deleted) : new SchemaRecord(stored with { IsDeleted = true })];
            },
            cancellation);
        return deleted;
    }

    /// <summary>A subject's level, or the global one when the subject is null.</summary>
    /// <exception cref="RegistryException">40408: the subject has none of its own, and the global one was not asked for.</exception>
    public CompatibilityLevel Level(string? subject, bool defaultToGlobal) => Read(state => subject is null ? state.GlobalLevel
        : state.LevelOf(subject) ?? (defaultToGlobal ? state.GlobalLevel : throw new RegistryException(
            RegistryException.SubjectLevelNotConfigured, $"Subject '{subject}' does not have subject-level compatibility configured")));

    /// <summary>A subject's mode, or the global one when the subject is null.</summary>
    /// <exception cref="RegistryException">40409: the subject has none of its own, and the global one was not asked for.</exception>
    public RegistryMode Mode(string? subject, bool defaultToGlobal) => Read(state => subject is null ? state.GlobalMode
        : state.ModeOf(subject) ?? (defaultToGlobal ? state.GlobalMode : throw new RegistryException(
            RegistryException.SubjectModeNotConfigured, $"Subject '{subject}' does not have subject-level mode configured")));

    /// <summary>Sets a level, or unsets it (null).</summary>
    /// <exception cref="RegistryException">42205, 50001.</exception>
    public ValueTask SetLevelAsync(string? subject, CompatibilityLevel? level, CancellationToken cancellation) => ChangeAsync(
        state =>
        {
            RequireWritable(state, subject ?? "");
            return [new LevelRecord(subject, level)];
        },
        cancellation);

    /// <summary>Sets a mode, or unsets it (null).</summary>
    /// <exception cref="RegistryException">42205: IMPORT where there are schemas, unless forced; 50001.</exception>
    public ValueTask SetModeAsync(string? subject, RegistryMode? mode, bool force, CancellationToken cancellation) => ChangeAsync(
        state =>
        {
            if (mode == RegistryMode.Import && !force
                && (subject is null ? state.Versions : state.VersionsOf(subject, deleted: false)).Any())
                throw new RegistryException(RegistryException.NotPermitted, "Cannot import since found existing subjects");
            return [new ModeRecord(subject, mode)];
        },
        cancellation);

    /// <inheritdoc/>
    public void Dispose()
    {
        _topic.Dispose();
        _turn.Dispose();
    }

    private static StoredVersion Registration(
        RegistryState state, string subject, SchemaDefinition schema, bool normalize, int? id, int? version, out bool isNew)
    {
        var mode = RequireWritable(state, subject);
        if ((id ?? version) is not null && mode != RegistryMode.Import)
            throw new RegistryException(RegistryException.NotPermitted, $"Subject {subject} is not in import mode");
        var (definition, canonical) = Understand(state, schema, normalize);
        var existing = state.VersionsOf(subject, deleted: false).LastOrDefault(stored => state.AreEqual(stored, canonical, definition));
        isNew = existing is null;
        if (existing is not null)
            return existing;
        var reasons = mode == RegistryMode.Import ? []
            : CompatibilityCheck.Find(state, state.LevelOf(subject) ?? state.GlobalLevel, [.. state.VersionsOf(subject, deleted: false)],
                definition);
        if (reasons.Count > 0)
        {
            throw new RegistryException(
                RegistryException.Incompatible, "Schema being registered is incompatible with an earlier schema for subject \"" +
                    $"{subject}\", details: {string.Join("; ", reasons)}");
        }

        var equal = state.FindEqual(canonical, definition);
        if (id is { } wanted && state.FindById(wanted).Count > 0 && equal != wanted)
            throw new RegistryException(RegistryException.NotPermitted, $"Overwrite new schema with id {wanted} is not permitted.");
        var next = 1 + (state.VersionsOf(subject, deleted: true).LastOrDefault()?.Version ?? 0);
        return new StoredVersion(subject, version ?? next, id ?? equal ?? state.MaxId + 1, definition, IsDeleted: false);
    }

    /// <summary>The schema as it is to be stored, and the text that equal ones share.</summary>
    private static (SchemaDefinition Definition, string Canonical) Understand(RegistryState state, SchemaDefinition schema, bool normalize)
    {
        if (schema.Text.Length > MaxSchemaLength)
            throw new RegistryException(RegistryException.InvalidSchema, $"Invalid schema: it has more than {MaxSchemaLength} characters");
        var format = SchemaFormats.Find(schema.Type)
            ?? throw new RegistryException(RegistryException.InvalidSchema, $"Invalid schema type {schema.Type}");
        try
        {
            var text = normalize ? format.Canonicalize(state.Resolve(schema), normalize: true) : schema.Text;
            var definition = schema with { Text = text };
            return (definition, format.Canonicalize(state.Resolve(definition), normalize: false));
        }
        catch (SqlException error)
        {
            throw new RegistryException(RegistryException.InvalidSchema, error.Message, error);
        }
    }

    private static StoredVersion Get(RegistryState state, string subject, int? version, bool deleted)
    {
        var versions = state.VersionsOf(subject, deleted);
        var found = version is { } number ? versions.FirstOrDefault(stored => stored.Version == number) : versions.LastOrDefault();
        if (found is not null)
            return found;
        throw versions.Any() ? new RegistryException(RegistryException.VersionNotFound, $"Version {version} not found.")
            : NoSubject(subject);
    }

    private static SubjectVersion Show(RegistryState state, StoredVersion stored) => new(
        stored.Subject, stored.Version, new RegisteredSchema(stored.Id, state.Resolve(stored.Schema), stored.Schema.References));

    private static bool Shows(bool isDeleted, bool deleted, bool deletedOnly) => isDeleted ? deleted || deletedOnly : !deletedOnly;

    private static RegistryMode RequireWritable(RegistryState state, string subject)
    {
        var mode = state.GlobalMode == RegistryMode.ReadOnlyOverride ? state.GlobalMode : state.ModeOf(subject) ?? state.GlobalMode;
        return mode is RegistryMode.ReadOnly or RegistryMode.ReadOnlyOverride
            ? throw new RegistryException(RegistryException.NotPermitted, $"Subject {subject} is in read-only mode")
            : mode;
    }

    private static void RequireDeletable(RegistryState state, string subject, StoredVersion[] versions, bool permanent)
    {
        if (versions.Length == 0)
        {
            throw state.VersionsOf(subject, deleted: true).Any()
                ? new RegistryException(RegistryException.SubjectSoftDeleted,
                    $"Subject '{subject}' was soft deleted. Set permanent=true to delete permanently")
                : NoSubject(subject);
        }

        if (permanent && versions.Any(static stored => !stored.IsDeleted))
            throw new RegistryException(RegistryException.SubjectNotSoftDeleted,
                $"Subject '{subject}' was not deleted first before being permanently deleted");
        foreach (var stored in versions)
            RequireUnreferenced(state, stored);
    }

    private static void RequireUnreferenced(RegistryState state, StoredVersion stored)
    {
        if (state.ReferencesTo(stored.Subject, stored.Version).Count > 0)
        {
            throw new RegistryException(
                RegistryException.ReferenceExists,
                $"One or more references exist to the schema {{subject={stored.Subject},version={stored.Version}}}.");
        }
    }

    private static RegistryException NoSubject(string subject) => new(RegistryException.SubjectNotFound, $"Subject '{subject}' not found.");

    private static RegistryException NoSchema(int id) => new(RegistryException.SchemaNotFound, $"Schema {id} not found");

    private T Read<T>(Func<RegistryState, T> read)
    {
        lock (_state)
            return read(_state);
    }

    private void Apply(RegistryRecord record)
    {
        lock (_state)
            _state.Apply(record);
    }

    /// <summary>Decides on a change when all earlier ones are known, and appends it.</summary>
    private async ValueTask ChangeAsync(Func<RegistryState, IReadOnlyList<RegistryRecord>> decide, CancellationToken cancellation)
    {
        await _turn.WaitAsync(cancellation);
        try
        {
            await _topic.ReadAsync(Apply, cancellation);
            var records = Read(decide);
            if (records.Count == 0)
                return;
            await _topic.AppendAsync(records, cancellation);
            await _topic.ReadAsync(Apply, CancellationToken.None);
        }
        catch (KafkaException error)
        {
            throw new RegistryException(RegistryException.StoreFailed, $"Error while writing to the store: {error.Message}", error);
        }
        finally
        {
            _turn.Release();
        }
    }
}
