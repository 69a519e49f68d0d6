using Npgsql;
using StreamSQL.Data.Errors;
using StreamSQL.Data.Functions;
using StreamSQL.Engine.Operators;
using StreamSQL.Sql.Expressions;

namespace StreamSQL.Engine.Expressions;

/// <summary>Turns bound expressions into evaluator trees.</summary>
internal static class ExpressionBuilder
{
    /// <summary>Builds the tree of an expression.</summary>
    /// <exception cref="SqlException">42P02: a parameter without a value; 0A000: a sub-query where none can be run.</exception>
    public static ExpressionNode Build(BoundExpression expression, OperatorContext context) => expression switch
    {
        BoundLiteral literal => new ConstantNode(literal.Value, literal.Type),
        BoundParameter parameter => new ParameterNode(parameter, context),
        BoundColumn column => new ColumnNode(column.Index),
        BoundPseudoColumn pseudo => new PseudoColumnNode(pseudo.Kind),
        BoundCall call => new CallNode(call, BuildAll(call.Arguments, context)),
        BoundLambdaCall call => new LambdaNode(call, context),
        BoundLogical { IsAnd: false, Operands.Count: >= InListNode.MinItems } list when InList(list, context) is { } node => node,
        BoundLogical logical => new LogicalNode(logical.IsAnd, BuildAll(logical.Operands, context)),
        BoundNot not => new NotNode(Build(not.Operand, context)),
        BoundIsNull isNull => new IsNullNode(Build(isNull.Operand, context), isNull.Negated),
        BoundCase @case => BuildCase(@case, context),
        BoundCoalesce coalesce => new CoalesceNode(BuildAll(coalesce.Arguments, context), coalesce.Type),
        BoundOuterColumn outer => new OuterColumnNode(context.OuterRows[outer.Depth - 1], outer.Index, outer.Type),
        BoundSubquery subquery => BuildSubquery(subquery, context),
        _ => throw new InvalidOperationException($"no evaluator for {expression.GetType().Name}"),
    };

    /// <summary>Builds the trees of several expressions.</summary>
    public static ExpressionNode[] BuildAll(IReadOnlyList<BoundExpression> expressions, OperatorContext context)
    {
        var nodes = new ExpressionNode[expressions.Count];
        for (var i = 0; i < nodes.Length; i++)
            nodes[i] = Build(expressions[i], context);
        return nodes;
    }

    /// <summary>Equalities of one value with constants, as one look-up; null where they are something else.</summary>
    private static InListNode? InList(BoundLogical list, OperatorContext context)
    {
        if (context.Rules != RuleSet.Postgres || list.Operands[0] is not BoundCall { Name: "=", Arguments: [var operand, _] }
            || !InListNode.Takes(operand.Type))
            return null;
        var items = new List<BoundExpression>(list.Operands.Count);
        foreach (var test in list.Operands)
        {
            if (test is not BoundCall { Name: "=", Arguments: [var left, BoundLiteral or BoundParameter] and var arguments }
                || !arguments[1].Type.Equals(operand.Type) || !BoundExpressionComparer.AreSame(left, operand))
                return null;
            items.Add(arguments[1]);
        }

        return new InListNode(Build(operand, context), operand.Type, items, context);
    }

    private static CaseNode BuildCase(BoundCase @case, OperatorContext context)
    {
        var branches = new CaseNode.Branch[@case.Branches.Count];
        for (var i = 0; i < branches.Length; i++)
            branches[i] = new(Build(@case.Branches[i].Condition, context), Build(@case.Branches[i].Result, context));
        return new CaseNode(branches, @case.Else is null ? null : Build(@case.Else, context), @case.Type);
    }

    private static SubqueryNode BuildSubquery(BoundSubquery subquery, OperatorContext context)
    {
        var runner = context.Subqueries
            ?? throw new SqlException(PostgresErrorCodes.FeatureNotSupported, "sub-queries are not supported in this kind of query");
        return new SubqueryNode(subquery, subquery.Operand is null ? null : Build(subquery.Operand, context), runner);
    }
}
