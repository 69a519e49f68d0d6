using Npgsql;
using StreamSQL.Data.Errors;
using StreamSQL.Data.Types;
using StreamSQL.Postgres.Catalog;
using StreamSQL.Postgres.Types;

namespace StreamSQL.Postgres.Functions;

/// <summary>Names: quoting, to_regclass, and the casts between text and the reg... types.</summary>
internal static class NameFunctions
{
    public static IEnumerable<SessionSignature> Signatures { get; } =
    [
        new("QUOTE_IDENT", SqlType.Varchar, [SqlType.Varchar], static (_, a) => ClientName.Quote((string)a[0]!)),
        new("QUOTE_LITERAL", SqlType.Varchar, [SqlType.Varchar], static (_, a) => QuoteLiteral((string)a[0]!)),
        new("QUOTE_NULLABLE", SqlType.Varchar, [SqlType.Varchar], static (_, a) => a[0] is string text ? QuoteLiteral(text) : "NULL")
            { TakesNulls = true },
        new("TO_REGCLASS", SqlType.RegClass, [SqlType.Varchar], static (objects, a) => (long?)objects.FindRelation((string)a[0]!)),
        new("TO_REGTYPE", SqlType.RegType, [SqlType.Varchar], static (_, a) => (long?)FindType((string)a[0]!)),
        new("TO_REGROLE", SqlType.RegRole, [SqlType.Varchar], static (objects, a) => (long?)objects.Roles.OidOf((string)a[0]!)),
        new("TO_REGPROC", SqlType.RegProc, [SqlType.Varchar], static (_, a) => (long?)FindFunction((string)a[0]!)),
        new("TO_REGPROCEDURE", SqlType.RegProc, [SqlType.Varchar], static (_, a) => (long?)FindFunction(((string)a[0]!).Split('(')[0])),
        new("TO_REGNAMESPACE", SqlType.RegNamespace, [SqlType.Varchar], static (_, a) => (long?)FindNamespace((string)a[0]!)),
        FromText(SqlType.RegClass, "relation", PostgresErrorCodes.UndefinedTable, static (objects, name) => objects.FindRelation(name)),
        FromText(SqlType.RegType, "type", PostgresErrorCodes.UndefinedObject, static (_, name) => FindType(name)),
        FromText(SqlType.RegProc, "function", PostgresErrorCodes.UndefinedFunction, static (_, name) => FindFunction(name)),
        FromText(SqlType.RegNamespace, "schema", PostgresErrorCodes.InvalidSchemaName, static (_, name) => FindNamespace(name)),
        ToText(SqlType.RegNamespace),
        FromText(SqlType.RegRole, "role", PostgresErrorCodes.UndefinedObject, static (objects, name) => objects.Roles.OidOf(name)),
        ToText(SqlType.RegRole),
        ToText(SqlType.RegClass),
        ToText(SqlType.RegType),
        ToText(SqlType.RegProc),
    ];

    /// <summary>The object identifier that a name stands for as a value of a reg... type; null when there is none.</summary>
    public static uint? Find(CatalogObjects objects, SqlTypeKind kind, string name) => kind switch
    {
        SqlTypeKind.RegClass => objects.FindRelation(name),
        SqlTypeKind.RegType => FindType(name),
        SqlTypeKind.RegProc => FindFunction(name),
        SqlTypeKind.RegNamespace => FindNamespace(name),
        SqlTypeKind.RegRole => objects.Roles.OidOf(name),
        _ => null,
    };

    private static string QuoteLiteral(string text)
    {
        var quoted = text.Replace("'", "''", StringComparison.Ordinal);
        return text.Contains('\\', StringComparison.Ordinal)
            ? $"E'{quoted.Replace("\\", "\\\\", StringComparison.Ordinal)}'"
            : $"'{quoted}'";
    }

    /// <summary>The cast from text: a number is an identifier, anything else a name.</summary>
    private static SessionSignature FromText(SqlType type, string what, string sqlState, Func<CatalogObjects, string, uint?> find) => new(
        $"VARCHAR::{type}", type, [SqlType.Varchar], (objects, a) =>
        {
            var text = (string)a[0]!;
            if (text == "-")
                return 0L;
            return uint.TryParse(text, out var oid)
                ? (long)oid : (long)(find(objects, text) ?? throw new SqlException(sqlState, $"{what} \"{text}\" does not exist"));
        });

    private static SessionSignature ToText(SqlType type) => new($"{type}::VARCHAR", SqlType.Varchar, [type], (objects, a) =>
        (long)a[0]! == 0 ? "-" : objects.TextOf(type.Kind, (uint)(long)a[0]!)
            ?? ((long)a[0]!).ToString(System.Globalization.CultureInfo.InvariantCulture));

    private static uint? FindType(string name)
    {
        var plain = Unqualified(name).Trim();
        var isArray = plain.EndsWith("[]", StringComparison.Ordinal);
        if (isArray)
            plain = plain[..^2];
        if (!PgTypes.ByName.TryGetValue(plain, out var type))
            type = FindByCatalogName(plain);
        return isArray ? type?.ArrayOid : type?.Oid;
    }

    /// <summary>Finds a type by its name in pg_type, which may be quoted and qualified.</summary>
    private static PgType? FindByCatalogName(string text)
    {
        var parts = ClientName.Split(text);
        return parts.Count == 1 || parts is ["pg_catalog", _]
            ? PgTypes.ByOid.Values.FirstOrDefault(candidate => candidate.Name == parts[^1])
            : null;
    }

    private static uint? FindFunction(string name)
    {
        // Functions have one entry whatever they take: the types that regprocedure names are not looked at.
        var plain = name.Split('(', 2)[0].Trim();
        var oid = CatalogFunctions.OidOf(Unqualified(plain).ToLowerInvariant());
        return CatalogFunctions.All.ContainsKey(oid) ? oid : null;
    }

    private static uint? FindNamespace(string name) =>
        CatalogObjects.Namespaces.Where(known => known.Name == name).Select(static known => (uint?)known.Oid).FirstOrDefault();

    private static string Unqualified(string name) =>
        name.StartsWith("pg_catalog.", StringComparison.Ordinal) ? name["pg_catalog.".Length..] : name;
}
