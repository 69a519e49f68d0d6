namespace StreamSQL.Data.Functions;

/// <summary>
/// The functions that SQL can name. Immutable; <see cref="BuiltInFunctions"/> holds all that come with the program. The tables are built
/// when a function is first asked for, so that a server that starts without statements does not wait for them.
/// </summary>
public sealed class FunctionRegistry
{
    private readonly Lazy<Dictionary<string, ScalarFunction[]>> _scalars;
    private readonly Lazy<Dictionary<string, AggregateFunction>> _aggregates;
    private readonly Lazy<Dictionary<string, TableFunction>> _tables;
    private readonly Lazy<Dictionary<string, LambdaFunction>> _lambdas;
    private readonly Lazy<Dictionary<string, WindowFunction>> _windows;
    private readonly Func<string, IReadOnlyList<ScalarFunction>>? _more;

    /// <summary>Creates a registry. Several scalar functions may share a name: they are overloads, tried in order.</summary>
    public FunctionRegistry(
        IEnumerable<ScalarFunction> scalars, IEnumerable<AggregateFunction> aggregates, IEnumerable<TableFunction> tables,
        IEnumerable<LambdaFunction> lambdas)
    {
        _scalars = new(() => scalars.GroupBy(static f => f.Name, StringComparer.Ordinal)
            .ToDictionary(static g => g.Key, static g => g.ToArray(), StringComparer.Ordinal));
        _aggregates = new(() => aggregates.ToDictionary(static f => f.Name, StringComparer.Ordinal));
        _tables = new(() => tables.ToDictionary(static f => f.Name, StringComparer.Ordinal));
        _lambdas = new(() => lambdas.ToDictionary(static f => f.Name, StringComparer.Ordinal));
        _windows = new(static () => Functions.Windows.WindowFunctions.All().ToDictionary(static f => f.Name, StringComparer.Ordinal));
    }

    /// <summary>A registry that also has the scalar functions of one session; they are asked for by name, when no other has it.</summary>
    public FunctionRegistry(FunctionRegistry shared, Func<string, IReadOnlyList<ScalarFunction>> more)
    {
        _scalars = shared._scalars;
        _aggregates = shared._aggregates;
        _tables = shared._tables;
        _lambdas = shared._lambdas;
        _windows = shared._windows;
        _more = more;
    }

    /// <summary>All scalar functions and operators.</summary>
    public IEnumerable<ScalarFunction> Scalars => _scalars.Value.Values.SelectMany(static overloads => overloads);

    /// <summary>All aggregate functions.</summary>
    public IEnumerable<AggregateFunction> Aggregates => _aggregates.Value.Values;

    /// <summary>All functions that give rows.</summary>
    public IEnumerable<TableFunction> Tables => _tables.Value.Values;

    /// <summary>All functions that take lambdas.</summary>
    public IEnumerable<LambdaFunction> Lambdas => _lambdas.Value.Values;

    /// <summary>All functions that are called with OVER only.</summary>
    public IEnumerable<WindowFunction> Windows => _windows.Value.Values;

    /// <summary>The overloads of a scalar function, by upper-case name; empty when there is none.</summary>
    public IReadOnlyList<ScalarFunction> FindScalar(string name) =>
        _scalars.Value.TryGetValue(name, out var overloads) ? overloads : _more?.Invoke(name) ?? [];

    /// <summary>An aggregate function, by upper-case name; null when there is none.</summary>
    public AggregateFunction? FindAggregate(string name) => _aggregates.Value.GetValueOrDefault(name);

    /// <summary>A function that gives rows, by upper-case name; null when there is none.</summary>
    public TableFunction? FindTable(string name) => _tables.Value.GetValueOrDefault(name);

    /// <summary>A function that takes lambdas, by upper-case name; null when there is none.</summary>
    public LambdaFunction? FindLambda(string name) => _lambdas.Value.GetValueOrDefault(name);

    /// <summary>A function that is called with OVER only, by upper-case name; null when there is none.</summary>
    public WindowFunction? FindWindow(string name) => _windows.Value.GetValueOrDefault(name);
}
