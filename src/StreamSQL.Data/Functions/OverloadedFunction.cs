using StreamSQL.Data.Types;

namespace StreamSQL.Data.Functions;

/// <summary>One signature of a function and the kernel behind it, made when a call is bound.</summary>
/// <param name="Parameters">Parameter types; of a DECIMAL parameter precision and scale are those of the argument.</param>
/// <param name="Result">Result type.</param>
/// <param name="CreateKernel">Makes the kernel.</param>
internal sealed record Overload(SqlType[] Parameters, SqlType Result, Func<ScalarKernel> CreateKernel)
{
    /// <summary>Whether the last parameter may be repeated, any number of times from once.</summary>
    public bool IsVariadic { get; init; }

    /// <summary>The rule set that has this signature; null for both.</summary>
    public RuleSet? Rules { get; init; }

    /// <summary>False for RANDOM, UUID and the like.</summary>
    public bool IsDeterministic { get; init; } = true;

    /// <summary>Whether it asks for the session's zone or the present time.</summary>
    public bool DependsOnSession { get; init; }

    /// <summary>The type of parameter <paramref name="index"/>, also beyond the written ones of a variadic signature.</summary>
    public SqlType ParameterType(int index) => Parameters[Math.Min(index, Parameters.Length - 1)];

    /// <summary>Whether it takes that many arguments.</summary>
    public bool Takes(int count) => count == Parameters.Length || (IsVariadic && count >= Parameters.Length);

    /// <summary>
    /// The one of several that takes the arguments with the cheapest implicit casts, the first of equals; null when none does.
    /// </summary>
    public static Overload? Cheapest(IEnumerable<Overload> overloads, IReadOnlyList<SqlType> arguments, RuleSet rules)
    {
        Overload? best = null;
        var bestCost = int.MaxValue;
        foreach (var overload in overloads)
        {
            if (!overload.Takes(arguments.Count) || (overload.Rules ?? rules) != rules)
                continue;
            var cost = overload.Cost(arguments, rules);
            if (cost >= 0 && cost < bestCost)
                (best, bestCost) = (overload, cost);
        }

        return best;
    }

    /// <summary>The binding of a call with so many arguments.</summary>
    public ScalarBinding Bind(int count)
    {
        var parameters = new SqlType[count];
        for (var i = 0; i < count; i++)
            parameters[i] = ParameterType(i);
        return new(parameters, Result, CreateKernel()) { IsDeterministic = IsDeterministic, DependsOnSession = DependsOnSession };
    }

    private int Cost(IReadOnlyList<SqlType> arguments, RuleSet rules)
    {
        var total = 0;
        for (var i = 0; i < arguments.Count; i++)
        {
            var cost = TypeCoercion.Cost(arguments[i], ParameterType(i), rules);
            if (cost < 0)
                return -1;
            total += cost;
        }

        return total;
    }
}

/// <summary>
/// A function whose signatures are a list of <see cref="Overload"/>s; a call takes the one with the cheapest implicit casts.
/// </summary>
internal sealed class OverloadedFunction(
    string name, string category, string description, (string Expression, string Result)[] examples, params Overload[] overloads)
    : ScalarFunction
{
    /// <inheritdoc/>
    public override string Name => name;

    /// <inheritdoc/>
    public override FunctionDoc Doc => FunctionDocs.Create(category, description, [.. overloads.Select(Describe).Distinct()], examples) with
    {
        Rules = overloads.All(overload => overload.Rules is not null && overload.Rules == overloads[0].Rules) ? overloads[0].Rules : null,
    };

    /// <inheritdoc/>
    public override ScalarBinding? Bind(IReadOnlyList<SqlType> arguments, RuleSet rules) =>
        Overload.Cheapest(overloads, arguments, rules)?.Bind(arguments.Count);

    private string Describe(Overload overload) => FunctionDocs.Signature(name, overload.Parameters, overload.IsVariadic, overload.Result);
}

/// <summary>A function whose overload is computed from the argument types: generic types, decimals, operators.</summary>
internal sealed class ComputedFunction(
    string name,
    string category,
    string description,
    string[] signatures,
    (string Expression, string Result)[] examples,
    Func<IReadOnlyList<SqlType>, RuleSet, ScalarBinding?> bind) : ScalarFunction
{
    /// <inheritdoc/>
    public override string Name => name;

    /// <inheritdoc/>
    public override FunctionDoc Doc => FunctionDocs.Create(category, description, signatures, examples);

    /// <inheritdoc/>
    public override ScalarBinding? Bind(IReadOnlyList<SqlType> arguments, RuleSet rules) => bind(arguments, rules);
}

/// <summary>Puts documentation together.</summary>
internal static class FunctionDocs
{
    public static FunctionDoc Create(string category, string description, string[] signatures,
        (string Expression, string Result)[] examples) =>
        new(category, description, signatures, [.. examples.Select(static e => new FunctionExample(e.Expression, e.Result))]);

    public static string Signature(string name, SqlType[] parameters, bool isVariadic, SqlType result) =>
        $"{name}({string.Join(", ", parameters.AsEnumerable())}{(isVariadic ? ", ..." : "")}) -> {result}";
}
