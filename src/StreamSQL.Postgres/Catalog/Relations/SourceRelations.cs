using StreamSQL.Postgres.Types;
using StreamSQL.Sql.Catalog;

namespace StreamSQL.Postgres.Catalog.Relations;

/// <summary>
/// Streams and tables as pg_class, pg_attribute, pg_index, pg_constraint and pg_description show them; and the system relations themselves.
/// </summary>
internal static class SourceRelations
{
    /// <summary>Access method of tables.</summary>
    public const uint Heap = 2;

    /// <summary>Access method of key indexes.</summary>
    public const uint BTree = 403;

    /// <summary>pg_class.</summary>
    public static void Classes(CatalogObjects objects, CatalogRows rows)
    {
        foreach (var definition in objects.SystemRelations)
        {
            AddClass(rows, definition.Oid, definition.Name, definition.NamespaceOid, definition.RelationKindCode, definition.Columns.Count,
                hasIndex: false, Heap, 0);
        }

        foreach (var source in objects.Sources)
        {
            AddClass(
                rows, source.Oid, source.Name, CatalogObjects.Public, source.RelationKindCode, source.Columns.Count,
                source.HasKey || objects.Constraints.Any(index => index.IndexOid != 0 && index.Source == source), Heap,
                source.RowTypeOid, objects.Constraints.Count(check => check.Kind == 'c' && check.Source == source),
                objects.Constraints.Any(key => key.Kind == 'f' && (key.Source == source || key.Foreign == source)));
            if (source.HasKey)
                AddClass(rows, source.IndexOid, source.IndexName, CatalogObjects.Public, "i", source.KeyNumbers.Length,
                    hasIndex: false, BTree, 0);
        }

        foreach (var index in objects.Constraints.Where(static constraint => constraint.IndexOid != 0))
            AddClass(rows, index.IndexOid, index.Name, CatalogObjects.Public, "i", index.Columns.Count, hasIndex: false, BTree, 0);
        foreach (var view in objects.Views)
            AddClass(rows, view.Oid, view.Name, CatalogObjects.Public, "v", view.Columns.Count, hasIndex: false, 0, view.RowTypeOid);
        foreach (var sequence in objects.Sequences)
            AddClass(rows, sequence.Oid, sequence.Name, CatalogObjects.Public, "S", 3, hasIndex: false, 0, 0);
    }

    /// <summary>pg_attribute.</summary>
    public static void Attributes(CatalogObjects objects, CatalogRows rows)
    {
        foreach (var definition in objects.SystemRelations)
        {
            for (var i = 0; i < definition.Columns.Count; i++)
                AddAttribute(rows, definition.Oid, i + 1, definition.Columns[i].Name, PgTypes.Of(definition.Columns[i].Type), -1,
                    notNull: false);
        }

        foreach (var source in objects.Sources)
        {
            foreach (var column in source.Columns)
            {
                AddAttribute(
                    rows, source.Oid, column.Number, column.Name, column.PgType, column.Modifier,
                    column.IsNotNull || (source.HasKey && column.IsKey), column.Default is not null);
            }

            if (!source.HasKey)
                continue;
            var number = 0;
            foreach (var column in source.Columns.Where(static column => column.IsKey))
                AddAttribute(rows, source.IndexOid, ++number, column.Name, column.PgType, column.Modifier, notNull: false);
        }

        foreach (var index in objects.Constraints.Where(static constraint => constraint.IndexOid != 0))
        {
            for (var i = 0; i < index.Columns.Count; i++)
                AddAttribute(rows, index.IndexOid, i + 1, index.Columns[i].Name, index.Columns[i].PgType, index.Columns[i].Modifier,
                    notNull: false);
        }

        foreach (var view in objects.Views)
        {
            foreach (var (number, name, type) in view.Columns)
                AddAttribute(rows, view.Oid, number, name, type, -1, notNull: false);
        }
    }

    /// <summary>pg_attrdef: the expressions of DEFAULT.</summary>
    public static void Defaults(CatalogObjects objects, CatalogRows rows)
    {
        foreach (var source in objects.Sources)
        {
            foreach (var column in source.Columns.Where(static column => column.Default is not null))
            {
                rows.Add(
                    ("oid", (long)CatalogObjects.OidOf($"{source.Definition.Name}/default/{column.Number}")), ("adrelid", (long)source.Oid),
                    ("adnum", column.Number), ("adbin", column.Default));
            }
        }
    }

    /// <summary>pg_index: the index over each table's key, and those of UNIQUE.</summary>
    public static void Indexes(CatalogObjects objects, CatalogRows rows)
    {
        foreach (var source in objects.Sources.Where(static source => source.HasKey))
            AddIndex(rows, source.IndexOid, source, source.KeyNumbers, isPrimary: true);
        foreach (var index in objects.Constraints.Where(static constraint => constraint.IndexOid != 0))
            AddIndex(rows, index.IndexOid, index.Source, index.Numbers, isPrimary: false);
    }

    /// <summary>pg_constraint: each table's primary key, CHECK, UNIQUE and REFERENCES.</summary>
    public static void Constraints(CatalogObjects objects, CatalogRows rows)
    {
        foreach (var source in objects.Sources.Where(static source => source.HasKey))
        {
            rows.Add(
                ("oid", (long)source.ConstraintOid), ("conname", source.IndexName), ("connamespace", (long)CatalogObjects.Public),
                ("contype", "p"),
                ("convalidated", true), ("conrelid", (long)source.Oid), ("conindid", (long)source.IndexOid), ("conislocal", true),
                ("connoinherit", true),
                ("conkey", source.KeyNumbers), ("confupdtype", " "), ("confdeltype", " "), ("confmatchtype", " "));
        }

        foreach (var constraint in objects.Constraints.Where(static constraint => constraint.Kind != 'i'))
        {
            var isForeign = constraint.Kind == 'f';
            rows.Add(
                ("oid", (long)constraint.Oid), ("conname", constraint.Name), ("connamespace", (long)CatalogObjects.Public),
                ("contype", constraint.Kind.ToString()), ("convalidated", true), ("conrelid", (long)constraint.Source.Oid),
                ("conindid", isForeign ? (long)(constraint.Foreign?.IndexOid ?? 0) : constraint.IndexOid), ("conislocal", true),
                ("connoinherit", constraint.Kind != 'c'), ("conkey", constraint.Numbers),
                ("confrelid", (long)(constraint.Foreign?.Oid ?? 0)),
                ("confkey", isForeign ? CatalogConstraint.NumbersOf(constraint.ForeignColumns) : null),
                ("confupdtype", constraint.OnUpdate.ToString()), ("confdeltype", constraint.OnDelete.ToString()),
                ("confmatchtype", isForeign ? "s" : " "), ("conbin", constraint.Condition));
        }
    }

    /// <summary>pg_description: what each stream and table is.</summary>
    public static void Descriptions(CatalogObjects objects, CatalogRows rows)
    {
        var classOid = (long)RelationDefinition.All["pg_catalog.pg_class"].Oid;
        var commented = objects.Comments.Where(static comment => comment.Column == 0).Select(static comment => comment.Oid).ToHashSet();
        foreach (var source in objects.Sources.Where(source => !commented.Contains(source.Oid)))
            rows.Add(("objoid", (long)source.Oid), ("classoid", classOid), ("objsubid", 0), ("description", source.Description));
        foreach (var comment in objects.Comments)
            rows.Add(("objoid", (long)comment.Oid), ("classoid", classOid), ("objsubid", comment.Column), ("description", comment.Text));
        var schemaClass = (long)RelationDefinition.All["pg_catalog.pg_namespace"].Oid;
        foreach (var (oid, name) in CatalogObjects.Namespaces)
        {
            if (objects.Snapshot.Catalog.Comments.TryGetValue(CommentKeys.Schema(name), out var text))
                rows.Add(("objoid", (long)oid), ("classoid", schemaClass), ("objsubid", 0), ("description", text));
        }
    }

    /// <summary>pg_namespace.</summary>
    public static void Namespaces(CatalogObjects objects, CatalogRows rows)
    {
        foreach (var (oid, name) in CatalogObjects.Namespaces)
            rows.Add(("oid", (long)oid), ("nspname", name), ("nspowner", (long)CatalogObjects.Owner));
    }

    private static void AddIndex(CatalogRows rows, uint oid, CatalogSource source, object?[] columns, bool isPrimary) => rows.Add(
        ("indexrelid", (long)oid), ("indrelid", (long)source.Oid), ("indnatts", columns.Length), ("indnkeyatts", columns.Length),
        ("indisunique", true), ("indisprimary", isPrimary), ("indimmediate", true), ("indisvalid", true), ("indisready", true),
        ("indislive", true), ("indkey", columns), ("indcollation", Repeat(0L, columns.Length)), ("indclass", Repeat(0L, columns.Length)),
        ("indoption", Repeat(0, columns.Length)));

    private static object?[] Repeat(object value, int count) => [.. Enumerable.Repeat(value, count)];

    private static void AddClass(
        CatalogRows rows, uint oid, string name, uint schema, string kind, int columns, bool hasIndex, uint accessMethod,
        uint rowType, int checks = 0, bool isReferring = false) => rows.Add(
        ("oid", (long)oid), ("relname", name), ("relnamespace", (long)schema), ("reltype", (long)rowType),
        ("relowner", (long)CatalogObjects.Owner),
        ("relam", (long)accessMethod), ("relfilenode", (long)oid), ("reltuples", -1d), ("relhasindex", hasIndex), ("relpersistence", "p"),
        ("relkind", kind),
        ("relnatts", columns), ("relchecks", checks), ("relhastriggers", isReferring), ("relispopulated", true), ("relreplident", "d"));

    private static void AddAttribute(CatalogRows rows, uint relation, int number, string name, PgType type, int modifier, bool notNull,
        bool hasDefault = false) => rows.Add(
            ("attrelid", (long)relation), ("attname", name), ("atttypid", (long)type.Oid), ("attstattarget", -1),
            ("attlen", (int)type.Length), ("attnum", number),
            ("attndims", type.Category == 'A' ? 1 : 0), ("attcacheoff", -1), ("atttypmod", modifier),
            ("attbyval", TypeRelations.IsByValue(type)),
            ("attalign", TypeRelations.AlignmentOf(type)), ("attstorage", TypeRelations.StorageOf(type)), ("attnotnull", notNull),
            ("atthasdef", hasDefault), ("attislocal", true),
            ("attcollation", (long)TypeRelations.CollationOf(type)));
}
