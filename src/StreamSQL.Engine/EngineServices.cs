using StreamSQL.Engine.Catalog;
using StreamSQL.Engine.Queries;
using StreamSQL.Engine.Roles;
using StreamSQL.Engine.Sessions;
using StreamSQL.Engine.Sessions.Locks;
using StreamSQL.Engine.Sessions.Notifications;
using StreamSQL.Engine.Sessions.Sequences;
using StreamSQL.Engine.Sessions.Writing;
using StreamSQL.Engine.SystemRelations;
using StreamSQL.Engine.Tasks;

namespace StreamSQL.Engine;

/// <summary>The parts of a started engine, as sessions use them.</summary>
internal sealed class EngineServices
{
    /// <summary>Puts the parts together.</summary>
    public EngineServices(StreamEngine engine, CatalogLog log, TaskEnvironment tasks, QueryRegistry queries)
    {
        Engine = engine;
        Log = log;
        Tasks = tasks;
        StartedAt = tasks.Time.GetUtcNow();
        Queries = queries;
        EngineRelations = StreamSQL.Engine.SystemRelations.EngineRelations.Of(this);
        Relations = engine.SystemRelations.Concat(EngineRelations).ToDictionary(static relation => relation.Name, StringComparer.Ordinal);
        Planner = new SessionPlanner(engine.Functions,
            Relations.ToDictionary(static pair => pair.Key, static pair => pair.Value.Schema, StringComparer.Ordinal));
        Lifecycle = new QueryLifecycle(log, tasks, queries, Planner);
        Changes = new CatalogChanges(this);
        Committer = new WriteCommitter(tasks);
        Notifications = new NotificationHub(tasks, () => log.Image);
        Locks = new LockTable(tasks.Time);
        Roles = new RoleChanges(Changes);
        Sequences = new SequenceTable(Changes);
    }

    /// <summary>The engine.</summary>
    public StreamEngine Engine { get; }

    /// <summary>The catalog.</summary>
    public CatalogLog Log { get; }

    /// <summary>Broker, clock, log, tables.</summary>
    public TaskEnvironment Tasks { get; }

    /// <summary>The running queries.</summary>
    public QueryRegistry Queries { get; }

    /// <summary>System relations by name.</summary>
    public IReadOnlyDictionary<string, SystemRelation> Relations { get; }

    /// <summary>The engine's own system relations.</summary>
    public IReadOnlyList<SystemRelation> EngineRelations { get; }

    /// <summary>The sessions that are open.</summary>
    public SessionRegistry Sessions { get; } = new();

    /// <summary>When the engine started.</summary>
    public DateTimeOffset StartedAt { get; }

    /// <summary>Binds statements.</summary>
    public SessionPlanner Planner { get; }

    /// <summary>Starts and stops queries.</summary>
    public QueryLifecycle Lifecycle { get; }

    /// <summary>Runs the statements that change the catalog.</summary>
    public CatalogChanges Changes { get; }

    /// <summary>Appends what clients write.</summary>
    public WriteCommitter Committer { get; }

    /// <summary>The channels of LISTEN and NOTIFY.</summary>
    public NotificationHub Notifications { get; }

    /// <summary>The advisory locks of all sessions.</summary>
    public LockTable Locks { get; }

    /// <summary>Hands out the values of sequences.</summary>
    public SequenceTable Sequences { get; }

    /// <summary>Runs the statements about roles.</summary>
    public RoleChanges Roles { get; }
}
