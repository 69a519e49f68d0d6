using StreamSQL.Data.Functions;
using StreamSQL.Data.Types;
using StreamSQL.Sql.Expressions;
using StreamSQL.Sql.Plans;

namespace StreamSQL.Sql.Optimizer;

/// <summary>
/// Replaces calls of deterministic functions over constants by their value, and drops operands of AND and OR that decide nothing. A call
/// that fails is left as it is: whether its error shows depends on whether a row ever reaches it.
/// </summary>
internal sealed class ConstantFolding : ExpressionRewriter
{
    /// <summary>Folds all expressions of a plan.</summary>
    public static LogicalPlan Run(LogicalPlan plan)
    {
        var folding = new ConstantFolding();
        return Fold(plan);

        LogicalPlan Fold(LogicalPlan node) => node.MapInputs(Fold).MapExpressions(folding.Rewrite);
    }

    /// <inheritdoc/>
    protected override BoundExpression RewriteCall(BoundCall call)
    {
        var rewritten = (BoundCall)base.RewriteCall(call);
        var folds = rewritten.Binding is { IsDeterministic: true, DependsOnSession: false }
            && rewritten.Arguments.All(static argument => argument is BoundLiteral);
        return folds && ConstantEvaluation.Evaluate(rewritten, new EvaluationErrors()) is { } value ? value : rewritten;
    }

    /// <inheritdoc/>
    protected override BoundExpression RewriteLogical(BoundLogical logical)
    {
        var rewritten = (BoundLogical)base.RewriteLogical(logical);
        if (!rewritten.Operands.Any(static operand => operand is BoundLiteral { Value: bool }))
            return rewritten;
        var decisive = !rewritten.IsAnd;
        var operands = new List<BoundExpression>(rewritten.Operands.Count);
        foreach (var operand in rewritten.Operands)
        {
            if (operand is not BoundLiteral { Value: bool value })
                operands.Add(operand);
            else if (value == decisive && operands.Count == 0)
                return operand;
            else if (value == decisive)
                operands.Add(operand);
        }

        return operands.Count switch
        {
            0 => new BoundLiteral(rewritten.IsAnd, SqlType.Boolean),
            1 => operands[0],
            _ => rewritten with { Operands = operands },
        };
    }

    /// <inheritdoc/>
    protected override BoundExpression RewriteNot(BoundNot not)
    {
        var rewritten = base.RewriteNot(not);
        return rewritten is BoundNot { Operand: BoundLiteral { Value: bool value } } ? new BoundLiteral(!value, SqlType.Boolean)
            : rewritten;
    }
}
