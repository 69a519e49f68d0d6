using StreamSQL.Broker.Handlers;
using StreamSQL.Broker.Network;
using StreamSQL.Broker.Partitions;
using StreamSQL.Broker.Topics;
using StreamSQL.Kafka;
using StreamSQL.Kafka.Client;
using StreamSQL.Kafka.Messages;

namespace StreamSQL.Broker.Fetching;

/// <summary>
/// Reads for one fetch request what is there now, once or, after a wait, again; then makes the answer. To be used under the session's gate.
/// </summary>
internal sealed class FetchPass
{
    private const int Consumer = -1; // replica ids from 0 on are followers
    private const int NoEpoch = -1;
    private const short FirstWithEndpoints = 16;

    private readonly BrokerHost _host;
    private readonly ClientTopics _topics;
    private readonly FetchMemory _memory;
    private readonly FetchSession _session;
    private readonly RequestContext _context;
    private readonly List<(int Slot, FetchResponse.Partition Answer)> _answers = [];
    private readonly bool _isFull;
    private readonly bool _isFollower;
    private readonly IsolationLevel _isolation;
    private readonly int _maxBytes;
    private readonly int _minBytes;
    private long _room;
    private bool _isFirst;

    public FetchPass(BrokerServices services, FetchSession session, FetchRequest request, RequestContext context, int maxBytes)
    {
        _host = services.Host;
        _topics = services.Topics;
        _memory = services.FetchMemory;
        _session = session;
        _context = context;
        _isFull = FetchSessionCache.IsFull(request);
        _isFollower = (request.ReplicaState?.ReplicaId ?? request.ReplicaId) > Consumer;
        _isolation = (IsolationLevel)request.IsolationLevel;
        _maxBytes = Math.Clamp(request.MaxBytes, 0, maxBytes);
        _minBytes = Math.Min(request.MinBytes, _maxBytes);
    }

    /// <summary>Whether there are the bytes that were asked for, or something that the client should see at once.</summary>
    public bool IsEnough { get; private set; }

    /// <summary>Whether there are records that are not in the answer for want of memory.</summary>
    public bool IsStarved { get; private set; }

    /// <summary>Reads the partitions in the session's queue.</summary>
    /// <param name="watches">Whether partitions are to say from now on when they move.</param>
    public void Run(bool watches)
    {
        _context.ReleaseLeases();
        _answers.Clear();
        _session.EnqueueChanged();
        _room = _maxBytes;
        _isFirst = true;
        IsStarved = false;
        bool isUrgent = _session.Count == 0;
        foreach (int at in _session.Queue)
        {
            ref FetchSlot slot = ref _session[at];
            if (!slot.IsUsed)
                continue;
            Partition? partition = Find(slot.Key, out ErrorCode error);
            if (watches && !_session.Watch(at, partition))
                (partition, error) = (null, ErrorCode.UnknownTopicOrPartition);
            FetchResponse.Partition? answer = partition is null ? Fail(ref slot, error) : Read(ref slot, partition);
            if (answer is null)
                continue;
            _answers.Add((at, answer));
            isUrgent |= answer.ErrorCode != ErrorCode.None || answer.DivergingEpoch is not null;
        }
        IsEnough = isUrgent || _maxBytes - _room >= _minBytes || (IsStarved && !_isFirst);
    }

    /// <summary>The answer of the last run; the session then knows that the client was told.</summary>
    public FetchResponse Answer()
    {
        var response = new FetchResponse();
        FetchResponse.Topic? topic = null;
        bool namesLeader = false;
        foreach ((int at, FetchResponse.Partition answer) in _answers)
        {
            ref FetchSlot slot = ref _session[at];
            (slot.HighWatermark, slot.LogStart) = (answer.HighWatermark, answer.LogStartOffset);
            if (topic is null || topic.TopicId != slot.Key.TopicId || topic.Name != slot.Key.Topic)
                response.Responses.Add(topic = new FetchResponse.Topic { Name = slot.Key.Topic, TopicId = slot.Key.TopicId });
            topic.Partitions.Add(answer);
            namesLeader |= answer.CurrentLeader is not null;
        }
        if (namesLeader)
            response.NodeEndpoints.Add(_context.Client.Endpoint(_host.Options));
        _session.Rotate();
        return response;
    }

    private Partition? Find(in FetchKey key, out ErrorCode error)
    {
        Topic? topic;
        if (_session.UsesTopicIds)
            error = _topics.TryGet(key.TopicId, out topic) ? ErrorCode.UnknownTopicOrPartition : ErrorCode.UnknownTopicId;
        else
            error = _topics.TryGet(key.Topic, out topic) ? ErrorCode.UnknownTopicOrPartition : _topics.WhyMissing(key.Topic);
        return topic is not null && (uint)key.Partition < (uint)topic.Partitions.Count ? topic.Partitions[key.Partition] : null;
    }

    private FetchResponse.Partition? Read(ref FetchSlot slot, Partition partition)
    {
        ErrorCode error = _isFollower ? ErrorCode.NotLeaderOrFollower : LeaderEpochCheck.Check(partition, slot.LeaderEpoch);
        if (error is ErrorCode.NotLeaderOrFollower or ErrorCode.FencedLeaderEpoch && _context.Header.Version >= FirstWithEndpoints)
            return Fail(ref slot, error, new LeaderIdAndEpoch { LeaderId = _host.Options.NodeId, LeaderEpoch = partition.LeaderEpoch });
        if (error == ErrorCode.None && slot.LastFetchedEpoch != NoEpoch && Diverges(slot, partition, out error) is { } diverging)
        {
            FetchResponse.Partition answer = Bounds(slot, partition.Offsets);
            answer.DivergingEpoch = diverging;
            slot.HasMore = true;
            return answer;
        }
        if (error == ErrorCode.None && !partition.IsInRange(slot.FetchOffset))
            error = ErrorCode.OffsetOutOfRange;
        return error == ErrorCode.None ? ReadRecords(ref slot, partition) : Fail(ref slot, error);
    }

    /// <summary>Where the reader's log and this one part (KIP-595); null when its end lies on this one.</summary>
    private static FetchResponse.EpochEndOffset? Diverges(in FetchSlot slot, Partition partition, out ErrorCode error)
    {
        (int epoch, long end) = partition.EndOfEpoch(slot.LastFetchedEpoch);
        error = epoch == NoEpoch || slot.FetchOffset < partition.StartOffset ? ErrorCode.OffsetOutOfRange : ErrorCode.None;
        return error == ErrorCode.None && (epoch < slot.LastFetchedEpoch || end < slot.FetchOffset)
            ? new FetchResponse.EpochEndOffset { Epoch = epoch, EndOffset = end }
            : null;
    }

    private FetchResponse.Partition? ReadRecords(ref FetchSlot slot, Partition partition)
    {
        bool isCommitted = _isolation == IsolationLevel.ReadCommitted;
        int maxBytes = (int)Math.Clamp(slot.MaxBytes, 0, _room);
        PartitionOffsets offsets = partition.Offsets;
        slot.HasMore = slot.FetchOffset < (isCommitted ? offsets.LastStable : offsets.HighWatermark);
        slot.IsServed = false;
        PartitionRead read = default;
        if (slot.HasMore && (_isFirst || maxBytes > 0) && TryRead(ref slot, partition, maxBytes, out read))
        {
            if (read.Error != ErrorCode.None)
                return Fail(ref slot, read.Error);
            offsets = read.Offsets;
        }
        bool isNews = _isFull || slot.IsServed || slot.HighWatermark != offsets.HighWatermark || slot.LogStart != offsets.LogStart;
        if (!isNews)
            return null;
        FetchResponse.Partition answer = Bounds(slot, offsets);
        if (isCommitted)
            answer.AbortedTransactions = [];
        if (slot.IsServed)
            Take(answer, read);
        return answer;
    }

    /// <summary>Reads as much as may be held; false when nothing may.</summary>
    private bool TryRead(ref FetchSlot slot, Partition partition, int maxBytes, out PartitionRead read)
    {
        read = default;
        int granted = _memory.Take(Math.Max(1, maxBytes));
        IsStarved |= granted == 0;
        if (granted == 0)
            return false;
        int held = 0;
        try
        {
            read = partition.Read(slot.FetchOffset, Math.Min(maxBytes, granted), _isolation);
            if (read.Error != ErrorCode.None)
                return true;
            slot.IsServed = read.Records.Batches.Length > 0 && (_isFirst || read.Records.Batches.Length <= granted);
            if (slot.IsServed)
                held = read.Records.Batches.Length;
            else
                read.Records.Dispose(); // a batch larger than the limit comes only as the first of an answer (KIP-74)
            return true;
        }
        finally
        {
            _memory.Settle(granted, held);
            _context.Hold(_memory, held);
        }
    }

    private void Take(FetchResponse.Partition answer, in PartitionRead read)
    {
        _context.HoldUntilWritten(read.Records.Release);
        answer.Records = read.Records.Batches;
        _isFirst = false;
        _room = Math.Max(0, _room - answer.Records.Length);
        foreach (AbortedTransaction aborted in read.Aborted)
        {
            answer.AbortedTransactions!.Add(
                new FetchResponse.AbortedTransaction { ProducerId = aborted.ProducerId, FirstOffset = aborted.FirstOffset });
        }
    }

    private static FetchResponse.Partition Bounds(in FetchSlot slot, PartitionOffsets offsets) => new()
    {
        PartitionIndex = slot.Key.Partition,
        HighWatermark = offsets.HighWatermark,
        LastStableOffset = offsets.LastStable,
        LogStartOffset = offsets.LogStart,
    };

    private static FetchResponse.Partition Fail(ref FetchSlot slot, ErrorCode error, LeaderIdAndEpoch? leader = null)
    {
        slot.HasMore = true; // an error is told in every answer
        slot.IsServed = false;
        return new FetchResponse.Partition
        {
            PartitionIndex = slot.Key.Partition,
            ErrorCode = error,
            HighWatermark = -1,
            CurrentLeader = leader,
        };
    }
}
