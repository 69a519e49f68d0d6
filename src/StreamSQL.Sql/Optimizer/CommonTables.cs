using Npgsql;
using StreamSQL.Data.Errors;
using StreamSQL.Sql.Expressions;
using StreamSQL.Sql.Optimizer.Unnesting;
using StreamSQL.Sql.Plans;

namespace StreamSQL.Sql.Optimizer;

/// <summary>
/// Decides which common tables are computed once and kept: those that several places read, unless to compute them is as cheap as to keep
/// them, and those that say so. The plans of the others are put where they are read.
/// </summary>
internal sealed class CommonTables
{
    // Walks that enter a common table wherever it is read would take as many steps.
    private const long MaxNodes = 100_000;

    private readonly Func<LogicalPlan, LogicalPlan> _optimize;
    private readonly Dictionary<CommonTableDefinition, int> _reads = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<CommonTableDefinition, long> _nodes = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<CommonTableDefinition, LogicalCommonTable> _kept = new(ReferenceEqualityComparer.Instance);

    /// <summary>Counts who reads what.</summary>
    /// <param name="plan">The whole statement.</param>
    /// <param name="optimize">Optimizes the plan of one that is kept.</param>
    /// <exception cref="SqlException">54001: they read each other too often.</exception>
    public CommonTables(LogicalPlan plan, Func<LogicalPlan, LogicalPlan> optimize)
    {
        _optimize = optimize;
        if (Count(plan) > MaxNodes)
            throw new SqlException(PostgresErrorCodes.StatementTooComplex, "the common tables of the statement read each other too often",
                "Make a table of one of them.");
    }

    /// <summary>The plan with its common tables resolved.</summary>
    public LogicalPlan Resolve(LogicalPlan plan)
    {
        var subqueries = new SubqueryPlans(Resolve);
        return Resolve(plan, subqueries.Rewrite);
    }

    private LogicalPlan Resolve(LogicalPlan plan, Func<BoundExpression, BoundExpression> subqueries)
    {
        if (plan is not LogicalCommonTable { Table: var table })
            return plan.MapInputs(input => Resolve(input, subqueries)).MapExpressions(subqueries);
        if (!IsKept(table))
            return Resolve(table.Plan, subqueries);
        if (!_kept.TryGetValue(table, out var kept))
            _kept.Add(table, kept = new LogicalCommonTable(
                new CommonTableDefinition(table.Number, _optimize(Resolve(table.Plan)), table.IsMaterialized)));
        return kept;
    }

    private bool IsKept(CommonTableDefinition table) => table.IsMaterialized switch
    {
        _ when ReadsRecursion(table.Plan) => false,
        { } said => said,
        null => _reads[table] > 1 && !IsCheap(table.Plan),
    };

    /// <summary>Whether it is rows that lie ready, one by one.</summary>
    private static bool IsCheap(LogicalPlan plan) => plan switch
    {
        LogicalProject or LogicalFilter => IsCheap(plan.Inputs[0]) && !PlanTraits.Of(plan).IsVolatile && !PlanTraits.Of(plan).CanFail,
        LogicalScan { Source.Kind: RelationKind.Table } or LogicalSystemScan => true,
        LogicalValues values => values.Rows.All(static row => row.All(static value => value is BoundLiteral)),
        _ => false,
    };

    /// <summary>Whether it reads the rows of a recursion around it: they change from step to step.</summary>
    private static bool ReadsRecursion(LogicalPlan plan)
    {
        var (made, read) = (new HashSet<int>(), new HashSet<int>());
        Walk(plan);
        return !read.IsSubsetOf(made);

        LogicalPlan Walk(LogicalPlan node)
        {
            if (node is LogicalRecursion recursion)
                made.Add(recursion.Number);
            if (node is LogicalWorkingTable table)
                read.Add(table.Recursion);
            if (node is LogicalCommonTable common)
                Walk(common.Table.Plan);
            return node.MapInputs(Walk).MapExpressions(new SubqueryPlans(Walk).Rewrite);
        }
    }

    private long Count(LogicalPlan plan)
    {
        if (plan is LogicalCommonTable { Table: var table })
        {
            _reads[table] = _reads.GetValueOrDefault(table) + 1;
            if (!_nodes.TryGetValue(table, out var known))
                _nodes.Add(table, known = Count(table.Plan));
            return known;
        }

        var nodes = 1L;
        LogicalPlan Add(LogicalPlan part)
        {
            nodes = Math.Min(nodes + Count(part), long.MaxValue / 2);
            return part;
        }

        plan.MapInputs(Add).MapExpressions(new SubqueryPlans(Add).Rewrite);
        return nodes;
    }
}
