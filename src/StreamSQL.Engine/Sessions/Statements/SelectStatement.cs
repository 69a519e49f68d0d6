using StreamSQL.Data.Functions;
using StreamSQL.Data.Types;
using StreamSQL.Engine.Operators;
using StreamSQL.Engine.Queries.Bounded;
using StreamSQL.Engine.Queries.Push;
using StreamSQL.Engine.Tasks;
using StreamSQL.Sql.Binding;

namespace StreamSQL.Engine.Sessions.Statements;

/// <summary>SELECT: bounded, or with EMIT CHANGES a push query.</summary>
internal sealed class SelectStatement(Session session, EngineServices services, PlannedSelect planned) : SessionStatement
{
    /// <inheritdoc/>
    public override IReadOnlyList<SqlType> ParameterTypes => planned.ParameterTypes;

    /// <inheritdoc/>
    public override IReadOnlyList<ResultColumn>? Columns { get; } =
        planned.Columns.Select((name, i) => new ResultColumn(name, planned.Plan.Schema.Columns[i].Type)).ToArray();

    /// <inheritdoc/>
    public override async ValueTask<StatementResult> ExecuteAsync(IReadOnlyList<object?> values, CancellationToken cancellation)
    {
        var properties = session.Settings.Properties;
        if (!planned.IsContinuous)
            return await RunBoundedAsync(properties, values, cancellation);
        var context = Context(properties, values, RuleSet.Ksql, failOnError: false, null);
        var fromLatest = QueryProperties.BeginsAtLatest(properties, byDefault: true);
        return await PushQuery.StartAsync(planned.Plan, Columns!, fromLatest, context, services.Tasks, cancellation);
    }

    private async ValueTask<StatementResult> RunBoundedAsync(
        IReadOnlyDictionary<string, string> properties, IReadOnlyList<object?> values, CancellationToken cancellation)
    {
        var environment = new BoundedEnvironment(services.Tasks, services.Queries, services.SystemRelations, session.Snapshot, session.Writes);
        var subqueries = new BoundedSubqueries(environment);
        var rules = QueryProperties.IsCompatible(properties) ? RuleSet.Ksql : RuleSet.Postgres;
        var context = Context(properties, values, rules, failOnError: true, subqueries);
        subqueries.Context = context;
        await subqueries.PrepareAsync(planned.Plan, cancellation);
        var rows = new BoundedPlanner(environment, context).Build(planned.Plan);
        try
        {
            await rows.OpenAsync(cancellation);
        }
        catch
        {
            await rows.DisposeAsync();
            throw;
        }

        return new PullQuery(rows, Columns!, context.Budget);
    }

    private OperatorContext Context(
        IReadOnlyDictionary<string, string> properties, IReadOnlyList<object?> values, RuleSet rules, bool failOnError, BoundedSubqueries? subqueries) => new()
        {
            Partition = 0,
            Time = services.Tasks.Time,
            Rules = rules,
            Emission = QueryProperties.Emission(properties),
            Counters = new QueryCounters(),
            Budget = new MemoryBudget("this query", services.Tasks.Options.QueryMemoryLimitBytes, services.Tasks.Budget),
            FailOnError = failOnError,
            Parameters = values,
            KsqlCompat = QueryProperties.IsCompatible(properties),
            Subqueries = subqueries,
        };
}
