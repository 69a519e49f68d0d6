using StreamSQL.Data.Types;
using StreamSQL.Postgres.Types;

namespace StreamSQL.Postgres.Catalog.Relations;

/// <summary>information_schema: the standard's views over the same objects.</summary>
internal static class InformationSchema
{
    /// <summary>character_sets: the database has one.</summary>
    public static void CharacterSets(CatalogObjects objects, CatalogRows rows) => rows.Add(
        ("character_set_catalog", null), ("character_set_schema", null), ("character_set_name", "UTF8"), ("character_repertoire", "UCS"),
        ("form_of_use", "UTF8"), ("default_collate_catalog", objects.Snapshot.DatabaseName), ("default_collate_schema", "pg_catalog"),
        ("default_collate_name", "C.UTF-8"));

    /// <summary>
    /// information_schema.tables; as in PostgreSQL, without materialized views in name: they are listed as views of kind VIEW.
    /// </summary>
    public static void Tables(CatalogObjects objects, CatalogRows rows)
    {
        foreach (var definition in objects.SystemRelations)
        {
            rows.Add(
                ("table_catalog", objects.Snapshot.DatabaseName), ("table_schema", definition.Namespace), ("table_name", definition.Name),
                ("table_type", definition.IsView ? "VIEW" : "BASE TABLE"), ("is_insertable_into", "NO"), ("is_typed", "NO"));
        }

        foreach (var source in objects.Sources)
        {
            rows.Add(
                ("table_catalog", objects.Snapshot.DatabaseName), ("table_schema", "public"), ("table_name", source.Name),
                ("table_type", source.IsMaterializedView ? "VIEW" : "BASE TABLE"),
                ("is_insertable_into", source.Definition.IsReadOnly ? "NO" : "YES"),
                ("is_typed", "NO"));
        }

        foreach (var view in objects.Views)
        {
            rows.Add(
                ("table_catalog", objects.Snapshot.DatabaseName), ("table_schema", "public"), ("table_name", view.Name),
                ("table_type", "VIEW"),
                ("is_insertable_into", "NO"), ("is_typed", "NO"));
        }
    }

    /// <summary>information_schema.columns.</summary>
    public static void Columns(CatalogObjects objects, CatalogRows rows)
    {
        foreach (var definition in objects.SystemRelations)
        {
            for (var i = 0; i < definition.Columns.Count; i++)
            {
                AddColumn(
                    objects, rows, definition.Namespace, definition.Name,
                    new(i + 1, definition.Columns[i].Name, definition.Columns[i].Type, IsKey: false), isNullable: true);
            }
        }

        foreach (var source in objects.Sources)
        {
            foreach (var column in source.Columns)
                AddColumn(objects, rows, "public", source.Name, column, isNullable: !(column.IsNotNull || (source.HasKey && column.IsKey)));
        }

        foreach (var view in objects.Views)
        {
            foreach (var (number, name, type) in view.Columns)
                AddColumn(objects, rows, ("public", view.Name), (number, name), type, null, isNullable: true);
        }
    }

    /// <summary>information_schema.schemata.</summary>
    public static void Schemata(CatalogObjects objects, CatalogRows rows)
    {
        foreach (var (_, name) in CatalogObjects.Namespaces)
            rows.Add(("catalog_name", objects.Snapshot.DatabaseName), ("schema_name", name), ("schema_owner", objects.Roles.Owner));
    }

    /// <summary>information_schema.views.</summary>
    public static void Views(CatalogObjects objects, CatalogRows rows)
    {
        foreach (var (name, definition) in objects.Sources.Where(static source => source.IsMaterializedView)
            .Select(static source => (source.Name, ObjectDefinitions.View(source)))
            .Concat(objects.Views.Select(static view => (view.Name, view.Definition))))
        {
            rows.Add(
                ("table_catalog", objects.Snapshot.DatabaseName), ("table_schema", "public"), ("table_name", name),
                ("view_definition", definition), ("check_option", "NONE"), ("is_updatable", "NO"), ("is_insertable_into", "NO"),
                ("is_trigger_updatable", "NO"), ("is_trigger_deletable", "NO"), ("is_trigger_insertable_into", "NO"));
        }
    }

    /// <summary>information_schema.table_privileges: the user may do everything.</summary>
    public static void TablePrivileges(CatalogObjects objects, CatalogRows rows)
    {
        foreach (var source in objects.Sources)
        {
            foreach (var privilege in new[] { "INSERT", "SELECT", "UPDATE", "DELETE" })
            {
                rows.Add(
                    ("grantor", objects.Roles.Owner), ("grantee", objects.Snapshot.UserName),
                    ("table_catalog", objects.Snapshot.DatabaseName),
                    ("table_schema", "public"), ("table_name", source.Name), ("privilege_type", privilege), ("is_grantable", "YES"),
                    ("with_hierarchy", privilege == "SELECT" ? "YES" : "NO"));
            }
        }
    }

    /// <summary>information_schema.information_schema_catalog_name.</summary>
    public static void CatalogName(CatalogObjects objects, CatalogRows rows) => rows.Add(("catalog_name", objects.Snapshot.DatabaseName));

    /// <summary>information_schema.enabled_roles.</summary>
    public static void EnabledRoles(CatalogObjects objects, CatalogRows rows) => rows.Add(("role_name", objects.Snapshot.UserName));

    /// <summary>information_schema.column_privileges and role_column_grants.</summary>
    public static void ColumnPrivileges(CatalogObjects objects, CatalogRows rows)
    {
        foreach (var source in objects.Sources)
        {
            foreach (var column in source.Columns)
            {
                foreach (var privilege in new[] { "INSERT", "SELECT", "UPDATE" })
                {
                    rows.Add(
                        ("grantor", objects.Snapshot.UserName), ("grantee", objects.Snapshot.UserName),
                        ("table_catalog", objects.Snapshot.DatabaseName),
                        ("table_schema", "public"), ("table_name", source.Name), ("column_name", column.Name),
                        ("privilege_type", privilege),
                        ("is_grantable", "YES"));
                }
            }
        }
    }

    private static void AddColumn(CatalogObjects objects, CatalogRows rows, string schema, string table, CatalogColumn column,
        bool isNullable) =>
        AddColumn(objects, rows, (schema, table), (column.Number, column.Name), column.PgType, column.Type, isNullable, column.Default,
            column.MaxLength);

    /// <summary>A column; where its type here is not known, PostgreSQL's tells what it can.</summary>
    private static void AddColumn(
        CatalogObjects objects, CatalogRows rows, (string Schema, string Name) table, (int Number, string Name) column, PgType type,
        SqlType? exact,
        bool isNullable, string? defaultText = null, int? maxLength = null)
    {
        var bits = type.Name switch { "int2" => 16, "int4" => 32, "int8" => 64, "float8" => 53, _ => 0 };
        var isDecimal = exact?.Kind == SqlTypeKind.Decimal;
        int? digits = exact?.Kind is SqlTypeKind.Timestamp
            or SqlTypeKind.Time ? 3 : type.Name switch { "timestamptz" or "timestamp" => 6, "date" => 0, _ => null };
        rows.Add(
            ("table_catalog", objects.Snapshot.DatabaseName), ("table_schema", table.Schema), ("table_name", table.Name),
            ("column_name", column.Name),
            ("ordinal_position", column.Number), ("column_default", defaultText), ("is_nullable", isNullable ? "YES" : "NO"),
            ("data_type", type.Category == 'A' ? "ARRAY" : type.SqlName),
            ("character_maximum_length", maxLength),
            ("character_octet_length", maxLength is { } length ? 4L * length : type.Category == 'S' ? 1 << 30 : null),
            ("numeric_precision", isDecimal ? exact!.Precision : bits > 0 ? bits : null),
            ("numeric_precision_radix", isDecimal ? 10 : bits > 0 ? 2 : null),
            ("numeric_scale", isDecimal ? exact!.Scale : bits is > 0 and not 53 ? 0 : null), ("datetime_precision", digits),
            ("interval_precision", null), ("character_set_catalog", ""), ("udt_catalog", objects.Snapshot.DatabaseName),
            ("udt_schema", "pg_catalog"),
            ("udt_name", type.Name), ("maximum_cardinality", null),
            ("dtd_identifier", column.Number.ToString(System.Globalization.CultureInfo.InvariantCulture)),
            ("is_self_referencing", "NO"), ("is_identity", "NO"), ("is_generated", "NEVER"), ("is_updatable", "YES"));
    }
}
