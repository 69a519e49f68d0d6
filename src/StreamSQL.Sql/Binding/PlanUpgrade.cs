using StreamSQL.Data.Errors;
using StreamSQL.Sql.Expressions;
using StreamSQL.Sql.Plans;

namespace StreamSQL.Sql.Binding;

/// <summary>
/// What CREATE OR REPLACE ... AS SELECT may change of a running query: filters and projections. What has state - keys, aggregates, windows,
/// joins - and what is read stay, since the query goes on with the state that it has. Under
/// <c>ksql.compat</c> ksqlDB's further limits hold.
/// </summary>
internal static class PlanUpgrade
{
    /// <exception cref="SqlException">0A000: the query cannot be changed so.</exception>
    public static void Check(LogicalPlan before, LogicalPlan after, bool isCompatible, TextPosition position)
    {
        var (old, @new) = (Core(before).ToList(), Core(after).ToList());
        if (isCompatible)
            CheckCompatible(before, old, after, position);
        var oldShape = old.Select(Describe).ToList();
        var newShape = @new.Select(Describe).ToList();
        if (!oldShape.SequenceEqual(newShape))
        {
            throw BindingErrors.NotSupported(
                $"Upgrades not yet supported for this change: the query has {Difference(oldShape, newShape)}, and would have " +
                    $"{Difference(newShape, oldShape)}", position,
                "Filters and the select list can be changed; for all else DROP it and create it again.");
        }
    }

    /// <summary>Without filters and projections.</summary>
    private static IEnumerable<LogicalPlan> Core(LogicalPlan plan)
    {
        var below = plan.Inputs.SelectMany(Core);
        return plan is LogicalFilter or LogicalProject ? below : below.Append(plan);
    }

    private static void CheckCompatible(LogicalPlan before, List<LogicalPlan> old, LogicalPlan after, TextPosition position)
    {
        foreach (var node in old)
        {
            var step = node switch
            {
                LogicalJoin { Left.Schema.Kind: RelationKind.Stream, Right.Schema.Kind: RelationKind.Table } => "StreamTableJoin",
                LogicalJoin { Left.Schema.Kind: RelationKind.Stream } => "StreamStreamJoin",
                LogicalJoin => "TableTableJoin",
                LogicalAggregate { Window: not null } => "StreamWindowedAggregate",
                _ => null,
            };
            if (step is not null)
                throw BindingErrors.NotSupported($"Upgrades not yet supported for {step}", position, "DROP it and create it again.");
        }

        if (Aggregate(before) is not { } oldAggregate || Aggregate(after) is not { } newAggregate)
            return;
        var (oldColumns, newColumns) = (Inputs(oldAggregate), Inputs(newAggregate));
        if (!oldColumns.SequenceEqual(newColumns))
        {
            throw BindingErrors.NotSupported(
                $"StreamAggregate must have matching columns not part of aggregate. Values differ: [{string.Join(", ", oldColumns)}] vs. " +
                    $"[{string.Join(", ", newColumns)}]", position);
        }
    }

    private static LogicalAggregate? Aggregate(LogicalPlan plan) => plan as LogicalAggregate
        ?? plan.Inputs.Select(Aggregate).FirstOrDefault(static found => found is not null);

    // What ksqlDB stores beside an aggregate: its keys, the time where rows are counted, and the other columns that the query reads.
    private static List<string> Inputs(LogicalAggregate aggregate)
    {
        var keys = aggregate.Keys.OfType<BoundColumn>().Select(static key => $"`{key.Name}`").ToList();
        if (aggregate.Aggregates.Any(static call => call.Arguments.Count == 0))
            keys.Add("`ROWTIME`");
        var read = Core(aggregate).OfType<LogicalScan>()
            .SelectMany(static scan => scan.Schema.Columns.Select(static column => $"`{column.Name}`"));
        return [.. keys.Union(read)];
    }

    private static string Describe(LogicalPlan node) => node switch
    {
        LogicalScan scan => scan.Source.Name,
        LogicalRekey rekey => $"PARTITION BY {Names(rekey.Keys)}",
        LogicalAggregate aggregate =>
            (string.Join(", ", aggregate.Aggregates.Select(static call => $"{call.Name}({Names(call.Arguments)})"))
                + $" BY {Names(aggregate.Keys)} {aggregate.Window} {(aggregate.EmitFinal ? "EMIT FINAL" : "")}").TrimEnd(),
        LogicalJoin join => $"{join.Kind} JOIN on {Names(join.LeftKeys)} = {Names(join.RightKeys)} {join.Within}".TrimEnd(),
        _ => node.GetType().Name,
    };

    private static string Difference(List<string> these, List<string> those) =>
        string.Join("; ", these.Except(those)) is { Length: > 0 } text ? text : "nothing of it";

    // Where a column stands may change; what it is called may not.
    private static string Names(IEnumerable<BoundExpression> expressions) =>
        string.Join(", ", expressions.Select(static e => ExpressionPrinter.Print(e).Split('#')[0]));
}
