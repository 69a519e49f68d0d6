using StreamSQL.Data.Columns;
using StreamSQL.Data.Formats.Rows;
using StreamSQL.Sql.Expressions;
using StreamSQL.Sql.Plans;

namespace StreamSQL.Sql.Optimizer.Unnesting;

/// <summary>
/// A sub-query that gives one row of aggregates over all of its rows: as groups, one for each enclosing row that has rows at all, and what
/// aggregates over no rows are for the others.
/// </summary>
/// <param name="Groups">The groups. Its outputs are the aggregates.</param>
/// <param name="Empty">The aggregates over no rows.</param>
/// <param name="Having">What must hold for there to be a row, over the outputs and the enclosing row.</param>
/// <param name="Values">The sub-query's columns, over the outputs and the enclosing row.</param>
internal sealed record AggregatedRow(Unnested Groups, IReadOnlyList<BoundLiteral> Empty, IReadOnlyList<BoundExpression> Having,
    IReadOnlyList<BoundExpression> Values)
{
    /// <summary>Whether a plan has the form.</summary>
    public static bool Is(LogicalPlan plan) => plan switch
    {
        LogicalAggregate aggregate => aggregate is { Keys.Count: 0, GroupingSets: null, Groupings.Count: 0 },
        LogicalProject or LogicalFilter or LogicalSort or LogicalLimit { Count: BoundLiteral { Value: long and > 0 }, Offset: null } =>
            Is(plan.Inputs[0]),
        _ => false,
    };

    /// <summary>Takes a plan of the form apart.</summary>
    /// <exception cref="NotUnnestedException">The rows below cannot be found by equalities.</exception>
    public static AggregatedRow Of(LogicalPlan plan, Decorrelation decorrelation)
    {
        switch (plan)
        {
            case LogicalAggregate aggregate:
                var groups = decorrelation.Group(aggregate);
                return new(groups, [.. aggregate.Aggregates.Select(EmptyValue)], [], Unnested.Of(aggregate).Outputs);
            case LogicalProject project:
                var input = Of(project.Input, decorrelation);
                return input with { Values = [.. project.Expressions.Select(input.Over)] };
            case LogicalFilter filter:
                var filtered = Of(filter.Input, decorrelation);
                return filtered with { Having = [.. filtered.Having, filtered.Over(filter.Predicate)] };
            default:
                return Of(plan.Inputs[0], decorrelation);
        }
    }

    private BoundExpression Over(BoundExpression expression)
    {
        var moved = new Unnested(Groups.Plan, [], Values, []).Substitute(expression);
        return PlanTraits.Of(moved) is { ReadsFarOuter: true } or { HasPseudoColumn: true } ? throw new NotUnnestedException() : moved;
    }

    private static BoundLiteral EmptyValue(AggregateCall call)
    {
        var state = call.Binding.CreateState();
        state.EnsureSlots(1);
        var value = Column.Create(call.Binding.ResultType);
        value.Reset(1);
        state.Read([0], value, 0);
        return new BoundLiteral(ColumnReader.Read(value, 0), call.Binding.ResultType);
    }
}
