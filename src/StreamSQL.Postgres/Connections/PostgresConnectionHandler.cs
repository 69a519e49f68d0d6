using System.Net;
using System.Security.Authentication;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.Extensions.Logging;
using Npgsql;
using StreamSQL.Engine;
using StreamSQL.Engine.Sessions;
using StreamSQL.Postgres.Authentication;
using StreamSQL.Postgres.Catalog;
using StreamSQL.Postgres.Commands;
using StreamSQL.Postgres.Protocol;
using StreamSQL.Postgres.Transport;
using StreamSQL.Sql.Catalog;

namespace StreamSQL.Postgres.Connections;

/// <summary>
/// Serves PostgreSQL clients: one call per connection, from its first byte to its last. Who is let in, and how, is in the options' rules.
/// </summary>
public sealed class PostgresConnectionHandler : ConnectionHandler
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private readonly Func<string, string, Session> _createSession;
    private readonly PostgresOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly ConnectionRegistry _registry;
    private readonly Authenticator _authenticator;
    private readonly Func<Session, StatementRunner> _runnerOf;

    /// <summary>Creates the handler.</summary>
    /// <param name="engine">Opens the sessions.</param>
    /// <param name="options">Limits.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Where failures go.</param>
    public PostgresConnectionHandler(StreamEngine engine, PostgresOptions options, TimeProvider time,
        ILogger<PostgresConnectionHandler> logger)
        : this(engine.CreateSession, StatementRunner.For, () => engine.Catalog.Roles, options, time, logger)
    {
    }

    internal PostgresConnectionHandler(
        Func<string, string, Session> createSession, Func<Session, StatementRunner> runnerOf,
        Func<IReadOnlyDictionary<string, RoleDefinition>> roles,
        PostgresOptions options, TimeProvider time, ILogger logger)
    {
        _createSession = createSession;
        _runnerOf = runnerOf;
        _options = options;
        _time = time;
        _logger = logger;
        _registry = new(options, time);
        _authenticator = new(options.Rules, roles, options.MockSecret, time, logger);
    }

    /// <summary>Connections that are open.</summary>
    public int ConnectionCount => _registry.Count;

    /// <inheritdoc/>
    public override async Task OnConnectedAsync(ConnectionContext connection)
    {
        await using var channel = new ClientChannel(connection.Transport, _options.MaxMessageBytes, _time);
        var stopping = connection.Features.Get<IConnectionLifetimeNotificationFeature>()?.ConnectionClosedRequested
            ?? CancellationToken.None;
        var address = AddressOf(connection.RemoteEndPoint);
        var refusal = _registry.TryOpen(address);
        try
        {
            await ServeAsync(connection, channel, refusal, stopping);
        }
        catch (FatalProtocolException error)
        {
            PostgresLog.Refused(_logger, NameOf(connection), error.Message);
            await TellAsync(channel, error);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            await TellAsync(channel, CommandLoop.ServerStopping());
        }
        catch (Exception error)
            when (error is IOException or AuthenticationException or ConnectionAbortedException or OperationCanceledException)
        {
            PostgresLog.Refused(_logger, NameOf(connection), error.Message);
        }
        catch (Exception error)
        {
            PostgresLog.Failed(_logger, NameOf(connection), error);
            await TellAsync(channel, new(PostgresErrorCodes.InternalError, "internal error"));
        }
        finally
        {
            if (refusal is null)
                _registry.Close(address);
        }
    }

    private async Task ServeAsync(ConnectionContext connection, ClientChannel channel, FatalProtocolException? refusal,
        CancellationToken stopping)
    {
        var start = new SessionStart(channel, _registry, _options, AddressOf(connection.RemoteEndPoint));
        if (await LetInAsync(connection, channel, start, refusal, stopping) is not { } entry)
            return;
        _registry.Enter(entry.Role);
        try
        {
            await using var session = _createSession(entry.Client.User, entry.Client.Database);
            SessionStart.Apply(entry.Message, session);
            using var cancellation = new StatementCancellation(_time);
            var key = _registry.Add(entry.Message.AgreedVersion, cancellation);
            session.ProcessId = key.ProcessId;
            try
            {
                PostgresLog.Connected(_logger, key.ProcessId, entry.Client.User, NameOf(connection));
                using var ended = CancellationTokenSource.CreateLinkedTokenSource(stopping);
                Introduce(session.Activity, key, connection, cancellation, ended);
                start.Welcome(session.Settings, key);
                await RunAsync(connection, channel, session, cancellation, ended.Token);
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
        finally
        {
            _registry.Leave(entry.Role);
        }
    }

    /// <summary>Everything up to the moment when the client is let in, within its time; null when it came for something else.</summary>
    private async ValueTask<Entry?> LetInAsync(
        ConnectionContext connection, ClientChannel channel, SessionStart start, FatalProtocolException? refusal,
        CancellationToken stopping)
    {
        using var deadline = new CancellationTokenSource(_options.AuthenticationTimeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, stopping);
        try
        {
            var message = await start.ReadAsync(either.Token);
            if (message is null)
                return null;
            if (refusal is not null)
                throw refusal;
            start.Negotiate(message);
            var user = SessionStart.UserOf(message);
            var database = message.Find("database") is { Length: > 0 } named ? named : user;
            if (_options.RequiresTls && !channel.IsEncrypted)
            {
                throw new FatalProtocolException(
                    PostgresErrorCodes.InvalidAuthorizationSpecification, "connections without encryption are not accepted",
                    "Connect with sslmode=require.");
            }

            var client = new ClientFacts(
                AddressOf(connection.RemoteEndPoint), AddressOf(connection.LocalEndPoint), channel.IsEncrypted, user, database);
            var role = await _authenticator.AuthenticateAsync(channel, client, either.Token);
            channel.Reader.Release();
            channel.Reader.MaxMessageBytes = _options.MaxMessageBytes;
            return new(message, client, role);
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested && !stopping.IsCancellationRequested)
        {
            throw new FatalProtocolException(PostgresErrorCodes.QueryCanceled, "canceling authentication due to timeout");
        }
    }

    /// <summary>Tells other sessions how to name this one, and how to stop it.</summary>
    private static void Introduce(
        SessionActivity activity, BackendKey key, ConnectionContext connection, StatementCancellation cancellation,
        CancellationTokenSource ended)
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
        ConnectionContext connection, ClientChannel channel, Session session, StatementCancellation cancellation,
        CancellationToken stopping)
    {
        // While a statement runs nobody reads the socket: its end is learnt from the transport, and stops the statement at once.
        using var closed = connection.ConnectionClosed.UnsafeRegister(
            static state => _ = ((StatementCancellation)state!).CancelAsync(CancelReason.ClientGone), cancellation);
        using var stop = stopping.UnsafeRegister(
            static state => _ = ((StatementCancellation)state!).CancelAsync(CancelReason.Shutdown), cancellation);
        await using var state = new ClientState(session, _runnerOf(session), () => CatalogObjects.Of(session.Snapshot), _options, _time);
        session.Activity.OpenCursors = () => state.Portals.Named;
        session.Activity.PreparedStatements = () => state.Statements.Named;
        var loop = connection.Features.Get<LoopConnection>();
        await new CommandLoop(channel.Reader, channel.Writer, state, cancellation, _time, _logger, loop).RunAsync(stopping);
    }

    /// <summary>The client's last message; whether it still listens does not matter.</summary>
    internal static async ValueTask TellAsync(ClientChannel channel, FatalProtocolException error)
    {
        if (!channel.CanTell)
            return;
        try
        {
            channel.Writer.Fatal(error);
            using var patience = new CancellationTokenSource(Patience);
            await channel.Writer.FlushAsync(patience.Token);
        }
        catch (Exception gone)
            when (gone is IOException or OperationCanceledException or ConnectionAbortedException or InvalidOperationException)
        {
            return;
        }
    }

    private static string NameOf(ConnectionContext connection) => connection.RemoteEndPoint?.ToString() ?? connection.ConnectionId;

    private static IPAddress? AddressOf(EndPoint? endPoint) =>
        endPoint is IPEndPoint { Address: var address } ? address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address : null;

    private sealed record Entry(StartupMessage Message, ClientFacts Client, RoleDefinition? Role);
}
