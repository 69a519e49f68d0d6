using StreamSQL.Data.Types;
using StreamSQL.Postgres.Catalog;
using StreamSQL.Postgres.Catalog.Relations;
using StreamSQL.Sql.Catalog;

namespace StreamSQL.Postgres.Functions;

/// <summary>Comments on objects: a stream or table says over which topic it stands.</summary>
internal static class DescriptionFunctions
{
    public static IEnumerable<SessionSignature> Signatures { get; } =
    [
        new("OBJ_DESCRIPTION", SqlType.Varchar, [SqlType.Oid], static (objects, a) => Relation(objects, a) ?? Function(a)),
        new("OBJ_DESCRIPTION", SqlType.Varchar, [SqlType.Oid, SqlType.Name], static (objects, a) => (string)a[1]! switch
        {
            "pg_class" => Relation(objects, a),
            "pg_proc" => Function(a),
            "pg_namespace" => Namespace(objects, (long)a[0]!),
            _ => null,
        }),
        new("COL_DESCRIPTION", SqlType.Varchar, [SqlType.Oid, SqlType.Integer], static (objects, a) =>
            objects.Comments.FirstOrDefault(comment => comment.Oid == (long)a[0]! && comment.Column == (int)a[1]!)?.Text
                ?? (objects.Find((uint)(long)a[0]!)?.Columns.FirstOrDefault(column => column.Number == (int)a[1]!) is { IsKey: true }
                    ? "key" : null)),
        new("SHOBJ_DESCRIPTION", SqlType.Varchar, [SqlType.Oid, SqlType.Name], static (objects, a) =>
            (string)a[1]! == "pg_database" && (long)a[0]! == ServerRelations.Database
                ? objects.Snapshot.Catalog.Comments.GetValueOrDefault(CommentKeys.Database) : null),
    ];

    private static string? Relation(CatalogObjects objects, object?[] arguments) =>
        objects.Comments.FirstOrDefault(comment => comment.Oid == (long)arguments[0]! && comment.Column == 0)?.Text
        ?? (objects.Find((uint)(long)arguments[0]!) is { } source && source.Oid == (long)arguments[0]! ? source.Description : null);

    private static string? Namespace(CatalogObjects objects, long oid) =>
        CatalogObjects.Namespaces.FirstOrDefault(schema => schema.Oid == oid) is { Name: { } name }
            ? objects.Snapshot.Catalog.Comments.GetValueOrDefault(CommentKeys.Schema(name)) : null;

    private static string? Function(object?[] arguments) => CatalogFunctions.All.GetValueOrDefault((uint)(long)arguments[0]!)?.Description;
}
