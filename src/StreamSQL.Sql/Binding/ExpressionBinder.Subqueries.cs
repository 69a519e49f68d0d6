using StreamSQL.Data.Errors;
using StreamSQL.Data.Types;
using StreamSQL.Sql.Expressions;
using StreamSQL.Sql.Plans;
using StreamSQL.Sql.Syntax;

namespace StreamSQL.Sql.Binding;

internal sealed partial class ExpressionBinder
{
    private BoundExpression Subquery(Expression syntax) => syntax switch
    {
        ScalarQueryExpression scalar => Scalar(scalar),
        ExistsExpression exists => Make(SubqueryKind.Exists, Plan(exists.Query), null, SqlType.Boolean),
        ArrayQueryExpression array => ArrayOf(array),
        InQueryExpression within => In(within),
        QuantifiedQueryExpression quantified => Quantified(quantified),
        _ => throw new InvalidOperationException($"unknown expression syntax {syntax.GetType().Name}"),
    };

    private LogicalPlan Plan(Query query)
    {
        if (queries is null || context.IsContinuous)
            throw BindingErrors.NotSupported($"sub-queries are not supported in {Clause} of this statement", query.Position);
        return queries.Plan(query, scope.In(Clause, Aggregates)).Plan;
    }

    private BoundSubquery Scalar(ScalarQueryExpression scalar)
    {
        var plan = OneColumn(scalar.Query);
        return Make(SubqueryKind.Scalar, plan, null, plan.Schema.Columns[0].Type);
    }

    private BoundSubquery ArrayOf(ArrayQueryExpression array)
    {
        var plan = OneColumn(array.Query);
        return Make(SubqueryKind.Array, plan, null, SqlType.ArrayOf(plan.Schema.Columns[0].Type));
    }

    private BoundExpression In(InQueryExpression within)
    {
        var result = within.Operand is RowExpression row
            ? RowMembership(row, within.Query, within.Position)
            : Membership(within.Operand, within.Query, within.Position);
        return within.Negated ? new BoundNot(result) : result;
    }

    private BoundExpression Quantified(QuantifiedQueryExpression quantified)
    {
        if (quantified.Operand is RowExpression row)
        {
            switch (quantified.Operator, quantified.IsAll)
            {
                case ("=", false):
                    return RowMembership(row, quantified.Query, quantified.Position);
                case ("<>", true):
                    return new BoundNot(RowMembership(row, quantified.Query, quantified.Position));
            }

            return QuantifiedRow(row, quantified.Operator, quantified.IsAll, quantified.Query, SubqueryKind.Array, quantified.Position);
        }

        switch (quantified.Operator, quantified.IsAll)
        {
            case ("=", false):
                return Membership(quantified.Operand, quantified.Query, quantified.Position);
            case ("<>", true):
                return new BoundNot(Membership(quantified.Operand, quantified.Query, quantified.Position));
        }

        var plan = OneColumn(quantified.Query);
        var values = Make(SubqueryKind.Array, plan, null, SqlType.ArrayOf(plan.Schema.Columns[0].Type));
        return QuantifiedArray(Bind(quantified.Operand), OperatorName(quantified.Operator), quantified.IsAll, values, quantified.Position);
    }

    private BoundSubquery Membership(Expression operandSyntax, Query query, TextPosition position)
    {
        var operand = Bind(operandSyntax);
        var plan = OneColumn(query);
        // Both sides are brought to the type in which they compare.
        var column = new BoundColumn(0, plan.Schema.Columns[0].Name, plan.Schema.Columns[0].Type);
        var arguments = ((BoundCall)FunctionResolver.BindOperator("=", operand, column, context, position)).Arguments;
        if (!ReferenceEquals(arguments[1], column))
            plan = new LogicalProject(plan, [arguments[1]],
                new PlanSchema([plan.Schema.Columns[0] with { Type = arguments[1].Type }], RelationKind.Rows));
        return Make(SubqueryKind.In, plan, arguments[0], SqlType.Boolean);
    }

    private LogicalPlan OneColumn(Query query)
    {
        var plan = Plan(query);
        return plan.Schema.Columns.Count == 1
            ? plan
            : throw BindingErrors.Syntax($"subquery must return only one column, not {plan.Schema.Columns.Count}", query.Position);
    }

    private static BoundSubquery Make(SubqueryKind kind, LogicalPlan plan, BoundExpression? operand, SqlType type) =>
        new(kind, plan, operand, type) { IsCorrelated = OuterReferences.Any(plan) };
}
