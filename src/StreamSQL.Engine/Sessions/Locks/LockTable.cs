using Npgsql;
using StreamSQL.Data.Errors;

namespace StreamSQL.Engine.Sessions.Locks;

/// <summary>
/// The advisory locks of all sessions. Who asks for one that others have waits behind those who came before, shared or not, so that
/// nobody waits for ever.
/// Thread-safe; its lock is held for steps of a few microseconds only.
/// </summary>
internal sealed class LockTable(TimeProvider time)
{
    /// <summary>The most locks that a session has at once: PostgreSQL's are bounded by its shared memory.</summary>
    private const int MaxLocks = 10_000;

    private readonly Lock _gate = new();
    private readonly Dictionary<AdvisoryKey, Entry> _entries = [];

    /// <summary>Takes a lock if it is free for the session.</summary>
    /// <exception cref="SqlException">53200: the session has too many.</exception>
    public bool TryAcquire(SessionLocks session, AdvisoryKey key, bool isShared)
    {
        lock (_gate)
        {
            var entry = Open(key);
            if (!entry.IsFree(session, isShared) || (entry.Waiters.Count > 0 && !entry.IsHeldBy(session)))
            {
                Close(key, entry);
                return false;
            }

            Grant(entry, session, isShared);
            return true;
        }
    }

    /// <summary>Takes a lock, or begins to wait for it.</summary>
    /// <returns>Null when it is taken; else what waits.</returns>
    /// <exception cref="SqlException">40P01: those who have it wait for the session; 53200: the session has too many.</exception>
    public LockWaiter? Acquire(SessionLocks session, AdvisoryKey key, bool isShared, bool isOfTransaction)
    {
        lock (_gate)
        {
            var entry = Open(key);
            if (entry.IsFree(session, isShared) && (entry.Waiters.Count == 0 || entry.IsHeldBy(session)))
            {
                Grant(entry, session, isShared);
                return null;
            }

            var waiter = new LockWaiter(session, key, isShared, isOfTransaction, time.GetUtcNow());
            entry.Waiters.Add(waiter);
            session.Waiters.Add(waiter);
            if (!WaitsForItself(session))
                return waiter;
            Remove(waiter);
            throw new SqlException(
                PostgresErrorCodes.DeadlockDetected, "deadlock detected", "Take advisory locks in the same order everywhere.");
        }
    }

    /// <summary>Gives a lock back once; false when the session does not have it.</summary>
    public bool Release(SessionLocks session, AdvisoryKey key, bool isShared)
    {
        lock (_gate)
        {
            if (!_entries.TryGetValue(key, out var entry) || !entry.Release(session, isShared))
                return false;
            session.Count--;
            Serve(entry);
            Close(key, entry);
            return true;
        }
    }

    /// <summary>Ends a wait whose lock has not come; false when it has come meanwhile.</summary>
    public bool Withdraw(LockWaiter waiter)
    {
        lock (_gate)
        {
            if (waiter.Granted.Task.IsCompleted)
                return false;
            Remove(waiter);
            return true;
        }
    }

    /// <summary>All locks, those that are waited for too.</summary>
    public IReadOnlyList<AdvisoryLock> All()
    {
        lock (_gate)
        {
            var all = new List<AdvisoryLock>();
            foreach (var (key, entry) in _entries)
            {
                foreach (var (session, held) in entry.Holders)
                {
                    if (held.Exclusive > 0)
                        all.Add(session.Show(key, isShared: false, null));
                    if (held.Shared > 0)
                        all.Add(session.Show(key, isShared: true, null));
                }

                foreach (var waiter in entry.Waiters)
                    all.Add(waiter.Session.Show(key, waiter.IsShared, waiter.Since));
            }

            return all;
        }
    }

    /// <summary>The sessions that a session waits for.</summary>
    public IReadOnlyList<int> BlockersOf(int processId)
    {
        lock (_gate)
        {
            return
            [
                .. _entries.Values.SelectMany(static entry => entry.Waiters).Where(waiter => waiter.Session.ProcessId == processId)
                    .SelectMany(BlockersOf).Select(static session => session.ProcessId).Distinct(),
            ];
        }
    }

    private Entry Open(AdvisoryKey key)
    {
        if (!_entries.TryGetValue(key, out var entry))
            _entries.Add(key, entry = new Entry());
        return entry;
    }

    private void Close(AdvisoryKey key, Entry entry)
    {
        if (entry.Holders.Count == 0 && entry.Waiters.Count == 0)
            _entries.Remove(key);
    }

    private static void Grant(Entry entry, SessionLocks session, bool isShared)
    {
        if (session.Count >= MaxLocks)
        {
            throw new SqlException(
                PostgresErrorCodes.OutOfMemory, $"a session has at most {MaxLocks} advisory locks",
                "Give back those that are no longer needed.");
        }

        entry.Add(session, isShared);
        session.Count++;
    }

    private void Remove(LockWaiter waiter)
    {
        var entry = _entries[waiter.Key];
        entry.Waiters.Remove(waiter);
        waiter.Session.Waiters.Remove(waiter);
        Serve(entry);
        Close(waiter.Key, entry);
    }

    /// <summary>Gives the lock to those who wait, in order, as long as it is free for the next.</summary>
    private static void Serve(Entry entry)
    {
        while (entry.Waiters.Count > 0 && entry.IsFree(entry.Waiters[0].Session, entry.Waiters[0].IsShared))
        {
            var next = entry.Waiters[0];
            entry.Waiters.RemoveAt(0);
            next.Session.Waiters.Remove(next);
            entry.Add(next.Session, next.IsShared);
            next.Session.Count++;
            next.Granted.SetResult();
        }
    }

    /// <summary>Whether a session waits for others who, in the end, wait for it.</summary>
    private bool WaitsForItself(SessionLocks session)
    {
        var seen = new HashSet<SessionLocks>();
        var next = new Stack<SessionLocks>([session]);
        while (next.TryPop(out var current))
        {
            foreach (var blocker in current.Waiters.SelectMany(BlockersOf))
            {
                if (blocker == session)
                    return true;
                if (seen.Add(blocker))
                    next.Push(blocker);
            }
        }

        return false;
    }

    private IEnumerable<SessionLocks> BlockersOf(LockWaiter waiter)
    {
        var entry = _entries[waiter.Key];
        foreach (var (holder, held) in entry.Holders)
        {
            if (holder != waiter.Session && (held.Exclusive > 0 || !waiter.IsShared))
                yield return holder;
        }

        foreach (var before in entry.Waiters.TakeWhile(before => before != waiter))
        {
            if (before.Session != waiter.Session && !(before.IsShared && waiter.IsShared))
                yield return before.Session;
        }
    }

    /// <summary>How often a session has a lock.</summary>
    private record struct Held(int Exclusive, int Shared);

    /// <summary>Who has a lock, and who waits for it.</summary>
    private sealed class Entry
    {
        public Dictionary<SessionLocks, Held> Holders { get; } = [];

        public List<LockWaiter> Waiters { get; } = [];

        public bool IsHeldBy(SessionLocks session) => Holders.ContainsKey(session);

        /// <summary>Whether no other session has it in a way that excludes this one.</summary>
        public bool IsFree(SessionLocks session, bool isShared)
        {
            foreach (var (holder, held) in Holders)
            {
                if (holder != session && (!isShared || held.Exclusive > 0))
                    return false;
            }

            return true;
        }

        public void Add(SessionLocks session, bool isShared)
        {
            var held = Holders.GetValueOrDefault(session);
            Holders[session] = isShared ? held with { Shared = held.Shared + 1 } : held with { Exclusive = held.Exclusive + 1 };
        }

        public bool Release(SessionLocks session, bool isShared)
        {
            var held = Holders.GetValueOrDefault(session);
            if ((isShared ? held.Shared : held.Exclusive) == 0)
                return false;
            held = isShared ? held with { Shared = held.Shared - 1 } : held with { Exclusive = held.Exclusive - 1 };
            if (held == default)
                Holders.Remove(session);
            else
                Holders[session] = held;
            return true;
        }
    }
}

/// <summary>A session that waits for an advisory lock.</summary>
/// <param name="session">The session.</param>
/// <param name="key">What it wants to lock.</param>
/// <param name="isShared">Whether it would share it.</param>
/// <param name="isOfTransaction">Whether its transaction's end gives it back.</param>
/// <param name="since">When it began to wait.</param>
internal sealed class LockWaiter(SessionLocks session, AdvisoryKey key, bool isShared, bool isOfTransaction, DateTimeOffset since)
{
    public SessionLocks Session => session;

    public AdvisoryKey Key => key;

    public bool IsShared => isShared;

    public bool IsOfTransaction => isOfTransaction;

    public DateTimeOffset Since => since;

    /// <summary>Completes when the session has the lock.</summary>
    public TaskCompletionSource Granted { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
}
