using StreamSQL.Data.Types;
using StreamSQL.Sql.Plans;

namespace StreamSQL.Engine.Planning;

/// <summary>
/// A step of a foreign-key join. The left table's task tells the task of the referenced key which left rows refer to it; that one answers
/// with the right row, at once and whenever it changes; and the left table's task joins the answer to
/// its row, if that is still the one that asked.
/// </summary>
/// <param name="Join">The join.</param>
/// <param name="Schema">What the step gives.</param>
internal abstract record ForeignKeyNode(LogicalJoin Join, PlanSchema Schema) : LogicalPlan(Schema)
{
    /// <inheritdoc/>
    public override IReadOnlyList<LogicalPlan> Inputs => [];
}

/// <summary>
/// Turns changes of the left table into subscriptions: the foreign key, the left key, a hash of the
/// left row (null when it is gone), what to do.
/// </summary>
internal sealed record ForeignKeySend(LogicalJoin Join) : ForeignKeyNode(Join, Subscriptions(Join))
{
    private static PlanSchema Subscriptions(LogicalJoin join) => new(
        [
            .. join.LeftKeys.Select(static (key, i) => new PlanColumn($"FOREIGN_{i}", key.Type, ColumnRole.Key)),
            .. join.Left.Schema.Columns.Take(join.KeyColumns).Select(static column => column with { Role = ColumnRole.Value }),
            new PlanColumn("HASH", SqlType.BigInt, ColumnRole.Value),
            new PlanColumn("ACTION", SqlType.Integer, ColumnRole.Value),
        ], RelationKind.Stream);
}

/// <summary>
/// Answers subscriptions (port 0) from the right table, and tells all subscribers its changes (port 1):
/// left key, hash, whether there is a row, the row.
/// </summary>
internal sealed record ForeignKeyLookup(LogicalJoin Join) : ForeignKeyNode(Join, Responses(Join))
{
    /// <summary>The subscriptions of a partition: the left key, the foreign key, the hash.</summary>
    public PlanSchema Subscriptions => new(
        [
            .. Join.Left.Schema.Columns.Take(Join.KeyColumns),
            .. Join.LeftKeys.Select(static (key, i) => new PlanColumn($"FOREIGN_{i}", key.Type, ColumnRole.Value)),
            new PlanColumn("HASH", SqlType.BigInt, ColumnRole.Value),
        ], RelationKind.Table);

    private static PlanSchema Responses(LogicalJoin join) => new(
        [
            .. join.Left.Schema.Columns.Take(join.KeyColumns),
            new PlanColumn("HASH", SqlType.BigInt, ColumnRole.Value),
            new PlanColumn("FOUND", SqlType.Boolean, ColumnRole.Value),
            .. join.Right.Schema.Columns.Select(static column => column with { Role = ColumnRole.Value }),
        ], RelationKind.Stream);
}

/// <summary>Joins answers to the rows of the left table.</summary>
internal sealed record ForeignKeyResolve(LogicalJoin Join) : ForeignKeyNode(Join, Join.Schema);
