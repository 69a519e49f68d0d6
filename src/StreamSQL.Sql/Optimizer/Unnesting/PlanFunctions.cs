using StreamSQL.Data.Functions;
using StreamSQL.Data.Types;
using StreamSQL.Sql.Expressions;
using StreamSQL.Sql.Plans;

namespace StreamSQL.Sql.Optimizer.Unnesting;

/// <summary>
/// Calls of functions that a rewrite adds, by PostgreSQL's rules. Arguments are taken as they are: a
/// function that would cast them is not found.
/// </summary>
internal sealed class PlanFunctions(FunctionRegistry registry)
{
    /// <summary>A comparison.</summary>
    /// <exception cref="NotUnnestedException">There is none of these types.</exception>
    public BoundCall Compare(string symbol, BoundExpression left, BoundExpression right)
    {
        SqlType[] types = [left.Type, right.Type];
        foreach (var function in registry.FindScalar(symbol))
        {
            if (function.Bind(types, RuleSet.Postgres) is { } binding && binding.ParameterTypes.SequenceEqual(types))
                return new BoundCall(symbol, binding, [left, right]);
        }

        throw new NotUnnestedException();
    }

    /// <summary>An aggregate's call.</summary>
    /// <exception cref="NotUnnestedException">There is none of these types.</exception>
    public AggregateCall Aggregate(string name, params IReadOnlyList<BoundExpression> arguments)
    {
        SqlType[] types = [.. arguments.Select(static argument => argument.Type)];
        return registry.FindAggregate(name)?.Bind(types, RuleSet.Postgres) is { } binding && binding.ParameterTypes.SequenceEqual(types)
            ? new AggregateCall(name, binding, arguments)
            : throw new NotUnnestedException();
    }

    /// <summary>ROW_NUMBER().</summary>
    /// <exception cref="NotUnnestedException">There is none.</exception>
    public WindowCall RowNumber() =>
        registry.FindWindow("ROW_NUMBER")?.Bind([], RuleSet.Postgres) is { } binding
            ? new WindowCall("ROW_NUMBER", binding, null, [], null, FrameSpec.Default)
            : throw new NotUnnestedException();
}
