using StreamSQL.Engine.Catalog;
using StreamSQL.Engine.Planning;
using StreamSQL.Engine.Tasks;
using StreamSQL.Sql.Binding;
using StreamSQL.Sql.Catalog;
using StreamSQL.Sql.Parsing;
using StreamSQL.Sql.Plans;

namespace StreamSQL.Engine.Queries;

/// <summary>Starts and stops persistent queries as the catalog says. Starting goes on in the background: it restores states.</summary>
internal sealed class QueryLifecycle(CatalogLog log, TaskEnvironment environment, QueryRegistry queries, SessionPlanner planner) : IAsyncDisposable
{
    /// <summary>Starts a query that has just been created; its first tasks run when this returns.</summary>
    public async ValueTask StartAsync(QueryDefinition definition, SourceDefinition target, LogicalPlan plan)
    {
        var query = new PersistentQuery(definition, target, PhysicalPlanner.Plan(definition.Id, plan), environment);
        queries.Add(query);
        await query.StartAsync(isNew: true);
    }

    /// <summary>Ends a query and goes on with another plan from where it stopped, with the states that both have.</summary>
    public async ValueTask ReplaceAsync(QueryDefinition definition, SourceDefinition target, LogicalPlan plan, CancellationToken cancellation)
    {
        var topology = PhysicalPlanner.Plan(definition.Id, plan);
        if (queries.Remove(definition.Id) is { } before)
        {
            await before.DisposeAsync();
            await before.DeleteStateAsync(TopologyUpgrade.KeptTopics(before.Topology, topology), cancellation);
        }

        var query = new PersistentQuery(definition, target, topology, environment);
        queries.Add(query);
        await query.StartAsync(isNew: false);
    }

    /// <summary>
    /// Starts a query of the catalog from its statement. It is planned again, against the catalog without itself; a plan that differs from its manifest puts
    /// this query alone into an error state.
    /// </summary>
    public void Restart(QueryDefinition definition)
    {
        var target = definition.Pinned.GetValueOrDefault(definition.Sink) ?? log.Image.Sources[definition.Sink];
        PersistentQuery query;
        try
        {
            var plan = PlanAgain(definition);
            query = new PersistentQuery(definition, target, PhysicalPlanner.Plan(definition.Id, plan), environment);
            var reason = PlanPrinter.Print(plan) == definition.Manifest ? null : "its plan differs from the one it was made with";
            if (reason is not null)
            {
                QueryLog.ManifestDiffers(environment.Logger, definition.Id, reason);
                query.Fail(new InvalidDataException(reason));
                queries.Add(query);
                return;
            }
        }
        catch (Exception error)
        {
            QueryLog.StartFailed(environment.Logger, definition.Id, error);
            query = new PersistentQuery(definition, target, QueryTopology.None(definition.Id), environment);
            query.Fail(error);
            queries.Add(query);
            return;
        }

        queries.Add(query);
        _ = query.StartAsync(isNew: false);
    }

    /// <summary>Starts a query again from what is durable, when it has failed.</summary>
    public async ValueTask RetryAsync(QueryDefinition definition)
    {
        if (queries.Find(definition.Id) is not { Status: QueryStatus.Error } failed)
            return;
        queries.Remove(definition.Id);
        await failed.DisposeAsync();
        Restart(definition);
    }

    /// <summary>Stops a query for good and removes its topics and snapshots.</summary>
    public async ValueTask RemoveAsync(string id, CancellationToken cancellation)
    {
        if (queries.Remove(id) is not { } query)
            return;
        await query.DisposeAsync();
        await query.DeleteStateAsync(TopologyUpgrade.NoTopics, cancellation);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => queries.DisposeAsync();

    private LogicalPlan PlanAgain(QueryDefinition definition)
    {
        var image = log.Image.Before(definition);
        var statement = SqlParser.ParseStatement(definition.Statement);
        var topics = image.Sources.Values.GroupBy(static source => source.Topic).ToDictionary(static group => group.Key, static group => group.First().Partitions);
        return ((PlannedPersistentQuery)planner.Plan(statement, image, definition.Properties, topics, [])).Plan;
    }
}
