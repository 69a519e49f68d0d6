using System.Runtime.InteropServices;
using StreamSQL.Broker.Partitions;
using StreamSQL.Kafka.Client;
using StreamSQL.Kafka.Messages;

namespace StreamSQL.Broker.Fetching;

/// <summary>
/// The partitions of a fetch. A client that keeps a session (KIP-227) sends only what changes and is told only what changed. Partitions say
/// when they move, so a fetch looks at those that moved or have records left, however many the session has. A fetch without a session is
/// one that is thrown away.
/// </summary>
/// <remarks>
/// All but <see cref="WaitAsync"/> is to be called under <see cref="Gate"/>: several connections may use one session, since nothing but its
/// number is asked for.
/// </remarks>
internal sealed class FetchSession : IPartitionObserver
{
    private readonly Dictionary<FetchKey, int>? _slotOf;
    private readonly List<int> _free = [];
    private readonly Lock _changes = new(); // taken under a partition's gate, so nothing else is taken inside
    private readonly List<int> _changed = [];
    private FetchSlot[] _slots;
    private int _end;
    private List<int> _queue = [];
    private List<int> _spare = [];
    private TaskCompletionSource? _waiting;
    private IsolationLevel _isolation;

    /// <summary>The partitions of a full fetch request.</summary>
    /// <param name="request">The request.</param>
    /// <param name="usesTopicIds">Whether it names topics by id.</param>
    /// <param name="mayStay">Whether it asks for a session to go on with.</param>
    public FetchSession(FetchRequest request, bool usesTopicIds, bool mayStay)
    {
        UsesTopicIds = usesTopicIds;
        _slotOf = mayStay ? [] : null;
        int count = 0;
        foreach (FetchRequest.Topic topic in request.Topics)
            count += topic.Partitions.Count;
        _slots = new FetchSlot[count];
        Update(request);
    }

    /// <summary>Guards the session.</summary>
    public Lock Gate { get; } = new();

    /// <summary>Its number in the cache; 0 outside.</summary>
    public int Id { get; set; } = FetchSessionCache.NoSession;

    /// <summary>The epoch that the next request has to bring.</summary>
    public int Epoch { get; set; } = FetchSessionCache.FirstEpoch;

    /// <summary>Whether topics are named by id; it stays so.</summary>
    public bool UsesTopicIds { get; }

    /// <summary>When it was created, in milliseconds of the cache's clock.</summary>
    public long CreatedMs { get; set; }

    /// <summary>When a request last used it.</summary>
    public long LastUsedMs { get; set; }

    /// <summary>Whether the client wants to go on with it.</summary>
    public bool MayStay => _slotOf is not null;

    /// <summary>How many partitions it has.</summary>
    public int Count { get; private set; }

    /// <summary>Whether it was thrown away.</summary>
    public bool IsClosed { get; private set; }

    /// <summary>The partitions to look at, in the order in which they are served: who got records last stands behind.</summary>
    public ReadOnlySpan<int> Queue => CollectionsMarshal.AsSpan(_queue);

    /// <summary>A partition's state.</summary>
    public ref FetchSlot this[int slot] => ref _slots[slot];

    /// <summary>Takes in what a request adds, changes and forgets.</summary>
    public void Update(FetchRequest request)
    {
        foreach (FetchRequest.Topic topic in request.Topics)
        {
            foreach (FetchRequest.Partition asked in topic.Partitions)
            {
                int at = FindOrAdd(new FetchKey(topic.Name, topic.TopicId, asked.PartitionIndex));
                ref FetchSlot slot = ref _slots[at];
                slot.FetchOffset = asked.FetchOffset;
                slot.MaxBytes = asked.PartitionMaxBytes;
                slot.LeaderEpoch = asked.CurrentLeaderEpoch;
                slot.LastFetchedEpoch = asked.LastFetchedEpoch;
                Enqueue(at);
            }
        }
        foreach (FetchRequest.ForgottenTopic topic in request.ForgottenTopicsData)
        {
            foreach (int partition in topic.Partitions)
                Forget(new FetchKey(topic.Topic, topic.TopicId, partition));
        }
        if ((IsolationLevel)request.IsolationLevel != _isolation)
            EnqueueAll();
        _isolation = (IsolationLevel)request.IsolationLevel;
    }

    /// <summary>Queues the partitions that have said that they moved.</summary>
    public void EnqueueChanged()
    {
        lock (_changes)
        {
            foreach (int at in _changed)
            {
                if (!_slots[at].IsUsed)
                    continue;
                _slots[at].Watched = null;
                Enqueue(at);
            }
            _changed.Clear();
        }
    }

    /// <summary>Lets a partition say when it moves, if it does not yet. False when the partition has been deleted.</summary>
    public bool Watch(int at, Partition? partition)
    {
        Partition? watched = _slots[at].Watched;
        if (watched == partition)
            return true;
        Unwatch(at);
        if (partition is null)
            return true;
        if (!partition.AddObserver(this, at))
            return false;
        _slots[at].Watched = partition;
        return true;
    }

    /// <summary>
    /// After an answer: drops the partitions with no more to tell from the queue, and puts those that were served behind.
    /// </summary>
    public void Rotate()
    {
        if (!MayStay)
            return;
        _spare.Clear();
        foreach (int at in _queue)
        {
            ref FetchSlot slot = ref _slots[at];
            slot.IsQueued = slot.IsUsed && slot.HasMore;
            if (slot.IsQueued && !slot.IsServed)
                _spare.Add(at);
        }
        foreach (int at in _queue)
        {
            if (_slots[at].IsQueued && _slots[at].IsServed)
                _spare.Add(at);
        }
        (_queue, _spare) = (_spare, _queue);
    }

    /// <summary>
    /// Waits until a watched partition has moved, another request has come to the session, or the session was closed; false when the time
    /// is up.
    /// </summary>
    public async ValueTask<bool> WaitAsync(int epoch, TimeSpan maxWait, TimeProvider time, CancellationToken cancellation)
    {
        TaskCompletionSource waiting;
        lock (_changes)
        {
            if (_changed.Count > 0 || IsClosed || Epoch != epoch) // also what came since the caller left the gate
                return true;
            _waiting?.TrySetResult(); // of a request that this one has overtaken
            waiting = _waiting = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
        try
        {
            await waiting.Task.WaitAsync(maxWait, time, cancellation);
            return true;
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException)
        {
            return false;
        }
    }

    /// <summary>Ends the wait of a request that another one has overtaken.</summary>
    public void Wake()
    {
        lock (_changes)
            _waiting?.TrySetResult();
    }

    /// <summary>Throws the session away.</summary>
    public void Close()
    {
        IsClosed = true;
        for (int at = 0; at < _end; at++)
            Unwatch(at);
        Wake();
    }

    bool IPartitionObserver.OnAdvanced(int slot)
    {
        lock (_changes)
        {
            _changed.Add(slot);
            _waiting?.TrySetResult();
        }
        return false; // so that a session that nobody uses any more costs a partition one call
    }

    private int FindOrAdd(FetchKey key)
    {
        if (_slotOf is not null && _slotOf.TryGetValue(key, out int found))
            return found;
        int at = TakeFree();
        _slots[at] = new FetchSlot(key) { IsQueued = _slots[at].IsQueued }; // a freed slot may still stand in the queue
        _slotOf?.Add(key, at);
        Count++;
        return at;
    }

    private int TakeFree()
    {
        if (_free.Count > 0)
        {
            int free = _free[^1];
            _free.RemoveAt(_free.Count - 1);
            return free;
        }
        if (_end == _slots.Length)
            Array.Resize(ref _slots, Math.Max(4, 2 * _end));
        return _end++;
    }

    private void Forget(FetchKey key)
    {
        if (_slotOf is null || !_slotOf.Remove(key, out int at))
            return;
        Unwatch(at);
        lock (_changes)
            _changed.Remove(at);
        _slots[at].IsUsed = false;
        _free.Add(at);
        Count--;
    }

    private void Unwatch(int at)
    {
        _slots[at].Watched?.RemoveObserver(this, at);
        _slots[at].Watched = null;
    }

    private void Enqueue(int at)
    {
        if (_slots[at].IsQueued)
            return;
        _slots[at].IsQueued = true;
        _queue.Add(at);
    }

    private void EnqueueAll()
    {
        for (int at = 0; at < _end; at++)
        {
            if (_slots[at].IsUsed)
                Enqueue(at);
        }
    }
}
