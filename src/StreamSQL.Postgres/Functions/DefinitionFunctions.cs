using StreamSQL.Data.Errors;
using StreamSQL.Data.Types;
using StreamSQL.Postgres.Catalog;
using StreamSQL.Postgres.Types;

namespace StreamSQL.Postgres.Functions;

/// <summary>Objects as text: format_type, pg_get_viewdef, pg_get_indexdef, pg_get_constraintdef, pg_get_userbyid, ...</summary>
internal static class DefinitionFunctions
{
    public static IEnumerable<SessionSignature> Signatures { get; } =
    [
        new("FORMAT_TYPE", SqlType.Varchar, [SqlType.Oid, SqlType.Integer], static (_, a) =>
            a[0] is long oid ? PgTypes.Format((uint)oid, a[1] as int? ?? -1) : null) { TakesNulls = true },
        new("PG_GET_USERBYID", SqlType.Name, [SqlType.Oid], static (objects, a) =>
            objects.Roles.NameOf((uint)(long)a[0]!) ?? $"unknown (OID={a[0]})"),
        new("PG_GET_EXPR", SqlType.Varchar, [SqlType.Varchar, SqlType.Oid], static (_, a) => a[0]),
        new("PG_GET_EXPR", SqlType.Varchar, [SqlType.Varchar, SqlType.Oid, SqlType.Boolean], static (_, a) => a[0]),
        new("PG_GET_VIEWDEF", SqlType.Varchar, [SqlType.Varchar], static (objects, a) => View(objects, (string)a[0]!)),
        new("PG_GET_VIEWDEF", SqlType.Varchar, [SqlType.Varchar, SqlType.Boolean], static (objects, a) => View(objects, (string)a[0]!)),
        new("PG_GET_VIEWDEF", SqlType.Varchar, [SqlType.Oid], static (objects, a) => View(objects, a)),
        new("PG_GET_VIEWDEF", SqlType.Varchar, [SqlType.Oid, SqlType.Boolean], static (objects, a) => View(objects, a)),
        new("PG_GET_VIEWDEF", SqlType.Varchar, [SqlType.Oid, SqlType.Integer], static (objects, a) => View(objects, a)),
        new("PG_GET_INDEXDEF", SqlType.Varchar, [SqlType.Oid], static (objects, a) => Index(objects, a, 0)),
        new("PG_GET_INDEXDEF", SqlType.Varchar, [SqlType.Oid, SqlType.Integer, SqlType.Boolean],
            static (objects, a) => Index(objects, a, (int)a[1]!)),
        new("PG_GET_CONSTRAINTDEF", SqlType.Varchar, [SqlType.Oid], static (objects, a) => Constraint(objects, a)),
        new("PG_GET_CONSTRAINTDEF", SqlType.Varchar, [SqlType.Oid, SqlType.Boolean], static (objects, a) => Constraint(objects, a)),
        new("PG_GET_FUNCTION_ARGUMENTS", SqlType.Varchar, [SqlType.Oid], static (_, a) => Function(a)?.Arguments),
        new("PG_GET_FUNCTION_IDENTITY_ARGUMENTS", SqlType.Varchar, [SqlType.Oid], static (_, a) => Function(a)?.Arguments),
        new("PG_GET_FUNCTION_RESULT", SqlType.Varchar, [SqlType.Oid], static (_, a) => Function(a)?.Result),
        new("PG_GET_FUNCTIONDEF", SqlType.Varchar, [SqlType.Oid],
            static (_, a) => Function(a) is { } f ? $"{f.Name}({f.Arguments}) -> {f.Result}" : null),
        new("PG_PARTITION_ANCESTORS", SqlType.RegClass, [SqlType.RegClass], static (_, _) => null),
        new("ACLDEFAULT", SqlType.ArrayOf(SqlType.Varchar), [SqlType.Char, SqlType.Oid], static (objects, a) =>
            AccessLists.Default((string)a[0]!, objects.Roles.NameOf((uint)(long)a[1]!) ?? $"{a[1]}")),
        None("PG_GET_FUNCTION_SQLBODY", SqlType.Oid),
        None("PG_GET_RULEDEF", SqlType.Oid),
        None("PG_GET_RULEDEF", SqlType.Oid, SqlType.Boolean),
        None("PG_GET_TRIGGERDEF", SqlType.Oid),
        None("PG_GET_TRIGGERDEF", SqlType.Oid, SqlType.Boolean),
        None("PG_GET_PARTKEYDEF", SqlType.Oid),
        None("PG_GET_STATISTICSOBJDEF_COLUMNS", SqlType.Oid),
        None("PG_GET_STATISTICSOBJDEF", SqlType.Oid),
    ];

    /// <summary>A function about objects that are never there.</summary>
    private static SessionSignature None(string name, params SqlType[] parameters) =>
        new(name, SqlType.Varchar, parameters, static (_, _) => null);

    private static CatalogFunction? Function(object?[] arguments) => CatalogFunctions.All.GetValueOrDefault((uint)(long)arguments[0]!);

    private static string? View(CatalogObjects objects, object?[] arguments) => View(objects, (uint)(long)arguments[0]!);

    private static string? View(CatalogObjects objects, string name) => objects.FindRelation(name) is { } oid
        ? View(objects, oid)
        : throw new SqlException(Npgsql.PostgresErrorCodes.UndefinedTable, $"relation \"{name}\" does not exist");

    private static string? View(CatalogObjects objects, uint oid) => objects.Find(oid) is { IsMaterializedView: true } source
        ? ObjectDefinitions.View(source)
        : objects.Views.FirstOrDefault(view => view.Oid == oid)?.Definition;

    private static string? Constraint(CatalogObjects objects, object?[] arguments) =>
        objects.Sources.FirstOrDefault(source => source.HasKey && source.ConstraintOid == (long)arguments[0]!) is { } source
            ? ObjectDefinitions.PrimaryKey(source)
            : objects.Constraints.FirstOrDefault(constraint => constraint.Oid == (long)arguments[0]!)?.Text;

    /// <summary>The whole index, or with a column's number that column.</summary>
    private static string? Index(CatalogObjects objects, object?[] arguments, int column)
    {
        if (objects.Constraints.FirstOrDefault(known => known.IndexOid != 0 && known.IndexOid == (long)arguments[0]!) is { } index)
            return column == 0 ? index.IndexText : column > index.Columns.Count ? "" : ClientName.Quote(index.Columns[column - 1].Name);
        if (objects.Find((uint)(long)arguments[0]!) is not { HasKey: true } source)
            return null;
        if (column == 0)
            return ObjectDefinitions.Index(source);
        return source.Columns.Where(static c => c.IsKey).Skip(column - 1).Select(static c => ClientName.Quote(c.Name))
            .FirstOrDefault() ?? "";
    }
}
