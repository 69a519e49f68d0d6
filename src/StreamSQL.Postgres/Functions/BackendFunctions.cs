using Npgsql;
using StreamSQL.Data.Errors;
using StreamSQL.Data.Types;
using StreamSQL.Engine.Sessions;
using StreamSQL.Postgres.Catalog;

namespace StreamSQL.Postgres.Functions;

/// <summary>Sessions by the number of their connection: pg_backend_pid, pg_cancel_backend, pg_terminate_backend; and pg_sleep.</summary>
internal static class BackendFunctions
{
    private const double MaxSleepSeconds = 24 * 3600;

    public static IEnumerable<SessionSignature> Signatures { get; } =
    [
        new("PG_BACKEND_PID", SqlType.Integer, [], static (objects, _) => objects.Snapshot.Session?.ProcessId),
        new("PG_CANCEL_BACKEND", SqlType.Boolean, [SqlType.Integer],
            static (objects, a) => Stop(objects, (int)a[0]!, static session => session.CancelStatement)),
        new("PG_TERMINATE_BACKEND", SqlType.Boolean, [SqlType.Integer],
            static (objects, a) => Stop(objects, (int)a[0]!, static session => session.Terminate)),
        new("PG_TERMINATE_BACKEND", SqlType.Boolean, [SqlType.Integer, SqlType.BigInt], static (objects, a) =>
            Stop(objects, (int)a[0]!, static session => session.Terminate)),
        new("PG_SLEEP", SqlType.Varchar, [SqlType.Double], static (objects, a) => Sleep(objects, (double)a[0]!)),
        new("PG_SLEEP_FOR", SqlType.Varchar, [SqlType.Interval],
            static (objects, a) => Sleep(objects, (double)((Interval)a[0]!).Total / 1e6)),
        new("PG_BLOCKING_PIDS", SqlType.ArrayOf(SqlType.Integer), [SqlType.Integer], static (objects, a) =>
            objects.Snapshot.BlockersOf((int)a[0]!).Select(static processId => (object?)processId).ToArray()),
    ];

    private static bool Stop(CatalogObjects objects, int processId, Func<SessionActivity, Func<Task>?> how)
    {
        var session = objects.Snapshot.Session?.OpenSessions().FirstOrDefault(session => session.ProcessId == processId);
        if (session is null || how(session) is not { } stop)
            return false;
        _ = stop();
        return true;
    }

    /// <summary>No thread waits: the statement does, before it gives the rows that this is a value of.</summary>
    private static string Sleep(CatalogObjects objects, double seconds)
    {
        if (double.IsNaN(seconds) || seconds > MaxSleepSeconds)
            throw new SqlException(PostgresErrorCodes.InvalidParameterValue, $"pg_sleep waits at most {MaxSleepSeconds} seconds");
        if (seconds > 0)
            objects.Snapshot.Session?.AddDelay(TimeSpan.FromSeconds(seconds));
        return "";
    }
}
