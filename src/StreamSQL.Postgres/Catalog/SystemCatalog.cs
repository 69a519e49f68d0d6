using StreamSQL.Engine.SystemRelations;
using StreamSQL.Postgres.Catalog.Relations;

namespace StreamSQL.Postgres.Catalog;

/// <summary>
/// pg_catalog and information_schema: every relation of <c>relations.txt</c>, those without a row source here being empty.
/// </summary>
public static class SystemCatalog
{
    private static readonly Lazy<IReadOnlyList<SystemRelation>> LazyRelations = new(Create);

    /// <summary>The relations; made when first asked for.</summary>
    public static IReadOnlyList<SystemRelation> Relations => LazyRelations.Value;

    private static SystemRelation[] Create() =>
        [.. RelationDefinition.All.Values.Select(static definition => new CatalogRelation(definition, RowsOf(definition.QualifiedName)))];

    private static Action<CatalogObjects, CatalogRows> RowsOf(string name) => name switch
    {
        "pg_catalog.pg_am" => TypeRelations.AccessMethods,
        "pg_catalog.pg_attrdef" => SourceRelations.Defaults,
        "pg_catalog.pg_attribute" => SourceRelations.Attributes,
        "pg_catalog.pg_authid" => RoleRelations.Authorizations,
        "pg_catalog.pg_class" => SourceRelations.Classes,
        "pg_catalog.pg_collation" => TypeRelations.Collations,
        "pg_catalog.pg_constraint" => SourceRelations.Constraints,
        "pg_catalog.pg_database" => ServerRelations.Databases,
        "pg_catalog.pg_description" => SourceRelations.Descriptions,
        "pg_catalog.pg_get_keywords" => ServerRelations.Keywords,
        "pg_catalog.pg_index" => SourceRelations.Indexes,
        "pg_catalog.pg_indexes" => ViewRelations.Indexes,
        "pg_catalog.pg_language" => TypeRelations.Languages,
        "pg_catalog.pg_matviews" => ViewRelations.MaterializedViews,
        "pg_catalog.pg_locks" => SessionRelations.Locks,
        "pg_catalog.pg_cursors" => SessionRelations.Cursors,
        "pg_catalog.pg_prepared_statements" => SessionRelations.PreparedStatements,
        "pg_catalog.pg_namespace" => SourceRelations.Namespaces,
        "pg_catalog.pg_proc" => TypeRelations.Functions,
        "pg_catalog.pg_roles" => RoleRelations.Roles,
        "pg_catalog.pg_sequence" => SequenceRelations.Sequences,
        "pg_catalog.pg_sequences" => SequenceRelations.Listed,
        "pg_catalog.pg_settings" => ServerRelations.Settings,
        "pg_catalog.pg_stat_activity" => ActivityRelations.Sessions,
        "pg_catalog.pg_stat_all_tables" or "pg_catalog.pg_stat_user_tables" or "pg_catalog.pg_stat_xact_all_tables"
            or "pg_catalog.pg_stat_xact_user_tables" =>
            ActivityRelations.Tables,
        "pg_catalog.pg_stat_all_indexes" or "pg_catalog.pg_stat_user_indexes" => ActivityRelations.Indexes,
        "pg_catalog.pg_statio_all_tables" or "pg_catalog.pg_statio_user_tables" => ActivityRelations.TableBlocks,
        "pg_catalog.pg_stat_database" => ActivityRelations.Databases,
        "pg_catalog.pg_timezone_abbrevs" => ServerRelations.TimeZoneAbbreviations,
        "pg_catalog.pg_views" => ViewRelations.Views,
        "pg_catalog.pg_shadow" => RoleRelations.Shadows,
        "pg_catalog.pg_tables" => ViewRelations.Tables,
        "pg_catalog.pg_tablespace" => ServerRelations.Tablespaces,
        "pg_catalog.pg_timezone_names" => ServerRelations.TimeZones,
        "pg_catalog.pg_type" => TypeRelations.Types,
        "pg_catalog.pg_user" => RoleRelations.Users,
        "information_schema.character_sets" => InformationSchema.CharacterSets,
        "information_schema.column_privileges" or "information_schema.role_column_grants" => InformationSchema.ColumnPrivileges,
        "information_schema.columns" => InformationSchema.Columns,
        "information_schema.constraint_column_usage" => ConstraintRelations.UsedColumns,
        "information_schema.enabled_roles" => InformationSchema.EnabledRoles,
        "information_schema.information_schema_catalog_name" => InformationSchema.CatalogName,
        "information_schema.key_column_usage" => ConstraintRelations.KeyColumns,
        "information_schema.sequences" => SequenceRelations.Standard,
        "information_schema.schemata" => InformationSchema.Schemata,
        "information_schema.table_constraints" => ConstraintRelations.Tables,
        "information_schema.referential_constraints" => ConstraintRelations.ForeignKeys,
        "information_schema.check_constraints" => ConstraintRelations.Checks,
        "information_schema.table_privileges" or "information_schema.role_table_grants" => InformationSchema.TablePrivileges,
        "information_schema.tables" => InformationSchema.Tables,
        "information_schema.views" => InformationSchema.Views,
        _ => static (_, _) => { },
    };
}
