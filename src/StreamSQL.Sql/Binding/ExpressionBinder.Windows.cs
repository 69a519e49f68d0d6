using Npgsql;
using StreamSQL.Data.Errors;
using StreamSQL.Sql.Expressions;
using StreamSQL.Sql.Plans;
using StreamSQL.Sql.Syntax;

namespace StreamSQL.Sql.Binding;

internal sealed partial class ExpressionBinder
{
    /// <summary>Where window functions are collected; null where none may stand.</summary>
    public WindowCollector? Windows { get; init; }

    /// <summary>Whether it binds the arguments of an aggregate.</summary>
    public bool IsInAggregate { get; init; }

    /// <summary>Whether it binds the arguments of a window function.</summary>
    public bool IsInWindowCall { get; init; }

    /// <summary>A binder of the same columns for the PARTITION BY, ORDER BY and offsets of windows.</summary>
    public ExpressionBinder ForWindowDefinitions() =>
        new(context, scope, queries) { Aggregates = Aggregates, Clause = "window definitions" };

    private BoundExpression WindowCall(FunctionCall call)
    {
        if (context.IsContinuous)
            throw BindingErrors.NotSupported("window functions (OVER) are not supported in continuous queries", call.Position);
        if (Windows is null)
            throw WindowsRefused(call);
        var function = context.Planning.Functions.FindWindow(call.Name.Last.Name.ToUpperInvariant());
        var aggregate = FunctionResolver.FindAggregate(call, context);
        if (function is null && aggregate is null)
        {
            if (!FunctionResolver.Exists(call, context))
                return FunctionResolver.BindScalar(call, [.. call.Arguments.Select(Bind)], context);
            throw WrongObject($"OVER specified, but {Shown(call)} is not a window function nor an aggregate function", call);
        }

        // The same name may be a window function and an ordered-set aggregate.
        if (function is not null)
            aggregate = null;
        RequireWindowForm(call, aggregate is not null, aggregate is { IsOrderedSet: true });
        var inner = new ExpressionBinder(context, scope, queries) { Aggregates = Aggregates, Clause = Clause, IsInWindowCall = true };
        BoundExpression[] arguments = [.. call.Arguments.Select(inner.Bind)];
        var filter = call.Filter is null ? null : new ExpressionBinder(context, scope, queries)
            { Clause = "FILTER" }.BindCondition(call.Filter);
        var window = Windows.Resolve(call.Over!, ForWindowDefinitions());
        var frame = window.Frame ?? FrameSpec.Default;
        if (aggregate is not null)
        {
            var (binding, cast) = FunctionResolver.BindAggregate(aggregate, call, arguments, context);
            return Windows.Add(new WindowCall(aggregate.Name, null, binding, cast, filter, frame), window, call.Position);
        }

        var bound = FunctionResolver.BindWindow(function!, call, arguments, context);
        return Windows.Add(new WindowCall(function!.Name, bound.Binding, null, bound.Arguments, null, frame), window, call.Position);
    }

    private static void RequireWindowForm(FunctionCall call, bool isAggregate, bool isOrderedSet)
    {
        if (call.IsDistinct && isAggregate)
            throw BindingErrors.NotSupported("DISTINCT is not implemented for window functions", call.Position);
        if (call.IsWithinGroup || isOrderedSet)
            throw BindingErrors.NotSupported($"OVER is not supported for ordered-set aggregate {Shown(call)}", call.Position);
        if (call.OrderBy.Count > 0)
            throw BindingErrors.NotSupported("aggregate ORDER BY is not implemented for window functions", call.Position);
        if (call.Filter is not null && !isAggregate)
            throw BindingErrors.NotSupported("FILTER is not implemented for non-aggregate window functions", call.Position);
        if (call.IsStar && !isAggregate)
            throw WrongObject($"{Shown(call)}(*) specified, but {Shown(call)} is not an aggregate function", call);
    }

    private SqlException WindowsRefused(FunctionCall call)
    {
        if (IsInAggregate)
            return BindingErrors.Grouping("aggregate function calls cannot contain window function calls", call.Position,
                "Compute the window function in a sub-query.");
        return BindingErrors.Windowing(
            IsInWindowCall ? "window function calls cannot be nested"
                : $"window functions are not allowed in {(Clause == "JOIN ON" ? "JOIN conditions" : Clause)}", call.Position,
            Clause is "WHERE" or "HAVING" or "GROUP BY" ? "Compute the window function in a sub-query." : null);
    }

    private static SqlException WrongObject(string message, FunctionCall call) =>
        new(PostgresErrorCodes.WrongObjectType, message, position: call.Position);

    private static string Shown(FunctionCall call) => call.Name.Last.Name.ToLowerInvariant();
}
