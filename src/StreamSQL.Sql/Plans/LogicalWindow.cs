using StreamSQL.Data.Functions;
using StreamSQL.Sql.Expressions;

namespace StreamSQL.Sql.Plans;

/// <summary>
/// Window functions over finished rows that come sorted by partition and order. Schema: the input's columns, then a column per call.
/// </summary>
/// <param name="Input">The rows, those of a partition together and in order.</param>
/// <param name="PartitionBy">Columns of the input whose values make a partition.</param>
/// <param name="OrderBy">Columns of the input by which a partition is sorted; rows that are equal in all are peers.</param>
/// <param name="Calls">The calls; their arguments are columns of the input, constants and parameters.</param>
/// <param name="Schema">The output.</param>
public sealed record LogicalWindow(
    LogicalPlan Input, IReadOnlyList<BoundExpression> PartitionBy, IReadOnlyList<SortKey> OrderBy, IReadOnlyList<WindowCall> Calls,
    PlanSchema Schema)
    : LogicalUnary(Input, Schema);

/// <summary>A call of a window function: of a function of its own kind, or of an aggregate over the rows of a frame.</summary>
/// <param name="Name">The function's name.</param>
/// <param name="Function">The function, unless it is an aggregate.</param>
/// <param name="Aggregate">The aggregate, or null.</param>
/// <param name="Arguments">The arguments.</param>
/// <param name="Filter">FILTER (WHERE ...) of an aggregate, or null.</param>
/// <param name="Frame">The frame.</param>
public sealed record WindowCall(
    string Name, WindowFunctionBinding? Function, AggregateBinding? Aggregate, IReadOnlyList<BoundExpression> Arguments,
    BoundExpression? Filter,
    FrameSpec Frame)
{
    /// <summary>The type of the result.</summary>
    public Data.Types.SqlType ResultType => Function?.ResultType ?? Aggregate!.ResultType;
}

/// <summary>Which rows of its partition a window function sees from a row.</summary>
/// <param name="Unit">What offsets count.</param>
/// <param name="Start">The first row.</param>
/// <param name="End">The last row.</param>
/// <param name="Exclusion">What is left out.</param>
public sealed record FrameSpec(FrameUnit Unit, FrameEdge Start, FrameEdge End, FrameExclusion Exclusion)
{
    /// <summary>The frame of a window that names none: from the start of the partition to the last peer of the row.</summary>
    public static FrameSpec Default { get; } =
        new(FrameUnit.Range, new(FrameEdgeKind.UnboundedPreceding, null), new(FrameEdgeKind.CurrentRow, null), FrameExclusion.None);
}

/// <summary>An end of a frame; the offset is a constant or a parameter, and null where the kind has none.</summary>
public sealed record FrameEdge(FrameEdgeKind Kind, BoundExpression? Offset);

/// <summary>The kinds of ends, in the order in which they can stand.</summary>
public enum FrameEdgeKind : byte
{
    /// <summary>UNBOUNDED PRECEDING.</summary>
    UnboundedPreceding,

    /// <summary>offset PRECEDING.</summary>
    Preceding,

    /// <summary>CURRENT ROW.</summary>
    CurrentRow,

    /// <summary>offset FOLLOWING.</summary>
    Following,

    /// <summary>UNBOUNDED FOLLOWING.</summary>
    UnboundedFollowing,
}

/// <summary>What a frame counts.</summary>
public enum FrameUnit
{
    /// <summary>ROWS.</summary>
    Rows,

    /// <summary>RANGE.</summary>
    Range,

    /// <summary>GROUPS.</summary>
    Groups,
}

/// <summary>What a frame leaves out.</summary>
public enum FrameExclusion
{
    /// <summary>EXCLUDE NO OTHERS.</summary>
    None,

    /// <summary>EXCLUDE CURRENT ROW.</summary>
    CurrentRow,

    /// <summary>EXCLUDE GROUP.</summary>
    Group,

    /// <summary>EXCLUDE TIES.</summary>
    Ties,
}
