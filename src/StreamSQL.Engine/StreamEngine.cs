using Microsoft.Extensions.Logging;
using StreamSQL.Data.Functions;
using StreamSQL.Data.Schemas;
using StreamSQL.Engine.Catalog;
using StreamSQL.Engine.Leases;
using StreamSQL.Engine.Operators;
using StreamSQL.Engine.Planning;
using StreamSQL.Engine.Queries;
using StreamSQL.Engine.Queries.Sharing;
using StreamSQL.Engine.Roles;
using StreamSQL.Engine.Sessions;
using StreamSQL.Engine.SystemRelations;
using StreamSQL.Engine.Tasks;
using StreamSQL.Engine.Tasks.Snapshots;
using StreamSQL.Kafka.Client;
using StreamSQL.Sql.Catalog;

namespace StreamSQL.Engine;

/// <summary>
/// The engine over one broker: catalog, running queries, materialised tables, sessions. Catalog, states and positions are in the broker's
/// topics and consumer groups; on disk it keeps only snapshots of states, which can be lost.
/// </summary>
public sealed class StreamEngine : IAsyncDisposable
{
    /// <summary>What the names of an engine's own topics begin with.</summary>
    public const string TopicPrefix = InternalTopics.Prefix;

    /// <summary>The topic that holds the catalog, with the roles and what their passwords are checked with.</summary>
    public const string CatalogTopic = InternalTopics.Catalog;

    private readonly EngineOptions _options;
    private readonly ILogger<StreamEngine> _logger;
    private readonly StateFiles? _files;
    private EngineServices? _services;
    private CatalogFollower? _follower;

    /// <summary>Creates an engine; <see cref="StartAsync"/> brings it to life.</summary>
    /// <param name="broker">The broker; it stays the caller's.</param>
    /// <param name="functions">The functions that SQL can name.</param>
    /// <param name="systemRelations">pg_catalog, information_schema and the like.</param>
    /// <param name="files">Where it keeps snapshots of its states; null for nowhere: then each start reads all changelogs.</param>
    /// <param name="options">Limits and defaults.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">The log.</param>
    public StreamEngine(
        IBrokerClient broker, FunctionRegistry functions, IReadOnlyList<SystemRelation> systemRelations, StateFiles? files,
        EngineOptions options,
        TimeProvider time, ILogger<StreamEngine> logger)
    {
        Broker = broker;
        Functions = functions;
        SystemRelations = systemRelations;
        Time = time;
        _files = files;
        _options = options;
        _logger = logger;
    }

    /// <summary>The broker.</summary>
    public IBrokerClient Broker { get; }

    /// <summary>The functions that SQL can name.</summary>
    public FunctionRegistry Functions { get; }

    /// <summary>Functions that ask about a session or the catalog; null for none.</summary>
    public SessionFunctionSource? SessionFunctions { get; init; }

    /// <summary>Where the schemas of records are; null for nowhere: then formats with schemas are refused.</summary>
    public ISchemaRegistry? Schemas { get; init; }

    /// <summary>
    /// The right to run the broker's queries, where other engines may share the broker; null where there is no other. It stays the
    /// caller's.
    /// </summary>
    public EngineLease? Lease { get; init; }

    /// <summary>
    /// How this engine shares queries with others on the broker: then it runs a share of them without the lease, and has the lease handed
    /// to it by <see cref="LeadAsync"/>. Null where one engine runs all of them.
    /// </summary>
    public SharingOptions? Sharing { get; init; }

    /// <summary>The system relations.</summary>
    public IReadOnlyList<SystemRelation> SystemRelations { get; }

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; }

    /// <summary>The catalog as it is now.</summary>
    public CatalogImage Catalog => Services.Log.Image;

    /// <summary>How the persistent queries are, by id.</summary>
    public IReadOnlyList<QueryInfo> Queries => Services.Queries.All.Select(QueryInfo.Of)
        .OrderBy(static query => query.Id, StringComparer.Ordinal).ToArray();

    private EngineServices Services => _services ?? throw new InvalidOperationException("the engine has not been started");

    /// <summary>
    /// Replays the catalog, removes internal topics that belong to no query, and starts the queries;
    /// they restore their states in the background.
    /// </summary>
    /// <exception cref="InvalidDataException">The catalog is of a format version that this program does not know.</exception>
    public async ValueTask StartAsync(CancellationToken cancellation)
    {
        var budget = new MemoryBudget("the engine", _options.MemoryLimitBytes, null);
        var log = await CatalogLog.OpenAsync(Broker, Lease, Lease is null ? Sharing?.Holder : null, Time, cancellation);
        var image = log.Image;
        var tasks = new TaskEnvironment(Broker, Time, _logger, new TableRegistry(), budget, _options, Schemas);
        if (Sharing is not null)
            tasks = tasks with { Sharing = Sharing, IsCurrent = (query, stop) => IsCurrentAsync(log, query, stop) };
        if (_files is not null)
            tasks = tasks with { Snapshots = new StateSnapshots(_files, tasks) };
        _services = new EngineServices(this, log, tasks, new QueryRegistry());
        if (Sharing is null || Lease is not null)
            await SweepAsync(image, cancellation);
        tasks.Snapshots?.Sweep(image);
        tasks.Snapshots?.Start();
        foreach (var definition in image.Queries.Values)
            Services.Lifecycle.Restart(definition);
        if (log.Holder is not null)
            _follower = new CatalogFollower(log, image, Services.Lifecycle, Time, _logger);
    }

    /// <summary>
    /// Takes over the definitions from another engine with which this one shares queries, with a lease just taken; the share of the
    /// queries that each engine runs does not depend on it.
    /// </summary>
    /// <exception cref="Kafka.KafkaException">The broker refuses.</exception>
    public async ValueTask LeadAsync(EngineLease lease, CancellationToken cancellation)
    {
        if (_follower is null)
            return;
        await _follower.LeadAsync(lease, cancellation);
        await SweepAsync(Services.Log.Image, cancellation);
    }

    /// <summary>
    /// Writes a snapshot of every state whose changelog has grown since its last one, without waiting
    /// until it is due; nothing without state files.
    /// </summary>
    public async ValueTask WriteSnapshotsAsync(CancellationToken cancellation)
    {
        if (Services.Tasks.Snapshots is { } snapshots)
            await snapshots.WriteAsync(all: true, cancellation);
    }

    /// <summary>Opens a session.</summary>
    /// <param name="userName">The authenticated user.</param>
    /// <param name="databaseName">The database named at connection.</param>
    public Session CreateSession(string userName, string databaseName)
    {
        var session = new Session(Services, userName, databaseName, new SessionSettings(userName, Properties()), Services.Sessions, Time);
        session.Identity.Begin();
        return session;
    }

    /// <summary>
    /// Makes a superuser with a password (or its verifier), unless a role of that name is there; returns whether it was made.
    /// </summary>
    public ValueTask<bool> EnsureSuperuserAsync(string name, string password, CancellationToken cancellation) =>
        Services.Roles.EnsureSuperuserAsync(name, password, cancellation);

    /// <inheritdoc cref="RoleChanges.SetVerifiersAsync"/>
    public Task SetVerifiersAsync(
        string name, Func<RoleDefinition, RoleDefinition> change, string? caller, CancellationToken cancellation) =>
        Services.Roles.SetVerifiersAsync(name, change, caller, cancellation);

    /// <summary>
    /// Waits until all running queries have read what their topics hold now, the topics between their
    /// stages included, and have committed what came of it.
    /// </summary>
    public async Task WaitUntilCaughtUpAsync(CancellationToken cancellation) =>
        await Services.Queries.WaitUntilCaughtUpAsync(Services.Log.Image, cancellation);

    /// <summary>Stops all queries after a last commit.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_services is null)
            return;
        if (_follower is not null)
            await _follower.DisposeAsync();
        await _services.Notifications.DisposeAsync();
        await _services.Committer.DisposeAsync();
        await _services.Lifecycle.DisposeAsync();
        await _services.Tasks.Tables.DisposeAsync();
        if (_services.Tasks.Snapshots is { } snapshots)
            await snapshots.DisposeAsync();
        await _services.Log.DisposeAsync();
    }

    /// <summary>What the server was started with, and what ALTER SYSTEM has set since.</summary>
    private Dictionary<string, string> Properties()
    {
        var properties = new Dictionary<string, string>(_options.Properties, StringComparer.OrdinalIgnoreCase);
        foreach (var (name, value) in Services.Log.Image.Properties)
            properties[name] = value;
        return properties;
    }

    private static async ValueTask<bool> IsCurrentAsync(CatalogLog log, QueryDefinition query, CancellationToken cancellation)
    {
        await log.CatchUpAsync(cancellation);
        return log.Image.Queries.GetValueOrDefault(query.Id)?.Version == query.Version;
    }

    /// <summary>Topics of queries that are gone: a crash came between the end of the query and the end of its topics.</summary>
    private async ValueTask SweepAsync(CatalogImage image, CancellationToken cancellation)
    {
        foreach (var topic in await Broker.GetTopicsAsync(null, cancellation))
        {
            if (!InternalTopics.IsOfSomeQuery(topic.Name) || image.Queries.Keys.Any(id => InternalTopics.IsOfQuery(topic.Name, id)))
                continue;
            await Broker.DeleteTopicAsync(topic.Name, cancellation);
            QueryLog.OrphanRemoved(_logger, topic.Name);
        }
    }
}
