using System.Collections.Concurrent;
using System.Net;
using Npgsql;
using StreamSQL.Postgres.Commands;
using StreamSQL.Postgres.Protocol;
using StreamSQL.Sql.Catalog;

namespace StreamSQL.Postgres.Connections;

/// <summary>The connections that are open: their number is limited, and a CancelRequest finds its statement here. Thread-safe.</summary>
internal sealed class ConnectionRegistry(PostgresOptions options, TimeProvider time)
{
    private readonly ConcurrentDictionary<int, (BackendKey Key, StatementCancellation Cancellation)> _sessions = new();
    private readonly CancelLimiter _limiter = new(time);
    private readonly Lock _gate = new();
    private readonly Dictionary<IPAddress, int> _addresses = [];
    private readonly Dictionary<string, int> _roles = new(StringComparer.Ordinal);
    private int _open;
    private int _lastProcessId;

    /// <summary>Connections that are open.</summary>
    public int Count => Volatile.Read(ref _open);

    /// <summary>Counts a connection; what it is to be told when there are too many, else null.</summary>
    public FatalProtocolException? TryOpen(IPAddress? address)
    {
        lock (_gate)
        {
            if (_open >= options.MaxConnections)
                return new(PostgresErrorCodes.TooManyConnections, "sorry, too many clients already");
            if (address is not null && options.MaxConnectionsPerAddress is { } most)
            {
                var count = _addresses.GetValueOrDefault(address);
                if (count >= most)
                    return new(PostgresErrorCodes.TooManyConnections, $"too many connections from {address}",
                        "The server allows " + most + " from one address.");
                _addresses[address] = count + 1;
            }

            _open++;
            return null;
        }
    }

    /// <summary>Counts a connection out.</summary>
    public void Close(IPAddress? address)
    {
        lock (_gate)
        {
            _open--;
            if (address is not null && options.MaxConnectionsPerAddress is not null)
                CountDown(_addresses, address);
        }
    }

    /// <summary>Counts a session of a role (null: a guest who may do everything).</summary>
    /// <exception cref="FatalProtocolException">53300: it has too many, or the last connections are for superusers.</exception>
    public void Enter(RoleDefinition? role)
    {
        if (role is null or { IsSuperuser: true })
            return;
        lock (_gate)
        {
            if (_open > options.MaxConnections - options.ReservedConnections)
                throw new FatalProtocolException(PostgresErrorCodes.TooManyConnections,
                    "remaining connection slots are reserved for superuser connections");
            var count = _roles.GetValueOrDefault(role.Name);
            if (role.ConnectionLimit >= 0 && count >= role.ConnectionLimit)
                throw new FatalProtocolException(PostgresErrorCodes.TooManyConnections, $"too many connections for role \"{role.Name}\"");
            _roles[role.Name] = count + 1;
        }
    }

    /// <summary>Counts a session of a role out.</summary>
    public void Leave(RoleDefinition? role)
    {
        if (role is null or { IsSuperuser: true })
            return;
        lock (_gate)
            CountDown(_roles, role.Name);
    }

    /// <summary>Gives a session its key.</summary>
    public BackendKey Add(int protocolVersion, StatementCancellation cancellation)
    {
        while (true)
        {
            var processId = Interlocked.Increment(ref _lastProcessId) & int.MaxValue;
            var key = BackendKey.Create(processId, protocolVersion);
            if (processId != 0 && _sessions.TryAdd(processId, (key, cancellation)))
                return key;
        }
    }

    /// <summary>Forgets a session.</summary>
    public void Remove(BackendKey key) => _sessions.TryRemove(key.ProcessId, out _);

    /// <summary>
    /// Stops the statement that a session runs, if the secret is right; a wrong one is not answered, as in PostgreSQL, and who sends many
    /// is not listened to.
    /// </summary>
    public Task CancelAsync(CancelRequest request, IPAddress? from)
    {
        if (!_limiter.IsOpen(from))
            return Task.CompletedTask;
        if (_sessions.TryGetValue(request.ProcessId, out var session) && session.Key.Matches(request.Secret))
            return session.Cancellation.CancelAsync(CancelReason.UserRequest);
        _limiter.Wrong(from);
        return Task.CompletedTask;
    }

    private static void CountDown<TKey>(Dictionary<TKey, int> counts, TKey key)
        where TKey : notnull
    {
        if (counts[key] == 1)
            counts.Remove(key);
        else
            counts[key]--;
    }
}
