using StreamSQL.Sql.Plans;

namespace StreamSQL.Engine.Planning;

/// <summary>
/// Holds the rows of a push query's result back until its sources have been read up to where they were at the start, folded by key.
/// </summary>
/// <param name="Input">The rows of a table.</param>
internal sealed record SnapshotNode(LogicalPlan Input) : LogicalPlan(Input.Schema)
{
    /// <inheritdoc/>
    public override IReadOnlyList<LogicalPlan> Inputs => [Input];
}
