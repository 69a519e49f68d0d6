using StreamSQL.Data.Functions;
using StreamSQL.Data.Types;

namespace StreamSQL.Engine.Sessions.Locks;

/// <summary>The functions over advisory locks, for one session: each takes one BIGINT or two INTEGERs.</summary>
internal static class LockFunctions
{
    private static readonly SqlType[] OneNumber = [SqlType.BigInt];
    private static readonly SqlType[] TwoNumbers = [SqlType.Integer, SqlType.Integer];

    /// <summary>Finds a function by upper-case name; null when it is none of these.</summary>
    public static IReadOnlyList<ScalarFunction>? Find(string name, Session session)
    {
        var locks = session.Locks;
        return name switch
        {
            "PG_ADVISORY_LOCK" => Taking(name, locks, isShared: false, isOfTransaction: false),
            "PG_ADVISORY_LOCK_SHARED" => Taking(name, locks, isShared: true, isOfTransaction: false),
            "PG_ADVISORY_XACT_LOCK" => Taking(name, locks, isShared: false, isOfTransaction: true),
            "PG_ADVISORY_XACT_LOCK_SHARED" => Taking(name, locks, isShared: true, isOfTransaction: true),
            "PG_TRY_ADVISORY_LOCK" => Trying(name, locks, isShared: false, isOfTransaction: false),
            "PG_TRY_ADVISORY_LOCK_SHARED" => Trying(name, locks, isShared: true, isOfTransaction: false),
            "PG_TRY_ADVISORY_XACT_LOCK" => Trying(name, locks, isShared: false, isOfTransaction: true),
            "PG_TRY_ADVISORY_XACT_LOCK_SHARED" => Trying(name, locks, isShared: true, isOfTransaction: true),
            "PG_ADVISORY_UNLOCK" => Both(
                name, SqlType.Boolean, "Gives an advisory lock of the session back.", key => locks.Release(key, isShared: false)),
            "PG_ADVISORY_UNLOCK_SHARED" => Both(
                name, SqlType.Boolean, "Gives a shared advisory lock of the session back.", key => locks.Release(key, isShared: true)),
            "PG_ADVISORY_UNLOCK_ALL" =>
            [
                new SessionCallFunction(name, [], SqlType.Varchar, "Gives all advisory locks of the session back.", _ =>
                {
                    locks.ReleaseAllOfSession();
                    return "";
                }),
            ],
            _ => null,
        };
    }

    private static IReadOnlyList<ScalarFunction> Taking(string name, SessionLocks locks, bool isShared, bool isOfTransaction) =>
        Both(name, SqlType.Varchar, "Takes an advisory lock, and waits for it where another session has it.", key =>
        {
            locks.Acquire(key, isShared, isOfTransaction);
            return "";
        });

    private static IReadOnlyList<ScalarFunction> Trying(string name, SessionLocks locks, bool isShared, bool isOfTransaction) =>
        Both(name, SqlType.Boolean, "Takes an advisory lock if it is free.", key => locks.TryAcquire(key, isShared, isOfTransaction));

    private static IReadOnlyList<ScalarFunction> Both(string name, SqlType result, string text, Func<AdvisoryKey, object?> evaluate) =>
    [
        new SessionCallFunction(name, OneNumber, result, text, arguments => evaluate(AdvisoryKey.Of((long)arguments[0]!))),
        new SessionCallFunction(
            name, TwoNumbers, result, text, arguments => evaluate(AdvisoryKey.Of((int)arguments[0]!, (int)arguments[1]!))),
    ];
}
