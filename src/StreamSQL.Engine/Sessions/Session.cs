using Npgsql;
using StreamSQL.Data.Errors;
using StreamSQL.Data.Types;
using StreamSQL.Sql.Parsing;

namespace StreamSQL.Engine.Sessions;

/// <summary>
/// One client's conversation: parses, prepares and executes statements, and owns settings and transaction block. Statements run one after another;
/// only cancellation comes from other threads. Named statements, portals and cursors belong to the wire endpoint.
/// </summary>
public sealed class Session : IAsyncDisposable
{
    private readonly TransactionState _transaction;
    private bool _disposed;

    /// <summary>Creates a session.</summary>
    /// <param name="userName">The authenticated user.</param>
    /// <param name="databaseName">The database named at connection.</param>
    /// <param name="settings">Its settings.</param>
    internal Session(string userName, string databaseName, SessionSettings settings)
    {
        UserName = userName;
        DatabaseName = databaseName;
        Settings = settings;
        _transaction = new TransactionState(settings);
    }

    /// <summary>The authenticated user.</summary>
    public string UserName { get; }

    /// <summary>The database named at connection.</summary>
    public string DatabaseName { get; }

    /// <summary>SET, SHOW and RESET work on these; <see cref="SessionSettings.TakeReportedChanges"/> after each statement gives what to tell the client.</summary>
    public SessionSettings Settings { get; }

    /// <summary>Where the transaction block stands, for ReadyForQuery.</summary>
    public TransactionStatus TransactionStatus => _transaction.Status;

    /// <summary>Splits a script into statements; none for an empty one.</summary>
    /// <exception cref="SqlException">42601: not a statement.</exception>
    public IReadOnlyList<ParsedStatement> Parse(string script)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return [.. SqlParser.ParseScript(script).Select(static syntax => new ParsedStatement(syntax))];
    }

    /// <summary>Binds a statement; an element of <paramref name="parameterTypes"/> is null (or missing) where the client leaves the type to the binder.</summary>
    /// <exception cref="SqlException">The statement is wrong, or 25P02 in a failed transaction block.</exception>
    public PreparedStatement Prepare(ParsedStatement statement, IReadOnlyList<SqlType?> parameterTypes)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        throw new SqlException(PostgresErrorCodes.FeatureNotSupported, $"this statement cannot be run: {statement.Text}");
    }

    /// <summary>
    /// Executes a statement. Values are literal values of <see cref="PreparedStatement.ParameterTypes"/> (see
    /// <see cref="Sql.Expressions.BoundLiteral"/>). The result is to be disposed before the next statement unless it is a cursor's.
    /// </summary>
    /// <exception cref="SqlException">The statement failed.</exception>
    public ValueTask<StatementResult> ExecuteAsync(PreparedStatement statement, IReadOnlyList<object?> parameterValues, CancellationToken cancellation)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        throw new SqlException(PostgresErrorCodes.FeatureNotSupported, $"this statement cannot be run: {statement.Parsed.Text}");
    }

    /// <summary>
    /// To be called for every error that the client is told while it handles a statement: an open transaction block is failed from then on.
    /// </summary>
    public void FailTransaction() => _transaction.Fail();

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _disposed = true;
        return ValueTask.CompletedTask;
    }
}
