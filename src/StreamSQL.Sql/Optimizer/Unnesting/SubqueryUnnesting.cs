using StreamSQL.Data.Functions;
using StreamSQL.Sql.Expressions;
using StreamSQL.Sql.Plans;

namespace StreamSQL.Sql.Optimizer.Unnesting;

/// <summary>
/// Turns sub-queries and LATERAL queries that read the rows around them into joins, so that they are computed for all rows at once: EXISTS
/// and IN into semi and anti joins and marks, single values into outer joins, aggregates into groupings that are joined. What has another
/// form stays, and is run row by row.
/// </summary>
internal sealed class SubqueryUnnesting
{
    private readonly PlanFunctions _functions;
    private readonly bool _joinsValues;

    private SubqueryUnnesting(PlanFunctions functions, bool joinsValues)
    {
        _functions = functions;
        _joinsValues = joinsValues;
    }

    /// <summary>Rewrites a bounded query's plan and the plans of its sub-queries.</summary>
    public static LogicalPlan Run(LogicalPlan plan, FunctionRegistry functions) =>
        new SubqueryUnnesting(new PlanFunctions(functions), !PlanTraits.Of(plan).HasPseudoColumn).Visit(plan);

    private LogicalPlan Visit(LogicalPlan plan)
    {
        var subqueries = new SubqueryPlans(Visit);
        plan = plan.MapInputs(Visit).MapExpressions(subqueries.Rewrite);
        return plan switch
        {
            LogicalFilter filter => Unnest(filter),
            LogicalProject project when project.Expressions.Any(HasSubquery) => Unnest(project),
            LogicalAggregate aggregate => Unnest(aggregate),
            LogicalJoin { Kind: JoinKind.Inner, KeyColumns: 0, Residual: { } residual } join when HasSubquery(residual) =>
                Unnest(AsFilter(join, residual)),
            LogicalApply apply when _joinsValues => Unnest(apply),
            _ => plan,
        };
    }

    private static bool HasSubquery(BoundExpression expression) => ColumnUse.Of(expression).HasSubquery;

    private LogicalPlan Unnest(LogicalFilter filter)
    {
        var conditions = Conjunctions.Split(filter.Predicate).ToLookup(HasSubquery);
        if (!conditions[true].Any())
            return filter;
        var plain = Conjunctions.Combine([.. conditions[false]]);
        var rows = new JoinedPlan(plain is null ? filter.Input : new LogicalFilter(filter.Input, plain));
        var columns = new SubqueryColumns(rows, _functions, _joinsValues);
        // What keeps rows by itself comes first: the others see fewer.
        var left = conditions[true].OrderBy(static condition => condition is BoundSubquery or BoundNot { Operand: BoundSubquery } ? 0 : 1)
            .Select(columns.Condition).OfType<BoundExpression>().ToArray();
        var kept = Conjunctions.Combine(left) is { } rest ? new LogicalFilter(rows.Plan, rest) : rows.Plan;
        return Shown(kept, filter.Schema, Unnested.Of(filter).Outputs);
    }

    private LogicalProject Unnest(LogicalProject project)
    {
        var rows = new JoinedPlan(project.Input);
        var columns = new SubqueryColumns(rows, _functions, _joinsValues);
        BoundExpression[] expressions = [.. project.Expressions.Select(columns.Rewrite)];
        return project with { Input = rows.Plan, Expressions = expressions };
    }

    private LogicalAggregate Unnest(LogicalAggregate aggregate)
    {
        var rows = new JoinedPlan(aggregate.Input);
        var columns = new SubqueryColumns(rows, _functions, _joinsValues);
        var rewritten = (LogicalAggregate)aggregate.MapExpressions(columns.Rewrite);
        return ReferenceEquals(rows.Plan, aggregate.Input) ? aggregate : rewritten with { Input = rows.Plan };
    }

    private static LogicalFilter AsFilter(LogicalJoin join, BoundExpression residual)
    {
        var parts = Conjunctions.Split(residual).ToLookup(HasSubquery);
        return new LogicalFilter(join with { Residual = Conjunctions.Combine([.. parts[false]]) }, Conjunctions.Combine([.. parts[true]])!);
    }

    private LogicalPlan Unnest(LogicalApply apply)
    {
        if (PlanTraits.Of(apply.Plan).IsVolatile)
            return apply;
        try
        {
            var rows = new JoinedPlan(apply.Input);
            var outputs = Outputs(apply, rows);
            return Shown(rows.Plan, apply.Schema, [.. Unnested.Of(apply.Input).Outputs, .. outputs]);
        }
        catch (NotUnnestedException)
        {
            return apply;
        }
    }

    private IReadOnlyList<BoundExpression> Outputs(LogicalApply apply, JoinedPlan rows)
    {
        var decorrelation = new Decorrelation(_functions);
        if (!AggregatedRow.Is(apply.Plan))
        {
            var found = decorrelation.Pull(apply.Plan, isAny: false);
            return apply.IsOuter ? rows.JoinOptional(found, JoinKind.Left, out _) : rows.Join(found);
        }

        var (values, isThere) = rows.JoinAggregated(AggregatedRow.Of(apply.Plan, decorrelation));
        if (isThere is null)
            return values;
        if (apply.IsOuter)
            return [.. values.Select(value => JoinedPlan.When(isThere, value, null))];
        rows.Filter(isThere);
        return values;
    }

    private static LogicalPlan Shown(LogicalPlan plan, PlanSchema schema, IReadOnlyList<BoundExpression> columns) =>
        plan.Schema.Columns.Count == schema.Columns.Count
            && columns.Select(static (e, i) => e is BoundColumn column && column.Index == i).All(static same => same)
            ? plan
            : new LogicalProject(plan, columns, schema);
}
