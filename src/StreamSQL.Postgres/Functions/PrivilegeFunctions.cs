using StreamSQL.Data.Types;

namespace StreamSQL.Postgres.Functions;

/// <summary>has_..._privilege: whoever is in may do everything.</summary>
internal static class PrivilegeFunctions
{
    private static readonly string[] Objects =
    [
        "TABLE", "SCHEMA", "DATABASE", "FUNCTION", "SEQUENCE", "TYPE", "LANGUAGE", "TABLESPACE", "FOREIGN_DATA_WRAPPER", "SERVER",
        "ANY_COLUMN",
    ];

    private static readonly SqlType[][] RolesAndTables =
    [
        [SqlType.Name, SqlType.Oid], [SqlType.Name, SqlType.Varchar], [SqlType.Oid, SqlType.Oid], [SqlType.Oid, SqlType.Varchar],
    ];

    public static IEnumerable<SessionSignature> Signatures { get; } =
    [
        .. Objects.SelectMany(static kind => new[]
        {
            Yes($"HAS_{kind}_PRIVILEGE", SqlType.Oid, SqlType.Varchar),
            Yes($"HAS_{kind}_PRIVILEGE", SqlType.Varchar, SqlType.Varchar),
            Yes($"HAS_{kind}_PRIVILEGE", SqlType.Name, SqlType.Oid, SqlType.Varchar),
            Yes($"HAS_{kind}_PRIVILEGE", SqlType.Name, SqlType.Varchar, SqlType.Varchar),
            Yes($"HAS_{kind}_PRIVILEGE", SqlType.Oid, SqlType.Oid, SqlType.Varchar),
            Yes($"HAS_{kind}_PRIVILEGE", SqlType.Oid, SqlType.Varchar, SqlType.Varchar),
        }),
        .. RolesAndTables.SelectMany(static first => new[]
        {
            Yes("HAS_COLUMN_PRIVILEGE", [.. first, SqlType.SmallInt, SqlType.Varchar]),
            Yes("HAS_COLUMN_PRIVILEGE", [.. first, SqlType.Varchar, SqlType.Varchar]),
        }),
        Yes("HAS_COLUMN_PRIVILEGE", SqlType.Oid, SqlType.SmallInt, SqlType.Varchar),
        Yes("HAS_COLUMN_PRIVILEGE", SqlType.Oid, SqlType.Varchar, SqlType.Varchar),
        Yes("HAS_COLUMN_PRIVILEGE", SqlType.Varchar, SqlType.Varchar, SqlType.Varchar),
        Yes("PG_HAS_ROLE", SqlType.Oid, SqlType.Varchar),
        Yes("PG_HAS_ROLE", SqlType.Name, SqlType.Varchar),
        Yes("PG_HAS_ROLE", SqlType.Name, SqlType.Oid, SqlType.Varchar),
        Yes("PG_HAS_ROLE", SqlType.Name, SqlType.Name, SqlType.Varchar),
        Yes("PG_HAS_ROLE", SqlType.Oid, SqlType.Oid, SqlType.Varchar),
        Yes("PG_HAS_ROLE", SqlType.Oid, SqlType.Name, SqlType.Varchar),
        Yes("ROW_SECURITY_ACTIVE", SqlType.Varchar) with { Evaluate = static (_, _) => false },
        Yes("ROW_SECURITY_ACTIVE", SqlType.Oid) with { Evaluate = static (_, _) => false },
    ];

    private static SessionSignature Yes(string name, params SqlType[] parameters) =>
        new(name, SqlType.Boolean, parameters, static (_, _) => true);
}
