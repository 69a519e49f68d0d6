using StreamSQL.Sql.Plans;

namespace StreamSQL.Sql.Expressions;

/// <summary>
/// Rebuilds expressions bottom-up. Override what is to change; what does not change is returned as the
/// same object. Plans of sub-queries are entered, and <see cref="Depth"/> tells how deep: a <see cref="BoundOuterColumn"/> with that depth
/// belongs to the expression's own input.
/// </summary>
public abstract class ExpressionRewriter
{
    /// <summary>Sub-queries entered.</summary>
    protected int Depth { get; private set; }

    /// <summary>The rewritten expression.</summary>
    public BoundExpression Rewrite(BoundExpression expression)
    {
        System.Runtime.CompilerServices.RuntimeHelpers.EnsureSufficientExecutionStack();
        return Replace(expression) ?? expression switch
        {
            BoundColumn column => Depth == 0 ? RewriteColumn(column) : column,
            BoundOuterColumn outer => RewriteOuterColumn(outer),
            BoundCall call => RewriteCall(call),
            BoundLambdaCall call => RewriteLambdaCall(call),
            BoundLogical logical => RewriteLogical(logical),
            BoundNot not => RewriteNot(not),
            BoundIsNull isNull => With(isNull, isNull.Operand, static (e, operand) => e with { Operand = operand }),
            BoundCase @case => RewriteCase(@case),
            BoundCoalesce coalesce => RewriteList(coalesce.Arguments) is { } changed ? coalesce with { Arguments = changed } : coalesce,
            BoundSubquery subquery => RewriteSubquery(subquery),
            _ => expression,
        };
    }

    /// <summary>The rewritten expressions, or null when none changed.</summary>
    public IReadOnlyList<BoundExpression>? RewriteList(IReadOnlyList<BoundExpression> expressions)
    {
        BoundExpression[]? changed = null;
        for (var i = 0; i < expressions.Count; i++)
        {
            var rewritten = Rewrite(expressions[i]);
            if (changed is null && !ReferenceEquals(rewritten, expressions[i]))
                changed = [.. expressions];
            if (changed is not null)
                changed[i] = rewritten;
        }

        return changed;
    }

    /// <summary>Another expression for a whole one, whatever it is; null to go on into it.</summary>
    protected virtual BoundExpression? Replace(BoundExpression expression) => null;

    /// <summary>A column of the expression's own input.</summary>
    protected virtual BoundExpression RewriteColumn(BoundColumn column) => column;

    /// <summary>A column of an enclosing query; of the expression's own input when its depth is <see cref="Depth"/>.</summary>
    protected virtual BoundExpression RewriteOuterColumn(BoundOuterColumn column) => column;

    /// <summary>A call.</summary>
    protected virtual BoundExpression RewriteCall(BoundCall call) =>
        RewriteList(call.Arguments) is { } changed ? call with { Arguments = changed } : call;

    /// <summary>A lambda: its body reads the same input as the expression around it.</summary>
    protected virtual BoundLambda RewriteLambda(BoundLambda lambda)
    {
        var body = Rewrite(lambda.Body);
        return ReferenceEquals(body, lambda.Body) ? lambda : lambda with { Body = body };
    }

    /// <summary>AND or OR.</summary>
    protected virtual BoundExpression RewriteLogical(BoundLogical logical) =>
        RewriteList(logical.Operands) is { } changed ? logical with { Operands = changed } : logical;

    /// <summary>NOT.</summary>
    protected virtual BoundExpression RewriteNot(BoundNot not) =>
        With(not, not.Operand, static (e, operand) => e with { Operand = operand });

    /// <summary>A sub-query, whose plan's own expressions are rewritten too.</summary>
    protected virtual BoundExpression RewriteSubquery(BoundSubquery subquery)
    {
        var operand = subquery.Operand is null ? null : Rewrite(subquery.Operand);
        Depth++;
        var plan = RewritePlan(subquery.Plan);
        Depth--;
        return ReferenceEquals(operand, subquery.Operand) && ReferenceEquals(plan, subquery.Plan)
            ? subquery
            : subquery with { Operand = operand, Plan = plan };
    }

    private LogicalPlan RewritePlan(LogicalPlan plan) =>
        plan.MapInputs(RewritePlan).MapExpressions(Rewrite);

    private BoundLambdaCall RewriteLambdaCall(BoundLambdaCall call)
    {
        var arguments = RewriteList(call.Arguments);
        BoundLambda[] lambdas = [.. call.Lambdas.Select(RewriteLambda)];
        return arguments is null && lambdas.Zip(call.Lambdas).All(static pair => ReferenceEquals(pair.First, pair.Second))
            ? call
            : call with { Arguments = arguments ?? call.Arguments, Lambdas = lambdas };
    }

    private BoundCase RewriteCase(BoundCase @case)
    {
        var branches = @case.Branches.Select(branch => new BoundCaseBranch(Rewrite(branch.Condition), Rewrite(branch.Result))).ToArray();
        var otherwise = @case.Else is null ? null : Rewrite(@case.Else);
        var same = ReferenceEquals(otherwise, @case.Else) && branches.Zip(@case.Branches).All(static pair =>
            ReferenceEquals(pair.First.Condition, pair.Second.Condition) && ReferenceEquals(pair.First.Result, pair.Second.Result));
        return same ? @case : @case with { Branches = branches, Else = otherwise };
    }

    private T With<T>(T expression, BoundExpression operand, Func<T, BoundExpression, T> rebuild)
        where T : BoundExpression
    {
        var rewritten = Rewrite(operand);
        return ReferenceEquals(rewritten, operand) ? expression : rebuild(expression, rewritten);
    }
}
