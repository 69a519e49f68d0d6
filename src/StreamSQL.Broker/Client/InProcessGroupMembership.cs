using StreamSQL.Broker.Groups;
using StreamSQL.Kafka;
using StreamSQL.Kafka.Client;

namespace StreamSQL.Broker.Client;

/// <summary>A member of a group of the embedded broker.</summary>
internal sealed class InProcessGroupMembership(GroupCoordinator groups, GroupMembershipOptions options) : IGroupMembership
{
    private const string ClientId = "streamsql";
    private const string ClientHost = "in-process";
    private string _memberId = "";
    private int _generation = -1;

    public async ValueTask<GroupGeneration> JoinAsync(ReadOnlyMemory<byte> metadata, CancellationToken cancellation)
    {
        var join = new JoinCommand(
            GroupMember.NoTicket, _memberId, InstanceId: null, ClientId, ClientHost, (int)options.RebalanceTimeout.TotalMilliseconds,
            (int)options.SessionTimeout.TotalMilliseconds, options.ProtocolType, [new GroupProtocol(options.Protocol, metadata)],
            RequireKnownMemberId: false, CanSkipAssignment: false);
        var joined = await groups.JoinAsync(options.GroupId, join, cancellation);
        Check(joined.Error);
        (_memberId, _generation) = (joined.MemberId, joined.Generation);
        return new GroupGeneration(
            new(_memberId, _generation), joined.Leader == _memberId,
            [.. (joined.Members ?? []).Select(static member => KeyValuePair.Create(member.MemberId, member.Metadata))]);
    }

    public async ValueTask<ReadOnlyMemory<byte>> SyncAsync(
        IReadOnlyList<KeyValuePair<string, ReadOnlyMemory<byte>>> assignments, CancellationToken cancellation)
    {
        var byMember = assignments.ToDictionary(StringComparer.Ordinal);
        var sync = new SyncCommand(GroupMember.NoTicket, Identity, options.ProtocolType, options.Protocol, byMember);
        var synced = await groups.SyncAsync(options.GroupId, sync, cancellation);
        Check(synced.Error);
        return synced.Assignment;
    }

    public async ValueTask<bool> HeartbeatAsync(CancellationToken cancellation)
    {
        var error = await groups.HeartbeatAsync(options.GroupId, Identity);
        if (error == ErrorCode.RebalanceInProgress)
            return false;
        Check(error);
        return true;
    }

    public async ValueTask LeaveAsync(CancellationToken cancellation)
    {
        if (_memberId.Length == 0)
            return;
        var (error, members) = await groups.LeaveAsync(options.GroupId, [(_memberId, null)]);
        (_memberId, _generation) = ("", -1);
        Check(error == ErrorCode.None && members.Length > 0 ? members[0] : error);
    }

    /// <summary>Nothing to close; a member that did not leave goes when its session ends.</summary>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private GroupIdentity Identity => new(_memberId, null, _generation);

    private void Check(ErrorCode error)
    {
        if (error == ErrorCode.None)
            return;
        if (error == ErrorCode.UnknownMemberId)
            (_memberId, _generation) = ("", -1);
        throw new KafkaException(error, $"The group '{options.GroupId}' refuses its member: {error}.");
    }
}
