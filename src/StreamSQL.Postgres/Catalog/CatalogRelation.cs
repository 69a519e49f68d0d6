using StreamSQL.Engine.SystemRelations;
using StreamSQL.Sql.Plans;

namespace StreamSQL.Postgres.Catalog;

/// <summary>A relation of pg_catalog or information_schema; its rows come from a function over the catalog's objects.</summary>
internal sealed class CatalogRelation(RelationDefinition definition, Action<CatalogObjects, CatalogRows> read) : SystemRelation
{
    /// <inheritdoc/>
    public override string Name => definition.QualifiedName;

    /// <inheritdoc/>
    public override PlanSchema Schema { get; } = new([.. definition.Columns, .. definition.IsView ? [] : RelationDefinition.SystemColumns],
        RelationKind.Rows);

    /// <inheritdoc/>
    public override ValueTask ReadAsync(SystemSnapshot snapshot, SystemRows rows, CancellationToken cancellation)
    {
        read(CatalogObjects.Of(snapshot), new CatalogRows(definition, rows));
        return ValueTask.CompletedTask;
    }
}
