using System.Collections.Immutable;
using System.Text.Json.Serialization;
using StreamSQL.Data.Types;

namespace StreamSQL.Sql.Catalog;

/// <summary>
/// All streams, tables, queries and named types at one version. Immutable: a statement is bound against one image, and its record is appended only if
/// the catalog is still at that version.
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
    public ImmutableSortedDictionary<string, SourceDefinition> Sources { get; init; } = ImmutableSortedDictionary.Create<string, SourceDefinition>(StringComparer.Ordinal);

    /// <summary>Persistent queries by id.</summary>
    public ImmutableSortedDictionary<string, QueryDefinition> Queries { get; init; } = ImmutableSortedDictionary.Create<string, QueryDefinition>(StringComparer.Ordinal);

    /// <summary>Types that have names of their own (CREATE TYPE). Columns hold the types themselves, so that a dropped one is missed by nobody.</summary>
    public ImmutableSortedDictionary<string, SqlType> Types { get; init; } = ImmutableSortedDictionary.Create<string, SqlType>(StringComparer.Ordinal);

    /// <summary>The image after one more record.</summary>
    public CatalogImage Apply(CatalogRecord record)
    {
        var image = this with { Version = Version + 1 };
        return record switch
        {
            CreateSourceRecord create => image with { Sources = Sources.SetItem(create.Source.Name, create.Source) },
            DropSourceRecord drop => image with { Sources = Sources.Remove(drop.Name) },
            CreateQueryRecord create => image with
            {
                Sources = create.Sink is null ? Sources : Sources.SetItem(create.Sink.Name, create.Sink),
                Queries = Queries.SetItem(create.Query.Id, create.Query),
                NextQueryNumber = NextQueryNumber + 1,
            },
            DropQueryRecord drop => image with { Queries = Queries.Remove(drop.Id) },
            PauseQueryRecord pause => image with { Queries = Queries.SetItem(pause.Id, Queries[pause.Id] with { IsPaused = pause.Paused }) },
            CreateTypeRecord create => image with { Types = Types.SetItem(create.Name, create.Type) },
            DropTypeRecord drop => image with { Types = Types.Remove(drop.Name) },
            _ => throw new InvalidOperationException($"unknown catalog record {record.GetType().Name}"),
        };
    }
}

/// <summary>One change of the catalog, as it stands in the catalog topic.</summary>
[JsonDerivedType(typeof(CreateSourceRecord), "createSource")]
[JsonDerivedType(typeof(DropSourceRecord), "dropSource")]
[JsonDerivedType(typeof(CreateQueryRecord), "createQuery")]
[JsonDerivedType(typeof(DropQueryRecord), "dropQuery")]
[JsonDerivedType(typeof(PauseQueryRecord), "pauseQuery")]
[JsonDerivedType(typeof(CreateTypeRecord), "createType")]
[JsonDerivedType(typeof(DropTypeRecord), "dropType")]
public abstract record CatalogRecord;

/// <summary>CREATE STREAM or CREATE TABLE (also OR REPLACE).</summary>
public sealed record CreateSourceRecord(SourceDefinition Source) : CatalogRecord;

/// <summary>DROP STREAM or DROP TABLE.</summary>
public sealed record DropSourceRecord(string Name) : CatalogRecord;

/// <summary>CREATE ... AS SELECT (with the sink that it makes) or INSERT INTO ... SELECT (sink null: it was there).</summary>
public sealed record CreateQueryRecord(QueryDefinition Query, SourceDefinition? Sink) : CatalogRecord;

/// <summary>TERMINATE.</summary>
public sealed record DropQueryRecord(string Id) : CatalogRecord;

/// <summary>PAUSE or RESUME.</summary>
public sealed record PauseQueryRecord(string Id, bool Paused) : CatalogRecord;

/// <summary>CREATE TYPE.</summary>
public sealed record CreateTypeRecord(string Name, SqlType Type) : CatalogRecord;

/// <summary>DROP TYPE.</summary>
public sealed record DropTypeRecord(string Name) : CatalogRecord;
