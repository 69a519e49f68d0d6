using Npgsql;
using StreamSQL.Data.Errors;
using StreamSQL.Data.Types;
using StreamSQL.Engine.Planning;
using StreamSQL.Engine.Queries.Bounded;
using StreamSQL.Sql.Binding;
using StreamSQL.Sql.Plans;
using StreamSQL.Sql.Syntax;

namespace StreamSQL.Engine.Sessions.Statements;

/// <summary>EXPLAIN of a statement or of a running query: the logical plan, and the stages of a persistent one.</summary>
internal sealed class ExplainPlanStatement(
    Session session, EngineServices services, ExplainStatement syntax, IReadOnlyList<SqlType> parameterTypes) : SessionStatement
{
    private readonly ExplainOptions _options = ExplainOptions.Read(syntax.Options);

    /// <inheritdoc/>
    public override IReadOnlyList<SqlType> ParameterTypes => parameterTypes;

    /// <inheritdoc/>
    public override IReadOnlyList<ResultColumn>? Columns => [new("QUERY PLAN", _options.IsJson ? SqlType.Json : SqlType.Varchar)];

    /// <inheritdoc/>
    public override async ValueTask<StatementResult> ExecuteAsync(IReadOnlyList<object?> values, CancellationToken cancellation)
    {
        var lines = syntax.QueryId is { } id ? ExplainQuery(id) : await ExplainStatementAsync(values, cancellation);
        return new ListResult("EXPLAIN", Columns!, lines.Select(static line => new object?[] { line }));
    }

    private IEnumerable<string> ExplainQuery(Identifier id)
    {
        var query = services.Queries.Find(id.Name) ?? services.Queries.Find(id.Name.ToUpperInvariant())
            ?? throw QueryControlStatement.Unknown(id);
        return [$"Query {query.Definition.Id}: {query.Status.ToString().ToUpperInvariant()}", .. Lines(query.Definition.Manifest),
            .. Stages(query.Topology)];
    }

    private async ValueTask<IEnumerable<string>> ExplainStatementAsync(IReadOnlyList<object?> values, CancellationToken cancellation)
    {
        var topics = await services.Tasks.Broker.GetTopicsAsync(null, cancellation);
        var partitions = topics.ToDictionary(static topic => topic.Name, static topic => topic.PartitionCount, StringComparer.Ordinal);
        var time = services.Tasks.Time;
        var start = time.GetTimestamp();
        var planned = services.Planner.Plan(
            syntax.Target!, services.Log.Image, session.Settings.Properties, partitions, [.. parameterTypes], session.Functions);
        var planning = time.GetElapsedTime(start);
        if (_options.Analyze && planned is not PlannedSelect { IsContinuous: false, Writes.Count: 0 })
            throw new SqlException(PostgresErrorCodes.FeatureNotSupported,
                "EXPLAIN ANALYZE runs the statement: only a bounded SELECT is supported", "Leave out ANALYZE.");
        return planned switch
        {
            PlannedSelect select when _options.Analyze => await AnalyzeAsync(select, values, planning, cancellation),
            PlannedSelect select => new ExplainText(_options, null, planning, default).Print(select.Plan),
            _ when _options.IsJson => throw new SqlException(PostgresErrorCodes.FeatureNotSupported,
                "EXPLAIN (FORMAT JSON) is there for SELECT only", "Use FORMAT TEXT."),
            PlannedPersistentQuery query =>
                [.. Lines(PlanPrinter.Print(query.Plan)), .. Stages(PhysicalPlanner.Plan(query.QueryId, query.Plan))],
            PlannedInsertValues insert => [$"Insert {insert.Rows.Count} rows into {insert.Target.Name}"],
            PlannedCreateSource create => [$"Create {create.Source.Name} over topic {create.Source.Topic}"],
            var other => [other.GetType().Name],
        };
    }

    private async ValueTask<IEnumerable<string>> AnalyzeAsync(
        PlannedSelect select, IReadOnlyList<object?> values, TimeSpan planning, CancellationToken cancellation)
    {
        var time = services.Tasks.Time;
        var meters = new PlanMeters(time);
        var start = time.GetTimestamp();
        await using (var result = await new SelectStatement(session, services, select).RunBoundedAsync(values, meters, cancellation))
        {
            while (await result.ReadAsync(cancellation) is not null)
            {
                // The rows themselves are not wanted.
            }
        }

        return new ExplainText(_options, meters, planning, time.GetElapsedTime(start)).Print(select.Plan);
    }

    private static string[] Lines(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    private static IEnumerable<string> Stages(QueryTopology topology)
    {
        foreach (var stage in topology.Stages)
        {
            var output = stage.Outputs[0] is RepartitionOutput repartition ? $"repartition to {repartition.Topic}" : "result";
            var inputs = string.Join(", ", stage.Inputs.Select(static input => input.Topic));
            yield return $"Stage {stage.Number}: {stage.Partitions} tasks, reads {inputs}, {output}";
        }
    }
}
