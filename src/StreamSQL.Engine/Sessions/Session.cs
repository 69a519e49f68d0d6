using Npgsql;
using StreamSQL.Data.Errors;
using StreamSQL.Data.Functions;
using StreamSQL.Data.Types;
using StreamSQL.Engine.Sessions.Statements;
using StreamSQL.Engine.SystemRelations;
using StreamSQL.Sql.Binding;
using StreamSQL.Sql.Syntax;

namespace StreamSQL.Engine.Sessions;

/// <summary>
/// One client's conversation: parses, prepares and executes statements, and owns settings and transaction block. Statements run one after another;
/// only cancellation comes from other threads. Named statements, portals and cursors belong to the wire endpoint.
/// </summary>
public sealed class Session : IAsyncDisposable
{
    private readonly EngineServices _services;
    private readonly TransactionState _transaction;
    private FunctionRegistry? _functions;
    private bool _disposed;

    /// <summary>Creates a session.</summary>
    /// <param name="services">The engine.</param>
    /// <param name="userName">The authenticated user.</param>
    /// <param name="databaseName">The database named at connection.</param>
    /// <param name="settings">Its settings.</param>
    internal Session(EngineServices services, string userName, string databaseName, SessionSettings settings)
    {
        _services = services;
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

    /// <summary>What system relations and functions about the session see.</summary>
    public SystemSnapshot Snapshot => new(_services.Log.Image, Settings.All, UserName, DatabaseName);

    /// <summary>The functions that its bounded queries can name.</summary>
    internal FunctionRegistry Functions => _functions ??= _services.Engine.SessionFunctions is { } source
        ? new FunctionRegistry(_services.Engine.Functions, name => source(name, () => Snapshot))
        : _services.Engine.Functions;

    /// <summary>What this session has written: its reads wait until that is in the tables that come from it.</summary>
    internal SessionWrites Writes { get; } = new();

    /// <summary>How far its assertions have come.</summary>
    internal AssertedRecords Asserted { get; } = new();

    /// <summary>What DEFINE has defined.</summary>
    internal SessionVariables Variables { get; } = new();

    /// <summary>Splits a script into statements; none for an empty one.</summary>
    /// <exception cref="SqlException">42601: not a statement.</exception>
    public IReadOnlyList<ParsedStatement> Parse(string script)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return Variables.Parse(script, Settings).Select(static statement => new ParsedStatement(statement)).ToArray();
    }

    /// <summary>Binds a statement; an element of <paramref name="parameterTypes"/> is null (or missing) where the client leaves the type to the binder.</summary>
    /// <exception cref="SqlException">The statement is wrong, or 25P02 in a failed transaction block.</exception>
    public PreparedStatement Prepare(ParsedStatement statement, IReadOnlyList<SqlType?> parameterTypes)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        var version = _services.Log.Image.Version;
        var bound = StatementFamilies.Bind(this, _services, _transaction, statement.Syntax, parameterTypes);
        CheckBlock(bound);
        return new PreparedStatement(statement, parameterTypes, bound, version);
    }

    /// <summary>
    /// Executes a statement. Values are literal values of <see cref="PreparedStatement.ParameterTypes"/> (see
    /// <see cref="Sql.Expressions.BoundLiteral"/>). The result is to be disposed before the next statement unless it is a cursor's.
    /// </summary>
    /// <exception cref="SqlException">The statement failed.</exception>
    public ValueTask<StatementResult> ExecuteAsync(PreparedStatement statement, IReadOnlyList<object?> parameterValues, CancellationToken cancellation)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        var bound = BindAgain(statement);
        CheckBlock(bound);
        if (parameterValues.Count < bound.ParameterTypes.Count)
        {
            throw new SqlException(
                PostgresErrorCodes.ProtocolViolation, $"the statement has {bound.ParameterTypes.Count} parameters, {parameterValues.Count} values were given");
        }

        return bound.ExecuteAsync(parameterValues, cancellation);
    }

    /// <summary>Opens the target of a COPY ... FROM for the rows that will come.</summary>
    /// <exception cref="SqlException">There is no such target, or it takes no rows.</exception>
    public RowInserter OpenInsert(CopyStatement copy)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        var planned = _services.Planner.Plan(copy, _services.Log.Image, Settings.Properties, null, []);
        return new RowInserter(this, _services, (PlannedInsertRows)planned);
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

    /// <summary>A statement that was bound against an older catalog is bound again; its columns must still be the same.</summary>
    private SessionStatement BindAgain(PreparedStatement statement)
    {
        var version = _services.Log.Image.Version;
        if (statement.Bound is { } bound && statement.CatalogVersion == version)
            return bound;
        var again = StatementFamilies.Bind(this, _services, _transaction, statement.Parsed.Syntax, statement.DeclaredTypes);
        var same = statement.Columns is null ? again.Columns is null : again.Columns is not null && again.Columns.SequenceEqual(statement.Columns);
        if (!same)
            throw new SqlException(PostgresErrorCodes.FeatureNotSupported, "cached plan must not change result type", "Prepare the statement again.");
        statement.Bound = again;
        statement.CatalogVersion = version;
        return again;
    }

    private void CheckBlock(SessionStatement statement)
    {
        if (_transaction.Status == TransactionStatus.Failed && !statement.RunsInFailedBlock)
        {
            throw new SqlException(
                PostgresErrorCodes.InFailedSqlTransaction, "current transaction is aborted, commands ignored until end of transaction block");
        }
    }
}
