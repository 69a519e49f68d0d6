using StreamSQL.Data.Types;
using StreamSQL.Sql.Expressions;
using StreamSQL.Sql.Plans;

namespace StreamSQL.Sql.Optimizer.Unnesting;

/// <summary>Puts columns of joins in place of the sub-queries of expressions over a plan. Where no join gives one, it stays.</summary>
/// <param name="rows">The plan; the joins are added to it.</param>
/// <param name="functions">The functions of what is added.</param>
/// <param name="joinsValues">Whether joins that give values may be added, behind which a row's place in
/// its topic is not known any more.</param>
internal sealed class SubqueryColumns(JoinedPlan rows, PlanFunctions functions, bool joinsValues) : ExpressionRewriter
{
    private readonly Decorrelation _decorrelation = new(functions);
    private Care _care;

    /// <summary>What a place allows: not every row reaches it.</summary>
    private enum Care
    {
        /// <summary>Whatever it is.</summary>
        None,

        /// <summary>Nothing that is an error where it finds several rows.</summary>
        NoSingle,

        /// <summary>Nothing that can fail.</summary>
        NoFailure,
    }

    /// <summary>
    /// Applies a condition of a filter: a sub-query that is all of it keeps rows by itself. Gives what is left to ask; null for nothing.
    /// </summary>
    public BoundExpression? Condition(BoundExpression condition)
    {
        var (inner, isNegated) = condition is BoundNot { Operand: BoundSubquery negated } ? (negated, true) : (condition, false);
        try
        {
            switch (inner)
            {
                case BoundSubquery { Kind: SubqueryKind.Exists, IsCorrelated: true } exists when IsStable(exists):
                    rows.Keep(_decorrelation.Pull(exists.Plan, isAny: true), isNegated, null);
                    return null;
                case BoundSubquery { Kind: SubqueryKind.In } within when !isNegated && IsStable(within):
                    var (operands, found) = Members(within);
                    rows.Keep(found, isAnti: false, Equal(operands, found));
                    return null;
            }
        }
        catch (NotUnnestedException)
        {
            // It is asked row by row.
        }

        return Rewrite(condition);
    }

    /// <inheritdoc/>
    protected override BoundExpression? Replace(BoundExpression expression)
    {
        if (Depth > 0)
            return null;
        try
        {
            return expression switch
            {
                BoundSubquery subquery => Value(subquery),
                BoundCall { Arguments: [_, BoundSubquery { Kind: SubqueryKind.Array } values] } call => Quantified(call, values),
                BoundCase choice => Guarded(choice),
                BoundCoalesce first =>
                    first with { Arguments = [Rewrite(first.Arguments[0]),
                        .. first.Arguments.Skip(1).Select(argument => With(Care.NoFailure, argument))] },
                BoundLogical logical =>
                    logical with { Operands = [Rewrite(logical.Operands[0]),
                        .. logical.Operands.Skip(1).Select(operand => With(Care.NoSingle, operand))] },
                _ => null,
            };
        }
        catch (NotUnnestedException)
        {
            return null;
        }
    }

    /// <inheritdoc/>
    protected override BoundExpression RewriteSubquery(BoundSubquery subquery) =>
        subquery.Operand is null ? subquery : subquery with { Operand = Rewrite(subquery.Operand) };

    /// <inheritdoc/>
    protected override BoundLambda RewriteLambda(BoundLambda lambda) => lambda;

    private BoundExpression With(Care care, BoundExpression expression)
    {
        var before = _care;
        _care = care > before ? care : before;
        var rewritten = Rewrite(expression);
        _care = before;
        return rewritten;
    }

    private BoundCase Guarded(BoundCase choice) => choice with
    {
        Branches = [.. choice.Branches.Select((branch, i) => new BoundCaseBranch(
            i == 0 ? Rewrite(branch.Condition) : With(Care.NoFailure, branch.Condition), With(Care.NoFailure, branch.Result)))],
        Else = choice.Else is null ? null : With(Care.NoFailure, choice.Else),
    };

    private BoundExpression? Value(BoundSubquery subquery)
    {
        if (!IsStable(subquery) || (!subquery.IsCorrelated && subquery.Kind != SubqueryKind.In)
            || (_care == Care.NoFailure && PlanTraits.Of(subquery.Plan).CanFail))
            return null;
        return subquery.Kind switch
        {
            SubqueryKind.Exists => rows.Mark(_decorrelation.Pull(subquery.Plan, isAny: true), null),
            SubqueryKind.In => Membership(subquery),
            SubqueryKind.Scalar when joinsValues => Scalar(subquery.Plan),
            SubqueryKind.Array when joinsValues => Array(subquery),
            _ => null,
        };
    }

    private BoundExpression? Scalar(LogicalPlan plan)
    {
        if (AggregatedRow.Is(plan))
        {
            var (values, isThere) = rows.JoinAggregated(AggregatedRow.Of(plan, _decorrelation));
            return isThere is null ? values[0] : JoinedPlan.When(isThere, values[0], null);
        }

        return _care == Care.None ? rows.JoinOptional(_decorrelation.Pull(plan, isAny: false), JoinKind.Single, out _)[0] : null;
    }

    /// <summary>IN: TRUE where a value is equal; else NULL where one may be, for all that is known; else FALSE.</summary>
    private BoundLogical Membership(BoundSubquery subquery)
    {
        var (operands, found) = Members(subquery);
        if (found.Outputs.Any(static output => PlanTraits.Of(output).ReadsOuter))
            throw new NotUnnestedException();
        var isEqual = rows.Mark(found, Equal(operands, found));
        BoundExpression isUnknown = operands.Count == 1 ? Unknown(operands[0], found) : rows.Mark(found, MayEqual(operands, found));
        return new BoundLogical(false, [isEqual, new BoundLogical(true, [isUnknown, new BoundLiteral(null, SqlType.Boolean)])]);
    }

    /// <summary>Whether one of the values is NULL, or the operand is and there are values.</summary>
    private BoundLogical Unknown(BoundExpression operand, Unnested found)
    {
        var isAny = Exists(found);
        var isNull = Exists(found with { Plan = new LogicalFilter(found.Plan, new BoundIsNull(found.Outputs[0], Negated: false)) });
        return new BoundLogical(false, [isNull, new BoundLogical(true, [isAny, new BoundIsNull(operand, Negated: false)])]);
    }

    // What is the same for all rows is found out once, and as soon as there is a row.
    private BoundExpression Exists(Unnested found) =>
        found.Conditions.Count == 0 ? new BoundSubquery(SubqueryKind.Exists, found.Plan, null, SqlType.Boolean) : rows.Mark(found, null);

    /// <summary>What is looked for, field by field, and where.</summary>
    private (IReadOnlyList<BoundExpression> Operands, Unnested Found) Members(BoundSubquery subquery)
    {
        if (!subquery.Operand!.Type.IsRow)
            return ([Operand(subquery.Operand)], _decorrelation.Pull(subquery.Plan, isAny: true));
        if (subquery.Operand is not BoundCall { Name: "STRUCT" } row
            || subquery.Plan is not LogicalProject { Expressions: [BoundCall { Name: "STRUCT" } made] } project
            || made.Arguments.Count != row.Arguments.Count)
            throw new NotUnnestedException();
        var schema = new PlanSchema([.. made.Arguments.Select(static (e, i) => new PlanColumn($"FIELD_{i}", e.Type, ColumnRole.Value))],
            RelationKind.Rows);
        return ([.. row.Arguments.Select(Operand)],
            _decorrelation.Pull(project with { Expressions = made.Arguments, Schema = schema }, isAny: true));
    }

    private BoundExpression Equal(IReadOnlyList<BoundExpression> operands, Unnested found) =>
        Conjunctions.Combine([.. operands.Select((operand, i) => functions.Compare("=", operand, Output(found, i)))])!;

    private BoundExpression MayEqual(IReadOnlyList<BoundExpression> operands, Unnested found) =>
        Conjunctions.Combine([.. operands.Select((operand, i) =>
            new BoundLogical(false, [functions.Compare("=", operand, Output(found, i)), new BoundIsNull(operand, false),
                new BoundIsNull(Output(found, i), false)]))])!;

    private BoundExpression Output(Unnested found, int column) => Unnested.Beside(found.Outputs[column], rows.Plan.Schema.Columns.Count);

    private static BoundExpression Operand(BoundExpression operand) =>
        ColumnUse.Of(operand).HasSubquery || PlanTraits.Of(operand).IsVolatile ? throw new NotUnnestedException() : operand;

    /// <summary><c>x &gt; ALL (...)</c> and its like: by the greatest or the least value, and how many there are.</summary>
    private BoundExpression? Quantified(BoundCall call, BoundSubquery values)
    {
        if (!joinsValues || call.Name.Split(' ') is not [("<" or "<=" or ">" or ">=" or "=" or "<>") and var symbol, ("ANY" or "ALL")
            and var quantifier]
            || !IsStable(values) || _care == Care.NoFailure)
            return null;
        var isAll = quantifier == "ALL";
        var operand = Operand(call.Arguments[0]);
        var column = Unnested.Of(values.Plan).Outputs[0];
        _ = functions.Compare(symbol, operand, column);
        IReadOnlyList<string> bounds = symbol switch
        {
            "=" or "<>" => ["MIN", "MAX"],
            "<" or "<=" => [isAll ? "MIN" : "MAX"],
            _ => [isAll ? "MAX" : "MIN"],
        };
        var (found, _) = rows.JoinAggregated(AggregatedRow.Of(
            Totals(values.Plan, [functions.Aggregate("COUNT"), functions.Aggregate("COUNT", column),
                .. bounds.Select(name => functions.Aggregate(name, column))]), _decorrelation));
        BoundExpression[] tests = [.. found.Skip(2).Select(bound => functions.Compare(symbol, operand, bound))];
        var decision = tests.Length == 1 ? tests[0] : new BoundLogical(isAll, tests);
        var zero = new BoundLiteral(0L, SqlType.BigInt);
        return new BoundCase(
            [
                new(functions.Compare("=", found[0], zero), new BoundLiteral(isAll, SqlType.Boolean)),
                new(functions.Compare(">", found[0], found[1]),
                    new BoundLogical(isAll, [decision, new BoundLiteral(null, SqlType.Boolean)])),
            ],
            decision, SqlType.Boolean);
    }

    /// <summary>ARRAY(...): the values of each group, in order.</summary>
    private BoundCoalesce Array(BoundSubquery array)
    {
        var (plan, value, order) = array.Plan switch
        {
            LogicalProject { Input: LogicalSort sort } project => (sort.Input, project.Expressions[0], sort.Keys),
            LogicalSort sort => (sort.Input, Unnested.Of(sort).Outputs[0], sort.Keys),
            _ => (array.Plan, Unnested.Of(array.Plan).Outputs[0], []),
        };
        var (values, _) = rows.JoinAggregated(
            AggregatedRow.Of(Totals(plan, [functions.Aggregate("ARRAY_AGG", value) with { OrderBy = order }]), _decorrelation));
        return new BoundCoalesce([values[0], new BoundLiteral(System.Array.Empty<object?>(), array.Type)], array.Type);
    }

    private static LogicalAggregate Totals(LogicalPlan plan, IReadOnlyList<AggregateCall> calls) => new(
        plan, [], calls, null, false,
        new PlanSchema([.. calls.Select(static (call, i) => new PlanColumn($"TOTAL_{i}", call.Binding.ResultType, ColumnRole.Value))],
            RelationKind.Rows));

    private static bool IsStable(BoundSubquery subquery) => !PlanTraits.Of(subquery.Plan).IsVolatile;
}
