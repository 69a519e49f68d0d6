using StreamSQL.Sql.Plans;

namespace StreamSQL.Sql.Optimizer;

/// <summary>Rewrites a plan into one that gives the same rows with less work: a fixed sequence of named passes.</summary>
public static class PlanOptimizer
{
    private static readonly OptimizerPass[] Passes =
    [
        new("fold constants", ConstantFolding.Run),
        new("push filters down", FilterPushdown.Run),
        new("find rows by key", KeyAccessDerivation.Run),
        new("read wanted columns only", ColumnPruning.Run),
    ];

    /// <summary>Runs all passes.</summary>
    /// <exception cref="InvalidOperationException">A pass changed the columns that the plan gives: a defect of the pass.</exception>
    public static LogicalPlan Optimize(LogicalPlan plan)
    {
        foreach (var pass in Passes)
        {
            var rewritten = pass.Run(plan);
            if (!rewritten.Schema.Columns.SequenceEqual(plan.Schema.Columns))
                throw new InvalidOperationException($"the optimizer pass \"{pass.Name}\" changed the columns of the plan");
            plan = rewritten;
        }

        return plan;
    }

    private sealed record OptimizerPass(string Name, Func<LogicalPlan, LogicalPlan> Run);
}
