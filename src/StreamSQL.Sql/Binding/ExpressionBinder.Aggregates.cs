using Npgsql;
using StreamSQL.Data.Errors;
using StreamSQL.Data.Functions;
using StreamSQL.Data.Types;
using StreamSQL.Sql.Expressions;
using StreamSQL.Sql.Plans;
using StreamSQL.Sql.Syntax;

namespace StreamSQL.Sql.Binding;

internal sealed partial class ExpressionBinder
{
    private BoundExpression Aggregate(AggregateFunction function, FunctionCall call)
    {
        // ksqlDB gives the variance under this name; the deviation is its STDDEV_SAMPLE.
        if (context.IsCompatible && function.Name == "STDDEV_SAMP")
            function = context.Planning.Functions.FindAggregate("VAR_SAMP")!;
        if (Aggregates is null && scope.Outer is null)
        {
            // What is wrong inside comes first.
            foreach (var argument in call.Arguments)
                Bind(argument);
            throw Refused(function, call, Clause);
        }

        RequireForm(function, call);
        // Aggregates do not nest: their arguments are bound where none may stand.
        var inner = new ExpressionBinder(context, scope, queries) { Clause = function.Name, IsInAggregate = true };
        BoundExpression[] arguments = [.. call.Arguments.Select(inner.Bind)];
        SortKey[] order =
            [.. call.OrderBy.Select(item => QueryPlanner.SortOrder(item, inner.Known(inner.Bind(item.Expression), item.Position)))];
        if (function.IsOrderedSet)
            arguments = [.. arguments, .. order.Select(static key => key.Expression)];
        if (context.Rules == RuleSet.Postgres && function.Name == "ARRAY_AGG" && arguments is [{ Type.Kind: SqlTypeKind.Unknown }])
            throw BindingErrors.AmbiguousArguments(call, [SqlType.Unknown]);
        var (binding, cast) = FunctionResolver.BindAggregate(function, call, arguments, context);
        if (call.IsDistinct)
            order = OrderOfDistinct(call, arguments, cast, order, binding);
        var filter = call.Filter is null ? null : new ExpressionBinder(context, scope, queries)
            { Clause = "FILTER" }.BindCondition(call.Filter);
        var aggregate = new AggregateCall(function.Name, binding, cast, call.IsDistinct, filter) { OrderBy = order };
        var (levels, isNested) = AggregateLevel.Of(aggregate);
        if (isNested)
            throw BindingErrors.Grouping("aggregate function calls cannot be nested", call.Position);
        if (levels == 0)
            return (Aggregates ?? throw Refused(function, call, Clause)).Add(aggregate);

        // Only columns of an enclosing query: the aggregate is that query's, and one value here.
        var owner = scope;
        for (var i = 0; i < levels; i++)
            owner = owner.Outer!;
        var collector = owner.Aggregates ?? throw Refused(function, call, owner.Clause ?? "FROM");
        return new OuterAggregateReference(levels, collector.Add(AggregateLevel.MovedOut(aggregate, levels)).Index, binding.ResultType);
    }

    private static SqlException Refused(AggregateFunction function, FunctionCall call, string clause) => BindingErrors.Grouping(
        $"{clause} does not support aggregate functions: {function.Name} is an aggregate function.", call.Position,
        clause == "WHERE" ? "Use HAVING for conditions on aggregates." : null);

    private void RequireForm(AggregateFunction function, FunctionCall call)
    {
        if (context.IsContinuous && (call.OrderBy.Count > 0 || function.IsOrderedSet))
            throw BindingErrors.NotSupported($"ORDER BY in {function.Name} is not supported in continuous queries", call.Position);
        if (function.IsOrderedSet && !call.IsWithinGroup)
            throw WrongObject($"WITHIN GROUP is required for ordered-set aggregate {Shown(call)}", call);
        if (call.IsWithinGroup && !function.IsOrderedSet)
            throw WrongObject($"{Shown(call)} is not an ordered-set aggregate, so it cannot have WITHIN GROUP", call);
        if (call.IsWithinGroup && call.IsDistinct)
            throw BindingErrors.Syntax("cannot use DISTINCT with WITHIN GROUP", call.Position);
    }

    /// <summary>
    /// The order of different arguments; where the order shows and none is written, they come sorted, as PostgreSQL finds them by sorting.
    /// </summary>
    private SortKey[] OrderOfDistinct(
        FunctionCall call, IReadOnlyList<BoundExpression> arguments, IReadOnlyList<BoundExpression> cast, SortKey[] order,
        AggregateBinding binding)
    {
        if (order.Length == 0)
            return binding.HoldsRows && context.Rules == RuleSet.Postgres
                ? [.. cast.Select(static argument => new SortKey(argument, false, false))] : [];
        return [.. order.Select((key, i) =>
        {
            for (var a = 0; a < arguments.Count; a++)
            {
                if (BoundExpressionComparer.AreSame(key.Expression, arguments[a])
                    || BoundExpressionComparer.AreSame(key.Expression, cast[a]))
                    return key with { Expression = cast[a] };
            }

            throw new SqlException(
                PostgresErrorCodes.InvalidColumnReference,
                "in an aggregate with DISTINCT, ORDER BY expressions must appear in argument list",
                position: call.OrderBy[i].Position);
        })];
    }

    private bool IsGrouping(FunctionCall call) =>
        call.Name is { IsQualified: false, Last: { IsQuoted: false, Name: "GROUPING" } } && !context.IsContinuous;

    private GroupingReference Grouping(FunctionCall call)
    {
        if (Aggregates is null)
        {
            throw BindingErrors.Grouping(
                IsInAggregate ? "aggregate function calls cannot contain grouping operations"
                    : $"grouping operations are not allowed in {Clause}", call.Position);
        }

        if (call.Arguments.Count > 31)
            throw new SqlException(PostgresErrorCodes.TooManyArguments, "GROUPING must have fewer than 32 arguments",
                position: call.Position);
        var inner = new ExpressionBinder(context, scope, queries) { Clause = "GROUPING" };
        BoundExpression[] arguments = [.. call.Arguments.Select(argument => inner.Known(inner.Bind(argument), argument.Position))];
        return arguments.Any(static argument => argument is BoundOuterColumn)
            ? throw BindingErrors.NotSupported("GROUPING of an enclosing query's groups is not supported", call.Position,
                "Compute it there, and name its column.")
            : new GroupingReference(arguments, call.Position);
    }
}

/// <summary>GROUPING(...) before the keys of its query are known.</summary>
internal sealed record GroupingReference(IReadOnlyList<BoundExpression> Arguments, TextPosition Position)
    : BoundExpression(SqlType.Integer);
