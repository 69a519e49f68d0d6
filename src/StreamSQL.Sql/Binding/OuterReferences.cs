using StreamSQL.Sql.Expressions;
using StreamSQL.Sql.Plans;

namespace StreamSQL.Sql.Binding;

/// <summary>Finds out whether a sub-query's plan reads rows of the queries around it.</summary>
internal sealed class OuterReferences : ExpressionRewriter
{
    private readonly int? _wanted;
    private bool _found;

    private OuterReferences(int? wanted) => _wanted = wanted;

    /// <summary>Whether it reads any of them.</summary>
    public static bool Any(LogicalPlan plan) => Find(plan, null);

    /// <summary>Whether it reads the query that many levels out.</summary>
    public static bool To(LogicalPlan plan, int depth) => Find(plan, depth);

    private static bool Find(LogicalPlan plan, int? wanted)
    {
        var visitor = new OuterReferences(wanted);
        visitor.Visit(plan);
        return visitor._found;
    }

    /// <inheritdoc/>
    protected override BoundExpression RewriteOuterColumn(BoundOuterColumn column)
    {
        _found |= _wanted is { } wanted ? column.Depth == Depth + wanted : column.Depth > Depth;
        return column;
    }

    private LogicalPlan Visit(LogicalPlan plan) => plan.MapInputs(Visit).MapExpressions(Rewrite);
}
