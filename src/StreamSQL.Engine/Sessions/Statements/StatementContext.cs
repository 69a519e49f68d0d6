using StreamSQL.Data.Functions;
using StreamSQL.Engine.Operators;
using StreamSQL.Engine.Queries.Bounded;
using StreamSQL.Engine.Tasks;
using StreamSQL.Sql.Plans;

namespace StreamSQL.Engine.Sessions.Statements;

/// <summary>What the expressions of a statement are computed in.</summary>
internal static class StatementContext
{
    /// <summary>The context of a bounded statement, with the sub-queries of its plans run.</summary>
    public static async ValueTask<(BoundedEnvironment Environment, OperatorContext Context)> OpenAsync(
        Session session, EngineServices services, IReadOnlyList<object?> values, IReadOnlyList<LogicalPlan> plans,
        CancellationToken cancellation,
        WrittenRows? written = null)
    {
        var properties = session.Settings.Properties;
        var environment = new BoundedEnvironment(
            services.Tasks, services.Queries, services.Relations, session.Snapshot, session.Writes) { Held = session.Held };
        written?.AddTo(environment.WorkingTables);
        var subqueries = new BoundedSubqueries(environment);
        var rules = QueryProperties.IsCompatible(properties) ? RuleSet.Ksql : RuleSet.Postgres;
        var context = Create(services, session.OpenClock(), properties, values, rules, failOnError: true, subqueries);
        subqueries.Context = context;
        foreach (var plan in plans)
            await subqueries.PrepareAsync(plan, cancellation);
        return (environment, context);
    }

    /// <summary>A context.</summary>
    public static OperatorContext Create(
        EngineServices services, TimeProvider time, IReadOnlyDictionary<string, string> properties, IReadOnlyList<object?> values,
        RuleSet rules, bool failOnError,
        BoundedSubqueries? subqueries) => new()
        {
            Partition = 0,
            Time = time,
            Rules = rules,
            Emission = QueryProperties.Emission(properties),
            Counters = new QueryCounters(),
            Budget = Budget(services.Tasks, properties),
            FailOnError = failOnError,
            Parameters = values,
            KsqlCompat = QueryProperties.IsCompatible(properties),
            Subqueries = subqueries,
        };

    private static MemoryBudget Budget(TaskEnvironment tasks, IReadOnlyDictionary<string, string> properties)
    {
        var most = tasks.Options.QueryMemoryLimitBytes;
        return new MemoryBudget("this query", QueryProperties.MemoryBytes(properties, most), tasks.Budget)
        {
            Hint = $"Filter earlier, read fewer columns, or raise the setting {QueryProperties.QueryMemoryBytes} (at most {most}).",
        };
    }
}
