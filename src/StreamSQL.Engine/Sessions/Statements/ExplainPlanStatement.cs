using StreamSQL.Data.Types;
using StreamSQL.Engine.Planning;
using StreamSQL.Sql.Binding;
using StreamSQL.Sql.Plans;
using StreamSQL.Sql.Syntax;

namespace StreamSQL.Engine.Sessions.Statements;

/// <summary>EXPLAIN of a statement or of a running query: the logical plan, and the stages of a persistent one.</summary>
internal sealed class ExplainPlanStatement(Session session, EngineServices services, ExplainStatement syntax) : SessionStatement
{
    /// <inheritdoc/>
    public override IReadOnlyList<ResultColumn>? Columns { get; } = [new("QUERY PLAN", SqlType.Varchar)];

    /// <inheritdoc/>
    public override async ValueTask<StatementResult> ExecuteAsync(IReadOnlyList<object?> values, CancellationToken cancellation)
    {
        var lines = syntax.QueryId is { } id ? ExplainQuery(id) : await ExplainStatementAsync(cancellation);
        return new ListResult("EXPLAIN", Columns!, lines.Select(static line => new object?[] { line }));
    }

    private IEnumerable<string> ExplainQuery(Identifier id)
    {
        var query = services.Queries.Find(id.Name) ?? services.Queries.Find(id.Name.ToUpperInvariant()) ?? throw QueryControlStatement.Unknown(id);
        return [$"Query {query.Definition.Id}: {query.Status.ToString().ToUpperInvariant()}", .. Lines(query.Definition.Manifest), .. Stages(query.Topology)];
    }

    private async ValueTask<IEnumerable<string>> ExplainStatementAsync(CancellationToken cancellation)
    {
        var topics = await services.Tasks.Broker.GetTopicsAsync(null, cancellation);
        var partitions = topics.ToDictionary(static topic => topic.Name, static topic => topic.PartitionCount, StringComparer.Ordinal);
        return services.Planner.Plan(syntax.Target!, services.Log.Image, session.Settings.Properties, partitions, []) switch
        {
            PlannedSelect select => Lines(PlanPrinter.Print(select.Plan)),
            PlannedPersistentQuery query => [.. Lines(PlanPrinter.Print(query.Plan)), .. Stages(PhysicalPlanner.Plan(query.QueryId, query.Plan))],
            PlannedInsertValues insert => [$"Insert {insert.Rows.Count} rows into {insert.Target.Name}"],
            PlannedCreateSource create => [$"Create {create.Source.Name} over topic {create.Source.Topic}"],
            var other => [other.GetType().Name],
        };
    }

    private static string[] Lines(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    private static IEnumerable<string> Stages(QueryTopology topology)
    {
        foreach (var stage in topology.Stages)
        {
            var output = stage.Outputs[0] is RepartitionOutput repartition ? $"repartition to {repartition.Topic}" : "result";
            yield return $"Stage {stage.Number}: {stage.Partitions} tasks, reads {string.Join(", ", stage.Inputs.Select(static input => input.Topic))}, {output}";
        }
    }
}
