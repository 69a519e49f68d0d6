namespace StreamSQL.Kafka.Client;

/// <summary>
/// A member of a consumer group by the classic protocol (Kafka's protocol guide, "Group Membership"): it joins, one of the members, the
/// leader, divides the work, all are told their part, and each says that it is alive until there is a rebalance. One call at a time.
/// Every method throws <see cref="KafkaException"/> with the broker's error code when the broker refuses. After
/// <see cref="ErrorCode.UnknownMemberId"/> the group has gone on without this one, and what was its own may be another's; then it has no
/// member id, and joins as a new one.
/// </summary>
public interface IGroupMembership : IAsyncDisposable
{
    /// <summary>
    /// Joins, or joins again; completes when the next generation begins, at the latest after the rebalance timeout of the slowest member.
    /// </summary>
    /// <param name="metadata">What the leader is told of this member.</param>
    /// <param name="cancellation">Gives up waiting; the member stays until its session ends.</param>
    ValueTask<GroupGeneration> JoinAsync(ReadOnlyMemory<byte> metadata, CancellationToken cancellation);

    /// <summary>
    /// Hands over what each member is assigned (the leader does; the others hand over nothing), and returns what this one is.
    /// <see cref="ErrorCode.RebalanceInProgress"/>: join again.
    /// </summary>
    ValueTask<ReadOnlyMemory<byte>> SyncAsync(
        IReadOnlyList<KeyValuePair<string, ReadOnlyMemory<byte>>> assignments, CancellationToken cancellation);

    /// <summary>Says that it is alive; false when a rebalance has begun, so that it is to join again.</summary>
    ValueTask<bool> HeartbeatAsync(CancellationToken cancellation);

    /// <summary>Leaves the group at once, so that nobody waits for its session to end; nothing when it is no member.</summary>
    ValueTask LeaveAsync(CancellationToken cancellation);
}

/// <summary>How a member takes part in a group.</summary>
/// <param name="GroupId">The group.</param>
/// <param name="ProtocolType">What kind of group it is: <c>consumer</c> for Kafka's tools to show its members.</param>
/// <param name="Protocol">How the work is divided; all members must know one and the same.</param>
public sealed record GroupMembershipOptions(string GroupId, string ProtocolType, string Protocol)
{
    /// <summary>After how long a silence the group goes on without it.</summary>
    public TimeSpan SessionTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long it may take to join again in a rebalance.</summary>
    public TimeSpan RebalanceTimeout { get; init; } = TimeSpan.FromSeconds(60);
}

/// <summary>A member in one generation of its group.</summary>
/// <param name="MemberId">The id that the group gave it.</param>
/// <param name="Generation">The generation, from 0.</param>
public readonly record struct MemberGeneration(string MemberId, int Generation);

/// <summary>A generation of a group, as a member is told that it has begun.</summary>
/// <param name="Member">The member.</param>
/// <param name="IsLeader">Whether it divides the work.</param>
/// <param name="Members">All members by id with what they told, for the leader; else none.</param>
public sealed record GroupGeneration(
    MemberGeneration Member, bool IsLeader, IReadOnlyList<KeyValuePair<string, ReadOnlyMemory<byte>>> Members);
