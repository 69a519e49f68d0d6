using StreamSQL.Engine.SystemRelations;
using StreamSQL.Sql.Plans;

namespace StreamSQL.Postgres.Catalog;

/// <summary>A relation of pg_catalog or information_schema; its rows come from a function over the catalog's objects.</summary>
internal sealed class CatalogRelation(RelationDefinition definition, Action<CatalogObjects, CatalogRows> read) : SystemRelation
{
    /// <inheritdoc/>
    public override string Name => definition.QualifiedName;

    /// <inheritdoc/>
    public override PlanSchema Schema { get; } = new(definition.Columns, RelationKind.Rows);

    /// <inheritdoc/>
    public override void Read(SystemSnapshot snapshot, SystemRows rows) => read(CatalogObjects.Of(snapshot), new CatalogRows(definition, rows));
}
