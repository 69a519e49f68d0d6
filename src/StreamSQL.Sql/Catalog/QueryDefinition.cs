using System.Collections.Immutable;
using System.Text.Json.Serialization;
using StreamSQL.Data.Types;

namespace StreamSQL.Sql.Catalog;

/// <summary>
/// A persistent query: its statement and what was resolved when it was created, so that replay plans the same again. Immutable.
/// </summary>
public sealed record QueryDefinition
{
    /// <summary>CSAS_NAME_n, CTAS_NAME_n or INSERTQUERY_n.</summary>
    public required string Id { get; init; }

    /// <summary>The statement's text.</summary>
    public required string Statement { get; init; }

    /// <summary>The stream or table that it writes.</summary>
    public required string Sink { get; init; }

    /// <summary>The streams and tables that it reads.</summary>
    public required IReadOnlyList<string> Sources { get; init; }

    /// <summary>The session properties that were in force.</summary>
    public required IReadOnlyDictionary<string, string> Properties { get; init; }

    /// <summary>What planning resolved, as text, compared when the statement is planned again (golden plan of the query).</summary>
    public required string Manifest { get; init; }

    /// <summary>The named types that the statement may name, as they were.</summary>
    public IReadOnlyDictionary<string, SqlType> Types { get; init; } = new Dictionary<string, SqlType>();

    /// <summary>
    /// Per source topic and partition, the offset that reading begins at; topics without an entry are read from their start.
    /// </summary>
    public IReadOnlyDictionary<string, IReadOnlyList<long>> StartOffsets { get; init; } = new Dictionary<string, IReadOnlyList<long>>();

    /// <summary>Whether it should be running.</summary>
    public bool IsPaused { get; init; }

    /// <summary>
    /// Streams and tables that were changed after this query was made, as they were then: it goes on
    /// with those. Not stored: it follows from the records.
    /// </summary>
    [JsonIgnore]
    public ImmutableSortedDictionary<string, SourceDefinition> Pinned { get; init; } =
        ImmutableSortedDictionary.Create<string, SourceDefinition>(StringComparer.Ordinal);

    /// <summary>
    /// The version of the catalog that made it: tells it from another one of its id, and from itself before CREATE OR REPLACE. Not stored:
    /// it follows from the records.
    /// </summary>
    [JsonIgnore]
    public long Version { get; init; }

    /// <summary>Whether the sink is written by CREATE ... AS (dropped with the sink) rather than INSERT INTO.</summary>
    public bool OwnsSink { get; init; }
}
