namespace StreamSQL.Postgres.Catalog.Relations;

/// <summary>Primary keys, CHECK, UNIQUE and REFERENCES as information_schema shows them.</summary>
internal static class ConstraintRelations
{
    /// <summary>information_schema.table_constraints.</summary>
    public static void Tables(CatalogObjects objects, CatalogRows rows)
    {
        foreach (var source in objects.Sources.Where(static source => source.HasKey))
            Add(objects, rows, source, source.IndexName, "PRIMARY KEY", isEnforced: true);
        foreach (var constraint in Constraints(objects))
        {
            var type = constraint.Kind switch { 'c' => "CHECK", 'u' => "UNIQUE", _ => "FOREIGN KEY" };
            Add(objects, rows, constraint.Source, constraint.Name, type, isEnforced: constraint.Kind == 'c');
        }
    }

    /// <summary>information_schema.key_column_usage.</summary>
    public static void KeyColumns(CatalogObjects objects, CatalogRows rows)
    {
        foreach (var source in objects.Sources.Where(static source => source.HasKey))
            AddKey(objects, rows, source, source.IndexName, source.Columns.Where(static column => column.IsKey), isForeign: false);
        foreach (var constraint in Constraints(objects).Where(static constraint => constraint.Kind != 'c'))
            AddKey(objects, rows, constraint.Source, constraint.Name, constraint.Columns, constraint.Kind == 'f');
    }

    /// <summary>information_schema.constraint_column_usage: of REFERENCES the columns that it names.</summary>
    public static void UsedColumns(CatalogObjects objects, CatalogRows rows)
    {
        foreach (var source in objects.Sources.Where(static source => source.HasKey))
            AddUsed(objects, rows, source, source.Columns.Where(static column => column.IsKey), source.IndexName);
        foreach (var constraint in Constraints(objects))
        {
            if (constraint.Kind != 'f')
                AddUsed(objects, rows, constraint.Source, constraint.Columns, constraint.Name);
            else if (constraint.Foreign is { } foreign)
                AddUsed(objects, rows, foreign, constraint.ForeignColumns, constraint.Name);
        }
    }

    /// <summary>information_schema.referential_constraints.</summary>
    public static void ForeignKeys(CatalogObjects objects, CatalogRows rows)
    {
        foreach (var constraint in Constraints(objects).Where(static constraint => constraint.Kind == 'f'))
        {
            rows.Add(
                ("constraint_catalog", objects.Snapshot.DatabaseName), ("constraint_schema", "public"),
                ("constraint_name", constraint.Name),
                ("unique_constraint_catalog", objects.Snapshot.DatabaseName), ("unique_constraint_schema", "public"),
                ("unique_constraint_name", constraint.Foreign?.IndexName), ("match_option", "NONE"),
                ("update_rule", RuleOf(constraint.OnUpdate)), ("delete_rule", RuleOf(constraint.OnDelete)));
        }
    }

    /// <summary>information_schema.check_constraints.</summary>
    public static void Checks(CatalogObjects objects, CatalogRows rows)
    {
        foreach (var constraint in Constraints(objects).Where(static constraint => constraint.Kind == 'c'))
        {
            rows.Add(
                ("constraint_catalog", objects.Snapshot.DatabaseName), ("constraint_schema", "public"),
                ("constraint_name", constraint.Name), ("check_clause", $"(({constraint.Condition}))"));
        }
    }

    private static IEnumerable<CatalogConstraint> Constraints(CatalogObjects objects) =>
        objects.Constraints.Where(static constraint => constraint.Kind != 'i');

    private static string RuleOf(char action) => action switch
    {
        'c' => "CASCADE",
        'r' => "RESTRICT",
        'n' => "SET NULL",
        'd' => "SET DEFAULT",
        _ => "NO ACTION",
    };

    private static void Add(CatalogObjects objects, CatalogRows rows, CatalogSource source, string name, string type, bool isEnforced) =>
        rows.Add(
            ("constraint_catalog", objects.Snapshot.DatabaseName), ("constraint_schema", "public"), ("constraint_name", name),
            ("table_catalog", objects.Snapshot.DatabaseName), ("table_schema", "public"), ("table_name", source.Name),
            ("constraint_type", type), ("is_deferrable", "NO"), ("initially_deferred", "NO"), ("enforced", isEnforced ? "YES" : "NO"));

    private static void AddKey(
        CatalogObjects objects, CatalogRows rows, CatalogSource source, string name, IEnumerable<CatalogColumn> columns, bool isForeign)
    {
        var position = 0;
        foreach (var column in columns)
        {
            position++;
            rows.Add(
                ("constraint_catalog", objects.Snapshot.DatabaseName), ("constraint_schema", "public"), ("constraint_name", name),
                ("table_catalog", objects.Snapshot.DatabaseName), ("table_schema", "public"), ("table_name", source.Name),
                ("column_name", column.Name), ("ordinal_position", position),
                ("position_in_unique_constraint", isForeign ? position : null));
        }
    }

    private static void AddUsed(
        CatalogObjects objects, CatalogRows rows, CatalogSource source, IEnumerable<CatalogColumn> columns, string constraint)
    {
        foreach (var column in columns)
        {
            rows.Add(
                ("table_catalog", objects.Snapshot.DatabaseName), ("table_schema", "public"), ("table_name", source.Name),
                ("column_name", column.Name), ("constraint_catalog", objects.Snapshot.DatabaseName), ("constraint_schema", "public"),
                ("constraint_name", constraint));
        }
    }
}
