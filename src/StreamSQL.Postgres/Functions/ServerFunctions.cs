using StreamSQL.Data.Types;
using StreamSQL.Postgres.Catalog;

namespace StreamSQL.Postgres.Functions;

/// <summary>What tools ask about a server and its files, most of which a server without such files answers once and for all.</summary>
internal static class ServerFunctions
{
    private const int LongestUtf8Character = 4;

    public static IEnumerable<SessionSignature> Signatures { get; } =
    [
        Always("PG_JIT_AVAILABLE", SqlType.Boolean, false),
        Always("PG_TRIGGER_DEPTH", SqlType.Integer, 0),
        Always("PG_NOTIFICATION_QUEUE_USAGE", SqlType.Double, 0d),
        Always("PG_CURRENT_LOGFILE", SqlType.Varchar, null),
        Always("PG_COLLATION_ACTUAL_VERSION", SqlType.Varchar, null, SqlType.Oid),
        Always("PG_DATABASE_COLLATION_ACTUAL_VERSION", SqlType.Varchar, null, SqlType.Oid),
        Always("PG_GET_FUNCTION_ARG_DEFAULT", SqlType.Varchar, null, SqlType.Oid, SqlType.Integer),
        Always("PG_GET_PARTITION_CONSTRAINTDEF", SqlType.Varchar, null, SqlType.Oid),
        Always("PG_GET_STATISTICSOBJDEF_EXPRESSIONS", SqlType.ArrayOf(SqlType.Varchar), null, SqlType.Oid),
        Always("PG_LAST_WAL_RECEIVE_LSN", SqlType.Varchar, null),
        Always("PG_LAST_WAL_REPLAY_LSN", SqlType.Varchar, null),
        Always("PG_LAST_XACT_REPLAY_TIMESTAMP", SqlType.TimestampTz, null),
        Always("PG_RELATION_FILEPATH", SqlType.Varchar, null, SqlType.RegClass),
        Always("PG_GET_REPLICA_IDENTITY_INDEX", SqlType.RegClass, null, SqlType.RegClass),
        Always("PG_PARTITION_ROOT", SqlType.RegClass, null, SqlType.RegClass),
        Always("HAS_PARAMETER_PRIVILEGE", SqlType.Boolean, true, SqlType.Varchar, SqlType.Varchar),
        Always("HAS_PARAMETER_PRIVILEGE", SqlType.Boolean, true, SqlType.Name, SqlType.Varchar, SqlType.Varchar),
        new("PG_RELATION_FILENODE", SqlType.Oid, [SqlType.RegClass],
            static (objects, a) => objects.NameOf((uint)(long)a[0]!) is null ? null : a[0]),
        new("PG_ENCODING_MAX_LENGTH", SqlType.Integer, [SqlType.Integer],
            static (_, a) => (int)a[0]! switch { 0 => 1, 6 => LongestUtf8Character, _ => null }),
        new("GETPGUSERNAME", SqlType.Name, [], static (objects, _) => objects.Snapshot.UserName),
        new("PG_DESCRIBE_OBJECT", SqlType.Varchar, [SqlType.Oid, SqlType.Oid, SqlType.Integer], static (objects, a) =>
            Describe(objects, (uint)(long)a[0]!, (uint)(long)a[1]!, (int)a[2]!)),
    ];

    private static SessionSignature Always(string name, SqlType result, object? value, params SqlType[] parameters) =>
        new(name, result, parameters, (_, _) => value);

    private static string? Describe(CatalogObjects objects, uint catalog, uint oid, int column)
    {
        if (catalog == RelationDefinition.All["pg_catalog.pg_namespace"].Oid)
            return CatalogObjects.Namespaces.FirstOrDefault(schema => schema.Oid == oid) is { Name: { } schema }
                ? $"schema {schema}" : null;
        if (catalog != RelationDefinition.All["pg_catalog.pg_class"].Oid || objects.NameOf(oid) is not { } name)
            return null;
        var source = objects.Find(oid);
        var isView = objects.SystemRelations.FirstOrDefault(relation => relation.Oid == oid) is not { IsView: false };
        var kind = source is null ? (isView ? "view" : "table") : oid == source.IndexOid ? "index" : source.IsMaterializedView
            ? "materialized view" : "table";
        return column == 0
            ? $"{kind} {name}"
            : source?.Columns.FirstOrDefault(known => known.Number == column) is { } found ? $"column {found.Name} of {kind} {name}" : null;
    }
}
