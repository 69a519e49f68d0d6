namespace StreamSQL.Postgres.Catalog.Relations;

/// <summary>PostgreSQL's views for people: pg_tables, pg_matviews, pg_indexes.</summary>
internal static class ViewRelations
{
    /// <summary>pg_tables.</summary>
    public static void Tables(CatalogObjects objects, CatalogRows rows)
    {
        foreach (var source in objects.Sources.Where(static source => !source.IsMaterializedView))
        {
            rows.Add(
                ("schemaname", "public"), ("tablename", source.Name), ("tableowner", objects.Roles.Owner), ("hasindexes", source.HasKey));
        }
    }

    /// <summary>pg_views: those that clients made, and the system relations that are views.</summary>
    public static void Views(CatalogObjects objects, CatalogRows rows)
    {
        foreach (var view in objects.Views)
            rows.Add(("schemaname", "public"), ("viewname", view.Name), ("viewowner", objects.Roles.Owner),
                ("definition", view.Definition));
        foreach (var definition in objects.SystemRelations.Where(static definition => definition.IsView))
            rows.Add(("schemaname", definition.Namespace), ("viewname", definition.Name), ("viewowner", objects.Snapshot.UserName));
    }

    /// <summary>pg_matviews.</summary>
    public static void MaterializedViews(CatalogObjects objects, CatalogRows rows)
    {
        foreach (var source in objects.Sources.Where(static source => source.IsMaterializedView))
        {
            rows.Add(
                ("schemaname", "public"), ("matviewname", source.Name), ("matviewowner", objects.Roles.Owner), ("hasindexes", true),
                ("ispopulated", true), ("definition", ObjectDefinitions.View(source)));
        }
    }

    /// <summary>pg_indexes.</summary>
    public static void Indexes(CatalogObjects objects, CatalogRows rows)
    {
        foreach (var source in objects.Sources.Where(static source => source.HasKey))
        {
            rows.Add(
                ("schemaname", "public"), ("tablename", source.Name), ("indexname", source.IndexName),
                ("indexdef", ObjectDefinitions.Index(source)));
        }

        foreach (var index in objects.Constraints.Where(static constraint => constraint.IndexOid != 0))
        {
            rows.Add(
                ("schemaname", "public"), ("tablename", index.Source.Name), ("indexname", index.Name), ("indexdef", index.IndexText));
        }
    }
}
