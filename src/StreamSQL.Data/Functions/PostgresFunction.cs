using StreamSQL.Data.Functions.Kernels;
using StreamSQL.Data.Types;

namespace StreamSQL.Data.Functions;

/// <summary>A function or operator of PostgreSQL's rules alone: a bounded SELECT finds it, a continuous query does not.</summary>
internal sealed class PostgresFunction(
    string name, string category, string description, string[] signatures, Func<IReadOnlyList<SqlType>, ScalarBinding?> bind)
    : ScalarFunction
{
    /// <inheritdoc/>
    public override string Name => name;

    /// <inheritdoc/>
    public override FunctionDoc Doc => FunctionDocs.Create(category, description, signatures, []) with { Rules = RuleSet.Postgres };

    /// <summary>A function with a list of signatures; a call takes the one with the cheapest implicit casts.</summary>
    public static PostgresFunction Of(string name, string category, string description, params Overload[] overloads) => new(
        name, category, description,
        [.. overloads.Select(overload => FunctionDocs.Signature(name.ToLowerInvariant(), overload.Parameters, overload.IsVariadic,
            overload.Result)).Distinct()],
        types => Overload.Cheapest(overloads, types, RuleSet.Postgres)?.Bind(types.Count));

    /// <inheritdoc/>
    public override ScalarBinding? Bind(IReadOnlyList<SqlType> arguments, RuleSet rules) =>
        rules == RuleSet.Postgres ? bind(arguments) : null;

    /// <summary>A signature evaluated row by row through a delegate: null in, null out.</summary>
    public static Overload Rows(SqlType result, RowBody body, params SqlType[] parameters) =>
        new(parameters, result, () => new DelegateKernel(body));
}
