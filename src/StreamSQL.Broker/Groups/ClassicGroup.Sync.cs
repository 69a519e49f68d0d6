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
        foreach (GroupMember member in _members.Values)
        {
            member.Assignment = assignments.GetValueOrDefault(member.Id);
            if (member.SyncTicket == GroupMember.NoTicket)
                continue;
            Touch(member, nowMs);
            AnswerSync(member, Assigned(member), answers);
        }
        // Who has not synced may still do so; its session, not the phase, is what ends it now.
        _phaseDeadlineMs = long.MaxValue;
    }

    // The rebalance timeout is up and the leader has not synced: those that have not are given up.
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
