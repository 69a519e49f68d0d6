using Npgsql;
using StreamSQL.Data.Errors;
using StreamSQL.Data.Types;
using StreamSQL.Postgres.Catalog;

namespace StreamSQL.Postgres.Functions;

/// <summary>Who and where: version(), current_database(), current_user, current_setting(), ...</summary>
internal static class SessionInformation
{
    private static readonly SqlType Names = SqlType.ArrayOf(SqlType.Name);

    public static IEnumerable<SessionSignature> Signatures { get; } =
    [
        new("VERSION", SqlType.Varchar, [], static (objects, _) =>
            $"PostgreSQL {objects.Snapshot.Settings.GetValueOrDefault("server_version", "15.8")} (StreamSQL " +
                $"{typeof(SessionInformation).Assembly.GetName().Version!.ToString(3)})"),
        User("CURRENT_USER"),
        new("SESSION_USER", SqlType.Name, [], static (objects, _) => objects.Snapshot.SessionUserName),
        User("USER"),
        User("CURRENT_ROLE"),
        new("CURRENT_DATABASE", SqlType.Name, [], static (objects, _) => objects.Snapshot.DatabaseName),
        new("CURRENT_CATALOG", SqlType.Name, [], static (objects, _) => objects.Snapshot.DatabaseName),
        new("CURRENT_SCHEMA", SqlType.Name, [], static (_, _) => "public"),
        new("CURRENT_SCHEMAS", Names, [SqlType.Boolean],
            static (_, a) => (bool)a[0]! ? new object?[] { "pg_catalog", "public" } : ["public"]),
        new("CURRENT_SETTING", SqlType.Varchar, [SqlType.Varchar], static (objects, a) =>
            objects.Snapshot.Settings.TryGetValue((string)a[0]!, out var value) ? value : throw Unknown((string)a[0]!)),
        new("CURRENT_SETTING", SqlType.Varchar, [SqlType.Varchar, SqlType.Boolean], static (objects, a) =>
            objects.Snapshot.Settings.TryGetValue((string)a[0]!, out var value) ? value : (bool)a[1]!
                ? null : throw Unknown((string)a[0]!)),
        new("SET_CONFIG", SqlType.Varchar, [SqlType.Varchar, SqlType.Varchar, SqlType.Boolean], static (objects, a) =>
            objects.Snapshot.Session?.ChangeSetting((string)a[0]!, (string)a[1]!, (bool)a[2]!)),
        new("CURRENT_QUERY", SqlType.Varchar, [], static (objects, _) => objects.Snapshot.Session?.Statement),
        new("PG_POSTMASTER_START_TIME", SqlType.Timestamp, [], static (objects, _) => objects.Snapshot.StartedAt.ToUnixTimeMilliseconds()),
        new("PG_CONF_LOAD_TIME", SqlType.Timestamp, [], static (objects, _) => objects.Snapshot.StartedAt.ToUnixTimeMilliseconds()),
        new("PG_CURRENT_XACT_ID", SqlType.BigInt, [], static (objects, _) => objects.Snapshot.Catalog.Version),
        new("PG_CURRENT_XACT_ID_IF_ASSIGNED", SqlType.BigInt, [], static (_, _) => null),
        new("TXID_CURRENT_IF_ASSIGNED", SqlType.BigInt, [], static (_, _) => null),
        new("MXID_AGE", SqlType.Integer, [SqlType.Xid], static (_, _) => 0),
        new("TXID_CURRENT_SNAPSHOT", SqlType.Varchar, [], static (objects, _) => SnapshotText(objects)),
        new("PG_CURRENT_SNAPSHOT", SqlType.Varchar, [], static (objects, _) => SnapshotText(objects)),
        new("PG_IS_WAL_REPLAY_PAUSED", SqlType.Boolean, [], static (_, _) => false),
        new("PG_IS_IN_RECOVERY", SqlType.Boolean, [], static (_, _) => false),
        new("PG_MY_TEMP_SCHEMA", SqlType.Oid, [], static (_, _) => 0L),
        new("PG_IS_OTHER_TEMP_SCHEMA", SqlType.Boolean, [SqlType.Oid], static (_, _) => false),
        new("TXID_CURRENT", SqlType.BigInt, [], static (objects, _) => objects.Snapshot.Catalog.Version),
        new("INET_SERVER_ADDR", SqlType.Varchar, [], static (objects, _) => objects.Snapshot.Session?.ServerAddress?.Address.ToString()),
        new("INET_CLIENT_ADDR", SqlType.Varchar, [], static (objects, _) => objects.Snapshot.Session?.ClientAddress?.Address.ToString()),
        new("INET_SERVER_PORT", SqlType.Integer, [], static (objects, _) => objects.Snapshot.Session?.ServerAddress?.Port),
        new("INET_CLIENT_PORT", SqlType.Integer, [], static (objects, _) => objects.Snapshot.Session?.ClientAddress?.Port),
        new("PG_CLIENT_ENCODING", SqlType.Name, [], static (_, _) => "UTF8"),
        new("GETDATABASEENCODING", SqlType.Name, [], static (_, _) => "UTF8"),
        new("PG_ENCODING_TO_CHAR", SqlType.Name, [SqlType.Integer],
            static (_, a) => (int)a[0]! switch { 0 => "SQL_ASCII", 6 => "UTF8", _ => "" }),
        new("PG_CHAR_TO_ENCODING", SqlType.Integer, [SqlType.Name], static (_, a) =>
            ((string)a[0]!).Replace("-", "", StringComparison.Ordinal)
                .ToUpperInvariant() switch { "SQL_ASCII" => 0, "UTF8" or "UNICODE" => 6, _ => -1 }),
    ];

    // All transactions up to the catalog's version have ended, and no other is known.
    private static string SnapshotText(CatalogObjects objects) => $"{objects.Snapshot.Catalog.Version}:{objects.Snapshot.Catalog.Version}:";

    private static SessionSignature User(string name) => new(name, SqlType.Name, [], static (objects, _) => objects.Snapshot.UserName);

    private static SqlException Unknown(string name) =>
        new(PostgresErrorCodes.UndefinedObject, $"unrecognized configuration parameter \"{name}\"");
}
