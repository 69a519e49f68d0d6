using System.Collections.Concurrent;

namespace StreamSQL.Engine.Sessions;

/// <summary>The sessions that are open. Thread-safe.</summary>
internal sealed class SessionRegistry
{
    private readonly ConcurrentDictionary<SessionActivity, byte> _open = new();

    /// <summary>All of them.</summary>
    public IReadOnlyCollection<SessionActivity> All => [.. _open.Keys];

    /// <summary>Adds one.</summary>
    public void Add(SessionActivity session) => _open[session] = 0;

    /// <summary>Takes one out.</summary>
    public void Remove(SessionActivity session) => _open.TryRemove(session, out _);
}
