using System.Collections.Immutable;
using Npgsql;
using StreamSQL.Data.Errors;

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
/// The transaction block of a session. Statements take effect one by one; the block exists for clients that speak of one. Only settings are rolled
/// back.
/// </summary>
internal sealed class TransactionState(SessionSettings settings)
{
    private const int MaxSavepoints = 1000;

    private static readonly Notice AlreadyInBlock = new("WARNING", PostgresErrorCodes.ActiveSqlTransaction, "there is already a transaction in progress");
    private static readonly Notice NoBlock = new("WARNING", PostgresErrorCodes.NoActiveSqlTransaction, "there is no transaction in progress");

    private readonly List<(string Name, ImmutableSortedDictionary<string, string> Settings)> _savepoints = [];
    private ImmutableSortedDictionary<string, string>? _atBegin;

    /// <summary>Where the block stands.</summary>
    public TransactionStatus Status { get; private set; } = TransactionStatus.Idle;

    /// <summary>BEGIN; the warning when a block is open.</summary>
    public Notice? Begin()
    {
        if (Status != TransactionStatus.Idle)
            return AlreadyInBlock;
        Status = TransactionStatus.InBlock;
        _atBegin = settings.Snapshot;
        return null;
    }

    /// <summary>COMMIT; a failed block is rolled back, and the tag says so.</summary>
    public (string Tag, Notice? Warning) Commit()
    {
        if (Status == TransactionStatus.Failed)
            return Rollback();
        var warning = Status == TransactionStatus.Idle ? NoBlock : null;
        End();
        return ("COMMIT", warning);
    }

    /// <summary>ROLLBACK.</summary>
    public (string Tag, Notice? Warning) Rollback()
    {
        var warning = Status == TransactionStatus.Idle ? NoBlock : null;
        if (_atBegin is not null)
            settings.Restore(_atBegin);
        End();
        return ("ROLLBACK", warning);
    }

    /// <summary>SAVEPOINT.</summary>
    /// <exception cref="SqlException">25P01: no block is open; 54000: too many.</exception>
    public void Savepoint(string name)
    {
        RequireBlock("SAVEPOINT");
        if (_savepoints.Count >= MaxSavepoints)
            throw new SqlException(PostgresErrorCodes.ProgramLimitExceeded, $"a transaction holds at most {MaxSavepoints} savepoints");
        _savepoints.Add((name, settings.Snapshot));
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
        _savepoints.RemoveRange(at + 1, _savepoints.Count - at - 1);
        Status = TransactionStatus.InBlock;
    }

    /// <summary>Marks an open block as failed.</summary>
    public void Fail()
    {
        if (Status == TransactionStatus.InBlock)
            Status = TransactionStatus.Failed;
    }

    private void End()
    {
        Status = TransactionStatus.Idle;
        _atBegin = null;
        _savepoints.Clear();
    }

    private int Find(string name)
    {
        var at = _savepoints.FindLastIndex(savepoint => savepoint.Name == name);
        return at >= 0 ? at : throw new SqlException(PostgresErrorCodes.InvalidSavepointSpecification, $"savepoint \"{name}\" does not exist");
    }

    private void RequireBlock(string statement)
    {
        if (Status == TransactionStatus.Idle)
            throw new SqlException(PostgresErrorCodes.NoActiveSqlTransaction, $"{statement} can only be used in transaction blocks");
    }
}
