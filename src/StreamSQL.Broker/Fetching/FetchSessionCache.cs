using System.Diagnostics.CodeAnalysis;
using StreamSQL.Kafka;
using StreamSQL.Kafka.Messages;

namespace StreamSQL.Broker.Fetching;

/// <summary>The fetch sessions of all clients, by number (KIP-227). Their count is bounded.</summary>
internal sealed class FetchSessionCache
{
    /// <summary>The session id of a fetch without a session.</summary>
    public const int NoSession = 0;

    /// <summary>The epoch of the first request that continues a session.</summary>
    public const int FirstEpoch = 1;

    private const int OpensSession = 0; // the epoch of a full fetch that wants a session
    private const int WithoutSession = -1; // of one that wants none
    private const long SafeForMs = 120_000; // a session younger than this, or used within it, is not thrown out for a larger one
    private const short FirstWithTopicIds = 13;

    private readonly Lock _gate = new();
    private readonly Dictionary<int, FetchSession> _sessions = [];
    private readonly int _capacity;
    private readonly TimeProvider _time;
    private readonly Func<Guid> _newId;
    private readonly long _start;

    /// <summary>An empty cache.</summary>
    /// <param name="capacity"><c>max.incremental.fetch.session.cache.slots</c>; 0 keeps no sessions.</param>
    /// <param name="time">The clock.</param>
    /// <param name="newId">Where session numbers are drawn from.</param>
    public FetchSessionCache(int capacity, TimeProvider time, Func<Guid> newId)
    {
        _capacity = capacity;
        _time = time;
        _newId = newId;
        _start = time.GetTimestamp();
    }

    /// <summary>How many sessions there are.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
                return _sessions.Count;
        }
    }

    private long NowMs => (long)_time.GetElapsedTime(_start).TotalMilliseconds;

    /// <summary>Whether a request names all its partitions.</summary>
    public static bool IsFull(FetchRequest request) => request.SessionEpoch is OpensSession or WithoutSession;

    /// <summary>The epoch after one.</summary>
    public static int NextEpoch(int epoch) => epoch == int.MaxValue ? FirstEpoch : epoch + 1;

    /// <summary>
    /// The session that a request continues, brought up to date, or a new one for a full request; that one enters the cache by
    /// <see cref="TryKeep"/>. A full request ends the session that it names.
    /// </summary>
    public ErrorCode Begin(FetchRequest request, short version, out FetchSession? session)
    {
        bool usesTopicIds = version >= FirstWithTopicIds;
        session = null;
        if (IsFull(request))
        {
            Remove(request.SessionId);
            session = new FetchSession(request, usesTopicIds, mayStay: request.SessionEpoch == OpensSession);
            return ErrorCode.None;
        }
        if (!TryFind(request.SessionId, out session))
            return ErrorCode.FetchSessionIdNotFound;
        bool isEmpty;
        lock (session.Gate)
        {
            ErrorCode error = Check(session, request, usesTopicIds);
            if (error != ErrorCode.None)
                return error;
            session.Update(request);
            session.Epoch = NextEpoch(request.SessionEpoch);
            session.LastUsedMs = NowMs;
            session.Wake();
            isEmpty = session.Count == 0;
        }
        if (isEmpty)
        {
            Remove(session.Id);
            session = new FetchSession(request, usesTopicIds, mayStay: false);
        }
        return ErrorCode.None;
    }

    /// <summary>
    /// Takes a new session in. When the cache is full, a session unused for two minutes gives way, else the smallest one that is as old as
    /// that, if it is smaller than this. False when there is no room.
    /// </summary>
    public bool TryKeep(FetchSession session)
    {
        FetchSession? victim = null;
        lock (_gate)
        {
            if (_capacity == 0 || (_sessions.Count >= _capacity && !TryEvict(session.Count, out victim)))
                return false;
            session.Id = NewId();
            session.CreatedMs = session.LastUsedMs = NowMs;
            _sessions.Add(session.Id, session);
        }
        Close(victim);
        return true;
    }

    private static ErrorCode Check(FetchSession session, FetchRequest request, bool usesTopicIds)
    {
        if (session.IsClosed)
            return ErrorCode.FetchSessionIdNotFound;
        if (session.Epoch != request.SessionEpoch)
            return ErrorCode.InvalidFetchSessionEpoch;
        return session.UsesTopicIds == usesTopicIds ? ErrorCode.None : ErrorCode.FetchSessionTopicIdError;
    }

    private static void Close(FetchSession? session)
    {
        if (session is null)
            return;
        lock (session.Gate)
            session.Close();
    }

    private bool TryFind(int id, [NotNullWhen(true)] out FetchSession? session)
    {
        lock (_gate)
            return _sessions.TryGetValue(id, out session);
    }

    private void Remove(int id)
    {
        FetchSession? removed;
        lock (_gate)
            _sessions.Remove(id, out removed);
        Close(removed);
    }

    private bool TryEvict(int newSize, [NotNullWhen(true)] out FetchSession? victim)
    {
        long before = NowMs - SafeForMs;
        FetchSession? leastUsed = null;
        FetchSession? smallest = null;
        foreach (FetchSession session in _sessions.Values)
        {
            if (leastUsed is null || session.LastUsedMs < leastUsed.LastUsedMs)
                leastUsed = session;
            if (session.CreatedMs < before && session.Count < newSize && (smallest is null || session.Count < smallest.Count))
                smallest = session;
        }
        victim = leastUsed?.LastUsedMs < before ? leastUsed : smallest;
        return victim is not null && _sessions.Remove(victim.Id);
    }

    private int NewId()
    {
        while (true)
        {
            int id = _newId().GetHashCode() & int.MaxValue;
            if (id != NoSession && !_sessions.ContainsKey(id))
                return id;
        }
    }
}
