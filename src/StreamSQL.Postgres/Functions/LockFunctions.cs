using StreamSQL.Data.Types;

namespace StreamSQL.Postgres.Functions;

/// <summary>What drivers call when they reset a session. Nothing is locked, so nothing has to be unlocked.</summary>
internal static class LockFunctions
{
    public static IEnumerable<SessionSignature> Signatures { get; } =
    [
        new("PG_ADVISORY_UNLOCK_ALL", SqlType.Varchar, [], static (_, _) => ""),
    ];
}
