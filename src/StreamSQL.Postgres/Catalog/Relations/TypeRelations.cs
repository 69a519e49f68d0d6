using StreamSQL.Postgres.Types;

namespace StreamSQL.Postgres.Catalog.Relations;

/// <summary>Types, functions and what belongs to them: pg_type, pg_proc, pg_am, pg_collation, pg_language.</summary>
internal static class TypeRelations
{
    private const uint InternalLanguage = 12;
    private const uint AnyType = 2276;
    private const uint DefaultCollation = 100;
    private const uint ColumnCollation = 950;

    /// <summary>pg_type: the scalar types, the arrays over them, and a row type per stream and table.</summary>
    public static void Types(CatalogObjects objects, CatalogRows rows)
    {
        foreach (var type in PgTypes.ByOid.Values.OrderBy(static type => type.Oid))
        {
            rows.Add(
                ("oid", (long)type.Oid), ("typname", type.Name), ("typnamespace", (long)CatalogObjects.PgCatalog),
                ("typowner", (long)CatalogObjects.Owner),
                ("typlen", (int)type.Length), ("typbyval", IsByValue(type)), ("typtype", type.Category is 'P' or 'X' ? "p" : "b"),
                ("typcategory", type.Category.ToString()),
                ("typispreferred", type.Name is "bool" or "text" or "oid" or "float8" or "timestamptz" or "interval"),
                ("typisdefined", true), ("typdelim", ","), ("typelem", (long)type.ElementOid), ("typarray", (long)type.ArrayOid),
                ("typinput", Function(type, "in")), ("typoutput", Function(type, "out")), ("typreceive", Function(type, "recv")),
                ("typsend", Function(type, "send")), ("typalign", AlignmentOf(type)), ("typstorage", StorageOf(type)), ("typtypmod", -1),
                ("typcollation", (long)CollationOf(type)));
        }

        foreach (var source in objects.Sources)
            AddRowType(rows, source.RowTypeOid, source.Name, source.Oid);
        foreach (var view in objects.Views)
            AddRowType(rows, view.RowTypeOid, view.Name, view.Oid);
    }

    private static void AddRowType(CatalogRows rows, uint oid, string name, uint relation) => rows.Add(
        ("oid", (long)oid), ("typname", name), ("typnamespace", (long)CatalogObjects.Public), ("typowner", (long)CatalogObjects.Owner),
        ("typlen", -1), ("typtype", "c"), ("typcategory", "C"), ("typisdefined", true), ("typdelim", ","), ("typrelid", (long)relation),
        ("typinput", (long)CatalogFunctions.OidOf("record_in")), ("typoutput", (long)CatalogFunctions.OidOf("record_out")),
        ("typreceive", (long)CatalogFunctions.OidOf("record_recv")), ("typsend", (long)CatalogFunctions.OidOf("record_send")),
        ("typalign", "d"), ("typstorage", "x"), ("typtypmod", -1));

    /// <summary>pg_proc.</summary>
    public static void Functions(CatalogObjects objects, CatalogRows rows)
    {
        foreach (var function in CatalogFunctions.All.Values.OrderBy(static function => function.Name, StringComparer.Ordinal))
        {
            rows.Add(
                ("oid", (long)function.Oid), ("proname", function.Name), ("pronamespace", (long)CatalogObjects.PgCatalog),
                ("proowner", (long)CatalogObjects.Owner), ("prolang", (long)InternalLanguage), ("procost", 1d),
                ("prokind", function.IsAggregate ? "a" : "f"),
                ("proisstrict", true), ("provolatile", "i"), ("proparallel", "s"), ("prorettype", (long)AnyType),
                ("proargtypes", Array.Empty<object?>()),
                ("prosrc", function.Name));
        }
    }

    /// <summary>pg_am.</summary>
    public static void AccessMethods(CatalogObjects objects, CatalogRows rows)
    {
        rows.Add(("oid", (long)SourceRelations.Heap), ("amname", "heap"), ("amtype", "t"));
        rows.Add(("oid", (long)SourceRelations.BTree), ("amname", "btree"), ("amtype", "i"));
    }

    /// <summary>pg_collation: text is compared by its bytes.</summary>
    public static void Collations(CatalogObjects objects, CatalogRows rows)
    {
        AddCollation(rows, DefaultCollation, "default", "d", null);
        AddCollation(rows, ColumnCollation, "C", "c", "C");
    }

    /// <summary>pg_language.</summary>
    public static void Languages(CatalogObjects objects, CatalogRows rows)
    {
        rows.Add(("oid", (long)InternalLanguage), ("lanname", "internal"), ("lanowner", (long)CatalogObjects.Owner));
        rows.Add(("oid", 14L), ("lanname", "sql"), ("lanowner", (long)CatalogObjects.Owner), ("lanpltrusted", true));
    }

    /// <summary>The collation of a type's values; 0 where they are no text.</summary>
    public static uint CollationOf(PgType type) => type.Name == "name" ? ColumnCollation : type.Category == 'S' ? DefaultCollation : 0;

    /// <summary>How PostgreSQL aligns a value: by its size.</summary>
    public static string AlignmentOf(PgType type) => type.Length switch { 1 or 64 => "c", 2 => "s", 8 or 16 => "d", _ => "i" };

    /// <summary>How PostgreSQL stores a value: plain, or compressed and outside the row.</summary>
    public static string StorageOf(PgType type) => type.Length == -1 ? type.Name == "numeric" ? "m" : "x" : "p";

    /// <summary>Whether PostgreSQL passes a value in a register.</summary>
    public static bool IsByValue(PgType type) => type.Length is 1 or 2 or 4 or 8;

    private static object Function(PgType type, string suffix) => (long)CatalogFunctions.OidOf(type.FunctionPrefix + suffix);

    private static void AddCollation(CatalogRows rows, uint oid, string name, string provider, string? locale) => rows.Add(
        ("oid", (long)oid), ("collname", name), ("collnamespace", (long)CatalogObjects.PgCatalog),
        ("collowner", (long)CatalogObjects.Owner),
        ("collprovider", provider), ("collisdeterministic", true), ("collencoding", -1), ("collcollate", locale), ("collctype", locale));
}
