using StreamSQL.Data.Types;

namespace StreamSQL.Data.Functions;

/// <summary>A function or operator of PostgreSQL's rules alone: a bounded SELECT finds it, a continuous query does not.</summary>
internal sealed class PostgresFunction(
    string name, string category, string description, string[] signatures, Func<IReadOnlyList<SqlType>, ScalarBinding?> bind) : ScalarFunction
{
    /// <inheritdoc/>
    public override string Name => name;

    /// <inheritdoc/>
    public override FunctionDoc Doc => FunctionDocs.Create(category, description, signatures, []) with { Rules = RuleSet.Postgres };

    /// <inheritdoc/>
    public override ScalarBinding? Bind(IReadOnlyList<SqlType> arguments, RuleSet rules) => rules == RuleSet.Postgres ? bind(arguments) : null;
}
