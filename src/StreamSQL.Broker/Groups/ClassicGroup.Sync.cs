using StreamSQL.Kafka;

namespace StreamSQL.Broker.Groups;

/// <content>Syncing: the leader hands over the assignments, the others wait for theirs.</content>
internal sealed partial class ClassicGroup
{
    /// <summary>A member asks for its assignment. The answer may come at once or in a later step.</summary>
    public void Sync(SyncCommand sync, long nowMs, GroupAnswers answers)
    {
        ErrorCode error = Identify(sync.Member, out GroupMember? member);
        if (error == ErrorCode.None && ((sync.ProtocolType is not null && sync.ProtocolType != ProtocolType)
            || (sync.ProtocolName is not null && sync.ProtocolName != ProtocolName)))
            error = ErrorCode.InconsistentGroupProtocol;
        if (error == ErrorCode.None && Phase == GroupPhase.PreparingRebalance)
            error = ErrorCode.RebalanceInProgress;
        if (error != ErrorCode.None)
        {
            answers.Syncs.Add((sync.Ticket, new SyncResult(error)));
            return;
        }
        Touch(member!, nowMs);
        member!.HasSynced = true;
        if (Phase == GroupPhase.Stable)
        {
            answers.Syncs.Add((sync.Ticket, Assigned(member)));
            EndPhaseWhenAllSynced();
            return;
        }
        AnswerSync(member, new SyncResult(ErrorCode.RebalanceInProgress), answers); // an older sync of the same member
        member.SyncTicket = sync.Ticket;
        if (member.Id == _leader)
            Assign(sync.Assignments, nowMs, answers);
    }

    private void Assign(IReadOnlyDictionary<string, ReadOnlyMemory<byte>> assignments, long nowMs, GroupAnswers answers)
    {
        Phase = GroupPhase.Stable;
        _mustKeep = true;
        foreach (GroupMember member in _members.Values)
        {
            member.Assignment = assignments.GetValueOrDefault(member.Id);
            if (member.SyncTicket == GroupMember.NoTicket)
                continue;
            Touch(member, nowMs);
            AnswerSync(member, Assigned(member), answers);
        }
        EndPhaseWhenAllSynced();
    }

    private void EndPhaseWhenAllSynced()
    {
        if (_members.Values.All(static m => m.HasSynced))
            _phaseDeadlineMs = long.MaxValue;
    }

    // The rebalance timeout is up: members that have not synced are given up, whether the leader has or not.
    private void RemoveUnsynced(long nowMs, GroupAnswers answers)
    {
        _phaseDeadlineMs = long.MaxValue;
        foreach (GroupMember member in _members.Values.Where(m => !m.HasSynced).ToList())
        {
            if (_members.ContainsKey(member.Id))
                RemoveAndRebalance(member, nowMs, answers);
        }
    }

    private SyncResult Assigned(GroupMember member) => new(ErrorCode.None, ProtocolType, ProtocolName, member.Assignment);
}
