using StreamSQL.Kafka.Messages;
using StreamSQL.Kafka.Protocol;

namespace StreamSQL.Kafka.Client.Tcp;

/// <summary>
/// A member of a group of a cluster. It has a connection of its own to the group's coordinator: a broker answers the requests of a
/// connection one after another, and a join waits for the other members.
/// </summary>
internal sealed class TcpGroupMembership(TcpBrokerClient client, Cluster cluster, GroupMembershipOptions options) : IGroupMembership
{
    private BrokerConnection? _connection;
    private string _memberId = "";
    private int _generation = -1;

    public async ValueTask<GroupGeneration> JoinAsync(ReadOnlyMemory<byte> metadata, CancellationToken cancellation)
    {
        while (true)
        {
            if (await AtCoordinatorAsync(connection => JoinAsync(connection, metadata, cancellation), cancellation) is { } joined)
                return joined;
        }
    }

    public ValueTask<ReadOnlyMemory<byte>> SyncAsync(
        IReadOnlyList<KeyValuePair<string, ReadOnlyMemory<byte>>> assignments, CancellationToken cancellation)
    {
        var request = new SyncGroupRequest
        {
            GroupId = options.GroupId,
            GenerationId = _generation,
            MemberId = _memberId,
            ProtocolType = options.ProtocolType,
            ProtocolName = options.Protocol,
            Assignments = [.. assignments.Select(a => new SyncGroupRequest.MemberAssignment { MemberId = a.Key, Assignment = a.Value })],
        };
        return AtCoordinatorAsync(
            async connection =>
            {
                (SyncGroupResponse response, Action release) = await connection.SendLeasedAsync(
                    Apis.SyncGroup, request, options.RebalanceTimeout, cancellation);
                try
                {
                    Check(response.ErrorCode);
                    return (ReadOnlyMemory<byte>)response.Assignment.ToArray();
                }
                finally
                {
                    release();
                }
            },
            cancellation);
    }

    public ValueTask<bool> HeartbeatAsync(CancellationToken cancellation)
    {
        var request = new HeartbeatRequest { GroupId = options.GroupId, GenerationId = _generation, MemberId = _memberId };
        return AtCoordinatorAsync(
            async connection =>
            {
                HeartbeatResponse response = await connection.SendAsync(Apis.Heartbeat, request, cancellation);
                if (response.ErrorCode == ErrorCode.RebalanceInProgress)
                    return false;
                Check(response.ErrorCode);
                return true;
            },
            cancellation);
    }

    public async ValueTask LeaveAsync(CancellationToken cancellation)
    {
        if (_memberId.Length == 0)
            return;
        var request = new LeaveGroupRequest
        {
            GroupId = options.GroupId, MemberId = _memberId, Members = [new() { MemberId = _memberId }],
        };
        (_memberId, _generation) = ("", -1);
        await AtCoordinatorAsync(
            async connection =>
            {
                LeaveGroupResponse response = await connection.SendAsync(Apis.LeaveGroup, request, cancellation);
                Check(response.ErrorCode);
                foreach (LeaveGroupResponse.Member member in response.Members)
                    Check(member.ErrorCode);
                return true;
            },
            cancellation);
    }

    /// <summary>Closes the connection; a member that did not leave goes when its session ends.</summary>
    public ValueTask DisposeAsync() => DisconnectAsync();

    /// <summary>Null when the group wants a new member to come back with the id that it has been given now (KIP-394).</summary>
    private async Task<GroupGeneration?> JoinAsync(
        BrokerConnection connection, ReadOnlyMemory<byte> metadata, CancellationToken cancellation)
    {
        var request = new JoinGroupRequest
        {
            GroupId = options.GroupId,
            SessionTimeoutMs = (int)options.SessionTimeout.TotalMilliseconds,
            RebalanceTimeoutMs = (int)options.RebalanceTimeout.TotalMilliseconds,
            MemberId = _memberId,
            ProtocolType = options.ProtocolType,
            Protocols = [new() { Name = options.Protocol, Metadata = metadata }],
        };
        (JoinGroupResponse response, Action release) = await connection.SendLeasedAsync(
            Apis.JoinGroup, request, options.RebalanceTimeout, cancellation);
        try
        {
            if (response.ErrorCode == ErrorCode.MemberIdRequired && request.MemberId.Length == 0 && response.MemberId.Length > 0)
            {
                _memberId = response.MemberId;
                return null;
            }
            Check(response.ErrorCode);
            (_memberId, _generation) = (response.MemberId, response.GenerationId);
            var members = response.Members.Select(
                static member => KeyValuePair.Create(member.MemberId, (ReadOnlyMemory<byte>)member.Metadata.ToArray()));
            return new(new(_memberId, _generation), response.Leader == _memberId, [.. members]);
        }
        finally
        {
            release();
        }
    }

    private void Check(ErrorCode error)
    {
        if (error == ErrorCode.UnknownMemberId)
            (_memberId, _generation) = ("", -1);
        TcpBrokerClient.ThrowIfError(error, $"The group '{options.GroupId}' refuses its member: {error}.");
    }

    private ValueTask<T> AtCoordinatorAsync<T>(Func<BrokerConnection, Task<T>> attempt, CancellationToken cancellation) =>
        client.RetryAsync(
            async () =>
            {
                try
                {
                    if (_connection is not { IsOpen: true })
                    {
                        await DisconnectAsync();
                        _connection = await cluster.OpenToGroupCoordinatorAsync(options.GroupId, cancellation);
                    }
                    return await attempt(_connection);
                }
                catch (Exception e) when (e is OperationCanceledException || e is KafkaException { Code: ErrorCode.NotCoordinator
                    or ErrorCode.CoordinatorNotAvailable or ErrorCode.NetworkException or ErrorCode.RequestTimedOut })
                {
                    await DisconnectAsync(); // whoever gave up waiting has left an answer behind that the next one would wait for
                    throw;
                }
            },
            cancellation);

    private async ValueTask DisconnectAsync()
    {
        if (_connection is { } connection)
            await connection.DisposeAsync();
        _connection = null;
    }
}
