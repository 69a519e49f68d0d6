using StreamSQL.Sql.Expressions;
using StreamSQL.Sql.Plans;

namespace StreamSQL.Engine.Sessions.Statements;

/// <summary>Where the columns of a result come from: clients ask the catalog about those that are a relation's own.</summary>
internal static class ColumnOrigins
{
    /// <summary>The origin of a plan's column; null when it is computed, or stands for columns of several relations.</summary>
    public static ColumnOrigin? Of(LogicalPlan plan, int column) => plan switch
    {
        LogicalScan scan => new(scan.Source.Name, scan.Schema.Columns[column].Name),
        LogicalSystemScan scan => new(scan.Relation, scan.Schema.Columns[column].Name),
        LogicalProject project => project.Expressions[column] is BoundColumn input ? Of(project.Input, input.Index) : null,
        LogicalFilter or LogicalSort or LogicalLimit or LogicalDistinct => Of(((LogicalUnary)plan).Input, column),
        LogicalJoin join when join.Schema.Columns.Count == join.Left.Schema.Columns.Count + join.Right.Schema.Columns.Count =>
            column < join.Left.Schema.Columns.Count ? Of(join.Left, column) : Of(join.Right, column - join.Left.Schema.Columns.Count),
        _ => null,
    };
}
