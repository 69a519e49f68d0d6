using System.Collections.Immutable;
using Npgsql;
using StreamSQL.Data.Errors;
using StreamSQL.Engine.Sessions.Locks;
using StreamSQL.Engine.Sessions.Notifications;
using StreamSQL.Engine.Sessions.Writing;
using StreamSQL.Sql.Text;

namespace StreamSQL.Engine.Sessions;

/// <summary>What ReadyForQuery tells a client about its transaction.</summary>
public enum TransactionStatus : byte
{
    /// <summary>Not in a transaction block ('I').</summary>
    Idle = (byte)'I',

    /// <summary>In a transaction block ('T').</summary>
    InBlock = (byte)'T',

    /// <summary>In a failed transaction block: statements are refused until it ends ('E').</summary>
    Failed = (byte)'E',
}

/// <summary>
/// The transaction of a session: what it writes and notifies is held until it is committed; settings are rolled back with it. Outside a
/// block each statement is a transaction, or all statements of one message are (an implicit block).
/// </summary>
internal sealed class TransactionState(SessionSettings settings, Func<HeldWrites> createWrites, SessionLocks locks)
{
    private static readonly string[] Modes = ["isolation", "read_only", "deferrable"];

    private const int MaxSavepoints = 1000;

    private static readonly Notice AlreadyInBlock =
        new("WARNING", PostgresErrorCodes.ActiveSqlTransaction, "there is already a transaction in progress");
    private static readonly Notice NoBlock = new("WARNING", PostgresErrorCodes.NoActiveSqlTransaction,
        "there is no transaction in progress");

    private readonly List<Savepoint> _savepoints = [];
    private ImmutableSortedDictionary<string, string>? _atBegin;
    private HeldWrites? _writes;

    /// <summary>Where the block stands.</summary>
    public TransactionStatus Status { get; private set; } = TransactionStatus.Idle;

    /// <summary>Whether the last block that ended was rolled back.</summary>
    public bool WasRolledBack { get; private set; }

    /// <summary>How many transactions have begun: another number is another transaction.</summary>
    public int Number { get; private set; }

    /// <summary>Whether the statements that run now are one transaction without BEGIN.</summary>
    public bool IsImplicit { get; private set; }

    /// <summary>Whether what is written is held until later.</summary>
    public bool IsHeld => Status != TransactionStatus.Idle || IsImplicit;

    /// <summary>What the transaction has written.</summary>
    public HeldWrites Writes => _writes ??= createWrites();

    /// <summary>Whether it has written something.</summary>
    public bool HasWrites => _writes is { Writes.Count: > 0 };

    /// <summary>Whether its end has something to do.</summary>
    public bool HoldsAny => HasWrites || Notifications.Count > 0;

    /// <summary>What it notifies, and which channels it listens to from its end on.</summary>
    public HeldNotifications Notifications { get; } = new();

    /// <summary>Whether it may not write.</summary>
    public bool IsReadOnly =>
        settings.Find(Status == TransactionStatus.Idle ? "default_transaction_read_only" : "transaction_read_only") is { } value
        && value.ToLowerInvariant() is "on" or "true" or "yes" or "1";

    /// <summary>Makes the statements that follow one transaction, until it is committed or rolled back.</summary>
    public void BeginImplicit() => (IsImplicit, Number) = (true, Number + 1);

    /// <summary>The end of the statements that were one transaction without BEGIN; a block that was begun among them stays open.</summary>
    public void EndImplicit() => IsImplicit = false;

    /// <summary>Forgets what is held: it has been committed.</summary>
    public void Release()
    {
        _writes?.Truncate(0);
        Notifications.Truncate(0);
    }

    /// <summary>BEGIN; the warning when a block is open.</summary>
    public Notice? Begin()
    {
        if (Status != TransactionStatus.Idle)
            return AlreadyInBlock;
        Status = TransactionStatus.InBlock;
        Number++;
        settings.BeginBlock();
        _atBegin = settings.Snapshot;
        TakeDefaultModes();
        return null;
    }

    /// <summary>COMMIT; a failed block is rolled back, and the tag says so.</summary>
    public (string Tag, Notice? Warning) Commit()
    {
        if (Status == TransactionStatus.Failed)
            return Rollback();
        var warning = Status == TransactionStatus.Idle ? NoBlock : null;
        End();
        WasRolledBack = false;
        return ("COMMIT", warning);
    }

    /// <summary>ROLLBACK.</summary>
    public (string Tag, Notice? Warning) Rollback()
    {
        var warning = Status == TransactionStatus.Idle ? NoBlock : null;
        if (_atBegin is not null)
            settings.Restore(_atBegin);
        End();
        WasRolledBack = true;
        return ("ROLLBACK", warning);
    }

    /// <summary>SAVEPOINT.</summary>
    /// <exception cref="SqlException">25P01: no block is open; 54000: too many.</exception>
    public void SetSavepoint(string name)
    {
        RequireBlock("SAVEPOINT");
        if (_savepoints.Count >= MaxSavepoints)
            throw new SqlException(PostgresErrorCodes.ProgramLimitExceeded, $"a transaction holds at most {MaxSavepoints} savepoints");
        _savepoints.Add(new Savepoint(name, settings.Snapshot, _writes?.Writes.Count ?? 0, Notifications.Count, locks.TransactionCount));
    }

    /// <summary>RELEASE SAVEPOINT.</summary>
    /// <exception cref="SqlException">25P01: no block is open; 3B001: no such savepoint.</exception>
    public void Release(string name)
    {
        RequireBlock("RELEASE SAVEPOINT");
        var at = Find(name);
        _savepoints.RemoveRange(at, _savepoints.Count - at);
    }

    /// <summary>ROLLBACK TO SAVEPOINT; a failed block goes on from there.</summary>
    /// <exception cref="SqlException">25P01: no block is open; 3B001: no such savepoint.</exception>
    public void RollbackTo(string name)
    {
        RequireBlock("ROLLBACK TO SAVEPOINT");
        var at = Find(name);
        settings.Restore(_savepoints[at].Settings);
        _writes?.Truncate(_savepoints[at].Writes);
        Notifications.Truncate(_savepoints[at].Notifications);
        locks.ReleaseOfTransaction(_savepoints[at].Locks);
        _savepoints.RemoveRange(at + 1, _savepoints.Count - at - 1);
        Status = TransactionStatus.InBlock;
    }

    /// <summary>Marks an open block as failed; an implicit one is rolled back.</summary>
    public void Fail()
    {
        if (Status == TransactionStatus.InBlock)
        {
            // As in PostgreSQL: what can still be saved by ROLLBACK TO keeps its locks.
            Status = TransactionStatus.Failed;
            locks.ReleaseOfTransaction(_savepoints.Count > 0 ? _savepoints[^1].Locks : 0);
        }

        if (Status == TransactionStatus.Idle)
        {
            Release();
            locks.ReleaseOfTransaction();
        }

        IsImplicit = false;
    }

    private void End()
    {
        if (_atBegin is not null)
            TakeDefaultModes();
        Status = TransactionStatus.Idle;
        settings.EndBlock();
        _atBegin = null;
        _savepoints.Clear();
        Release();
        locks.ReleaseOfTransaction();
    }

    // SET TRANSACTION and the modes of BEGIN hold for one transaction.
    private void TakeDefaultModes()
    {
        foreach (var mode in Modes)
            settings.Set($"transaction_{mode}", settings.Get($"default_transaction_{mode}"));
    }

    private int Find(string name)
    {
        var at = _savepoints.FindLastIndex(savepoint => savepoint.Name == name);
        return at >= 0 ? at : throw new SqlException(PostgresErrorCodes.InvalidSavepointSpecification,
            $"savepoint \"{DisplayName.Of(name)}\" does not exist");
    }

    private void RequireBlock(string statement)
    {
        if (Status == TransactionStatus.Idle)
            throw new SqlException(PostgresErrorCodes.NoActiveSqlTransaction, $"{statement} can only be used in transaction blocks");
    }

    private readonly record struct Savepoint(
        string Name, ImmutableSortedDictionary<string, string> Settings, int Writes, int Notifications, int Locks);
}
