using System.Net;
using System.Security.Authentication;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;
using Npgsql;
using StreamSQL.Postgres.Protocol;

namespace StreamSQL.Postgres.Connections;

/// <summary>
/// Answers the clients of a server that runs no queries now: 57P03 (cannot_connect_now), and where the one is that does. Clients of libpq
/// that are given several hosts go on to the next one then.
/// </summary>
public sealed class StandbyConnectionHandler : ConnectionHandler
{
    private readonly Func<string> _address;
    private readonly PostgresOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly ConnectionRegistry _registry;

    /// <summary>Creates the handler.</summary>
    /// <param name="address">Where the other one answers; empty when that is not known.</param>
    /// <param name="options">Limits, and the certificate.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Where failures go.</param>
    public StandbyConnectionHandler(
        Func<string> address, PostgresOptions options, TimeProvider time, ILogger<StandbyConnectionHandler> logger)
    {
        _address = address;
        _options = options;
        _time = time;
        _logger = logger;
        _registry = new(options, time);
    }

    /// <inheritdoc/>
    public override async Task OnConnectedAsync(ConnectionContext connection)
    {
        await using var channel = new ClientChannel(connection.Transport, _options.MaxMessageBytes, _time);
        var client = (connection.RemoteEndPoint as IPEndPoint)?.Address;
        var refusal = _registry.TryOpen(client);
        try
        {
            using var deadline = new CancellationTokenSource(_options.AuthenticationTimeout, _time);
            var start = new SessionStart(channel, _registry, _options, client);
            if (await start.ReadAsync(deadline.Token) is not null)
                await PostgresConnectionHandler.TellAsync(channel, refusal ?? Refusal());
        }
        catch (FatalProtocolException error)
        {
            await PostgresConnectionHandler.TellAsync(channel, error);
        }
        catch (Exception error)
            when (error is IOException or AuthenticationException or ConnectionAbortedException or OperationCanceledException)
        {
            PostgresLog.Refused(_logger, connection.RemoteEndPoint?.ToString() ?? connection.ConnectionId, error.Message);
        }
        finally
        {
            if (refusal is null)
                _registry.Close(client);
        }
    }

    private FatalProtocolException Refusal() => _address() is { Length: > 0 } address
        ? new(PostgresErrorCodes.CannotConnectNow, $"this server stands by, and {address} answers", $"Connect to {address}.")
        : new(PostgresErrorCodes.CannotConnectNow, "this server stands by, and no other answers now", "Try again, or another server.");
}
