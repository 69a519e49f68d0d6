using StreamSQL.Kafka;

namespace StreamSQL.Broker.Groups;

/// <content>Requests of the classic protocol.</content>
public sealed partial class GroupCoordinator
{
    /// <summary>Joins a group; completes when the group's next generation begins, or with a refusal.</summary>
    /// <param name="groupId">The group.</param>
    /// <param name="join">The wish, without a ticket.</param>
    /// <param name="cancellation">Gives up waiting; the member stays until its session ends.</param>
    internal async ValueTask<JoinResult> JoinAsync(string groupId, JoinCommand join, CancellationToken cancellation)
    {
        if (groupId.Length == 0)
            return new JoinResult(ErrorCode.InvalidGroupId, join.MemberId);
        if (_commits.IsDiskFull)
            return new JoinResult(ErrorCode.CoordinatorNotAvailable, join.MemberId);
        if (await Shards.GetAsync(groupId) is not { } shard)
            return new JoinResult(ErrorCode.CoordinatorNotAvailable, join.MemberId);
        long ticket = Interlocked.Increment(ref _lastTicket);
        GroupEntry? entry;
        Task<JoinResult> answer;
        lock (shard.Gate)
        {
            entry = shard.Find(groupId);
            if (entry is null && join.MemberId.Length > 0)
                return new JoinResult(ErrorCode.UnknownMemberId, join.MemberId);
            if (entry is null && shard.Entries.Count >= _options.MaxGroups)
                return new JoinResult(ErrorCode.PolicyViolation, join.MemberId);
            if (entry is { Consumer: not null, HasMembers: false } && join.MemberId.Length > 0)
                return new JoinResult(ErrorCode.UnknownMemberId, join.MemberId);
            entry ??= shard.GetOrAdd(groupId);
            if (entry.Consumer is { Members.Count: > 0 } consumers && !DowngradesFor(shard, entry, consumers, join))
            {
                answer = JoinConsumers(shard, entry, consumers, join).AsTask();
            }
            else
            {
                if (entry.Consumer is { } empty)
                    shard.Write(entry, empty.Tombstones(), []); // a group without members may change its protocol
                answer = entry.AwaitJoin(ticket);
                (entry.Classic ??= NewClassic(groupId)).Join(join with { Ticket = ticket }, NowMs, entry.Answers);
                Settle(shard, entry);
            }
        }
        return await AwaitAnswerAsync(shard, entry, ticket, answer, cancellation);
    }

    /// <summary>Hands over and asks for assignments; completes when the leader has handed them over, or with a refusal.</summary>
    internal async ValueTask<SyncResult> SyncAsync(string groupId, SyncCommand sync, CancellationToken cancellation)
    {
        if (groupId.Length == 0)
            return new SyncResult(ErrorCode.InvalidGroupId);
        if (_commits.IsDiskFull)
            return new SyncResult(ErrorCode.CoordinatorNotAvailable);
        if (Shards.Find(groupId) is not { } shard)
            return new SyncResult(ErrorCode.UnknownMemberId);
        long ticket = Interlocked.Increment(ref _lastTicket);
        GroupEntry? entry;
        Task<SyncResult> answer;
        lock (shard.Gate)
        {
            entry = shard.Find(groupId);
            if (entry?.Consumer is { } consumers)
            {
                answer = SyncConsumers(shard, entry, consumers, sync).AsTask();
            }
            else if (entry?.Classic is { } classic)
            {
                answer = entry.AwaitSync(ticket);
                classic.Sync(sync with { Ticket = ticket }, NowMs, entry.Answers);
                Settle(shard, entry);
            }
            else
            {
                return new SyncResult(ErrorCode.UnknownMemberId);
            }
        }
        return await AwaitAnswerAsync(shard, entry, ticket, answer, cancellation);
    }

    /// <summary>Keeps a member alive, and tells it of a rebalance.</summary>
    internal ValueTask<ErrorCode> HeartbeatAsync(string groupId, in GroupIdentity identity)
    {
        if (groupId.Length == 0)
            return new(ErrorCode.InvalidGroupId);
        if (Shards.Find(groupId) is not { } shard)
            return new(ErrorCode.UnknownMemberId);
        lock (shard.Gate)
        {
            return shard.Find(groupId) switch
            {
                { Consumer: { } consumers } entry => HeartbeatConsumers(shard, entry, consumers, identity),
                { Classic: { } classic } entry => WhenDurable(entry, classic.Heartbeat(identity, NowMs)),
                _ => new(ErrorCode.UnknownMemberId),
            };
        }
    }

    /// <summary>
    /// Takes members out of a group, at their own wish or an administrator's; says for each what became of it. An error that concerns all
    /// is the first of the two.
    /// </summary>
    internal ValueTask<(ErrorCode Error, ErrorCode[] Members)> LeaveAsync(
        string groupId, IReadOnlyList<(string MemberId, string? InstanceId)> members)
    {
        if (groupId.Length == 0)
            return new((ErrorCode.InvalidGroupId, []));
        if (_commits.IsDiskFull)
            return new((ErrorCode.CoordinatorNotAvailable, []));
        if (Shards.Find(groupId) is not { } shard)
            return new((ErrorCode.UnknownMemberId, []));
        lock (shard.Gate)
        {
            GroupEntry? entry = shard.Find(groupId);
            if (entry?.Consumer is { } consumers)
                return WhenDurable(entry, (ErrorCode.None, LeaveConsumers(shard, entry, consumers, members)),
                    (ErrorCode.CoordinatorNotAvailable, []));
            if (entry?.Classic is not { } classic)
                return new((ErrorCode.UnknownMemberId, []));
            var errors = new ErrorCode[members.Count];
            for (int i = 0; i < errors.Length; i++)
                errors[i] = classic.Leave(members[i].MemberId, members[i].InstanceId, NowMs, entry.Answers);
            Settle(shard, entry);
            return WhenDurable(entry, (ErrorCode.None, errors), (ErrorCode.CoordinatorNotAvailable, []));
        }
    }

    private static async ValueTask<T> AwaitAnswerAsync<T>(
        GroupShard shard, GroupEntry entry, long ticket, Task<T> answer, CancellationToken cancellation)
    {
        try
        {
            return await answer.WaitAsync(cancellation);
        }
        finally
        {
            if (!answer.IsCompleted)
            {
                lock (shard.Gate)
                    entry.GiveUp(ticket);
            }
        }
    }
}
