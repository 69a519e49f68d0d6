using StreamSQL.Data.Batches;
using StreamSQL.Data.Types;

namespace StreamSQL.Engine.Sessions;

/// <summary>
/// What one executed statement gives: rows, if it has any, read batch by batch, then a command tag. A push query's batches come as they
/// happen. Dispose it to end the query, read to the end or not.
/// </summary>
public abstract class StatementResult : IAsyncDisposable
{
    /// <summary>The columns of its rows; null when it gives none.</summary>
    public abstract IReadOnlyList<ResultColumn>? Columns { get; }

    /// <summary>PostgreSQL's command tag without the row count (<c>SELECT</c>, <c>CREATE TABLE</c>, <c>INSERT 0</c>).</summary>
    public abstract string CommandTag { get; }

    /// <summary>Rows affected, for tags that count them and have no result rows; null where the tag has no count.</summary>
    public virtual long? AffectedRows => null;

    /// <summary>Messages for the client, to be sent before the rows.</summary>
    public virtual IReadOnlyList<Notice> Notices => [];

    /// <summary>
    /// Takes a message that has come up while rows were read, to be sent before the next ones; null for none. Any thread.
    /// </summary>
    public virtual Notice? TakeNotice() => null;

    /// <summary>Whether rows come for ever (a push query): send each batch at once.</summary>
    public virtual bool IsContinuous => false;

    /// <summary>Whether all rows are read in microseconds and without waiting: nothing needs to be able to stop it.</summary>
    public virtual bool IsShort => false;

    /// <summary>
    /// The next batch of rows, lent until the next call; null at the end. Completes synchronously when rows are ready.
    /// </summary>
    /// <exception cref="Data.Errors.SqlException">The statement failed, or 57014 when it was cancelled.</exception>
    public abstract ValueTask<ChangeBatch?> ReadAsync(CancellationToken cancellation);

    /// <inheritdoc/>
    public virtual ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }
}

/// <summary>A column of a result.</summary>
public sealed record ResultColumn(string Name, SqlType Type)
{
    /// <summary>The column of a relation that it shows unchanged; null when it is computed.</summary>
    public ColumnOrigin? Origin { get; init; }
}

/// <summary>A column of a stream, table or system relation.</summary>
/// <param name="Relation">Its name in the catalog; of a system relation the qualified name.</param>
/// <param name="Column">The column's name there.</param>
public sealed record ColumnOrigin(string Relation, string Column);

/// <summary>A message beside the result: severity NOTICE or WARNING, SQLSTATE, text, hint.</summary>
public sealed record Notice(string Severity, string SqlState, string Message, string? Hint = null);
