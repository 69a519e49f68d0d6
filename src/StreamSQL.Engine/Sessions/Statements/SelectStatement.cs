using StreamSQL.Data.Functions;
using StreamSQL.Data.Types;
using StreamSQL.Engine.Queries.Bounded;
using StreamSQL.Engine.Queries.Push;
using StreamSQL.Engine.Tasks;
using StreamSQL.Sql.Binding;
using StreamSQL.Sql.Plans;

namespace StreamSQL.Engine.Sessions.Statements;

/// <summary>SELECT: bounded, or with EMIT CHANGES a push query.</summary>
internal sealed class SelectStatement(Session session, EngineServices services, PlannedSelect planned, WrittenRows? written = null) : SessionStatement
{
    /// <inheritdoc/>
    public override IReadOnlyList<SqlType> ParameterTypes => planned.ParameterTypes;

    /// <inheritdoc/>
    public override IReadOnlyList<ResultColumn>? Columns { get; } =
    [
        .. planned.Push.ProgressMs is null ? [] : PushProgress.Columns,
        .. planned.Columns.Select((name, i) => new ResultColumn(name, planned.Plan.Schema.Columns[i].Type) { Origin = ColumnOrigins.Of(planned.Plan, i) }),
    ];

    /// <inheritdoc/>
    public override bool NeedsCommitted { get; } = planned.IsContinuous || ReadsQueryResult(planned.Plan);

    /// <inheritdoc/>
    public override async ValueTask<StatementResult> ExecuteAsync(IReadOnlyList<object?> values, CancellationToken cancellation)
    {
        var properties = session.Settings.Properties;
        if (!planned.IsContinuous)
            return await RunBoundedAsync(values, null, cancellation);
        var context = StatementContext.Create(services, services.Tasks.Time, properties, values, RuleSet.Ksql, failOnError: false, null);
        var start = new PushStart(QueryProperties.BeginsAtLatest(properties, byDefault: true), planned.Push)
        {
            FailsOnLostRecords = session.Settings.Find(SessionSettings.LostRecords) != SessionSettings.WarnOfLostRecords,
        };
        return await PushQuery.StartAsync(planned.Plan, Columns!, start, context, services.Tasks, cancellation);
    }

    /// <summary>Starts a bounded query, measured where meters are given.</summary>
    public async ValueTask<StatementResult> RunBoundedAsync(IReadOnlyList<object?> values, PlanMeters? meters, CancellationToken cancellation)
    {
        var (environment, context) = await StatementContext.OpenAsync(session, services, values, [planned.Plan], cancellation, written);
        var rows = new BoundedPlanner(environment, context, meters).Build(planned.Plan);
        try
        {
            await rows.OpenAsync(cancellation);
        }
        catch
        {
            await rows.DisposeAsync();
            throw;
        }

        return new PullQuery(rows, Columns!, context.Budget, session, services.Tasks.Time);
    }

    // The results of queries show what is committed, and a push query what will be.
    private static bool ReadsQueryResult(LogicalPlan plan) =>
        plan is LogicalScan { Source.QueryId: not null } || plan.Inputs.Any(ReadsQueryResult)
        || PlanExpressions.Subqueries(plan).Any(static subquery => ReadsQueryResult(subquery.Plan));
}
