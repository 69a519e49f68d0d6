using StreamSQL.Kafka;

namespace StreamSQL.Broker.Groups;

/// <summary>A member asks to join. Times are in milliseconds.</summary>
/// <param name="Ticket">What the answer is addressed to.</param>
/// <param name="MemberId">Empty when the member is new.</param>
/// <param name="InstanceId">The id of a static member (KIP-345), or null.</param>
/// <param name="ClientId">What the client calls itself.</param>
/// <param name="ClientHost">Where it is.</param>
/// <param name="RebalanceTimeoutMs">How long it may take to rejoin.</param>
/// <param name="SessionTimeoutMs">How long it may be silent.</param>
/// <param name="ProtocolType">"consumer" for consumers.</param>
/// <param name="Protocols">The assignors that it supports, the preferred first.</param>
/// <param name="RequireKnownMemberId">Whether a new dynamic member must come back with the id that it is given (KIP-394).</param>
/// <param name="CanSkipAssignment">Whether a leader understands that there is nothing to assign (KIP-814).</param>
internal sealed record JoinCommand(
    long Ticket, string MemberId, string? InstanceId, string ClientId, string ClientHost, int RebalanceTimeoutMs, int SessionTimeoutMs,
    string ProtocolType, IReadOnlyList<GroupProtocol> Protocols, bool RequireKnownMemberId, bool CanSkipAssignment);

/// <summary>An assignor and what a member tells it, opaque to the broker.</summary>
internal readonly record struct GroupProtocol(string Name, ReadOnlyMemory<byte> Metadata);

/// <summary>The answer to a join.</summary>
internal sealed record JoinResult(
    ErrorCode Error, string MemberId, int Generation = -1, string? ProtocolType = null, string? ProtocolName = null, string Leader = "",
    bool SkipAssignment = false, IReadOnlyList<JoinedMember>? Members = null);

/// <summary>A member as the group's leader is told of it.</summary>
internal sealed record JoinedMember(string MemberId, string? InstanceId, ReadOnlyMemory<byte> Metadata);

/// <summary>A member asks for its assignment; the leader hands over all of them.</summary>
internal sealed record SyncCommand(
    long Ticket, GroupIdentity Member, string? ProtocolType, string? ProtocolName,
    IReadOnlyDictionary<string, ReadOnlyMemory<byte>> Assignments);

/// <summary>The answer to a sync.</summary>
internal sealed record SyncResult(
    ErrorCode Error, string? ProtocolType = null, string? ProtocolName = null, ReadOnlyMemory<byte> Assignment = default);

/// <summary>What a member says of itself with each request.</summary>
internal readonly record struct GroupIdentity(string MemberId, string? InstanceId, int Generation);

/// <summary>Answers that a step of a group gave: each goes to the request that holds the ticket.</summary>
internal sealed class GroupAnswers
{
    /// <summary>Answers to joins.</summary>
    public List<(long Ticket, JoinResult Result)> Joins { get; } = [];

    /// <summary>Answers to syncs.</summary>
    public List<(long Ticket, SyncResult Result)> Syncs { get; } = [];

    /// <summary>Whether there is none.</summary>
    public bool IsEmpty => Joins.Count == 0 && Syncs.Count == 0;

    /// <summary>Forgets all.</summary>
    public void Clear()
    {
        Joins.Clear();
        Syncs.Clear();
    }
}

/// <summary>A group as administrators see it.</summary>
internal sealed record GroupDescription(
    string GroupId, GroupPhase Phase, string ProtocolType, string ProtocolName, IReadOnlyList<MemberDescription> Members);

/// <summary>A member as administrators see it.</summary>
internal sealed record MemberDescription(
    string MemberId, string? InstanceId, string ClientId, string ClientHost, ReadOnlyMemory<byte> Metadata,
    ReadOnlyMemory<byte> Assignment);

/// <summary>A group in the list of all.</summary>
internal sealed record GroupListing(string GroupId, string ProtocolType, string State, string Type)
{
    /// <summary>The type of groups under the classic protocol, and of those that only have offsets.</summary>
    public const string ClassicType = "classic";

    /// <summary>The type of groups under the consumer protocol.</summary>
    public const string ConsumerType = "consumer";
}
