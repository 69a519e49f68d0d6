using Npgsql;
using StreamSQL.Data.Errors;
using StreamSQL.Data.Functions;
using StreamSQL.Data.Types;
using StreamSQL.Sql.Expressions;
using StreamSQL.Sql.Syntax;

namespace StreamSQL.Sql.Binding;

/// <summary>What holds for a whole statement while it is bound: the planning context, whose rules apply, the parameters so far.</summary>
internal sealed class BindingContext
{
    private readonly List<SqlType?> _parameters;
    private readonly List<bool> _used;
    private int _recursions;
    private int _commonTables;

    public BindingContext(PlanningContext planning, bool isContinuous)
    {
        Planning = planning;
        IsContinuous = isContinuous;
        IsCompatible = IsCompatibleUnder(planning.Properties);
        Rules = isContinuous || IsCompatible ? RuleSet.Ksql : RuleSet.Postgres;
        _parameters = [.. planning.ParameterTypes];
        _used = [.. _parameters.Select(static _ => false)];
    }

    public PlanningContext Planning { get; }

    /// <summary>Whether the query runs for ever (persistent and push queries).</summary>
    public bool IsContinuous { get; }

    /// <summary>Whether ksqlDB's answers are wanted where ours are others (<c>ksql.compat</c>).</summary>
    public bool IsCompatible { get; }

    public RuleSet Rules { get; }

    /// <summary>What the optimizer may call by PostgreSQL's rules; null where those of ksqlDB hold.</summary>
    public FunctionRegistry? Rewrites => Rules == RuleSet.Postgres ? Planning.Functions : null;

    /// <summary>The WITH of the statement itself: the only one that may write.</summary>
    public WithClause? Outermost { get; set; }

    /// <summary>The statements in it that write, as far as they are planned.</summary>
    public List<PlannedCommonWrite> Writes { get; } = [];

    /// <summary>The views that are being planned, the innermost last.</summary>
    public Stack<string> OpenViews { get; } = new();

    /// <summary>The view that the statement defines, which cannot read itself.</summary>
    public string? DefinedView { get; set; }

    /// <summary>The streams, tables and views that the statement itself names, not those in its views.</summary>
    public HashSet<string> NamedSources { get; } = new(StringComparer.Ordinal);

    /// <summary>The types of all parameters; one that is used where any type will do is text.</summary>
    /// <exception cref="SqlException">42P18: one is not used at all.</exception>
    public IReadOnlyList<SqlType> ParameterTypes =>
        [.. _parameters.Select((type, i) => type ?? (_used[i] ? SqlType.Varchar : throw Undetermined(i)))];

    /// <summary>The error about a parameter of which nothing says what it is.</summary>
    public static SqlException Undetermined(int index) => new(
        PostgresErrorCodes.IndeterminateDatatype, $"could not determine data type of parameter ${index + 1}",
        $"Say it: CAST(${index + 1} AS TEXT).");

    /// <summary>Whether the properties turn <c>ksql.compat</c> on.</summary>
    public static bool IsCompatibleUnder(IReadOnlyDictionary<string, string> properties) =>
        properties.TryGetValue("ksql.compat", out var value) && value.Equals("true", StringComparison.OrdinalIgnoreCase);

    /// <summary>A number for a recursion of this statement.</summary>
    public int NextRecursion() => ++_recursions;

    /// <summary>A number for a common table of this statement.</summary>
    public int NextCommonTable() => ++_commonTables;

    public BoundParameter Parameter(int index)
    {
        while (_parameters.Count <= index)
        {
            _parameters.Add(null);
            _used.Add(false);
        }

        _used[index] = true;
        return new(index, _parameters[index] ?? SqlType.Unknown);
    }

    /// <summary>Gives an untyped parameter the type that its place wants.</summary>
    public BoundParameter Infer(int index, SqlType type)
    {
        _parameters[index] ??= type;
        return new(index, _parameters[index]!);
    }
}
