using System.Collections.Concurrent;
using StreamSQL.Postgres.Commands;
using StreamSQL.Postgres.Protocol;

namespace StreamSQL.Postgres.Connections;

/// <summary>The connections that are open: their number is limited, and a CancelRequest finds its statement here. Thread-safe.</summary>
internal sealed class ConnectionRegistry(int maxConnections)
{
    private readonly ConcurrentDictionary<int, (BackendKey Key, StatementCancellation Cancellation)> _sessions = new();
    private int _open;
    private int _lastProcessId;

    /// <summary>Connections that are open.</summary>
    public int Count => Volatile.Read(ref _open);

    /// <summary>Counts a connection; false when there are too many.</summary>
    public bool TryOpen()
    {
        if (Interlocked.Increment(ref _open) <= maxConnections)
            return true;
        Interlocked.Decrement(ref _open);
        return false;
    }

    /// <summary>Counts a connection out.</summary>
    public void Close() => Interlocked.Decrement(ref _open);

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

    /// <summary>Stops the statement that a session runs, if the secret is right; a wrong one is not answered, as in PostgreSQL.</summary>
    public Task CancelAsync(CancelRequest request) =>
        _sessions.TryGetValue(request.ProcessId, out var session) && session.Key.Matches(request.Secret)
            ? session.Cancellation.CancelAsync(CancelReason.UserRequest)
            : Task.CompletedTask;
}
