using StreamSQL.Data.Types;

namespace StreamSQL.Data.Functions;

/// <summary>A function that sees the rows around its row, and is only called with OVER.</summary>
public abstract class WindowFunction
{
    /// <summary>Upper-case name.</summary>
    public abstract string Name { get; }

    /// <summary>Documentation.</summary>
    public abstract FunctionDoc Doc { get; }

    /// <summary>Finds the overload for the argument types, or null when none fits.</summary>
    public abstract WindowFunctionBinding? Bind(IReadOnlyList<SqlType> arguments, RuleSet rules);
}

/// <summary>A window function bound to argument types.</summary>
/// <param name="Kind">Which function it is.</param>
/// <param name="ParameterTypes">The types that it takes, one per argument.</param>
/// <param name="ResultType">The type of the result.</param>
public sealed record WindowFunctionBinding(WindowFunctionKind Kind, IReadOnlyList<SqlType> ParameterTypes, SqlType ResultType);

/// <summary>The window functions that are not aggregates.</summary>
public enum WindowFunctionKind : byte
{
    /// <summary>ROW_NUMBER.</summary>
    RowNumber,

    /// <summary>RANK.</summary>
    Rank,

    /// <summary>DENSE_RANK.</summary>
    DenseRank,

    /// <summary>PERCENT_RANK.</summary>
    PercentRank,

    /// <summary>CUME_DIST.</summary>
    CumulativeDistribution,

    /// <summary>NTILE.</summary>
    Ntile,

    /// <summary>LAG.</summary>
    Lag,

    /// <summary>LEAD.</summary>
    Lead,

    /// <summary>FIRST_VALUE.</summary>
    FirstValue,

    /// <summary>LAST_VALUE.</summary>
    LastValue,

    /// <summary>NTH_VALUE.</summary>
    NthValue,
}
