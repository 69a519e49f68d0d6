namespace StreamSQL.Data.Functions;

/// <summary>The functions that SQL can name. Immutable; <c>BuiltIn</c> holds all that come with the program.</summary>
public sealed class FunctionRegistry
{
    private readonly Dictionary<string, ScalarFunction[]> _scalars;
    private readonly Dictionary<string, AggregateFunction> _aggregates;

    /// <summary>Creates a registry. Several scalar functions may share a name: they are overloads, tried in order.</summary>
    public FunctionRegistry(IEnumerable<ScalarFunction> scalars, IEnumerable<AggregateFunction> aggregates)
    {
        _scalars = scalars.GroupBy(static f => f.Name, StringComparer.Ordinal).ToDictionary(static g => g.Key, static g => g.ToArray(), StringComparer.Ordinal);
        _aggregates = aggregates.ToDictionary(static f => f.Name, StringComparer.Ordinal);
    }

    /// <summary>All scalar functions and operators.</summary>
    public IEnumerable<ScalarFunction> Scalars => _scalars.Values.SelectMany(static overloads => overloads);

    /// <summary>All aggregate functions.</summary>
    public IEnumerable<AggregateFunction> Aggregates => _aggregates.Values;

    /// <summary>The overloads of a scalar function, by upper-case name; empty when there is none.</summary>
    public IReadOnlyList<ScalarFunction> FindScalar(string name) => _scalars.TryGetValue(name, out var overloads) ? overloads : [];

    /// <summary>An aggregate function, by upper-case name; null when there is none.</summary>
    public AggregateFunction? FindAggregate(string name) => _aggregates.GetValueOrDefault(name);
}
