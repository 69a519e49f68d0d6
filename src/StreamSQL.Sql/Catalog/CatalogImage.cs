using System.Collections.Immutable;
using System.Text.Json.Serialization;
using StreamSQL.Data.Types;

namespace StreamSQL.Sql.Catalog;

/// <summary>
/// All streams, tables, views, queries, named types and roles at one version. Immutable: a statement is bound against one image, and its
/// record is appended only if the catalog is still at that version.
/// </summary>
public sealed record CatalogImage
{
    /// <summary>The empty catalog, version 0.</summary>
    public static CatalogImage Empty { get; } = new();

    /// <summary>Records applied so far.</summary>
    public long Version { get; init; }

    /// <summary>The number of the next query.</summary>
    public long NextQueryNumber { get; init; } = 1;

    /// <summary>Streams and tables by name.</summary>
    public ImmutableSortedDictionary<string, SourceDefinition> Sources { get; init; } =
        ImmutableSortedDictionary.Create<string, SourceDefinition>(StringComparer.Ordinal);

    /// <summary>Persistent queries by id.</summary>
    public ImmutableSortedDictionary<string, QueryDefinition> Queries { get; init; } =
        ImmutableSortedDictionary.Create<string, QueryDefinition>(StringComparer.Ordinal);

    /// <summary>
    /// Types that have names of their own (CREATE TYPE). Columns hold the types themselves, so that a dropped one is missed by nobody.
    /// </summary>
    public ImmutableSortedDictionary<string, SqlType> Types { get; init; } =
        ImmutableSortedDictionary.Create<string, SqlType>(StringComparer.Ordinal);

    /// <summary>The values of those types that are enumerations.</summary>
    public ImmutableSortedDictionary<string, IReadOnlyList<string>> Labels { get; init; } =
        ImmutableSortedDictionary.Create<string, IReadOnlyList<string>>(StringComparer.Ordinal);

    /// <summary>Views by name, none of which is a stream's or table's.</summary>
    public ImmutableSortedDictionary<string, ViewDefinition> Views { get; init; } =
        ImmutableSortedDictionary.Create<string, ViewDefinition>(StringComparer.Ordinal);

    /// <summary>Properties that ALTER SYSTEM has set: new sessions begin with them.</summary>
    public ImmutableSortedDictionary<string, string> Properties { get; init; } =
        ImmutableSortedDictionary.Create<string, string>(StringComparer.OrdinalIgnoreCase);

    /// <summary>Sequences by name.</summary>
    public ImmutableSortedDictionary<string, SequenceDefinition> Sequences { get; init; } =
        ImmutableSortedDictionary.Create<string, SequenceDefinition>(StringComparer.Ordinal);

    /// <summary>Comments by what they are on (<see cref="CommentKeys"/>).</summary>
    public ImmutableSortedDictionary<string, string> Comments { get; init; } =
        ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal);

    /// <summary>Roles (users) by name.</summary>
    public ImmutableSortedDictionary<string, RoleDefinition> Roles { get; init; } =
        ImmutableSortedDictionary.Create<string, RoleDefinition>(StringComparer.Ordinal);

    /// <summary>The catalog that a query was planned against: without itself, its sources as they were.</summary>
    public CatalogImage Before(QueryDefinition query)
    {
        var sources = query.OwnsSink ? Sources.Remove(query.Sink) : Sources;
        return this with { Queries = Queries.Remove(query.Id), Sources = sources.SetItems(query.Pinned),
            Types = Types.SetItems(query.Types) };
    }

    /// <summary>The image after one more record.</summary>
    public CatalogImage Apply(CatalogRecord record)
    {
        var image = this with { Version = Version + 1 };
        return record switch
        {
            CreateSourceRecord create => image.WithSource(create.Source).WithSequences(create.Sequences),
            AlterSystemRecord alter =>
                image with { Properties = alter.Value is null ? Properties.Remove(alter.Property) : Properties.SetItem(alter.Property,
                    alter.Value) },
            RenameSourceRecord rename => image.WithRenamed(rename.Name, rename.Source),
            DropSourceRecord drop => image with
            {
                Sources = Sources.Remove(drop.Name),
                Comments = WithoutCommentsOf(drop.Name),
                Sequences = Sequences.RemoveRange(Sequences.Values.Where(sequence => sequence.OwnerTable == drop.Name)
                    .Select(static sequence => sequence.Name).ToArray()),
            },
            CreateQueryRecord create => (create.Sink is null ? image : image.WithSource(create.Sink)).WithQuery(create.Query),
            DropQueryRecord drop => image with { Queries = Queries.Remove(drop.Id) },
            PauseQueryRecord pause =>
                image with { Queries = Queries.SetItem(pause.Id, Queries[pause.Id] with { IsPaused = pause.Paused }) },
            CreateTypeRecord create => image with
            {
                Types = Types.SetItem(create.Name, create.Type),
                Labels = create.Labels is null ? Labels.Remove(create.Name) : Labels.SetItem(create.Name, create.Labels),
            },
            DropTypeRecord drop => image with { Types = Types.Remove(drop.Name), Labels = Labels.Remove(drop.Name) },
            SetViewRecord set => image with { Views = Views.SetItem(set.View.Name, set.View) },
            DropViewRecord drop => image with { Views = Views.Remove(drop.Name), Comments = WithoutCommentsOf(drop.Name) },
            SetSequenceRecord set => image.WithSequences([set.Sequence]),
            DropSequenceRecord drop => image with { Sequences = Sequences.Remove(drop.Name) },
            SetCommentRecord set =>
                image with { Comments = set.Comment is null ? Comments.Remove(set.Object) : Comments.SetItem(set.Object, set.Comment) },
            SetRoleRecord set => image with { Roles = Roles.SetItem(set.Role.Name, set.Role) },
            RenameRoleRecord rename =>
                image with { Roles = Roles.Remove(rename.Name).SetItem(rename.NewName, Roles[rename.Name] with { Name = rename.NewName }) },
            DropRoleRecord drop => image with { Roles = Roles.Remove(drop.Name) },
            _ => throw new InvalidOperationException($"unknown catalog record {record.GetType().Name}"),
        };
    }

    /// <summary>The views that read a stream, table or view, and those that read them; who reads comes before what is read.</summary>
    public IReadOnlyList<string> ViewsOver(string name)
    {
        var found = new List<string>();
        AddViewsOver(name, found);
        return found;
    }

    private void AddViewsOver(string name, List<string> found)
    {
        foreach (var view in Views.Values.Where(view => view.Sources.Contains(name)))
        {
            if (found.Contains(view.Name))
                continue;
            AddViewsOver(view.Name, found);
            found.Add(view.Name);
        }
    }

    /// <summary>Whether a stream, table, view or sequence has the name.</summary>
    public bool IsRelation(string name) => Sources.ContainsKey(name) || Views.ContainsKey(name) || Sequences.ContainsKey(name);

    // Nothing refers to it by its old name: a source that something reads is not renamed.
    private CatalogImage WithRenamed(string name, SourceDefinition source) => this with
    {
        Sources = Sources.Remove(name).SetItem(source.Name, source),
        Comments = WithoutCommentsOf(name).SetItems(Comments.Where(comment => CommentKeys.IsOf(comment.Key, name))
            .Select(comment => KeyValuePair.Create(CommentKeys.Relation(source.Name) + comment.Key[CommentKeys.Relation(name).Length..],
                comment.Value))),
        Sequences = Sequences.SetItems(Sequences.Where(sequence => sequence.Value.OwnerTable == name)
            .Select(sequence => KeyValuePair.Create(sequence.Key, sequence.Value with { OwnerTable = source.Name }))),
    };

    private CatalogImage WithSequences(IReadOnlyList<SequenceDefinition> sequences) => sequences.Count == 0 ? this : this with
    {
        Sequences = Sequences.SetItems(sequences.Select(static sequence => KeyValuePair.Create(sequence.Name, sequence))),
    };

    private ImmutableSortedDictionary<string, string> WithoutCommentsOf(string relation) =>
        Comments.RemoveRange(Comments.Keys.Where(key => CommentKeys.IsOf(key, relation)).ToArray());

    private CatalogImage WithQuery(QueryDefinition query) =>
        this with { Queries = Queries.SetItem(query.Id, query with { Version = Version }), NextQueryNumber = NextQueryNumber + 1 };

    // Queries that use a source go on with what it was when they were made.
    private CatalogImage WithSource(SourceDefinition source)
    {
        var queries = Queries;
        if (Sources.TryGetValue(source.Name, out var before))
        {
            foreach (var query in Queries.Values)
            {
                var uses = query.Sources.Contains(source.Name) || (query.Sink == source.Name && !query.OwnsSink);
                if (uses && !query.Pinned.ContainsKey(source.Name))
                    queries = queries.SetItem(query.Id, query with { Pinned = query.Pinned.SetItem(source.Name, before) });
            }
        }

        return this with { Sources = Sources.SetItem(source.Name, source), Queries = queries };
    }
}

/// <summary>One change of the catalog, as it stands in the catalog topic.</summary>
[JsonDerivedType(typeof(CreateSourceRecord), "createSource")]
[JsonDerivedType(typeof(RenameSourceRecord), "renameSource")]
[JsonDerivedType(typeof(DropSourceRecord), "dropSource")]
[JsonDerivedType(typeof(CreateQueryRecord), "createQuery")]
[JsonDerivedType(typeof(DropQueryRecord), "dropQuery")]
[JsonDerivedType(typeof(PauseQueryRecord), "pauseQuery")]
[JsonDerivedType(typeof(CreateTypeRecord), "createType")]
[JsonDerivedType(typeof(DropTypeRecord), "dropType")]
[JsonDerivedType(typeof(SetViewRecord), "setView")]
[JsonDerivedType(typeof(DropViewRecord), "dropView")]
[JsonDerivedType(typeof(SetCommentRecord), "setComment")]
[JsonDerivedType(typeof(SetSequenceRecord), "setSequence")]
[JsonDerivedType(typeof(DropSequenceRecord), "dropSequence")]
[JsonDerivedType(typeof(AlterSystemRecord), "alterSystem")]
[JsonDerivedType(typeof(SetRoleRecord), "setRole")]
[JsonDerivedType(typeof(RenameRoleRecord), "renameRole")]
[JsonDerivedType(typeof(DropRoleRecord), "dropRole")]
public abstract record CatalogRecord;

/// <summary>CREATE STREAM or CREATE TABLE (also OR REPLACE).</summary>
public sealed record CreateSourceRecord(SourceDefinition Source) : CatalogRecord
{
    /// <summary>The sequences of its columns that are made with it.</summary>
    public IReadOnlyList<SequenceDefinition> Sequences { get; init; } = [];
}

/// <summary>ALTER ... RENAME TO.</summary>
/// <param name="Name">The name that it had.</param>
/// <param name="Source">What it is now.</param>
public sealed record RenameSourceRecord(string Name, SourceDefinition Source) : CatalogRecord;

/// <summary>DROP STREAM or DROP TABLE.</summary>
public sealed record DropSourceRecord(string Name) : CatalogRecord;

/// <summary>CREATE ... AS SELECT (with the sink that it makes) or INSERT INTO ... SELECT (sink null: it was there).</summary>
public sealed record CreateQueryRecord(QueryDefinition Query, SourceDefinition? Sink) : CatalogRecord;

/// <summary>TERMINATE.</summary>
public sealed record DropQueryRecord(string Id) : CatalogRecord;

/// <summary>PAUSE or RESUME.</summary>
public sealed record PauseQueryRecord(string Id, bool Paused) : CatalogRecord;

/// <summary>CREATE TYPE.</summary>
public sealed record CreateTypeRecord(string Name, SqlType Type) : CatalogRecord
{
    /// <summary>The values of an enumeration (AS ENUM); null for all others.</summary>
    public IReadOnlyList<string>? Labels { get; init; }
}

/// <summary>DROP TYPE.</summary>
public sealed record DropTypeRecord(string Name) : CatalogRecord;

/// <summary>CREATE VIEW (also OR REPLACE).</summary>
public sealed record SetViewRecord(ViewDefinition View) : CatalogRecord;

/// <summary>DROP VIEW.</summary>
public sealed record DropViewRecord(string Name) : CatalogRecord;

/// <summary>ALTER SYSTEM; null takes the property back.</summary>
public sealed record AlterSystemRecord(string Property, string? Value) : CatalogRecord;
