using System.Runtime.CompilerServices;
using System.Text;
using StreamSQL.Data.Types;
using StreamSQL.Engine.Sessions;
using StreamSQL.Engine.SystemRelations;
using StreamSQL.Postgres.Types;
using StreamSQL.Sql.Catalog;
using StreamSQL.Sql.Plans;
using StreamSQL.Sql.Text;

namespace StreamSQL.Postgres.Catalog;

/// <summary>
/// The catalog as PostgreSQL's objects: streams and tables get object identifiers that follow from their names, so that they are the same
/// in every session, after a restart and on every node. Immutable; made once per catalog image.
/// </summary>
internal sealed class CatalogObjects
{
    /// <summary>Namespace pg_catalog.</summary>
    public const uint PgCatalog = 11;

    /// <summary>Namespace public.</summary>
    public const uint Public = 2200;

    /// <summary>Namespace information_schema.</summary>
    public const uint InformationSchema = 13_183;

    /// <summary>Namespace streamsql.</summary>
    public const uint StreamSql = 16_382;

    /// <summary>The role that owns everything.</summary>
    public const uint Owner = 10;

    /// <summary>Identifiers below this belong to PostgreSQL's own objects.</summary>
    private const uint FirstUserOid = 16_384;

    private static readonly ConditionalWeakTable<CatalogImage, ImageObjects> Cache = [];

    private readonly ImageObjects _objects;
    private CatalogRoles? _roles;
    private IReadOnlyList<CatalogComment>? _comments;

    private CatalogObjects(SystemSnapshot snapshot, ImageObjects objects)
    {
        Snapshot = snapshot;
        _objects = objects;
    }

    /// <summary>What they were made from.</summary>
    public SystemSnapshot Snapshot { get; }

    /// <summary>The roles.</summary>
    public CatalogRoles Roles => _roles ??= CatalogRoles.Of(Snapshot);

    /// <summary>Streams and tables in the order of their names.</summary>
    public IReadOnlyList<CatalogSource> Sources => _objects.Sources;

    /// <summary>The constraints of streams and tables beside their primary keys, and unique indexes.</summary>
    public IReadOnlyList<CatalogConstraint> Constraints => _objects.Constraints;

    /// <summary>Views in the order of their names.</summary>
    public IReadOnlyList<CatalogView> Views => _objects.Views;

    /// <summary>Sequences in the order of their names.</summary>
    public IReadOnlyList<CatalogSequence> Sequences => _objects.Sequences;

    /// <summary>The namespaces with their identifiers.</summary>
    public static IReadOnlyList<(uint Oid, string Name)> Namespaces { get; } =
        [(PgCatalog, "pg_catalog"), (Public, "public"), (InformationSchema, "information_schema"), (StreamSql, "streamsql")];

    /// <summary>The system relations: PostgreSQL's and the engine's own.</summary>
    public IEnumerable<RelationDefinition> SystemRelations =>
        RelationDefinition.Relations.Concat(Snapshot.EngineRelations.Select(static relation => RelationDefinition.Of(relation)));

    /// <summary>The comments that COMMENT ON has put on relations and their columns.</summary>
    public IReadOnlyList<CatalogComment> Comments => _comments ??= [.. AllComments()];

    /// <summary>The objects of a snapshot.</summary>
    public static CatalogObjects Of(SystemSnapshot snapshot) =>
        new(snapshot, Cache.GetValue(snapshot.Catalog, static image => new ImageObjects(image)));

    /// <summary>A stream or table, or null; <paramref name="oid"/> may also be that of its key index.</summary>
    public CatalogSource? Find(uint oid) => _objects.ByOid.GetValueOrDefault(oid);

    /// <summary>
    /// The identifier of a relation by the name that a client writes: quoted parts exactly, others folded; null when there is none.
    /// </summary>
    public uint? FindRelation(string text)
    {
        var parts = ClientName.Split(text);
        var name = parts[^1];
        var schema = parts.Count > 1 ? parts[^2] : null;
        if (schema is null or "public" && _objects.ByName.TryGetValue(name, out var oid))
            return oid;
        return FindSystemRelation($"{schema ?? "pg_catalog"}.{name}")?.Oid;
    }

    /// <summary>The name of a relation, qualified where it is not on the search path; null when there is none.</summary>
    public string? NameOf(uint oid)
    {
        if (Find(oid) is { } source)
            return ClientName.Quote(oid == source.IndexOid ? source.IndexName : source.Name);
        if (Views.FirstOrDefault(view => view.Oid == oid) is { } view)
            return ClientName.Quote(view.Name);
        if (Sequences.FirstOrDefault(sequence => sequence.Oid == oid) is { } sequence)
            return ClientName.Quote(sequence.Name);
        if (Constraints.FirstOrDefault(constraint => constraint.IndexOid == oid) is { } index)
            return ClientName.Quote(index.Name);
        var definition = SystemRelations.FirstOrDefault(definition => definition.Oid == oid);
        return definition is null ? null : definition.Namespace == "pg_catalog" ? definition.Name : definition.QualifiedName;
    }

    private IEnumerable<CatalogComment> AllComments()
    {
        var comments = Snapshot.Catalog.Comments;
        if (comments.IsEmpty)
            yield break;
        foreach (var source in Sources)
        {
            if (comments.TryGetValue(CommentKeys.Relation(source.Definition.Name), out var text))
                yield return new(source.Oid, 0, text);
            foreach (var column in source.Definition.Columns)
            {
                if (comments.TryGetValue(CommentKeys.Column(source.Definition.Name, column.Name), out text))
                    yield return new(source.Oid, source.Columns.First(shown => shown.Name == DisplayName.Of(column.Name)).Number, text);
            }
        }

        foreach (var view in Views)
        {
            if (comments.TryGetValue(CommentKeys.Relation(view.CatalogName), out var text))
                yield return new(view.Oid, 0, text);
            foreach (var (number, name, _) in view.Columns)
            {
                if (comments.TryGetValue(CommentKeys.Column(view.CatalogName, view.CatalogColumns[number - 1]), out text))
                    yield return new(view.Oid, number, text);
            }
        }
    }

    private RelationDefinition? FindSystemRelation(string qualifiedName) => RelationDefinition.All.GetValueOrDefault(qualifiedName)
        ?? SystemRelations.FirstOrDefault(definition => definition.QualifiedName == qualifiedName);

    /// <summary>A column as pg_attribute has it: the relation's identifier and its number; zeroes when it is not there.</summary>
    public (uint Relation, short Number) AttributeOf(ColumnOrigin origin)
    {
        if (_objects.ByDefinition.TryGetValue(origin.Relation, out var source))
        {
            var name = DisplayName.Of(origin.Column);
            return source.Columns.FirstOrDefault(column => column.Name == name) is { } attribute
                ? (source.Oid, (short)attribute.Number) : default;
        }

        if (FindSystemRelation(origin.Relation) is not { } definition)
            return default;
        for (var i = 0; i < definition.Columns.Count; i++)
        {
            if (definition.Columns[i].Name == origin.Column)
                return (definition.Oid, (short)(i + 1));
        }

        return default;
    }

    /// <summary>The text of an object identifier of a reg... type; null when there is none.</summary>
    public string? TextOf(SqlTypeKind kind, uint oid) => kind switch
    {
        SqlTypeKind.RegClass => NameOf(oid),
        SqlTypeKind.RegType => PgTypes.ByOid.TryGetValue(oid, out var type) ? type.SqlName : null,
        SqlTypeKind.RegProc => CatalogFunctions.NameOf(oid),
        SqlTypeKind.RegRole => Roles.NameOf(oid),
        SqlTypeKind.RegNamespace => Namespaces.Where(known => known.Oid == oid).Select(static known => known.Name).FirstOrDefault(),
        _ => null,
    };

    /// <summary>An identifier that follows from a name.</summary>
    public static uint OidOf(string name)
    {
        // FNV-1a, brought into the range of user objects that stay positive as a signed number.
        var hash = 2_166_136_261u;
        foreach (var value in Encoding.UTF8.GetBytes(name))
            hash = (hash ^ value) * 16_777_619u;
        return FirstUserOid + (hash % (int.MaxValue - FirstUserOid));
    }

    /// <summary>What depends on the image only.</summary>
    private sealed class ImageObjects
    {
        public ImageObjects(CatalogImage image)
        {
            var taken = new HashSet<uint>();
            foreach (var definition in image.Sources.Values)
            {
                var source = new CatalogSource(definition, name => Take(taken, name));
                Sources.Add(source);
                ByDefinition[definition.Name] = source;
                ByOid[source.Oid] = source;
                ByName.TryAdd(source.Name, source.Oid);
                if (!source.HasKey)
                    continue;
                ByOid[source.IndexOid] = source;
                ByName.TryAdd(source.IndexName, source.IndexOid);
            }

            Constraints = [.. CatalogConstraint.All(Sources)];
            foreach (var index in Constraints.Where(static constraint => constraint.IndexOid != 0))
                ByName.TryAdd(index.Name, index.IndexOid);
            foreach (var definition in image.Views.Values)
            {
                Views.Add(new CatalogView(definition, name => Take(taken, name)));
                ByName.TryAdd(Views[^1].Name, Views[^1].Oid);
            }

            foreach (var definition in image.Sequences.Values)
            {
                Sequences.Add(new CatalogSequence(definition, Take(taken, definition.Name), DisplayName.Of(definition.Name)));
                ByName.TryAdd(Sequences[^1].Name, Sequences[^1].Oid);
            }
        }

        public List<CatalogSource> Sources { get; } = [];

        public IReadOnlyList<CatalogConstraint> Constraints { get; }

        public List<CatalogView> Views { get; } = [];

        public List<CatalogSequence> Sequences { get; } = [];

        public Dictionary<uint, CatalogSource> ByOid { get; } = [];

        public Dictionary<string, CatalogSource> ByDefinition { get; } = new(StringComparer.Ordinal);

        public Dictionary<string, uint> ByName { get; } = new(StringComparer.Ordinal);

        /// <summary>Two names of one image that hash alike are told apart in the order of the names.</summary>
        private static uint Take(HashSet<uint> taken, string name)
        {
            var oid = OidOf(name);
            while (!taken.Add(oid))
                oid = oid == int.MaxValue ? FirstUserOid : oid + 1;
            return oid;
        }
    }
}

/// <summary>A sequence as a relation of PostgreSQL.</summary>
/// <param name="Definition">What it is in the catalog.</param>
/// <param name="Oid">Its identifier.</param>
/// <param name="Name">The name that clients see.</param>
internal sealed record CatalogSequence(SequenceDefinition Definition, uint Oid, string Name);

/// <summary>A comment on a relation, or on one of its columns.</summary>
/// <param name="Oid">The relation.</param>
/// <param name="Column">The column's number; 0 for the relation.</param>
/// <param name="Text">The comment.</param>
internal sealed record CatalogComment(uint Oid, int Column, string Text);

/// <summary>A stream or table as a relation of PostgreSQL.</summary>
internal sealed class CatalogSource
{
    public CatalogSource(SourceDefinition definition, Func<string, uint> takeOid)
    {
        Definition = definition;
        Name = DisplayName.Of(definition.Name);
        Oid = takeOid(definition.Name);
        RowTypeOid = takeOid(definition.Name + "/type");
        IndexName = Name + "_pkey";
        HasKey = definition.Kind == RelationKind.Table;
        if (HasKey)
        {
            IndexOid = takeOid(definition.Name + "/index");
            ConstraintOid = takeOid(definition.Name + "/constraint");
        }

        Columns = [.. AllColumns(definition)];
    }

    /// <summary>What it is in the catalog.</summary>
    public SourceDefinition Definition { get; }

    /// <summary>The name that clients see.</summary>
    public string Name { get; }

    /// <summary>Its identifier.</summary>
    public uint Oid { get; }

    /// <summary>Identifier of its row type.</summary>
    public uint RowTypeOid { get; }

    /// <summary>Whether it has a primary key.</summary>
    public bool HasKey { get; }

    /// <summary>Identifier of the index over its key; 0 without one.</summary>
    public uint IndexOid { get; }

    /// <summary>Identifier of its primary key; 0 without one.</summary>
    public uint ConstraintOid { get; }

    /// <summary>Name of the index and of the constraint.</summary>
    public string IndexName { get; }

    /// <summary>Key columns, window bounds, value columns.</summary>
    public IReadOnlyList<CatalogColumn> Columns { get; }

    /// <summary>Whether a query keeps it: a materialized view to clients.</summary>
    public bool IsMaterializedView => Definition.QueryId is not null && Definition.IsOf(RelationKind.Table);

    /// <summary>Kind in pg_class: m for a materialized view, else r.</summary>
    public string RelationKindCode => IsMaterializedView ? "m" : "r";

    /// <summary>The key's columns as numbers of attributes.</summary>
    public object?[] KeyNumbers => [.. Columns.Where(static column => column.IsKey).Select(static column => (object)column.Number)];

    /// <summary>What \d+ says about it.</summary>
    public string Description =>
        $"{(Definition.Kind == RelationKind.Stream ? "stream" : "table")} over topic {Definition.Topic}, {Definition.ValueFormat.Name}"
        + (Definition.QueryId is { } query ? $", written by query {query}" : "");

    private static IEnumerable<CatalogColumn> AllColumns(SourceDefinition definition)
    {
        var number = 0;
        foreach (var column in definition.Columns.Where(static column => column.IsKey))
            yield return new(++number, DisplayName.Of(column.Name), column.Type, IsKey: true)
                { Default = column.Default, IsNotNull = column.IsNotNull, MaxLength = column.MaxLength };
        if (definition.Window is not null)
        {
            yield return new(++number, "windowstart", SqlType.BigInt, IsKey: true);
            yield return new(++number, "windowend", SqlType.BigInt, IsKey: false);
        }

        foreach (var column in definition.Columns.Where(static column => !column.IsKey))
            yield return new(++number, DisplayName.Of(column.Name), column.Type, IsKey: false)
                { Default = column.Default, IsNotNull = column.IsNotNull, MaxLength = column.MaxLength };
    }
}

/// <summary>A column of a stream or table as an attribute of PostgreSQL.</summary>
/// <param name="Number">From 1.</param>
/// <param name="Name">The name that clients see.</param>
/// <param name="Type">Its type.</param>
/// <param name="IsKey">Whether it is part of the key.</param>
internal sealed record CatalogColumn(int Number, string Name, SqlType Type, bool IsKey)
{
    /// <summary>Whether NOT NULL was said.</summary>
    public bool IsNotNull { get; init; }

    /// <summary>The expression of its DEFAULT; null for none.</summary>
    public string? Default { get; init; }

    /// <summary>How many characters it may have (VARCHAR(n)); null for any number.</summary>
    public int? MaxLength { get; init; }

    /// <summary>The type to clients.</summary>
    public PgType PgType => MaxLength is null ? PgTypes.Of(Type) : PgTypes.Varchar;

    /// <summary>What pg_attribute says beside the type: precision and scale, or the length.</summary>
    public int Modifier => MaxLength is { } length ? length + 4 : PgTypes.ModifierOf(Type);
}
