using StreamSQL.Data.Types;

namespace StreamSQL.Engine.Sessions.Statements;

/// <summary>A prepared statement of one family.</summary>
internal abstract class SessionStatement
{
    /// <summary>Types of $1, $2, ...</summary>
    public virtual IReadOnlyList<SqlType> ParameterTypes => [];

    /// <summary>The columns of its rows; null when it gives none.</summary>
    public virtual IReadOnlyList<ResultColumn>? Columns => null;

    /// <summary>Whether it may run in a failed transaction block: the statements that end one.</summary>
    public virtual bool RunsInFailedBlock => false;

    /// <summary>
    /// Whether it works on what is committed only, so that outside a BEGIN block what was written before it is committed first:
    /// definitions, push queries, reads of the results of queries.
    /// </summary>
    public virtual bool NeedsCommitted => ChangesCatalog;

    /// <summary>Whether it changes the catalog, which no ROLLBACK undoes.</summary>
    public virtual bool ChangesCatalog => false;

    /// <summary>Whether it is done in microseconds once what it reads is there: it computes a row, or looks up some keys.</summary>
    public virtual bool IsShort => false;

    /// <summary>Whether it is done in microseconds whatever its values are, as what it runs with is made.</summary>
    public virtual bool IsReady => false;

    /// <summary>Whether the same text, while catalog and settings are the same, is the same statement.</summary>
    public virtual bool IsRepeatable => false;

    /// <summary>Runs it with the values of its parameters.</summary>
    /// <exception cref="Data.Errors.SqlException">It failed.</exception>
    public abstract ValueTask<StatementResult> ExecuteAsync(IReadOnlyList<object?> values, CancellationToken cancellation);
}
