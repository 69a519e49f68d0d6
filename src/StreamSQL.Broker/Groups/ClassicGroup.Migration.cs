using StreamSQL.Kafka;

namespace StreamSQL.Broker.Groups;

/// <content>What a group needs that becomes one under the consumer protocol, or was one (KIP-848).</content>
internal sealed partial class ClassicGroup
{
    /// <summary>The members.</summary>
    public IReadOnlyCollection<GroupMember> Members => _members.Values;

    /// <summary>Sends all who wait back to join again: the group that they wait for is no more.</summary>
    public void TurnAway(GroupAnswers answers)
    {
        foreach (GroupMember member in _members.Values)
        {
            AnswerJoin(member, new JoinResult(ErrorCode.RebalanceInProgress, member.Id), answers);
            AnswerSync(member, new SyncResult(ErrorCode.RebalanceInProgress), answers);
        }
    }

    /// <summary>Calls the members to join, so that they share what the last member of the consumer protocol has left.</summary>
    public void CallToJoin(long nowMs, GroupAnswers answers) => PrepareRebalance(nowMs, answers);
}
