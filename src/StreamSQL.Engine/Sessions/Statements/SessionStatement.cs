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

    /// <summary>Runs it with the values of its parameters.</summary>
    /// <exception cref="Data.Errors.SqlException">It failed.</exception>
    public abstract ValueTask<StatementResult> ExecuteAsync(IReadOnlyList<object?> values, CancellationToken cancellation);
}
