using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.Extensions.Logging;
using Npgsql;
using StreamSQL.Engine;
using StreamSQL.Engine.Sessions;
using StreamSQL.Postgres.Catalog;
using StreamSQL.Postgres.Commands;
using StreamSQL.Postgres.Protocol;

namespace StreamSQL.Postgres.Connections;

/// <summary>
/// Serves PostgreSQL clients: one call per connection, from its first byte to its last. Clients of this host are trusted; others are refused
/// unless the options say that the network is private.
/// </summary>
public sealed class PostgresConnectionHandler : ConnectionHandler
{
    private readonly Func<string, string, Session> _createSession;
    private readonly PostgresOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly ConnectionRegistry _registry;
    private readonly Func<Session, StatementRunner> _runnerOf;

    /// <summary>Creates the handler.</summary>
    /// <param name="engine">Opens the sessions.</param>
    /// <param name="options">Limits.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Where failures go.</param>
    public PostgresConnectionHandler(StreamEngine engine, PostgresOptions options, TimeProvider time, ILogger<PostgresConnectionHandler> logger)
        : this((user, database) => engine.CreateSession(user, database), StatementRunner.For, options, time, logger)
    {
    }

    internal PostgresConnectionHandler(
        Func<string, string, Session> createSession, Func<Session, StatementRunner> runnerOf, PostgresOptions options, TimeProvider time, ILogger logger)
    {
        _createSession = createSession;
        _runnerOf = runnerOf;
        _options = options;
        _time = time;
        _logger = logger;
        _registry = new(options.MaxConnections);
    }

    /// <summary>Connections that are open.</summary>
    public int ConnectionCount => _registry.Count;

    /// <inheritdoc/>
    public override async Task OnConnectedAsync(ConnectionContext connection)
    {
        using var reader = new FrontendMessageReader(connection.Transport.Input, _options.MaxMessageBytes);
        using var writer = new BackendMessageWriter(connection.Transport.Output);
        var stopping = connection.Features.Get<IConnectionLifetimeNotificationFeature>()?.ConnectionClosedRequested ?? CancellationToken.None;
        var isCounted = _registry.TryOpen();
        try
        {
            await ServeAsync(connection, reader, writer, isCounted, stopping);
        }
        catch (FatalProtocolException error)
        {
            PostgresLog.Refused(_logger, NameOf(connection), error.Message);
            await TellAsync(writer, error);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            await TellAsync(writer, CommandLoop.ServerStopping());
        }
        catch (Exception error) when (error is ClientGoneException or ConnectionResetException or ConnectionAbortedException or OperationCanceledException)
        {
            PostgresLog.Refused(_logger, NameOf(connection), error.Message);
        }
        catch (Exception error)
        {
            PostgresLog.Failed(_logger, NameOf(connection), error);
            await TellAsync(writer, new(PostgresErrorCodes.InternalError, "internal error"));
        }
        finally
        {
            if (isCounted)
                _registry.Close();
        }
    }

    private async Task ServeAsync(
        ConnectionContext connection, FrontendMessageReader reader, BackendMessageWriter writer, bool isCounted, CancellationToken stopping)
    {
        var start = new SessionStart(reader, writer, _registry);
        StartupMessage? message;
        using (var deadline = new CancellationTokenSource(_options.StartupTimeout, _time))
        using (var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, stopping))
            message = await start.ReadAsync(either.Token);
        if (message is null)
            return;
        if (!isCounted)
            throw new FatalProtocolException(PostgresErrorCodes.TooManyConnections, "sorry, too many clients already");
        var user = SessionStart.UserOf(message);
        RequireTrusted(connection, user);

        await using var session = _createSession(user, message.Find("database") is { Length: > 0 } database ? database : user);
        SessionStart.Apply(message, session.Settings);
        using var cancellation = new StatementCancellation(_time);
        var key = _registry.Add(message.AgreedVersion, cancellation);
        session.ProcessId = key.ProcessId;
        try
        {
            PostgresLog.Connected(_logger, key.ProcessId, user, NameOf(connection));
            using var ended = CancellationTokenSource.CreateLinkedTokenSource(stopping);
            Introduce(session.Activity, key, connection, cancellation, ended);
            start.Welcome(message, session.Settings, key);
            await RunAsync(connection, reader, writer, session, cancellation, ended.Token);
        }
        catch (OperationCanceledException) when (cancellation.Reason == CancelReason.Terminated)
        {
            throw CommandLoop.ServerStopping();
        }
        finally
        {
            _registry.Remove(key);
            PostgresLog.Disconnected(_logger, key.ProcessId);
        }
    }

    /// <summary>Tells other sessions how to name this one, and how to stop it.</summary>
    private static void Introduce(
        SessionActivity activity, BackendKey key, ConnectionContext connection, StatementCancellation cancellation, CancellationTokenSource ended)
    {
        activity.ProcessId = key.ProcessId;
        activity.ClientAddress = connection.RemoteEndPoint as IPEndPoint;
        activity.ServerAddress = connection.LocalEndPoint as IPEndPoint;
        activity.CancelStatement = () => cancellation.CancelAsync(CancelReason.UserRequest);
        activity.Terminate = async () =>
        {
            await cancellation.CancelAsync(CancelReason.Terminated);
            await ended.CancelAsync();
        };
    }

    private async Task RunAsync(
        ConnectionContext connection, FrontendMessageReader reader, BackendMessageWriter writer, Session session, StatementCancellation cancellation,
        CancellationToken stopping)
    {
        // While a statement runs nobody reads the socket: its end is learnt from the transport, and stops the statement at once.
        using var closed = connection.ConnectionClosed.UnsafeRegister(
            static state => _ = ((StatementCancellation)state!).CancelAsync(CancelReason.ClientGone), cancellation);
        using var stop = stopping.UnsafeRegister(
            static state => _ = ((StatementCancellation)state!).CancelAsync(CancelReason.Shutdown), cancellation);
        await using var state = new ClientState(session, _runnerOf(session), (kind, oid) => CatalogObjects.Of(session.Snapshot).TextOf(kind, oid), _options);
        await new CommandLoop(reader, writer, state, cancellation, _time, _logger).RunAsync(stopping);
    }

    private void RequireTrusted(ConnectionContext connection, string user)
    {
        if (_options.TrustRemoteClients || connection.RemoteEndPoint is not IPEndPoint { Address: var address } || IPAddress.IsLoopback(address))
            return;
        throw new FatalProtocolException(
            PostgresErrorCodes.InvalidAuthorizationSpecification, $"connections from host \"{address}\", user \"{user}\", are not accepted",
            "Without authentication only clients of the same host are served.");
    }

    /// <summary>The client's last message; whether it still listens does not matter.</summary>
    private static async ValueTask TellAsync(BackendMessageWriter writer, FatalProtocolException error)
    {
        try
        {
            writer.Fatal(error.SqlState, error.Message, error.Hint);
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(1));
            await writer.FlushAsync(patience.Token);
        }
        catch (Exception gone) when (gone is IOException or OperationCanceledException or ConnectionAbortedException or InvalidOperationException)
        {
            return;
        }
    }

    private static string NameOf(ConnectionContext connection) => connection.RemoteEndPoint?.ToString() ?? connection.ConnectionId;
}
