using System.Globalization;

namespace StreamSQL.Postgres.Catalog.Relations;

/// <summary>What sessions hold: pg_locks over all sessions, pg_cursors and pg_prepared_statements of the one that asks.</summary>
internal static class SessionRelations
{
    /// <summary>pg_locks: advisory locks; rows and tables are never locked.</summary>
    public static void Locks(CatalogObjects objects, CatalogRows rows)
    {
        foreach (var held in objects.Snapshot.Locks())
        {
            rows.Add(
                ("locktype", "advisory"), ("database", (long)ServerRelations.Database), ("relation", null), ("page", null), ("tuple", null),
                ("transactionid", null), ("classid", (long)(uint)held.Key.High), ("objid", (long)(uint)held.Key.Low),
                ("objsubid", held.Key.IsPair ? 2 : 1),
                ("virtualtransaction", string.Create(CultureInfo.InvariantCulture, $"{held.ProcessId}/1")), ("pid", held.ProcessId),
                ("mode", held.IsShared ? "ShareLock" : "ExclusiveLock"), ("granted", held.WaitsSince is null),
                ("waitstart", held.WaitsSince?.ToUnixTimeMilliseconds()));
        }
    }

    /// <summary>pg_cursors.</summary>
    public static void Cursors(CatalogObjects objects, CatalogRows rows)
    {
        foreach (var cursor in objects.Snapshot.Session?.OpenCursors() ?? [])
        {
            rows.Add(
                ("name", cursor.Name), ("statement", cursor.Statement), ("is_holdable", cursor.IsHoldable), ("is_binary", cursor.IsBinary),
                ("is_scrollable", cursor.IsScrollable), ("creation_time", cursor.CreatedAt.ToUnixTimeMilliseconds()));
        }
    }

    /// <summary>pg_prepared_statements: a plan is made once, without the values.</summary>
    public static void PreparedStatements(CatalogObjects objects, CatalogRows rows)
    {
        foreach (var statement in objects.Snapshot.Session?.PreparedStatements() ?? [])
        {
            rows.Add(
                ("name", statement.Name), ("statement", statement.Statement),
                ("prepare_time", statement.PreparedAt.ToUnixTimeMilliseconds()),
                ("parameter_types", statement.ParameterTypes.Select(static oid => (object?)(long)oid).ToArray()),
                ("from_sql", statement.IsFromSql), ("generic_plans", statement.Executions));
        }
    }
}
