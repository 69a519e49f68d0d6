using Npgsql;
using StreamSQL.Data.Errors;
using StreamSQL.Engine.Catalog;
using StreamSQL.Engine.Planning;
using StreamSQL.Engine.Tasks;
using StreamSQL.Sql.Binding;
using StreamSQL.Sql.Catalog;
using StreamSQL.Sql.Parsing;
using StreamSQL.Sql.Plans;

namespace StreamSQL.Engine.Queries;

/// <summary>
/// Starts and stops persistent queries as the catalog says, and again when they have failed. Starting
/// goes on in the background: it restores states.
/// </summary>
internal sealed class QueryLifecycle : IAsyncDisposable
{
    private readonly CatalogLog _log;
    private readonly TaskEnvironment _environment;
    private readonly QueryRegistry _queries;
    private readonly SessionPlanner _planner;
    private readonly QueryRestarts _restarts;

    /// <summary>Nothing runs yet.</summary>
    public QueryLifecycle(CatalogLog log, TaskEnvironment environment, QueryRegistry queries, SessionPlanner planner)
    {
        _log = log;
        _environment = environment;
        _queries = queries;
        _planner = planner;
        _restarts = new QueryRestarts(environment, RestartAsync);
    }

    /// <summary>Starts a query that has just been created; its first tasks run when this returns.</summary>
    public async ValueTask StartAsync(QueryDefinition definition, SourceDefinition target, LogicalPlan plan)
    {
        var query = new PersistentQuery(definition, target, PhysicalPlanner.Plan(definition.Id, plan), _environment);
        _queries.Add(query);
        await query.StartAsync(isNew: true);
        _restarts.Watch(query);
    }

    /// <summary>Ends a query and goes on with another plan from where it stopped, with the states that both have.</summary>
    public async ValueTask ReplaceAsync(QueryDefinition definition, SourceDefinition target, LogicalPlan plan,
        CancellationToken cancellation)
    {
        var topology = PhysicalPlanner.Plan(definition.Id, plan);
        if (_queries.Remove(definition.Id) is { } before)
        {
            await before.DisposeAsync();
            await before.DeleteStateAsync(TopologyUpgrade.KeptTopics(before.Topology, topology), cancellation);
        }

        var query = new PersistentQuery(definition, target, topology, _environment);
        _queries.Add(query);
        await query.StartAsync(isNew: false);
        _restarts.Watch(query);
    }

    /// <summary>
    /// Does here what another engine, which shares the queries, has done to the catalog: stops what is gone, starts what is new, pauses
    /// and goes on. Topics and consumer groups are that engine's business.
    /// </summary>
    public async ValueTask FollowAsync(CatalogImage before, CatalogImage image)
    {
        foreach (var query in _queries.All)
        {
            var now = image.Queries.GetValueOrDefault(query.Definition.Id);
            if (now?.Version == query.Definition.Version)
                continue;
            _queries.Remove(query.Definition.Id);
            await query.DisposeAsync();
            if (now is null)
                _environment.Snapshots?.DeleteQuery(query.Definition.Id);
        }

        foreach (var definition in image.Queries.Values)
        {
            var isPaused = before.Queries.GetValueOrDefault(definition.Id)?.IsPaused;
            if (_queries.Find(definition.Id) is not { } query)
                Restart(definition);
            else if (isPaused != definition.IsPaused)
                await SetPausedAsync(query, definition);
        }

        foreach (var source in before.Sources.Values)
        {
            if (image.Sources.GetValueOrDefault(source.Name)?.Statement != source.Statement
                && !image.Queries.Values.Any(query => query.Sources.Contains(source.Name)))
                await _environment.Tables.RemoveAsync(source.Name);
        }
    }

    private async ValueTask SetPausedAsync(PersistentQuery query, QueryDefinition definition)
    {
        query.SetPaused(definition.IsPaused);
        if (!definition.IsPaused)
            await RetryAsync(definition);
    }

    /// <summary>
    /// Removes the consumer group that a query which is gone has left, before one of its id is made: its members must have ended.
    /// </summary>
    /// <exception cref="SqlException">55006: another engine still runs it.</exception>
    public async ValueTask ClearAsync(string id, CancellationToken cancellation)
    {
        if (_environment.Sharing is not null && !await ConsumerGroups.TryDeleteAsync(_environment, id, cancellation))
        {
            throw new SqlException(
                PostgresErrorCodes.ObjectInUse, $"another engine still runs a query that was {id} before",
                "Try again when it has stopped.");
        }
    }

    /// <summary>Starts a query of the catalog from its statement, when the engine starts.</summary>
    public void Restart(QueryDefinition definition) => Run(CreateAgain(definition, failed: null));

    /// <summary>Starts a query again from what is durable, when it has failed.</summary>
    public async ValueTask RetryAsync(QueryDefinition definition)
    {
        if (_queries.Find(definition.Id) is { Status: QueryStatus.Error } failed)
            await RetryAsync(definition, failed);
    }

    private async ValueTask RetryAsync(QueryDefinition definition, PersistentQuery failed)
    {
        var query = CreateAgain(definition, failed);

        // Whoever stops the query from here on stops this one, and waits with it for the end of the one before.
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var canRun = query.Failure is null;
        if (canRun)
            _ = query.StartAsync(isNew: false, ended.Task);
        if (!_queries.TryReplace(failed, query))
        {
            // Stopped before its start may go on, it ends without having begun.
            var stopping = query.DisposeAsync().AsTask();
            ended.SetResult();
            await stopping;
            return;
        }

        try
        {
            await failed.DisposeAsync();
        }
        finally
        {
            ended.SetResult();
        }

        if (canRun)
            _restarts.Watch(query);
    }

    private async ValueTask RestartAsync(PersistentQuery failed, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        if (_log.Image.Queries.TryGetValue(failed.Definition.Id, out var definition) && !definition.IsPaused)
            await RetryAsync(definition, failed);
    }

    /// <summary>Stops a query for good and removes its topics, its snapshots and its consumer group.</summary>
    public async ValueTask RemoveAsync(string id, CancellationToken cancellation)
    {
        if (_queries.Remove(id) is not { } query)
            return;
        await query.DisposeAsync();
        if (_environment.Sharing is not null && !await ConsumerGroups.TryDeleteAsync(_environment, id, cancellation))
            return; // another engine writes to its topics: they go when an engine next takes the lease
        await query.DeleteStateAsync(TopologyUpgrade.NoTopics, cancellation);
        if (_environment.Sharing is null)
            await ConsumerGroups.TryDeleteAsync(_environment, id, cancellation);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _restarts.DisposeAsync();
        await _queries.DisposeAsync();
    }

    private void Run(PersistentQuery query)
    {
        _queries.Add(query);
        if (query.Failure is not null)
            return;
        _ = query.StartAsync(isNew: false);
        _restarts.Watch(query);
    }

    /// <summary>
    /// A query from its statement. It is planned again, against the catalog without itself; a plan that differs from its manifest puts this
    /// query alone into an error state, and no later start would change that.
    /// </summary>
    private PersistentQuery CreateAgain(QueryDefinition definition, PersistentQuery? failed)
    {
        var target = definition.Pinned.GetValueOrDefault(definition.Sink) ?? _log.Image.Sources[definition.Sink];
        try
        {
            var plan = PlanAgain(definition);
            var query = new PersistentQuery(definition, target, PhysicalPlanner.Plan(definition.Id, plan), _environment, failed);
            if (PlanPrinter.Print(plan) == definition.Manifest)
                return query;
            const string Reason = "its plan differs from the one it was made with";
            QueryLog.ManifestDiffers(_environment.Logger, definition.Id, Reason);
            query.Fail(new InvalidDataException(Reason));
            return query;
        }
        catch (Exception error)
        {
            QueryLog.StartFailed(_environment.Logger, definition.Id, error);
            var query = new PersistentQuery(definition, target, QueryTopology.None(definition.Id), _environment, failed);
            query.Fail(error);
            return query;
        }
    }

    private LogicalPlan PlanAgain(QueryDefinition definition)
    {
        var image = _log.Image.Before(definition);
        var statement = SqlParser.ParseStatement(definition.Statement);
        var topics = image.Sources.Values.GroupBy(static source => source.Topic)
            .ToDictionary(static group => group.Key, static group => group.First().Partitions);
        return ((PlannedPersistentQuery)_planner.Plan(statement, image, definition.Properties, topics, [])).Plan;
    }
}
