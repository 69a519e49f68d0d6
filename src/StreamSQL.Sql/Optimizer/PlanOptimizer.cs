using StreamSQL.Data.Functions;
using StreamSQL.Sql.Optimizer.Unnesting;
using StreamSQL.Sql.Plans;

namespace StreamSQL.Sql.Optimizer;

/// <summary>Rewrites a plan into one that gives the same rows with less work: a fixed sequence of named passes.</summary>
public static class PlanOptimizer
{
    private static readonly OptimizerPass[] Passes =
    [
        new("fold constants", static (plan, _) => ConstantFolding.Run(plan)),
        new("run sub-queries as joins", static (plan, functions) => functions is null ? plan : SubqueryUnnesting.Run(plan, functions)),
        new("push filters down", static (plan, _) => FilterPushdown.Run(plan)),
        new("find rows by key", static (plan, _) => KeyAccessDerivation.Run(plan)),
        new("read wanted columns only", static (plan, _) => ColumnPruning.Run(plan)),
    ];

    /// <summary>Runs all passes over a plan and over the common tables that it keeps.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="functions">The functions of a bounded query by PostgreSQL's rules; null for other
    /// queries, whose sub-queries stay as they are.</param>
    /// <exception cref="Data.Errors.SqlException">54001: common tables that read each other are too many.</exception>
    /// <exception cref="InvalidOperationException">A pass changed the columns that the plan gives: a defect of the pass.</exception>
    public static LogicalPlan Optimize(LogicalPlan plan, FunctionRegistry? functions = null)
    {
        var tables = new CommonTables(plan, part => RunPasses(part, functions));
        return RunPasses(tables.Resolve(plan), functions);
    }

    private static LogicalPlan RunPasses(LogicalPlan plan, FunctionRegistry? functions)
    {
        foreach (var pass in Passes)
        {
            var rewritten = pass.Run(plan, functions);
            if (!rewritten.Schema.Columns.SequenceEqual(plan.Schema.Columns))
                throw new InvalidOperationException($"the optimizer pass \"{pass.Name}\" changed the columns of the plan");
            plan = rewritten;
        }

        return plan;
    }

    private sealed record OptimizerPass(string Name, Func<LogicalPlan, FunctionRegistry?, LogicalPlan> Run);
}
