using StreamSQL.Data.Types;
using StreamSQL.Sql.Expressions;
using StreamSQL.Sql.Plans;

namespace StreamSQL.Sql.Optimizer.Unnesting;

/// <summary>What stands in a plan or an expression, sub-queries included.</summary>
internal sealed class PlanTraits : ExpressionRewriter
{
    private static readonly HashSet<string> Harmless = new(StringComparer.Ordinal)
    {
        "=", "<>", "<", "<=", ">", ">=", "IS DISTINCT FROM", "IS NOT DISTINCT FROM", "LIKE", "NOT LIKE", "||",
    };

    private static readonly HashSet<string> Risky = new(StringComparer.Ordinal)
    {
        "/", "%", "MOD", "DIV", "SQRT", "CBRT", "LN", "LOG", "LOG10", "EXP", "POWER", "POW", "^", "CHR", "TO_NUMBER", "TO_DATE",
        "TO_TIMESTAMP",
    };

    private PlanTraits()
    {
    }

    /// <summary>Whether equal rows can give different results.</summary>
    public bool IsVolatile { get; private set; }

    /// <summary>Whether a row's place in its topic, or its time, is asked for.</summary>
    public bool HasPseudoColumn { get; private set; }

    /// <summary>Whether something can fail for a row.</summary>
    public bool CanFail { get; private set; }

    /// <summary>
    /// Whether something fails for ordinary values, as a division by zero: a statement may have taken care that such a row is never asked.
    /// </summary>
    public bool IsRisky { get; private set; }

    /// <summary>Whether a row of a query around it is read.</summary>
    public bool ReadsOuter { get; private set; }

    /// <summary>Whether it is read from further out than the next query, or from within a sub-query.</summary>
    public bool ReadsFarOuter { get; private set; }

    /// <summary>Whether its own input is read.</summary>
    public bool ReadsInput { get; private set; }

    /// <summary>The traits of a sub-query's plan.</summary>
    public static PlanTraits Of(LogicalPlan plan)
    {
        var traits = new PlanTraits();
        traits.Visit(plan);
        return traits;
    }

    /// <summary>The traits of an expression.</summary>
    public static PlanTraits Of(BoundExpression expression)
    {
        var traits = new PlanTraits();
        traits.Rewrite(expression);
        return traits;
    }

    /// <inheritdoc/>
    protected override BoundExpression? Replace(BoundExpression expression)
    {
        HasPseudoColumn |= expression is BoundPseudoColumn;
        CanFail |= expression is BoundLambdaCall or BoundSubquery;
        return null;
    }

    /// <inheritdoc/>
    protected override BoundExpression RewriteColumn(BoundColumn column)
    {
        ReadsInput = true;
        return column;
    }

    /// <inheritdoc/>
    protected override BoundExpression RewriteOuterColumn(BoundOuterColumn column)
    {
        ReadsInput |= column.Depth == Depth;
        ReadsOuter |= column.Depth > Depth;
        ReadsFarOuter |= column.Depth > Depth && (Depth > 0 || column.Depth > 1);
        return column;
    }

    /// <inheritdoc/>
    protected override BoundExpression RewriteCall(BoundCall call)
    {
        IsVolatile |= !call.Binding.IsDeterministic;
        CanFail |= !Harmless.Contains(call.Name) && !Widens(call);
        IsRisky |= Risky.Contains(call.Name)
            || (call.Name == "CAST" && call.Arguments[0].Type.Kind is SqlTypeKind.Varchar or SqlTypeKind.Json
                && call.Type.Kind != SqlTypeKind.Varchar);
        return base.RewriteCall(call);
    }

    private static bool Widens(BoundCall call) =>
        call.Name == "CAST" && call.Arguments[0].Type.Kind == SqlTypeKind.Integer
            && call.Type.Kind is SqlTypeKind.BigInt or SqlTypeKind.Double;

    private LogicalPlan Visit(LogicalPlan plan)
    {
        CanFail |= plan is LogicalExpand or LogicalWindow or LogicalRecursion or LogicalLimit or LogicalCommonTable
            or LogicalJoin { Kind: JoinKind.Single }
            || (plan is LogicalAggregate aggregate
                && aggregate.Aggregates.Any(static call => call.Name is not ("COUNT" or "MIN" or "MAX")));
        return plan.MapInputs(Visit).MapExpressions(Rewrite);
    }
}
