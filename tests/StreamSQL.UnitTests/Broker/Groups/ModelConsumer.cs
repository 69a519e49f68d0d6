using StreamSQL.Broker.Groups;
using StreamSQL.Broker.Topics;
using StreamSQL.Kafka;
using StreamSQL.Kafka.Client;
using StreamSQL.Kafka.Messages;

namespace StreamSQL.UnitTests.Broker.Groups;

/// <summary>
/// A consumer of topic t in group g as it behaves: it stops reading before it says so, and never says what it does not do.
/// </summary>
internal abstract class ModelConsumer(string? instanceId)
{
    private (string Id, int Generation)? _older;

    public string? InstanceId { get; } = instanceId;

    /// <summary>The member id; empty until the coordinator gave it one.</summary>
    public string Id { get; protected set; } = "";

    /// <summary>The generation or member epoch; -1 or 0 outside the group.</summary>
    public int Generation { get; private set; } = -1;

    /// <summary>The partitions that it reads.</summary>
    public HashSet<int> Reads { get; protected set; } = [];

    /// <summary>The request that it waits for; null when there is none.</summary>
    public virtual Task? Waiting => null;

    public abstract Task ActAsync(GroupCoordinator groups);

    public abstract Task LeaveAsync(GroupCoordinator groups);

    public virtual void LoseConnection(TopicRegistry topics)
    {
    }

    /// <summary>Commits as what it is now, and as what it was before, which must be refused.</summary>
    public async Task CommitAsync(GroupCoordinator groups)
    {
        if (Reads.Count > 0)
            (await CommitAsync(groups, Id, Generation)).ShouldBeOneOf([.. Timely]);
        if (_older is { } older && older.Id == Id && Generation > 0)
            (await CommitAsync(groups, older.Id, older.Generation)).ShouldNotBe(ErrorCode.None);
    }

    protected void EnterGeneration(int generation)
    {
        if (Generation > 0 && generation != Generation)
            _older = (Id, Generation);
        Generation = generation;
    }

    private static readonly ErrorCode[] Timely =
    [
        ErrorCode.None, ErrorCode.RebalanceInProgress, ErrorCode.IllegalGeneration, ErrorCode.StaleMemberEpoch, ErrorCode.UnknownMemberId,
        ErrorCode.FencedInstanceId,
    ];

    private async Task<ErrorCode> CommitAsync(GroupCoordinator groups, string id, int generation) =>
        await groups.CommitAsync("g", new GroupIdentity(id, InstanceId, generation), knowsConsumerProtocol: true, []);
}

/// <summary>A consumer of the classic protocol with an eager assignor: it gives up all that it has before it joins.</summary>
internal sealed class ClassicConsumer(string? instanceId) : ModelConsumer(instanceId)
{
    private const int Partitions = 6;
    private Task<JoinResult>? _join;
    private Task<SyncResult>? _sync;
    private bool _isIn;

    public override Task? Waiting => (Task?)_join ?? _sync;

    public override async Task ActAsync(GroupCoordinator groups)
    {
        if (_join is { IsCompleted: true } join)
            Sync(groups, await join);
        else if (_sync is { IsCompleted: true } sync)
            Read(await sync);
        else if (_isIn)
            Heed(await groups.HeartbeatAsync("g", new GroupIdentity(Id, InstanceId, Generation)));
        if (!_isIn && _join is null && _sync is null)
            Join(groups);
    }

    public override async Task LeaveAsync(GroupCoordinator groups)
    {
        Reads = [];
        if (Id.Length > 0)
            await groups.LeaveAsync("g", [(Id, InstanceId)]);
    }

    public override void LoseConnection(TopicRegistry topics) => (_join, _sync) = (null, null);

    private void Join(GroupCoordinator groups)
    {
        Reads = [];
        var join = new JoinCommand(
            GroupMember.NoTicket, Id, InstanceId, "client", "/host", RebalanceTimeoutMs: 60_000, GroupTestBroker.SessionMs,
            ConsumerSubscription.ProtocolType, [new GroupProtocol("range", GroupTestBroker.Subscription("t"))],
            RequireKnownMemberId: InstanceId is null, CanSkipAssignment: true);
        _join = groups.JoinAsync("g", join, CancellationToken.None).AsTask();
    }

    private void Sync(GroupCoordinator groups, JoinResult joined)
    {
        _join = null;
        if (joined.Error != ErrorCode.None)
        {
            joined.Error.ShouldBeOneOf(
                ErrorCode.MemberIdRequired, ErrorCode.UnknownMemberId, ErrorCode.RebalanceInProgress, ErrorCode.FencedInstanceId);
            Id = joined.Error is ErrorCode.UnknownMemberId or ErrorCode.FencedInstanceId ? "" : joined.MemberId;
            return;
        }
        Id = joined.MemberId;
        EnterGeneration(joined.Generation);
        var assignments = new Dictionary<string, ReadOnlyMemory<byte>>();
        if (joined is { Members: { } members, SkipAssignment: false })
        {
            for (int i = 0; i < members.Count; i++)
            {
                IEnumerable<TopicPartition> share = Enumerable.Range(0, Partitions).Where(p => p % members.Count == i)
                    .Select(p => new TopicPartition("t", p));
                assignments[members[i].MemberId] = ConsumerAssignment.Write(0, share);
            }
        }
        var sync = new SyncCommand(
            GroupMember.NoTicket, new GroupIdentity(Id, InstanceId, Generation), joined.ProtocolType, joined.ProtocolName, assignments);
        _sync = groups.SyncAsync("g", sync, CancellationToken.None).AsTask();
    }

    private void Read(SyncResult synced)
    {
        _sync = null;
        _isIn = synced.Error == ErrorCode.None;
        if (!_isIn)
        {
            Heed(synced.Error);
            return;
        }
        ConsumerAssignment.TryRead(synced.Assignment, out ConsumerAssignment? assignment).ShouldBeTrue();
        Reads = [.. assignment.Partitions.Select(p => p.Partition)];
    }

    private void Heed(ErrorCode error)
    {
        if (error == ErrorCode.None)
            return;
        error.ShouldBeOneOf(
            ErrorCode.RebalanceInProgress, ErrorCode.IllegalGeneration, ErrorCode.UnknownMemberId, ErrorCode.FencedInstanceId);
        if (error is ErrorCode.UnknownMemberId or ErrorCode.FencedInstanceId)
            Id = "";
        (_isIn, Reads) = (false, []);
    }
}

/// <summary>A consumer of the consumer protocol (KIP-848).</summary>
internal sealed class ConsumerProtocolConsumer : ModelConsumer
{
    private Guid _topicId;

    public ConsumerProtocolConsumer(string id, string? instanceId, TopicRegistry topics)
        : base(instanceId)
    {
        Id = id;
        LoseConnection(topics);
        EnterGeneration(0);
    }

    public override void LoseConnection(TopicRegistry topics) => _topicId = topics.All["t"].Id;

    public override async Task ActAsync(GroupCoordinator groups)
    {
        ConsumerGroupHeartbeatResponse response = await BeatAsync(groups, Generation);
        if (response.ErrorCode != ErrorCode.None)
        {
            response.ErrorCode.ShouldBeOneOf(
                ErrorCode.FencedMemberEpoch, ErrorCode.UnknownMemberId, ErrorCode.UnreleasedInstanceId, ErrorCode.GroupIdNotFound);
            Reads = [];
            EnterGeneration(0);
            return;
        }
        EnterGeneration(response.MemberEpoch);
        if (response.Assignment is { } assignment)
            Reads = [.. assignment.TopicPartitions.SelectMany(t => t.Partitions)];
    }

    public override async Task LeaveAsync(GroupCoordinator groups)
    {
        Reads = [];
        if (Generation > 0)
            await BeatAsync(groups, -1);
    }

    private async Task<ConsumerGroupHeartbeatResponse> BeatAsync(GroupCoordinator groups, int epoch) => await groups.HeartbeatAsync(
        new ConsumerGroupHeartbeatRequest
        {
            GroupId = "g",
            MemberId = Id,
            InstanceId = InstanceId,
            MemberEpoch = epoch,
            RebalanceTimeoutMs = 60_000,
            SubscribedTopicNames = ["t"],
            TopicPartitions = Reads.Count == 0 ? [] : [new() { TopicId = _topicId, Partitions = [.. Reads] }],
        },
        version: 1, "client", "/host");
}
