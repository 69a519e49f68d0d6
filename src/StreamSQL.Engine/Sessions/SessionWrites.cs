namespace StreamSQL.Engine.Sessions;

/// <summary>
/// What a session has written, so that its reads see it: a read of a query's result waits for the query once after each write that can
/// reach it. Not thread-safe.
/// </summary>
internal sealed class SessionWrites
{
    private readonly HashSet<string> _topics = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _seenByQuery = new(StringComparer.Ordinal);
    private long _writes;

    /// <summary>The topics that were written.</summary>
    public IReadOnlySet<string> Topics => _topics;

    /// <summary>Remembers a write.</summary>
    public void Add(string topic)
    {
        _topics.Add(topic);
        _writes++;
    }

    /// <summary>Whether there were writes since the session last waited for a query.</summary>
    public bool MustWaitFor(string queryId) => _writes > _seenByQuery.GetValueOrDefault(queryId);

    /// <summary>The session has waited for a query.</summary>
    public void Waited(string queryId) => _seenByQuery[queryId] = _writes;
}
