using StreamSQL.Engine.Sessions;
using StreamSQL.Postgres.Catalog;
using StreamSQL.Postgres.Functions;
using StreamSQL.Postgres.Protocol;
using StreamSQL.Postgres.Types;

namespace StreamSQL.Postgres.Commands;

/// <summary>What a connection has open, and how values look to it: shared by the messages and the SQL commands that work on it.</summary>
internal sealed class ClientState(
    Session session, StatementRunner runner, Func<CatalogObjects> catalog, PostgresOptions options, TimeProvider time) : IAsyncDisposable
{
    private TextSettings _settings = TextSettings.Default with
    {
        ObjectNames = (kind, oid) => catalog().TextOf(kind, oid),
        ObjectIds = (kind, name) => NameFunctions.Find(catalog(), kind, name),
    };
    private TransactionStatus _statusBefore = TransactionStatus.Idle;
    private readonly SessionForms _forms = new();
    private TimeSpan _statementTimeout;

    // The settings that the two above were taken from.
    private object? _generation;

    /// <summary>The engine's session: settings and transaction block.</summary>
    public Session Session => session;

    /// <summary>Limits of the endpoint.</summary>
    public PostgresOptions Options => options;

    /// <summary>Runs statements.</summary>
    public StatementRunner Runner => runner;

    /// <summary>Prepared statements.</summary>
    public StatementTable Statements { get; } = new(options.MaxNamedObjects, time);

    /// <summary>Portals and cursors.</summary>
    public PortalTable Portals { get; } = new(options.MaxNamedObjects, time);

    /// <summary>Queries by their text.</summary>
    public StatementCache Known => field ??= new(this);

    /// <summary>Whether several statements came in one message: they are one transaction, so cursors live until its end.</summary>
    public bool InImplicitBlock { get; set; }

    /// <summary>How long the client may leave the session alone as it stands, in a transaction or outside one; zero is for ever.</summary>
    public TimeSpan IdleTimeout => DurationOf(IsInTransaction ? "idle_in_transaction_session_timeout" : "idle_session_timeout");

    /// <summary>Whether a transaction block is open, failed or not.</summary>
    public bool IsInTransaction => session.TransactionStatus != TransactionStatus.Idle;

    /// <summary>How values look now.</summary>
    public TextSettings TextSettings
    {
        get
        {
            Refresh();
            return _settings;
        }
    }

    /// <summary>How long a statement may run; zero is for ever.</summary>
    public TimeSpan StatementTimeout
    {
        get
        {
            Refresh();
            return _statementTimeout;
        }
    }

    /// <summary>Where the catalog has a column that a result shows.</summary>
    public (uint Relation, short Number) AttributeOf(ColumnOrigin origin) => catalog().AttributeOf(origin);

    /// <summary>After each statement: closes the cursors of a block that has ended.</summary>
    public ValueTask EndStatementAsync()
    {
        var status = session.TransactionStatus;
        var hasEnded = status == TransactionStatus.Idle && _statusBefore != TransactionStatus.Idle;
        _statusBefore = status;
        return hasEnded ? Portals.EndTransactionAsync(session.WasRolledBack) : ValueTask.CompletedTask;
    }

    /// <summary>
    /// At Sync and at the end of a simple query: outside a block the transaction ends here, and the
    /// client is told of settings that changed.
    /// </summary>
    public ValueTask EndMessagesAsync(BackendMessageWriter writer)
    {
        foreach (var (name, value) in session.Settings.TakeReportedChanges())
            writer.ParameterStatus(name, value);
        InImplicitBlock = false;
        return session.TransactionStatus == TransactionStatus.Idle ? Portals.EndTransactionAsync(isRolledBack: false)
            : ValueTask.CompletedTask;
    }

    private TimeSpan DurationOf(string setting) =>
        session.Settings.Find(setting) is { } text && text != "0" && DurationSetting.TryParse(text, out var duration)
            ? duration
            : TimeSpan.Zero;

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => Portals.DisposeAsync();

    private void Refresh()
    {
        if (ReferenceEquals(_generation, session.Settings.Generation))
            return;
        _generation = session.Settings.Generation;
        _statementTimeout = DurationOf("statement_timeout");
        var forms = _forms.Of(session.Settings);
        if (!ReferenceEquals(forms, _settings.Forms))
            _settings = _settings with { Forms = forms };
    }
}
