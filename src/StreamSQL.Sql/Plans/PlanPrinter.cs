using System.Globalization;
using System.Text;
using StreamSQL.Sql.Expressions;

namespace StreamSQL.Sql.Plans;

/// <summary>
/// Writes plans as an indented tree, for EXPLAIN, for the manifest of a query, and for tests. Equal plans give equal text.
/// </summary>
public static class PlanPrinter
{
    /// <summary>The text of a plan, one node a line, inputs indented below it.</summary>
    public static string Print(LogicalPlan plan)
    {
        var text = new StringBuilder();
        Append(text, plan, 0);
        return text.ToString();
    }

    /// <summary>The text of one node, without its inputs.</summary>
    public static string PrintNode(LogicalPlan plan) => $"{Describe(plan)} -> {Columns(plan.Schema)}";

    private static void Append(StringBuilder text, LogicalPlan plan, int depth)
    {
        text.Append(' ', 2 * depth).Append(PrintNode(plan)).Append('\n');
        foreach (var input in plan.Inputs)
            Append(text, input, depth + 1);
        if (plan is LogicalApply apply)
            Append(text, apply.Plan, depth + 1);
    }

    private static string Describe(LogicalPlan plan) => plan switch
    {
        LogicalScan scan => $"{(scan.Mode == ScanMode.Continuous ? "Read" : "Scan")} {scan.Source.Name}{Access(scan.Access)}",
        LogicalValues values => $"Values {values.Rows.Count} rows",
        LogicalSystemScan system => $"Scan {system.Relation}",
        LogicalWorkingTable table => string.Create(CultureInfo.InvariantCulture, $"Rows of the last step of recursion {table.Recursion}"),
        LogicalCommonTable table => string.Create(CultureInfo.InvariantCulture, $"Common table {table.Table.Number}"),
        LogicalRecursion recursion => string.Create(CultureInfo.InvariantCulture,
            $"Recursion {recursion.Number}{(recursion.All ? " all" : "")}"),
        LogicalApply apply => apply.IsOuter ? "Left apply" : "Apply",
        LogicalFilter filter => $"Filter {ExpressionPrinter.Print(filter.Predicate)}",
        LogicalProject project => $"Project {ExpressionPrinter.Print(project.Expressions)}",
        LogicalRekey rekey => $"Partition by {ExpressionPrinter.Print(rekey.Keys)}",
        LogicalExpand expand => $"{(expand.IsOuter ? "Left expand" : "Expand")} " +
            $"{string.Join(", ", expand.Calls.Select(static call => $"{call.Name}({ExpressionPrinter.Print(call.Arguments)})"))}",
        LogicalAggregate aggregate =>
            $"Aggregate {string.Join(", ", aggregate.Aggregates.Select(Describe))} by {ExpressionPrinter.Print(aggregate.Keys)}" +
                $"{Sets(aggregate)}{Window(aggregate.Window)}{(aggregate.EmitFinal ? " final" : "")}",
        LogicalJoin join => $"{join.Kind} {(join.IsForeignKey ? "foreign-key join" : "join")} on {Pairs(join)}" +
            $"{(join.Residual is null ? "" : " where " + ExpressionPrinter.Print(join.Residual))}{Within(join.Within)}",
        LogicalWindow window => $"Window {string.Join(", ", window.Calls.Select(Describe))} over ({string.Join(' ', Over(window))})",
        LogicalSort sort => $"Sort {Order(sort.Keys)}",
        LogicalLimit limit => $"Limit {Optional(limit.Count, "all")} offset {Optional(limit.Offset, "0")}",
        LogicalDistinct distinct => distinct.On is null ? "Distinct" : $"Distinct on {ExpressionPrinter.Print(distinct.On)}",
        LogicalSetOperation set => $"{set.Kind}{(set.All ? " all" : "")}",
        _ => throw new InvalidOperationException($"unknown plan node {plan.GetType().Name}"),
    };

    private static string Describe(AggregateCall call) =>
        $"{call.Name}({(call.Distinct ? "distinct " : "")}{ExpressionPrinter.Print(call.Arguments)}" +
            $"{(call.OrderBy.Count == 0 ? "" : " order " + Order(call.OrderBy))})" +
            $"{(call.Filter is null ? "" : $" filter {ExpressionPrinter.Print(call.Filter)}")}";

    private static string Describe(WindowCall call) =>
        $"{call.Name}({ExpressionPrinter.Print(call.Arguments)})" +
            $"{(call.Filter is null ? "" : $" filter {ExpressionPrinter.Print(call.Filter)}")}" +
            $"{(call.Frame == FrameSpec.Default ? "" : $" {Frame(call.Frame)}")}";

    private static IEnumerable<string> Over(LogicalWindow window)
    {
        if (window.PartitionBy.Count > 0)
            yield return $"partition by {ExpressionPrinter.Print(window.PartitionBy)}";
        if (window.OrderBy.Count > 0)
            yield return $"order by {Order(window.OrderBy)}";
    }

    /// <summary>A frame as SQL.</summary>
    public static string Frame(FrameSpec frame) =>
        $"{frame.Unit.ToString().ToUpperInvariant()} BETWEEN {Edge(frame.Start)} AND {Edge(frame.End)}" + frame.Exclusion switch
        {
            FrameExclusion.CurrentRow => " EXCLUDE CURRENT ROW",
            FrameExclusion.Group => " EXCLUDE GROUP",
            FrameExclusion.Ties => " EXCLUDE TIES",
            _ => "",
        };

    private static string Edge(FrameEdge edge) => edge.Kind switch
    {
        FrameEdgeKind.UnboundedPreceding => "UNBOUNDED PRECEDING",
        FrameEdgeKind.Preceding => $"{ExpressionPrinter.Print(edge.Offset!)} PRECEDING",
        FrameEdgeKind.CurrentRow => "CURRENT ROW",
        FrameEdgeKind.Following => $"{ExpressionPrinter.Print(edge.Offset!)} FOLLOWING",
        _ => "UNBOUNDED FOLLOWING",
    };

    /// <summary>Sort keys, separated by commas.</summary>
    public static string Order(IEnumerable<SortKey> keys) =>
        string.Join(", ", keys.Select(static key =>
            $"{ExpressionPrinter.Print(key.Expression)}{(key.Descending ? " desc" : "")}{(key.NullsFirst ? " nulls first" : "")}"));

    private static string Sets(LogicalAggregate aggregate) => aggregate.GroupingSets is not { } sets ? ""
        : " in sets " + string.Join(" ",
            sets.Select(set => $"({string.Join(", ", set.Select(key => ExpressionPrinter.Print(aggregate.Keys[key])))})"));

    private static string Columns(PlanSchema schema) =>
        "(" + string.Join(", ",
            schema.Columns.Select(static column => $"{column.Name} {column.Type}{(column.Role == ColumnRole.Key ? " key" : "")}")) + ")";

    private static string Access(KeyAccess? access)
    {
        if (access is null)
            return "";
        var parts = new List<string>();
        if (access.Points is { } points)
            parts.Add("keys " + string.Join(" ", points.Select(static point => $"({ExpressionPrinter.Print(point)})")));
        AddRange(parts, "key", access.Lower, access.Upper);
        if (access.Pattern is { } pattern)
            parts.Add($"key LIKE {ExpressionPrinter.Print(pattern)}");
        AddRange(parts, "windowstart", access.WindowStart.Lower, access.WindowStart.Upper);
        AddRange(parts, "windowend", access.WindowEnd.Lower, access.WindowEnd.Upper);
        return " by " + string.Join(", ", parts);
    }

    private static void AddRange(List<string> parts, string what, KeyBound? lower, KeyBound? upper)
    {
        if (lower is not null)
            parts.Add($"{what} {(lower.Inclusive ? ">=" : ">")} {ExpressionPrinter.Print(lower.Value)}");
        if (upper is not null)
            parts.Add($"{what} {(upper.Inclusive ? "<=" : "<")} {ExpressionPrinter.Print(upper.Value)}");
    }

    private static string Pairs(LogicalJoin join) => join.LeftKeys.Count == 0
        ? "everything"
        : string.Join(" and ", join.LeftKeys.Zip(join.RightKeys,
            static (left, right) => $"{ExpressionPrinter.Print(left)} = {ExpressionPrinter.Print(right)}"));

    private static string Window(WindowSpec? window) => window is null
        ? ""
        : string.Create(CultureInfo.InvariantCulture, $" in {window.Kind} {window.SizeMs} ms every {window.AdvanceMs} ms, grace " +
            $"{window.GraceMs?.ToString(CultureInfo.InvariantCulture) ?? "default"}, retention " +
            $"{window.RetentionMs?.ToString(CultureInfo.InvariantCulture) ?? "default"}");

    private static string Within(JoinWindow? within) => within is null
        ? ""
        : string.Create(CultureInfo.InvariantCulture,
            $" within {within.BeforeMs} ms before and {within.AfterMs} ms after, grace " +
                $"{within.GraceMs?.ToString(CultureInfo.InvariantCulture) ?? "default"}");

    private static string Optional(BoundExpression? expression, string otherwise) =>
        expression is null ? otherwise : ExpressionPrinter.Print(expression);
}
