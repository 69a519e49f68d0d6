using StreamSQL.Engine.Sessions;
using StreamSQL.Engine.Sessions.Locks;
using StreamSQL.Engine.Sessions.Sequences;
using StreamSQL.Sql.Catalog;

namespace StreamSQL.Engine.SystemRelations;

/// <summary>What system relations, and functions about the session, are made from.</summary>
/// <param name="Catalog">Streams, tables, queries.</param>
/// <param name="Settings">The session's settings by name.</param>
/// <param name="UserName">The user that the session acts as (current_user).</param>
/// <param name="DatabaseName">The session's database.</param>
public sealed record SystemSnapshot(CatalogImage Catalog, IReadOnlyDictionary<string, string> Settings, string UserName,
    string DatabaseName)
{
    /// <summary>The user of SET SESSION AUTHORIZATION (session_user).</summary>
    public string SessionUserName { get; init; } = UserName;

    /// <summary>Whether the user may see everything.</summary>
    public bool IsSuperuser { get; init; } = true;

    /// <summary>The session itself, as others see it; null outside one.</summary>
    public SessionActivity? Session { get; init; }

    /// <summary>Gives the advisory locks of all sessions.</summary>
    public Func<IReadOnlyList<AdvisoryLock>> Locks { get; init; } = static () => [];

    /// <summary>Gives the sessions that a session waits for, by the numbers that clients know.</summary>
    public Func<int, IReadOnlyList<int>> BlockersOf { get; init; } = static _ => [];

    /// <summary>The engine's own relations (schema streamsql).</summary>
    public IReadOnlyList<SystemRelation> EngineRelations { get; init; } = [];

    /// <summary>Sequences as the session sees them; null outside one.</summary>
    public SessionSequences? Sequences { get; init; }

    /// <summary>When the engine started.</summary>
    public DateTimeOffset StartedAt { get; init; }
}
