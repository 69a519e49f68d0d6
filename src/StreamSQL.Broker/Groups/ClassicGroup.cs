using StreamSQL.Broker.Groups.Records;
using StreamSQL.Kafka;

namespace StreamSQL.Broker.Groups;

/// <summary>Where a group is in its rebalance.</summary>
internal enum GroupPhase : byte
{
    /// <summary>No members.</summary>
    Empty,

    /// <summary>Members are called to join.</summary>
    PreparingRebalance,

    /// <summary>All have joined; the leader computes the assignment.</summary>
    CompletingRebalance,

    /// <summary>Every member may have its assignment.</summary>
    Stable,
}

/// <summary>
/// A consumer group under the classic protocol (join, sync, heartbeat, leave), as a step function: commands and the passing of time change
/// the state and give answers. It has no clock, no locks and no random source; the coordinator brings them.
/// </summary>
/// <remarks>
/// Empty -> PreparingRebalance (somebody joins) -> CompletingRebalance (all have joined, or time is up) -> Stable (the leader has synced).
/// A change of members or subscriptions leads back to PreparingRebalance. An answer to a join or sync may have to wait for others:
/// the member then holds the ticket.
/// </remarks>
internal sealed partial class ClassicGroup
{
    private readonly GroupOptions _options;
    private readonly Func<string, string> _newMemberId;
    private readonly Dictionary<string, GroupMember> _members = [];
    private readonly Dictionary<string, string> _staticMembers = [];
    private readonly Dictionary<string, long> _pendingMembers = []; // given an id, asked to come back; until when
    private string? _leader;
    private long _phaseDeadlineMs = long.MaxValue;
    private long _initialDelayEndMs;
    private bool _newMemberDuringDelay;
    private bool _mustKeep;
    private HashSet<string>? _subscribedTopics; // of the generation; null until it is asked for

    /// <summary>A group without members.</summary>
    /// <param name="id">The group's id.</param>
    /// <param name="options">Limits.</param>
    /// <param name="newMemberId">Makes a new unique member id from a prefix.</param>
    public ClassicGroup(string id, GroupOptions options, Func<string, string> newMemberId)
    {
        Id = id;
        _options = options;
        _newMemberId = newMemberId;
    }

    public string Id { get; }

    public GroupPhase Phase { get; private set; }

    /// <summary>Counts rebalances.</summary>
    public int Generation { get; private set; }

    /// <summary>The type that all members share; null when there was none yet.</summary>
    public string? ProtocolType { get; private set; }

    /// <summary>The assignor that the members voted for; null outside a generation.</summary>
    public string? ProtocolName { get; private set; }

    /// <summary>What is kept of the group; null before its first record. Replaying a record sets it, nothing else does.</summary>
    public GroupMetadataValue? Image { get; set; }

    /// <summary>Whether nobody is in the group or on the way into it.</summary>
    public bool IsDeserted => _members.Count == 0 && _pendingMembers.Count == 0;

    /// <summary>When <see cref="Tick"/> has something to do; long.MaxValue when never.</summary>
    public long NextDeadlineMs
    {
        get
        {
            long next = _phaseDeadlineMs;
            foreach (GroupMember member in _members.Values)
            {
                if (!member.IsWaiting)
                    next = Math.Min(next, member.SessionDeadlineMs);
            }
            foreach (long deadline in _pendingMembers.Values)
                next = Math.Min(next, deadline);
            return next;
        }
    }

    /// <summary>A member says that it is alive.</summary>
    public ErrorCode Heartbeat(GroupIdentity identity, long nowMs)
    {
        ErrorCode error = Identify(identity, out GroupMember? member);
        if (error != ErrorCode.None)
            return error;
        Touch(member!, nowMs);
        return Phase == GroupPhase.PreparingRebalance ? ErrorCode.RebalanceInProgress : ErrorCode.None;
    }

    /// <summary>
    /// Whether offsets may be committed by this identity: by members in their generation, and by anyone without one while the group is
    /// empty.
    /// </summary>
    public ErrorCode CheckCommit(GroupIdentity identity, bool transactional, long nowMs)
    {
        bool isAnonymous = identity.Generation < 0 && identity.MemberId.Length == 0 && identity.InstanceId is null;
        if (identity.Generation < 0 && Phase == GroupPhase.Empty)
            return ErrorCode.None;
        if (isAnonymous)
            return transactional ? ErrorCode.None : ErrorCode.UnknownMemberId;
        ErrorCode error = Identify(identity, out GroupMember? member);
#if PLANTED_BUGS
        if (Planted.IsAwake(PlantedBug.IgnoreGeneration) && error == ErrorCode.IllegalGeneration)
            error = ErrorCode.None;
#endif
        if (error != ErrorCode.None)
            return error;
        if (!transactional && Phase == GroupPhase.CompletingRebalance)
            return ErrorCode.RebalanceInProgress;
        Touch(member!, nowMs);
        return ErrorCode.None;
    }

    /// <summary>Takes a member out at its own wish or an administrator's.</summary>
    public ErrorCode Leave(string memberId, string? instanceId, long nowMs, GroupAnswers answers)
    {
        if (instanceId is null && _pendingMembers.Remove(memberId))
        {
            CompleteJoinIfReady(nowMs, answers);
            return ErrorCode.None;
        }
        if (instanceId is not null)
        {
            if (!_staticMembers.TryGetValue(instanceId, out string? holder))
                return ErrorCode.UnknownMemberId;
            if (memberId.Length > 0 && memberId != holder)
                return ErrorCode.FencedInstanceId;
            memberId = holder;
        }
        if (!_members.TryGetValue(memberId, out GroupMember? member))
            return ErrorCode.UnknownMemberId;
        RemoveAndRebalance(member, nowMs, answers);
        return ErrorCode.None;
    }

    /// <summary>Lets time pass: sessions end, late members are left behind, waiting phases complete.</summary>
    public void Tick(long nowMs, GroupAnswers answers)
    {
        foreach ((string memberId, long deadline) in _pendingMembers)
        {
            if (deadline <= nowMs)
                _pendingMembers.Remove(memberId);
        }
        List<GroupMember>? silent = null;
        foreach (GroupMember member in _members.Values)
        {
            if (!member.IsWaiting && member.SessionDeadlineMs <= nowMs)
                (silent ??= []).Add(member);
        }
        foreach (GroupMember member in silent ?? [])
            RemoveAndRebalance(member, nowMs, answers);
        if (_phaseDeadlineMs <= nowMs)
            EndPhase(nowMs, answers);
        else
            CompleteJoinIfReady(nowMs, answers);
    }

    /// <summary>The group as administrators see it.</summary>
    public GroupDescription Describe()
    {
        var members = new List<MemberDescription>(_members.Count);
        foreach (GroupMember member in _members.Values)
        {
            ReadOnlyMemory<byte> metadata = Phase == GroupPhase.Stable ? member.MetadataFor(ProtocolName!) : default;
            members.Add(new MemberDescription(member.Id, member.InstanceId, member.ClientId, member.ClientHost, metadata,
                member.Assignment));
        }
        return new GroupDescription(Id, Phase, ProtocolType ?? "", Phase == GroupPhase.Stable ? ProtocolName! : "", members);
    }

    /// <summary>
    /// The image to keep if the last steps changed what lasts: a generation got its assignment, the last member left, or a static member
    /// took its place again. Null when there is nothing new.
    /// </summary>
    /// <param name="timestampMs">The time of day.</param>
    public GroupMetadataValue? TakeImage(long timestampMs)
    {
        if (!_mustKeep)
            return null;
        _mustKeep = false;
        var image = new GroupMetadataValue
        {
            ProtocolType = ProtocolType ?? "",
            Generation = Generation,
            Protocol = ProtocolName,
            Leader = _leader,
            CurrentStateTimestamp = timestampMs,
        };
        foreach (GroupMember member in _members.Values)
        {
            image.Members.Add(new()
            {
                MemberId = member.Id,
                GroupInstanceId = member.InstanceId,
                ClientId = member.ClientId,
                ClientHost = member.ClientHost,
                RebalanceTimeout = member.RebalanceTimeoutMs,
                SessionTimeout = member.SessionTimeoutMs,
                Subscription = member.MetadataFor(ProtocolName!),
                Assignment = member.Assignment,
            });
        }
        return image;
    }

    /// <summary>
    /// Takes up the kept state after a restart: members keep their ids, generation and assignments, and their sessions begin anew.
    /// </summary>
    public void Restore(long nowMs)
    {
        GroupMetadataValue image = Image!;
        Generation = image.Generation;
        ProtocolType = image.ProtocolType.Length == 0 ? null : image.ProtocolType;
        ProtocolName = image.Members.Count == 0 ? null : image.Protocol ?? "";
        _leader = image.Members.Count == 0 ? null : image.Leader ?? image.Members[0].MemberId;
        Phase = image.Members.Count == 0 ? GroupPhase.Empty : GroupPhase.Stable;
        foreach (GroupMetadataValue.Member kept in image.Members)
        {
            var member = new GroupMember
            {
                Id = kept.MemberId,
                InstanceId = kept.GroupInstanceId,
                ClientId = kept.ClientId,
                ClientHost = kept.ClientHost,
                RebalanceTimeoutMs = kept.RebalanceTimeout == -1 ? kept.SessionTimeout : kept.RebalanceTimeout,
                SessionTimeoutMs = kept.SessionTimeout,
                Protocols = [new GroupProtocol(ProtocolName!, kept.Subscription.ToArray())],
                Assignment = kept.Assignment.ToArray(),
                HasSynced = true,
            };
            Touch(member, nowMs);
            _members.Add(member.Id, member);
            if (member.InstanceId is not null)
                _staticMembers[member.InstanceId] = member.Id;
        }
    }

    /// <summary>Whether its members are consumers, whose subscriptions can be read.</summary>
    public bool HasConsumers => ProtocolType == ConsumerSubscription.ProtocolType;

    /// <summary>Whether a consumer of the present generation reads a topic.</summary>
    public bool IsSubscribedTo(string topic)
    {
        if (!HasConsumers || ProtocolName is null)
            return false;
        if (_subscribedTopics is null)
        {
            _subscribedTopics = new HashSet<string>(StringComparer.Ordinal);
            foreach (GroupMember member in _members.Values)
            {
                if (ConsumerSubscription.TryRead(member.MetadataFor(ProtocolName), out ConsumerSubscription? subscription))
                    _subscribedTopics.UnionWith(subscription.Topics);
            }
        }
        return _subscribedTopics.Contains(topic);
    }

    private ErrorCode Identify(GroupIdentity identity, out GroupMember? member)
    {
        member = null;
        if (identity.InstanceId is not null && _staticMembers.TryGetValue(identity.InstanceId, out string? holder)
            && holder != identity.MemberId)
            return ErrorCode.FencedInstanceId;
        if (!_members.TryGetValue(identity.MemberId, out member))
            return ErrorCode.UnknownMemberId;
        return identity.Generation == Generation ? ErrorCode.None : ErrorCode.IllegalGeneration;
    }

    private static void Touch(GroupMember member, long nowMs) => member.SessionDeadlineMs = nowMs + member.SessionTimeoutMs;

    private void RemoveAndRebalance(GroupMember member, long nowMs, GroupAnswers answers)
    {
        AnswerJoin(member, new JoinResult(ErrorCode.UnknownMemberId, member.Id), answers);
        AnswerSync(member, new SyncResult(ErrorCode.UnknownMemberId), answers);
        _members.Remove(member.Id);
        if (member.InstanceId is not null)
            _staticMembers.Remove(member.InstanceId);
        if (_leader == member.Id)
            _leader = _members.Keys.FirstOrDefault();
        if (Phase is GroupPhase.Stable or GroupPhase.CompletingRebalance)
            PrepareRebalance(nowMs, answers);
        else
            CompleteJoinIfReady(nowMs, answers);
    }

    private static void AnswerJoin(GroupMember member, JoinResult result, GroupAnswers answers)
    {
        if (member.JoinTicket == GroupMember.NoTicket)
            return;
        answers.Joins.Add((member.JoinTicket, result));
        member.JoinTicket = GroupMember.NoTicket;
    }

    private static void AnswerSync(GroupMember member, SyncResult result, GroupAnswers answers)
    {
        if (member.SyncTicket == GroupMember.NoTicket)
            return;
        answers.Syncs.Add((member.SyncTicket, result));
        member.SyncTicket = GroupMember.NoTicket;
    }
}
