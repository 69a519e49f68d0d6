using StreamSQL.Data.Errors;
using StreamSQL.Data.Functions;
using StreamSQL.Data.Types;
using StreamSQL.Sql.Expressions;
using StreamSQL.Sql.Syntax;

namespace StreamSQL.Sql.Binding;

/// <summary>Finds functions and operators by name and argument types.</summary>
internal static class FunctionResolver
{
    /// <summary>Binds a scalar function's call.</summary>
    /// <exception cref="SqlException">42883: no function of that name, or none that takes these arguments.</exception>
    public static BoundExpression BindScalar(FunctionCall call, IReadOnlyList<BoundExpression> arguments, BindingContext context)
    {
        RequireKnownSchema(call);
        var registry = context.Planning.Functions;
        var overloads = registry.FindScalar(call.Name.Last.Name.ToUpperInvariant());
        if (overloads.Count == 0)
            throw BindingErrors.UnknownFunction(call,
                registry.Scalars.Select(static f => f.Name).Concat(registry.Aggregates.Select(static f => f.Name)), context.Rules);
        return TryBind(overloads, arguments, context, call.Position) is { } bound ? bound with { SettlesArguments = true }
            : throw BindingErrors.WrongArguments(call, arguments.Select(static a => a.Type),
                overloads.SelectMany(static f => f.Doc.Signatures), context.Rules);
    }

    /// <summary>Binds an operator; null when it does not take such operands.</summary>
    public static BoundExpression? TryBindOperator(string symbol, IReadOnlyList<BoundExpression> arguments, BindingContext context,
        TextPosition position) =>
        TryBind(context.Planning.Functions.FindScalar(symbol), arguments, context, position) is { } bound
            ? bound with { SettlesArguments = symbol is "ARRAY" or "MAP" }
            : null;

    /// <summary>Binds an operator.</summary>
    /// <exception cref="SqlException">42883: it does not take such operands.</exception>
    public static BoundExpression BindOperator(string symbol, BoundExpression left, BoundExpression right, BindingContext context,
        TextPosition position) =>
        TryBindOperator(symbol, [left, right], context, position)
        ?? throw BindingErrors.WrongOperands(symbol, left.Type, right.Type, position, context.Rules);

    /// <summary>Binds an aggregate's call.</summary>
    /// <exception cref="SqlException">42883: it does not take these arguments.</exception>
    public static (AggregateBinding Binding, IReadOnlyList<BoundExpression> Arguments) BindAggregate(
        AggregateFunction function, FunctionCall call, IReadOnlyList<BoundExpression> arguments, BindingContext context)
    {
        var binding = function.Bind([.. arguments.Select(static a => a.Type)], context.Rules)
            ?? throw BindingErrors.WrongArguments(call, arguments.Select(static a => a.Type), function.Doc.Signatures, context.Rules,
                isAggregate: true);
        foreach (var index in binding.Constants)
        {
            if (arguments[index] is not (BoundLiteral or BoundParameter))
                throw BindingErrors.NotConstant(call, index, arguments[index]);
        }

        if (binding.WithLimit is { } limited
            && context.Planning.Properties.TryGetValue($"ksql.functions.{function.Name.ToLowerInvariant()}.limit", out var text)
            && int.TryParse(text, out var limit) && limit > 0)
            binding = limited(limit);
        return (binding, Cast(arguments, binding.ParameterTypes, context, call.Position));
    }

    /// <summary>Binds a window function's call.</summary>
    /// <exception cref="SqlException">42883: it does not take these arguments.</exception>
    public static (WindowFunctionBinding Binding, IReadOnlyList<BoundExpression> Arguments) BindWindow(
        WindowFunction function, FunctionCall call, IReadOnlyList<BoundExpression> arguments, BindingContext context)
    {
        var binding = function.Bind([.. arguments.Select(static a => a.Type)], context.Rules)
            ?? throw BindingErrors.WrongArguments(call, arguments.Select(static a => a.Type), function.Doc.Signatures, context.Rules);
        return (binding, Cast(arguments, binding.ParameterTypes, context, call.Position));
    }

    /// <summary>Binds a table function's call.</summary>
    /// <exception cref="SqlException">42883: it does not take these arguments.</exception>
    public static (TableFunctionBinding Binding, IReadOnlyList<BoundExpression> Arguments) BindTable(
        TableFunction function, FunctionCall call, IReadOnlyList<BoundExpression> arguments, BindingContext context)
    {
        var binding = function.Bind([.. arguments.Select(static a => a.Type)], context.Rules)
            ?? throw BindingErrors.WrongArguments(call, arguments.Select(static a => a.Type), function.Doc.Signatures, context.Rules);
        var cast = Cast(arguments, binding.ParameterTypes, context, call.Position);
        return (binding, binding.List is { } list ? [new BoundCall(function.Name, list, cast)] : cast);
    }

    /// <summary>The function that gives rows of the name; null when there is none.</summary>
    public static TableFunction? FindTable(FunctionCall call, BindingContext context) =>
        context.Planning.Functions.FindTable(call.Name.Last.Name.ToUpperInvariant()) is { } found
            && found.IsIn(context.Rules) ? found : null;

    /// <summary>Whether the name is an aggregate's.</summary>
    public static AggregateFunction? FindAggregate(FunctionCall call, BindingContext context) =>
        context.Planning.Functions.FindAggregate(call.Name.Last.Name.ToUpperInvariant());

    /// <summary>Whether there is a scalar function of the name.</summary>
    public static bool Exists(FunctionCall call, BindingContext context) =>
        context.Planning.Functions.FindScalar(call.Name.Last.Name.ToUpperInvariant()).Count > 0;

    private static BoundCall? TryBind(
        IReadOnlyList<ScalarFunction> overloads, IReadOnlyList<BoundExpression> arguments, BindingContext context, TextPosition position)
    {
        var types = arguments.Select(static a => a.Type).ToArray();
        foreach (var function in overloads)
        {
            if (function.Bind(types, context.Rules) is { } binding)
                return new BoundCall(function.Name, binding, Cast(arguments, binding.ParameterTypes, context, position));
        }

        return null;
    }

    private static IReadOnlyList<BoundExpression> Cast(
        IReadOnlyList<BoundExpression> arguments, IReadOnlyList<SqlType> types, BindingContext context, TextPosition position) =>
        [.. arguments.Select((argument, i) => Coercion.To(argument, types[i].Kind == SqlTypeKind.Unknown ? SqlType.Varchar : types[i],
            context, position))];

    private static void RequireKnownSchema(FunctionCall call)
    {
        if (call.Name.IsQualified
            && call.Name.Parts[^2].Name is not ("PG_CATALOG" or "INFORMATION_SCHEMA" or "PUBLIC" or "pg_catalog" or "information_schema"
                or "public"))
            throw BindingErrors.UnknownFunction(call, [], RuleSet.Postgres);
    }
}
