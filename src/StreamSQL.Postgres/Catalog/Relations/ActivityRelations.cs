using StreamSQL.Engine.Sessions;

namespace StreamSQL.Postgres.Catalog.Relations;

/// <summary>
/// What PostgreSQL's statistics views tell: who is connected and what they run, and a row per table. Nothing is counted per table here.
/// </summary>
internal static class ActivityRelations
{
    /// <summary>pg_stat_activity.</summary>
    public static void Sessions(CatalogObjects objects, CatalogRows rows)
    {
        foreach (var session in (objects.Snapshot.Session?.OpenSessions() ?? []).OrderBy(static session => session.ProcessId))
        {
            rows.Add(
                ("datid", (long)ServerRelations.Database), ("datname", session.DatabaseName), ("pid", session.ProcessId),
                ("leader_pid", null),
                ("usesysid", (long)CatalogObjects.Owner), ("usename", session.UserName), ("application_name", session.ApplicationName),
                ("client_addr", session.ClientAddress?.Address.ToString()), ("client_port", session.ClientAddress?.Port ?? -1),
                ("backend_start", session.StartedAt.ToUnixTimeMilliseconds()),
                ("query_start", session.StatementStartedAt?.ToUnixTimeMilliseconds()),
                ("state_change", session.ChangedAt.ToUnixTimeMilliseconds()), ("state", StateOf(session)), ("query", session.Statement),
                ("query_id", null), ("backend_xid", null), ("backend_xmin", null), ("backend_type", "client backend"));
        }
    }

    /// <summary>pg_stat_user_tables and the like.</summary>
    public static void Tables(CatalogObjects objects, CatalogRows rows)
    {
        foreach (var source in objects.Sources)
            rows.Add(("relid", (long)source.Oid), ("schemaname", "public"), ("relname", source.Name));
    }

    /// <summary>pg_stat_user_indexes.</summary>
    public static void Indexes(CatalogObjects objects, CatalogRows rows)
    {
        foreach (var source in objects.Sources.Where(static source => source.HasKey))
        {
            rows.Add(
                ("relid", (long)source.Oid), ("indexrelid", (long)source.IndexOid), ("schemaname", "public"), ("relname", source.Name),
                ("indexrelname", source.IndexName));
        }
    }

    /// <summary>pg_statio_user_tables.</summary>
    public static void TableBlocks(CatalogObjects objects, CatalogRows rows) => Tables(objects, rows);

    /// <summary>pg_stat_database.</summary>
    public static void Databases(CatalogObjects objects, CatalogRows rows) => rows.Add(
        ("datid", (long)ServerRelations.Database), ("datname", objects.Snapshot.DatabaseName),
        ("numbackends", objects.Snapshot.Session?.OpenSessions().Count ?? 0));

    private static string StateOf(SessionActivity session) => (session.IsActive, session.TransactionStatus) switch
    {
        (true, _) => "active",
        (_, TransactionStatus.InBlock) => "idle in transaction",
        (_, TransactionStatus.Failed) => "idle in transaction (aborted)",
        _ => "idle",
    };
}
