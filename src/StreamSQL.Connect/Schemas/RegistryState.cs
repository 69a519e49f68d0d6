using StreamSQL.Data.Errors;
using StreamSQL.Data.Schemas;

namespace StreamSQL.Connect.Schemas;

/// <summary>What the registry holds: the fold of its records. Changed only by <see cref="Apply"/>. Not thread-safe.</summary>
internal sealed class RegistryState
{
    /// <summary>How deep schemas may import one another.</summary>
    private const int MaxImportDepth = 32;

    private readonly SortedDictionary<string, SortedDictionary<int, StoredVersion>> _subjects = new(StringComparer.Ordinal);
    private readonly Dictionary<int, List<StoredVersion>> _byId = [];
    private readonly Dictionary<int, string> _canonical = [];
    private readonly Dictionary<string, CompatibilityLevel> _levels = new(StringComparer.Ordinal);
    private readonly Dictionary<string, RegistryMode> _modes = new(StringComparer.Ordinal);

    /// <summary>The largest id that was ever given.</summary>
    public int MaxId { get; private set; }

    /// <summary>The level of subjects without one of their own.</summary>
    public CompatibilityLevel GlobalLevel { get; private set; } = CompatibilityLevel.Backward;

    /// <summary>The mode of subjects without one of their own.</summary>
    public RegistryMode GlobalMode { get; private set; } = RegistryMode.ReadWrite;

    /// <summary>All versions, deleted ones too, by subject and version.</summary>
    public IEnumerable<StoredVersion> Versions => _subjects.Values.SelectMany(static versions => versions.Values);

    /// <summary>Changes the state.</summary>
    public void Apply(RegistryRecord record)
    {
        switch (record)
        {
            case SchemaRecord(var stored):
                Put(stored);
                break;
            case SchemaGoneRecord(var subject, var version):
                Remove(subject, version);
                break;
            case SubjectDeletedRecord(var subject, var upTo):
                foreach (var stored in VersionsOf(subject, deleted: false).Where(stored => stored.Version <= upTo).ToArray())
                    Put(stored with { IsDeleted = true });
                break;
            case LevelRecord(null, var level):
                GlobalLevel = level ?? CompatibilityLevel.Backward;
                break;
            case LevelRecord({ } subject, var level):
                Set(_levels, subject, level);
                break;
            case ModeRecord(null, var mode):
                GlobalMode = mode ?? RegistryMode.ReadWrite;
                break;
            case ModeRecord({ } subject, var mode):
                Set(_modes, subject, mode);
                break;
        }
    }

    /// <summary>Versions of a subject, ascending; deleted ones only when asked for.</summary>
    public IEnumerable<StoredVersion> VersionsOf(string subject, bool deleted) =>
        _subjects.TryGetValue(subject, out var versions) ? versions.Values.Where(stored => deleted || !stored.IsDeleted) : [];

    /// <summary>One version of a subject, deleted or not; null when there is none.</summary>
    public StoredVersion? Find(string subject, int version) =>
        _subjects.TryGetValue(subject, out var versions) ? versions.GetValueOrDefault(version) : null;

    /// <summary>All versions that have an id, deleted ones too; none when there is no such schema.</summary>
    public IReadOnlyList<StoredVersion> FindById(int id) => _byId.TryGetValue(id, out var versions) ? versions : [];

    /// <summary>The subject's own level; null when it has none.</summary>
    public CompatibilityLevel? LevelOf(string subject) => _levels.TryGetValue(subject, out var level) ? level : null;

    /// <summary>The subject's own mode; null when it has none.</summary>
    public RegistryMode? ModeOf(string subject) => _modes.TryGetValue(subject, out var mode) ? mode : null;

    /// <summary>Ids of the schemas that import a version, ascending.</summary>
    public IReadOnlyList<int> ReferencesTo(string subject, int version) =>
    [
        .. Versions.Where(stored => !stored.IsDeleted && stored.Schema.References.Any(r => r.Subject == subject && r.Version == version))
            .Select(static stored => stored.Id).Distinct().Order(),
    ];

    /// <summary>The id of a schema that is equal to this one; null when there is none.</summary>
    public int? FindEqual(string canonical, SchemaDefinition schema)
    {
        foreach (var (id, versions) in _byId)
        {
            if (AreEqual(versions[0], canonical, schema))
                return id;
        }

        return null;
    }

    /// <summary>Whether a stored schema is equal to this one.</summary>
    public bool AreEqual(StoredVersion stored, string canonical, SchemaDefinition schema) =>
        stored.Schema.Type == schema.Type && stored.Schema.References.SequenceEqual(schema.References) && CanonicalOf(stored) == canonical;

    /// <summary>A schema with all that it imports.</summary>
    /// <exception cref="RegistryException">42201: something that it imports is not there.</exception>
    public ResolvedSchema Resolve(SchemaDefinition schema)
    {
        var imports = new List<SchemaImport>();
        Import(schema, imports, [], MaxImportDepth);
        return new(schema.Type, schema.Text, imports);
    }

    private void Import(SchemaDefinition schema, List<SchemaImport> imports, HashSet<string> names, int depth)
    {
        if (depth == 0)
            throw new RegistryException(RegistryException.InvalidSchema, "Invalid schema: references are nested too deeply");
        foreach (var reference in schema.References)
        {
            if (!names.Add(reference.Name))
                continue;
            var stored = reference.Version < 0 ? VersionsOf(reference.Subject, deleted: false)
                .LastOrDefault() : Find(reference.Subject, reference.Version);
            if (stored is null)
            {
                throw new RegistryException(
                    RegistryException.InvalidSchema,
                    $"Invalid schema: no schema reference found for subject \"{reference.Subject}\" and version {reference.Version}");
            }

            Import(stored.Schema, imports, names, depth - 1);
            imports.Add(new(reference.Name, stored.Schema.Text));
        }
    }

    /// <summary>
    /// Remembered, since it needs the schema to be parsed; a schema that is no longer understood is equal only to its own text.
    /// </summary>
    private string CanonicalOf(StoredVersion stored)
    {
        if (_canonical.TryGetValue(stored.Id, out var known))
            return known;
        string canonical;
        try
        {
            canonical = SchemaFormats.Find(stored.Schema.Type)?.Canonicalize(Resolve(stored.Schema), normalize: false)
                ?? stored.Schema.Text;
        }
        catch (Exception error) when (error is SqlException or RegistryException)
        {
            canonical = stored.Schema.Text;
        }

        return _canonical[stored.Id] = canonical;
    }

    private void Put(StoredVersion stored)
    {
        if (!_subjects.TryGetValue(stored.Subject, out var versions))
            _subjects[stored.Subject] = versions = [];
        if (versions.TryGetValue(stored.Version, out var earlier))
            Forget(earlier);
        versions[stored.Version] = stored;
        if (!_byId.TryGetValue(stored.Id, out var ofId))
            _byId[stored.Id] = ofId = [];
        ofId.Add(stored);
        MaxId = Math.Max(MaxId, stored.Id);
    }

    private void Remove(string subject, int version)
    {
        if (!_subjects.TryGetValue(subject, out var versions) || !versions.Remove(version, out var stored))
            return;
        Forget(stored);
        if (versions.Count == 0)
            _subjects.Remove(subject);
    }

    private void Forget(StoredVersion stored)
    {
        var ofId = _byId[stored.Id];
        ofId.Remove(stored);
        if (ofId.Count > 0)
            return;
        _byId.Remove(stored.Id);
        _canonical.Remove(stored.Id);
    }

    private static void Set<T>(Dictionary<string, T> map, string subject, T? value)
        where T : struct
    {
        if (value is { } set)
            map[subject] = set;
        else
            map.Remove(subject);
    }
}
