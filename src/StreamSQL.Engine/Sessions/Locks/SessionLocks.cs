using Npgsql;
using StreamSQL.Data.Errors;

namespace StreamSQL.Engine.Sessions.Locks;

/// <summary>
/// The advisory locks of one session: those that it keeps until it gives them back, and those that the end of its transaction gives back.
/// A function cannot
/// wait; the statement that calls it does, before it gives the rows that the lock is a value of, or writes. Used by the session's own
/// statements, one after another.
/// </summary>
internal sealed class SessionLocks(Func<LockTable> table, string databaseName, Func<int> processId)
{
    private readonly List<Held> _ofSession = [];
    private readonly List<Held> _ofTransaction = [];
    private readonly Queue<LockWaiter> _toAwait = [];

    /// <summary>Locks that it has; counted by the table.</summary>
    public int Count { get; set; }

    /// <summary>Locks that it waits for; kept by the table.</summary>
    public List<LockWaiter> Waiters { get; } = [];

    /// <summary>The session's number.</summary>
    public int ProcessId => processId();

    /// <summary>How many locks its transaction has.</summary>
    public int TransactionCount => _ofTransaction.Count;

    /// <summary>Takes a lock, or asks for it: then <see cref="WaitAsync"/> waits for it.</summary>
    /// <exception cref="SqlException">40P01: a deadlock; 53200: too many.</exception>
    public void Acquire(AdvisoryKey key, bool isShared, bool isOfTransaction)
    {
        if (table().Acquire(this, key, isShared, isOfTransaction) is { } waiter)
            _toAwait.Enqueue(waiter);
        else
            Note(key, isShared, isOfTransaction);
    }

    /// <summary>Takes a lock if it is free.</summary>
    /// <exception cref="SqlException">53200: too many.</exception>
    public bool TryAcquire(AdvisoryKey key, bool isShared, bool isOfTransaction)
    {
        if (!table().TryAcquire(this, key, isShared))
            return false;
        Note(key, isShared, isOfTransaction);
        return true;
    }

    /// <summary>Gives back a lock of the session; false when it has none such.</summary>
    public bool Release(AdvisoryKey key, bool isShared)
    {
        var at = _ofSession.LastIndexOf(new(key, isShared));
        if (at < 0)
            return false;
        _ofSession.RemoveAt(at);
        return table().Release(this, key, isShared);
    }

    /// <summary>Gives back all locks that are the session's and not its transaction's.</summary>
    public void ReleaseAllOfSession() => Truncate(_ofSession, 0);

    /// <summary>
    /// Gives back what the transaction has taken, down to a number of locks: at its end, or at a savepoint that it goes back to.
    /// </summary>
    public void ReleaseOfTransaction(int keep = 0) => Truncate(_ofTransaction, keep);

    /// <summary>Waits for what has been asked for.</summary>
    /// <param name="timeout">How long it waits for each lock at most; zero is for ever.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellation">Ends the wait; nothing of what has not come is taken then.</param>
    /// <exception cref="SqlException">55P03: it took too long.</exception>
    public ValueTask WaitAsync(TimeSpan timeout, TimeProvider time, CancellationToken cancellation) =>
        _toAwait.Count == 0 ? ValueTask.CompletedTask : WaitForAllAsync(timeout, time, cancellation);

    /// <summary>The session has ended: gives back everything.</summary>
    public void Close()
    {
        Withdraw();
        ReleaseOfTransaction();
        ReleaseAllOfSession();
    }

    /// <summary>A lock as others see it.</summary>
    public AdvisoryLock Show(AdvisoryKey key, bool isShared, DateTimeOffset? since) => new(key, ProcessId, databaseName, isShared, since);

    private async ValueTask WaitForAllAsync(TimeSpan timeout, TimeProvider time, CancellationToken cancellation)
    {
        try
        {
            while (_toAwait.TryPeek(out var waiter))
            {
                await waiter.Granted.Task.WaitAsync(timeout > TimeSpan.Zero ? timeout : Timeout.InfiniteTimeSpan, time, cancellation);
                _toAwait.Dequeue();
                Note(waiter.Key, waiter.IsShared, waiter.IsOfTransaction);
            }
        }
        catch (TimeoutException error)
        {
            throw new SqlException(PostgresErrorCodes.LockNotAvailable, "canceling statement due to lock timeout", inner: error);
        }
        finally
        {
            Withdraw();
        }
    }

    /// <summary>Takes back what was asked for and not waited for to the end; what came nevertheless is given back.</summary>
    private void Withdraw()
    {
        while (_toAwait.TryDequeue(out var waiter))
        {
            if (!table().Withdraw(waiter))
                table().Release(this, waiter.Key, waiter.IsShared);
        }
    }

    private void Note(AdvisoryKey key, bool isShared, bool isOfTransaction) =>
        (isOfTransaction ? _ofTransaction : _ofSession).Add(new(key, isShared));

    private void Truncate(List<Held> held, int keep)
    {
        for (var i = held.Count - 1; i >= keep; i--)
        {
            table().Release(this, held[i].Key, held[i].IsShared);
            held.RemoveAt(i);
        }
    }

    private readonly record struct Held(AdvisoryKey Key, bool IsShared);
}
