using StreamSQL.Kafka;

namespace StreamSQL.Broker.Groups;

/// <content>Joining: from a member's wish to the generation that it becomes part of.</content>
internal sealed partial class ClassicGroup
{
    /// <summary>A member asks to join. The answer may come at once or in a later step.</summary>
    public void Join(JoinCommand join, long nowMs, GroupAnswers answers)
    {
        ErrorCode error = CheckJoin(join);
        if (error != ErrorCode.None)
            answers.Joins.Add((join.Ticket, new JoinResult(error, join.MemberId)));
        else if (join.MemberId.Length == 0)
            JoinAsNew(join, nowMs, answers);
        else if (_pendingMembers.Remove(join.MemberId))
            Add(join.MemberId, join, nowMs, answers);
        else if (join.InstanceId is not null && _staticMembers.TryGetValue(join.InstanceId, out string? holder) && holder != join.MemberId)
            answers.Joins.Add((join.Ticket, new JoinResult(ErrorCode.FencedInstanceId, join.MemberId)));
        else if (_members.TryGetValue(join.MemberId, out GroupMember? member))
            Rejoin(member, join, nowMs, answers);
        else
            answers.Joins.Add((join.Ticket, new JoinResult(ErrorCode.UnknownMemberId, join.MemberId)));
    }

    /// <summary><see cref="ErrorCode.InvalidSessionTimeout"/> when a member wants one that this broker does not allow.</summary>
    public static ErrorCode CheckSessionTimeout(JoinCommand join, GroupOptions options) =>
        join.SessionTimeoutMs < options.MinSessionTimeout.TotalMilliseconds
            || join.SessionTimeoutMs > options.MaxSessionTimeout.TotalMilliseconds
            ? ErrorCode.InvalidSessionTimeout
            : ErrorCode.None;

    private ErrorCode CheckJoin(JoinCommand join)
    {
        if (CheckSessionTimeout(join, _options) is not ErrorCode.None and var invalid)
            return invalid;
        if (join.Protocols.Count == 0 || join.ProtocolType.Length == 0)
            return ErrorCode.InconsistentGroupProtocol;
        if (!HasRoomFor(join))
            return ErrorCode.GroupMaxSizeReached;
        if (_members.Count == 0)
            return ErrorCode.None;
        return join.ProtocolType == ProtocolType && SharesProtocol(join) ? ErrorCode.None : ErrorCode.InconsistentGroupProtocol;
    }

    // While members are called to join, those that have come count; else those that are there.
    private bool HasRoomFor(JoinCommand join)
    {
        bool isKnown = _members.TryGetValue(join.MemberId, out GroupMember? member)
            || (join.InstanceId is not null && _staticMembers.ContainsKey(join.InstanceId));
        if (Phase != GroupPhase.PreparingRebalance)
            return isKnown || Math.Max(_members.Count, _pendingMembers.Count) < _options.MaxSize;
        if (member is { JoinTicket: not GroupMember.NoTicket })
            return true;
        int joined = 0;
        foreach (GroupMember other in _members.Values)
            joined += other.JoinTicket == GroupMember.NoTicket ? 0 : 1;
        return Math.Max(joined, _pendingMembers.Count) < _options.MaxSize;
    }

    // Some assignor must be left that the member and all others support.
    private bool SharesProtocol(JoinCommand join)
    {
        foreach (GroupProtocol protocol in join.Protocols)
        {
            bool all = true;
            foreach (GroupMember member in _members.Values)
                all &= member.Id == join.MemberId || member.Supports(protocol.Name);
            if (all)
                return true;
        }
        return false;
    }

    private void JoinAsNew(JoinCommand join, long nowMs, GroupAnswers answers)
    {
        string memberId = _newMemberId(join.InstanceId ?? join.ClientId);
        if (join.InstanceId is not null)
        {
            if (_staticMembers.TryGetValue(join.InstanceId, out string? holder))
                ReplaceStatic(_members[holder], memberId, join, nowMs, answers);
            else
                Add(memberId, join, nowMs, answers);
        }
        else if (join.RequireKnownMemberId)
        {
            _pendingMembers.Add(memberId, nowMs + join.SessionTimeoutMs);
            answers.Joins.Add((join.Ticket, new JoinResult(ErrorCode.MemberIdRequired, memberId)));
        }
        else
        {
            Add(memberId, join, nowMs, answers);
        }
    }

    private void Add(string memberId, JoinCommand join, long nowMs, GroupAnswers answers)
    {
        var member = new GroupMember
        {
            Id = memberId,
            InstanceId = join.InstanceId,
            ClientId = join.ClientId,
            ClientHost = join.ClientHost,
            RebalanceTimeoutMs = join.RebalanceTimeoutMs,
            SessionTimeoutMs = join.SessionTimeoutMs,
            Protocols = join.Protocols,
            JoinTicket = join.Ticket,
        };
        Touch(member, nowMs);
        ProtocolType = _members.Count == 0 ? join.ProtocolType : ProtocolType;
        _members.Add(memberId, member);
        if (join.InstanceId is not null)
            _staticMembers[join.InstanceId] = memberId;
        _leader ??= memberId;
        _newMemberDuringDelay = true;
        PrepareRebalance(nowMs, answers);
    }

    private void Rejoin(GroupMember member, JoinCommand join, long nowMs, GroupAnswers answers)
    {
        bool unchanged = member.HasProtocols(join.Protocols);
        bool isAnsweredAgain = unchanged
            && (Phase == GroupPhase.CompletingRebalance || (Phase == GroupPhase.Stable && member.Id != _leader));
        Update(member, join, nowMs);
        if (isAnsweredAgain)
        {
            // The first answer was lost, or the member was told to rejoin by a heartbeat that is out of date.
            answers.Joins.Add((join.Ticket, CurrentGeneration(member)));
            return;
        }
        AnswerJoin(member, new JoinResult(ErrorCode.RebalanceInProgress, member.Id), answers); // an older join of the same member
        member.JoinTicket = join.Ticket;
        PrepareRebalance(nowMs, answers);
    }

    // KIP-345: an instance that comes back without its member id takes over its own place, and fences who held it. When it says the same as
    // before, the group does not rebalance.
    private void ReplaceStatic(GroupMember member, string memberId, JoinCommand join, long nowMs, GroupAnswers answers)
    {
        string oldId = member.Id;
        bool unchanged = Phase == GroupPhase.Stable
            && member.MetadataFor(ProtocolName!).Span.SequenceEqual(MetadataOf(join, ProtocolName!)) && Supports(join, ProtocolName!);
        AnswerJoin(member, new JoinResult(ErrorCode.FencedInstanceId, oldId), answers);
        AnswerSync(member, new SyncResult(ErrorCode.FencedInstanceId), answers);
        _members.Remove(oldId);
        member.Id = memberId;
        _members.Add(memberId, member);
        _staticMembers[join.InstanceId!] = memberId;
        bool isLeader = _leader == oldId;
        if (isLeader)
            _leader = memberId;
        Update(member, join, nowMs);
        if (!unchanged)
        {
            member.JoinTicket = join.Ticket;
            PrepareRebalance(nowMs, answers);
            return;
        }
        _mustKeep = true;
        JoinResult current = CurrentGeneration(member);
        if (isLeader)
        {
            // A leader would compute an assignment that nobody waits for, unless it knows how to skip it (KIP-814).
            current = join.CanSkipAssignment
                ? current with { SkipAssignment = true }
                : current with { Leader = oldId, Members = null };
        }
        answers.Joins.Add((join.Ticket, current));
    }

    private static void Update(GroupMember member, JoinCommand join, long nowMs)
    {
        member.ClientId = join.ClientId;
        member.ClientHost = join.ClientHost;
        member.RebalanceTimeoutMs = join.RebalanceTimeoutMs;
        member.SessionTimeoutMs = join.SessionTimeoutMs;
        member.Protocols = join.Protocols;
        Touch(member, nowMs);
    }

    private void PrepareRebalance(long nowMs, GroupAnswers answers)
    {
        if (Phase != GroupPhase.PreparingRebalance)
        {
            foreach (GroupMember member in _members.Values)
                AnswerSync(member, new SyncResult(ErrorCode.RebalanceInProgress), answers);
            long timeout = MaxRebalanceTimeoutMs();
            long delay = Phase == GroupPhase.Empty ? (long)_options.InitialRebalanceDelay.TotalMilliseconds : 0;
            Phase = GroupPhase.PreparingRebalance;
            _newMemberDuringDelay = false;
            _initialDelayEndMs = delay == 0 ? 0 : nowMs + timeout;
            _phaseDeadlineMs = nowMs + (delay == 0 ? timeout : Math.Min(delay, timeout));
        }
        CompleteJoinIfReady(nowMs, answers);
    }

    private void CompleteJoinIfReady(long nowMs, GroupAnswers answers)
    {
        if (Phase != GroupPhase.PreparingRebalance || (_initialDelayEndMs != 0 && _members.Count > 0) || _pendingMembers.Count > 0)
            return;
        foreach (GroupMember member in _members.Values)
        {
            if (member.JoinTicket == GroupMember.NoTicket)
                return;
        }
        CompleteJoin(nowMs, answers);
    }

    private void EndPhase(long nowMs, GroupAnswers answers)
    {
        if (Phase == GroupPhase.PreparingRebalance)
        {
            // While members keep coming into a new group, its first generation waits on, up to the rebalance timeout.
            if (_initialDelayEndMs > nowMs && _newMemberDuringDelay)
            {
                _newMemberDuringDelay = false;
                _phaseDeadlineMs = Math.Min(nowMs + (long)_options.InitialRebalanceDelay.TotalMilliseconds, _initialDelayEndMs);
                return;
            }
            CompleteJoin(nowMs, answers);
        }
        else
        {
            RemoveUnsynced(nowMs, answers);
        }
    }

    private void CompleteJoin(long nowMs, GroupAnswers answers)
    {
        if (_members.Count > 0 && _members.Values.All(static m => m.JoinTicket == GroupMember.NoTicket && m.InstanceId is not null))
        {
            // Only static members are left and none has come back: nobody could lead, so they are waited for while their sessions last.
            _phaseDeadlineMs = nowMs + MaxRebalanceTimeoutMs();
            return;
        }
        foreach (GroupMember late in _members.Values.Where(m => m.JoinTicket == GroupMember.NoTicket && m.InstanceId is null).ToList())
            _members.Remove(late.Id);
        _initialDelayEndMs = 0;
        _phaseDeadlineMs = long.MaxValue;
        Generation++;
        _subscribedTopics = null;
        if (_members.Count == 0)
        {
            _mustKeep = true;
            Phase = GroupPhase.Empty;
            ProtocolName = null;
            _leader = null;
            return;
        }
        ProtocolName = Vote();
        if (_leader is null || !_members.TryGetValue(_leader, out GroupMember? leader) || leader.JoinTicket == GroupMember.NoTicket)
            _leader = (_members.Values.FirstOrDefault(m => m.JoinTicket != GroupMember.NoTicket) ?? _members.Values.First()).Id;
        Phase = GroupPhase.CompletingRebalance;
        _phaseDeadlineMs = nowMs + MaxRebalanceTimeoutMs();
        foreach (GroupMember member in _members.Values)
        {
            member.HasSynced = false;
            member.Assignment = default;
            Touch(member, nowMs);
            AnswerJoin(member, CurrentGeneration(member), answers);
        }
    }

    // Of the assignors that all support, the one that most members like best.
    private string Vote()
    {
        var votes = new Dictionary<string, int>();
        foreach (GroupMember member in _members.Values)
        {
            foreach (GroupProtocol protocol in member.Protocols)
            {
                if (!_members.Values.All(m => m.Supports(protocol.Name)))
                    continue;
                votes[protocol.Name] = votes.GetValueOrDefault(protocol.Name) + 1;
                break;
            }
        }
        return votes.MaxBy(vote => vote.Value).Key;
    }

    private JoinResult CurrentGeneration(GroupMember member)
    {
        List<JoinedMember>? members = null;
        if (member.Id == _leader)
        {
            members = new List<JoinedMember>(_members.Count);
            foreach (GroupMember other in _members.Values)
                members.Add(new JoinedMember(other.Id, other.InstanceId, other.MetadataFor(ProtocolName!)));
        }
        return new JoinResult(
            ErrorCode.None, member.Id, Generation, ProtocolType, ProtocolName, _leader!, SkipAssignment: false, members);
    }

    private long MaxRebalanceTimeoutMs()
    {
        long longest = 0;
        foreach (GroupMember member in _members.Values)
            longest = Math.Max(longest, member.RebalanceTimeoutMs);
        return longest;
    }

    private static ReadOnlySpan<byte> MetadataOf(JoinCommand join, string protocol)
    {
        foreach (GroupProtocol candidate in join.Protocols)
        {
            if (candidate.Name == protocol)
                return candidate.Metadata.Span;
        }
        return default;
    }

    private static bool Supports(JoinCommand join, string protocol) => join.Protocols.Any(p => p.Name == protocol);
}
