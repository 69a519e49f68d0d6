using Npgsql;
using StreamSQL.Data.Errors;
using StreamSQL.Data.Functions;
using StreamSQL.Data.Types;
using StreamSQL.Engine.Operators;
using StreamSQL.Engine.Sessions.Locks;
using StreamSQL.Engine.Sessions.Notifications;
using StreamSQL.Engine.Sessions.Sequences;
using StreamSQL.Engine.Sessions.Statements;
using StreamSQL.Engine.Sessions.Writing;
using StreamSQL.Engine.SystemRelations;
using StreamSQL.Kafka;
using StreamSQL.Sql.Binding;
using StreamSQL.Sql.Syntax;
using StreamSQL.Storage.Files;

namespace StreamSQL.Engine.Sessions;

/// <summary>
/// One client's conversation: parses, prepares and executes statements, and owns settings and transaction block. Statements run one after
/// another; only cancellation comes from other threads. Named statements, portals and cursors belong to the wire endpoint.
/// </summary>
public sealed class Session : IAsyncDisposable
{
    private const int MaxChannels = 1000;

    private static readonly Notice TakesEffectAtOnce = new(
        "NOTICE", PostgresErrorCodes.SuccessfulCompletion, "this statement takes effect at once: ROLLBACK does not undo it");

    private readonly EngineServices _services;
    private readonly TransactionState _transaction;
    private readonly SortedSet<string> _channels = new(StringComparer.Ordinal);
    private FunctionRegistry? _functions;
    private SessionSequences? _sequences;
    private (int Number, DateTimeOffset At) _transactionStart;
    private readonly SessionForms _forms = new();
    private bool _disposed;

    /// <summary>Creates a session.</summary>
    /// <param name="services">The engine.</param>
    /// <param name="userName">The authenticated user.</param>
    /// <param name="databaseName">The database named at connection.</param>
    /// <param name="settings">Its settings.</param>
    /// <param name="open">The sessions that are open: it joins them until it is disposed.</param>
    /// <param name="time">The clock.</param>
    internal Session(
        EngineServices services, string userName, string databaseName, SessionSettings settings, SessionRegistry open, TimeProvider time)
    {
        _services = services;
        DatabaseName = databaseName;
        Settings = settings;
        Identity = new SessionIdentity(userName, settings, () => _services.Log.Image);
        Locks = new SessionLocks(() => _services.Locks, databaseName, () => ProcessId);
        _transaction = new TransactionState(settings, NewHeldWrites, Locks);
        Activity = new SessionActivity(this, open, time);
    }

    /// <summary>Who it acts as.</summary>
    public SessionIdentity Identity { get; }

    /// <summary>The database named at connection.</summary>
    public string DatabaseName { get; }

    /// <summary>
    /// SET, SHOW and RESET work on these; <see cref="SessionSettings.TakeReportedChanges"/> after each
    /// statement gives what to tell the client.
    /// </summary>
    public SessionSettings Settings { get; }

    /// <summary>Where the transaction block stands, for ReadyForQuery.</summary>
    public TransactionStatus TransactionStatus => _transaction.Status;

    /// <summary>What the client calls this session: notifications say who sent them.</summary>
    public int ProcessId { get; set; }

    /// <summary>Notifications that wait for this session's client; they are to be given out between transactions.</summary>
    public NotificationQueue Notifications { get; } = new();

    /// <summary>Whether something is held that the end of the transaction writes or tells.</summary>
    public bool HasUncommitted => _transaction.HoldsAny;

    /// <summary>The channels that it listens to.</summary>
    public IReadOnlyCollection<string> ListeningChannels => _channels;

    /// <summary>Which state the catalog is in: a greater one after each change.</summary>
    public long CatalogVersion => _services.Log.Image.Version;

    /// <summary>What system relations and functions about the session see.</summary>
    public SystemSnapshot Snapshot => new(_services.Log.Image, Settings.All, Identity.CurrentUser, DatabaseName)
    {
        SessionUserName = Identity.SessionUser,
        IsSuperuser = Identity.IsSuperuser,
        Session = Activity,
        Locks = _services.Locks.All,
        BlockersOf = _services.Locks.BlockersOf,
        EngineRelations = _services.EngineRelations,
        StartedAt = _services.StartedAt,
        Sequences = Sequences,
    };

    /// <summary>The clock of a statement that begins now: the session's zone, and since when its transaction runs.</summary>
    internal StatementClock OpenClock()
    {
        var now = _services.Tasks.Time.GetUtcNow();
        if (!_transaction.IsHeld || _transactionStart.Number != _transaction.Number)
            _transactionStart = (_transaction.Number, now);
        return new(_services.Tasks.Time, _forms.Of(Settings), now, _transactionStart.At);
    }

    /// <summary>What others see of it.</summary>
    public SessionActivity Activity { get; }

    /// <summary>The functions that its bounded queries can name.</summary>
    internal FunctionRegistry Functions => _functions ??= new FunctionRegistry(
        _services.Engine.Functions,
        name => NotificationFunctions.Find(name, this) ?? LockFunctions.Find(name, this)
            ?? _services.Engine.SessionFunctions?.Invoke(name, () => Snapshot) ?? []);

    /// <summary>The sequences as it sees them.</summary>
    public SessionSequences Sequences => _sequences ??= new SessionSequences(_services.Sequences);

    /// <summary>Its advisory locks.</summary>
    internal SessionLocks Locks { get; }

    /// <summary>What this session has written: its reads wait until that is in the tables that come from it.</summary>
    internal SessionWrites Writes { get; } = new();

    /// <summary>What its open transaction has written, for reads to see it; null when it has written nothing.</summary>
    internal HeldWrites? Held => _transaction.HasWrites ? _transaction.Writes : null;

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

    /// <summary>
    /// Binds a statement; an element of <paramref name="parameterTypes"/> is null (or missing) where
    /// the client leaves the type to the binder.
    /// </summary>
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
    public async ValueTask<StatementResult> ExecuteAsync(PreparedStatement statement, IReadOnlyList<object?> parameterValues,
        CancellationToken cancellation)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        _services.Log.Lease?.RequireHeld();
        var bound = BindAgain(statement);
        CheckBlock(bound);
        if (parameterValues.Count < bound.ParameterTypes.Count)
        {
            throw new SqlException(
                PostgresErrorCodes.ProtocolViolation,
                $"the statement has {bound.ParameterTypes.Count} parameters, {parameterValues.Count} values were given");
        }

        Activity.BeginStatement(statement.Parsed.Text);
        if (bound.ChangesCatalog)
        {
            _services.Log.RequireWriter();
            RequireWritable(string.Join(' ', statement.Parsed.Text.Split((char[]?)null, 3, StringSplitOptions.RemoveEmptyEntries).Take(2))
                .ToUpperInvariant());
        }

        if (!bound.NeedsCommitted)
            return await ExecuteAsync(bound, parameterValues, cancellation);
        if (TransactionStatus == TransactionStatus.Idle)
            await CommitAsync(cancellation);
        var result = await ExecuteAsync(bound, parameterValues, cancellation);
        return TransactionStatus == TransactionStatus.InBlock
            && bound.ChangesCatalog ? new NoticedResult(result, TakesEffectAtOnce) : result;
    }

    private static async ValueTask<StatementResult> ExecuteAsync(
        SessionStatement statement, IReadOnlyList<object?> parameterValues, CancellationToken cancellation)
    {
        try
        {
            return await statement.ExecuteAsync(parameterValues, cancellation);
        }
        catch (KafkaException error) when (error.InnerException is DiskFullException)
        {
            throw WriteErrors.DiskFull(error); // of a topic or a catalog record; rows are told of where they are written
        }
    }

    /// <summary>Whether the last transaction block that ended was rolled back.</summary>
    public bool WasRolledBack => _transaction.WasRolledBack;

    /// <summary>
    /// The statements that follow are one transaction, as those of one message are: it ends with
    /// <see cref="EndImplicitAsync"/>, or is rolled back by an error.
    /// </summary>
    public void BeginImplicit() => _transaction.BeginImplicit();

    /// <summary>
    /// Commits what they have written and notified, also what a single statement has notified; a block
    /// that was begun among them stays open.
    /// </summary>
    /// <exception cref="SqlException">It cannot be committed, and nothing of it was written: see <see cref="CommitAsync"/>.</exception>
    public async ValueTask EndImplicitAsync(CancellationToken cancellation)
    {
        _transaction.EndImplicit();
        if (_transaction.Status != TransactionStatus.Idle)
            return;
        try
        {
            if (_transaction.HoldsAny)
                await CommitAsync(cancellation);
        }
        finally
        {
            Locks.ReleaseOfTransaction();
        }
    }

    /// <summary>Opens the target of a COPY ... FROM for the rows that will come.</summary>
    /// <exception cref="SqlException">There is no such target, or it takes no rows.</exception>
    public RowInserter OpenInsert(CopyStatement copy)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        RequireWritable("COPY FROM");
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
        if (_disposed)
            return ValueTask.CompletedTask;
        _disposed = true;
        _transaction.Release();
        Locks.Close();
        StopListening();
        Activity.Close();
        return ValueTask.CompletedTask;
    }

    /// <summary>
    /// DISCARD: ALL forgets its settings, role, locks, channels and what it got of sequences, SEQUENCES only the last; it has neither plans
    /// nor temporary tables of its own.
    /// </summary>
    public void Discard(DiscardTarget target)
    {
        if (target == DiscardTarget.All)
        {
            Settings.ResetAll();
            Identity.Reset();
            Locks.ReleaseAllOfSession();
            StopListening();
        }

        if (target is DiscardTarget.All or DiscardTarget.Sequences)
            _sequences?.Discard();
    }

    private void StopListening()
    {
        foreach (var channel in _channels)
            _services.Notifications.Unlisten(Notifications, channel);
        _channels.Clear();
    }

    /// <summary>Refuses to write in a read-only transaction.</summary>
    /// <exception cref="SqlException">25006.</exception>
    internal void RequireWritable(string statement)
    {
        if (_transaction.IsReadOnly)
            throw new SqlException(PostgresErrorCodes.ReadOnlySqlTransaction, $"cannot execute {statement} in a read-only transaction");
    }

    /// <summary>
    /// Writes what a statement computes: in a transaction it is held until the end, else it is appended at once, and computed anew while
    /// other clients change the rows that it depends on.
    /// </summary>
    /// <exception cref="SqlException">It cannot be computed, held or written.</exception>
    internal async ValueTask<RowWrite> WriteAsync(Func<CancellationToken, ValueTask<RowWrite>> compute, CancellationToken cancellation)
    {
        async ValueTask<RowWrite> ComputeAsync(CancellationToken stop)
        {
            var computed = await compute(stop);
            await WaitForLocksAsync(stop);
            return computed;
        }

        RowWrite write;
        if (_transaction.IsHeld)
        {
            write = await ComputeAsync(cancellation);
            _transaction.Writes.Add(write);
            return write;
        }

        write = await _services.Committer.CommitAsync(ComputeAsync, cancellation);
        Writes.Add(write.Target.Topic);
        return write;
    }

    /// <summary>
    /// Writes what the parts of one statement compute, all or none: in a transaction it is held until the end, else it is appended at once,
    /// and computed anew while other clients change the rows that it depends on.
    /// </summary>
    /// <exception cref="SqlException">It cannot be computed, held or written.</exception>
    internal async ValueTask WriteAllAsync(Func<CancellationToken, ValueTask<IReadOnlyList<RowWrite>>> compute,
        CancellationToken cancellation)
    {
        if (_transaction.IsHeld)
        {
            foreach (var write in await compute(cancellation))
                _transaction.Writes.Add(write);
            return;
        }

        var writes = await _services.Committer.CommitAllAsync(compute, cancellation);
        foreach (var write in writes)
            Writes.Add(write.Target.Topic);
    }

    /// <summary>Waits for the advisory locks that a statement has asked for, before it goes on.</summary>
    /// <exception cref="SqlException">55P03: it took longer than lock_timeout.</exception>
    internal ValueTask WaitForLocksAsync(CancellationToken cancellation) => Locks.WaitAsync(
        DurationSetting.TryParse(Settings.Find("lock_timeout") ?? "", out var timeout) ? timeout : TimeSpan.Zero, _services.Tasks.Time,
        cancellation);

    /// <summary>Refuses a write that has grown beyond what a transaction may hold.</summary>
    /// <exception cref="SqlException">54000.</exception>
    internal void RequireHoldable(RowWrite write)
    {
        if (write.MemoryOfColumns() > _services.Tasks.Options.MaxTransactionBytes)
            throw HeldWrites.TooLarge(_services.Tasks.Options.MaxTransactionBytes);
    }

    /// <summary>Writes a part of the rows of a COPY: held in a transaction, else appended for good.</summary>
    internal async ValueTask CopyAsync(RowWrite write)
    {
        if (_transaction.IsHeld)
        {
            _transaction.Writes.Add(write);
            return;
        }

        Writes.Add(write.Target.Topic);
        await _services.Committer.AppendByPartitionAsync(write);
    }

    /// <summary>Whether a COPY is undone when it fails.</summary>
    internal bool HoldsWrites => _transaction.IsHeld;

    /// <summary>Takes a NOTIFY, LISTEN or UNLISTEN, for the end of the transaction.</summary>
    internal async ValueTask NotifyAsync(HeldNotification notification, CancellationToken cancellation)
    {
        _transaction.Notifications.Add(notification);
        if (!_transaction.IsHeld)
            await CommitAsync(cancellation);
    }

    /// <summary>Takes a NOTIFY in the middle of a statement, whose end commits it.</summary>
    internal void Notify(string channel, string payload) =>
        _transaction.Notifications.Add(new HeldNotification(NotificationKind.Notify, channel, payload));

    /// <summary>Commits what is held: appends it whole, then notifies.</summary>
    /// <exception cref="SqlException">40001 when another client has changed a row that it depends on, or the broker does not take it;
    /// nothing was written.</exception>
    internal async ValueTask CommitAsync(CancellationToken cancellation)
    {
        try
        {
            if (_transaction.HasWrites)
            {
                var writes = _transaction.Writes.Writes;
                await _services.Committer.CommitAsync(writes, cancellation);
                foreach (var write in writes)
                    Writes.Add(write.Target.Topic);
            }

            foreach (var notification in _transaction.Notifications.All)
                await ApplyAsync(notification, cancellation);
        }
        finally
        {
            _transaction.Release();
        }
    }

    private async ValueTask ApplyAsync(HeldNotification notification, CancellationToken cancellation)
    {
        switch (notification)
        {
            case { Kind: NotificationKind.Notify, Channel: { } channel }:
                _services.Notifications.Publish(new Notification(ProcessId, channel, notification.Payload));
                break;
            case { Kind: NotificationKind.Listen, Channel: { } channel } when !_channels.Contains(channel):
                if (_channels.Count >= MaxChannels)
                    throw new SqlException(PostgresErrorCodes.ProgramLimitExceeded, $"a session listens to at most {MaxChannels} channels");
                await _services.Notifications.ListenAsync(Notifications, channel, cancellation);
                _channels.Add(channel);
                break;
            case { Kind: NotificationKind.Unlisten }:
                if (notification.Channel is not { } one)
                    StopListening();
                else if (_channels.Remove(one))
                    _services.Notifications.Unlisten(Notifications, one);
                break;
        }
    }

    private HeldWrites NewHeldWrites() =>
        new(new MemoryBudget("a transaction", _services.Tasks.Options.MaxTransactionBytes, _services.Tasks.Budget));

    /// <summary>A statement that was bound against an older catalog is bound again; its columns must still be the same.</summary>
    private SessionStatement BindAgain(PreparedStatement statement)
    {
        var version = _services.Log.Image.Version;
        if (statement.Bound is { } bound && statement.CatalogVersion == version)
            return bound;
        var again = StatementFamilies.Bind(this, _services, _transaction, statement.Parsed.Syntax, statement.DeclaredTypes);
        var same = statement.Columns is null ? again.Columns is null : again.Columns is not null
            && again.Columns.SequenceEqual(statement.Columns);
        if (!same)
            throw new SqlException(PostgresErrorCodes.FeatureNotSupported, "cached plan must not change result type",
                "Prepare the statement again.");
        statement.Bound = again;
        statement.CatalogVersion = version;
        return again;
    }

    private void CheckBlock(SessionStatement statement)
    {
        if (_transaction.Status == TransactionStatus.Failed && !statement.RunsInFailedBlock)
        {
            throw new SqlException(
                PostgresErrorCodes.InFailedSqlTransaction,
                "current transaction is aborted, commands ignored until end of transaction block");
        }
    }
}
