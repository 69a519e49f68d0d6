using StreamSQL.Broker.Groups.Records;

namespace StreamSQL.Broker.Groups;

/// <summary>Where a member of a consumer group is on its way to its target (the numbers are those that are kept).</summary>
internal enum ConsumerMemberState : sbyte
{
    /// <summary>It has what it shall have in its epoch.</summary>
    Stable = 0,

    /// <summary>It has been told to give up partitions, and has not yet said that it has.</summary>
    UnrevokedPartitions = 1,

    /// <summary>It waits for partitions that others still hold.</summary>
    UnreleasedPartitions = 2,
}

/// <summary>A member of a consumer group (KIP-848). All but the deadlines is set by replaying records only.</summary>
internal sealed class ConsumerMember(string id)
{
    /// <summary>The epoch of a static member that has left for a while.</summary>
    public const int AwayEpoch = -2;

    public string Id { get; } = id;

    /// <summary>What it asks for.</summary>
    public ConsumerGroupMemberMetadataValue Metadata { get; set; } = new();

    /// <summary>What is known of it because it speaks the classic protocol; null when it speaks the consumer protocol.</summary>
    public ConsumerGroupMemberMetadataValue.ClassicMember? Classic => Metadata.ClassicMemberMetadata;

    /// <summary>Whether it speaks the classic protocol.</summary>
    public bool IsClassic => Classic is not null;

    /// <summary>What it has.</summary>
    public MemberAssignment Current { get; set; } = MemberAssignment.None;

    /// <summary>What it shall have.</summary>
    public IReadOnlySet<TopicIdPartition> Target { get; set; } = MemberAssignment.Nothing;

    /// <summary>When its session ends unless it is heard of. Not kept.</summary>
    public long SessionDeadlineMs { get; set; } = long.MaxValue;

    /// <summary>
    /// When it must have given up what it was told to or, under the classic protocol, have joined or synced. Not kept.
    /// </summary>
    public long RebalanceDeadlineMs { get; set; } = long.MaxValue;

    /// <summary>Whether it has reached a target.</summary>
    public bool HasReached(int targetEpoch) => Current.State == ConsumerMemberState.Stable && Current.Epoch == targetEpoch;
}

/// <summary>What a member of a consumer group has, and what it is giving up.</summary>
/// <param name="Epoch">The member's epoch.</param>
/// <param name="PreviousEpoch">The epoch before; a member that never heard of the present one still says it.</param>
/// <param name="State">Where it is on its way.</param>
/// <param name="Assigned">What it may read.</param>
/// <param name="Revoking">What it must give up before anyone else may have it.</param>
internal sealed record MemberAssignment(
    int Epoch, int PreviousEpoch, ConsumerMemberState State, IReadOnlySet<TopicIdPartition> Assigned,
    IReadOnlySet<TopicIdPartition> Revoking)
{
    /// <summary>No partitions.</summary>
    public static readonly IReadOnlySet<TopicIdPartition> Nothing = new HashSet<TopicIdPartition>();

    /// <summary>What a member begins with.</summary>
    public static readonly MemberAssignment None = new(0, 0, ConsumerMemberState.Stable, Nothing, Nothing);

    /// <summary>Moves to an epoch, keeping the one before in mind.</summary>
    public MemberAssignment At(int epoch) => epoch == Epoch ? this : this with { Epoch = epoch, PreviousEpoch = Epoch };

    /// <summary>Whether another says the same.</summary>
    public bool IsSameAs(MemberAssignment other) =>
        Epoch == other.Epoch && PreviousEpoch == other.PreviousEpoch && State == other.State && Assigned.SetEquals(other.Assigned)
        && Revoking.SetEquals(other.Revoking);

    /// <summary>The record's form.</summary>
    public ConsumerGroupCurrentMemberAssignmentValue ToRecord() => new()
    {
        MemberEpoch = Epoch,
        PreviousMemberEpoch = PreviousEpoch,
        State = (sbyte)State,
        AssignedPartitions = ToTopics(Assigned),
        PartitionsPendingRevocation = ToTopics(Revoking),
    };

    /// <summary>Reads the record's form.</summary>
    public static MemberAssignment Of(ConsumerGroupCurrentMemberAssignmentValue value) => new(
        value.MemberEpoch, value.PreviousMemberEpoch, (ConsumerMemberState)value.State, FromTopics(value.AssignedPartitions),
        FromTopics(value.PartitionsPendingRevocation));

    private static List<ConsumerGroupCurrentMemberAssignmentValue.AssignedTopic> ToTopics(IReadOnlySet<TopicIdPartition> partitions) =>
        [.. partitions.GroupBy(static p => p.TopicId).OrderBy(static t => t.Key).Select(
            static t => new ConsumerGroupCurrentMemberAssignmentValue.AssignedTopic
                { TopicId = t.Key, Partitions = [.. t.Select(static p => p.Partition).Order()] })];

    private static HashSet<TopicIdPartition> FromTopics(List<ConsumerGroupCurrentMemberAssignmentValue.AssignedTopic> topics) =>
        [.. topics.SelectMany(static t => t.Partitions.Select(p => new TopicIdPartition(t.TopicId, p)))];
}
