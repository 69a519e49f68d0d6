using System.Collections.Concurrent;
using StreamSQL.Kafka;

namespace StreamSQL.Broker.Groups;

/// <summary>
/// The consumer groups of this broker: brings clock, locks and waiting requests to <see cref="ClassicGroup"/>. Members are not kept on
/// disk: after a restart they find themselves unknown and join again; the groups' offsets are.
/// </summary>
internal sealed class GroupCoordinator : IDisposable
{
    private readonly GroupOptions _options;
    private readonly TimeProvider _time;
    private readonly Func<Guid> _newId;
    private readonly long _start;
    private readonly ConcurrentDictionary<string, GroupSlot> _slots = new(StringComparer.Ordinal);
    private long _lastTicket;
    private volatile bool _isDisposed;

    /// <summary>A coordinator without groups.</summary>
    /// <param name="options">Limits.</param>
    /// <param name="time">Measures sessions and rebalances.</param>
    /// <param name="newId">Makes the unique part of member ids.</param>
    public GroupCoordinator(GroupOptions options, TimeProvider time, Func<Guid> newId)
    {
        _options = options;
        _time = time;
        _newId = newId;
        _start = time.GetTimestamp();
    }

    /// <summary>A step of a group.</summary>
    public delegate T Step<out T>(ClassicGroup group, long nowMs, GroupAnswers answers);

    /// <summary>The ids of all groups that have members, or members on the way.</summary>
    public IEnumerable<string> GroupIds => _slots.Keys;

    /// <summary>Joins a group; completes when the group's next generation begins, or with a refusal.</summary>
    /// <param name="groupId">The group.</param>
    /// <param name="join">The wish, without a ticket.</param>
    /// <param name="cancellation">Gives up waiting; the member stays until its session ends.</param>
    public async ValueTask<JoinResult> JoinAsync(string groupId, JoinCommand join, CancellationToken cancellation)
    {
        if (groupId.Length == 0)
            return new JoinResult(ErrorCode.InvalidGroupId, join.MemberId);
        long ticket = Interlocked.Increment(ref _lastTicket);
        var answer = new TaskCompletionSource<JoinResult>(TaskCreationOptions.RunContinuationsAsynchronously);
        GroupSlot? slot = Take(groupId, create: true);
        if (slot is null)
            return new JoinResult(ErrorCode.PolicyViolation, join.MemberId);
        try
        {
            slot.Joins.Add(ticket, answer);
            slot.Group.Join(join with { Ticket = ticket }, NowMs, slot.Answers);
        }
        finally
        {
            Release(slot);
        }
        try
        {
            return await answer.Task.WaitAsync(cancellation);
        }
        finally
        {
            lock (slot.Gate)
                slot.Joins.Remove(ticket);
        }
    }

    /// <summary>Hands over and asks for assignments; completes when the leader has handed them over, or with a refusal.</summary>
    public async ValueTask<SyncResult> SyncAsync(string groupId, SyncCommand sync, CancellationToken cancellation)
    {
        long ticket = Interlocked.Increment(ref _lastTicket);
        var answer = new TaskCompletionSource<SyncResult>(TaskCreationOptions.RunContinuationsAsynchronously);
        GroupSlot? slot = Take(groupId, create: false);
        if (slot is null)
            return new SyncResult(groupId.Length == 0 ? ErrorCode.InvalidGroupId : ErrorCode.UnknownMemberId);
        try
        {
            slot.Syncs.Add(ticket, answer);
            slot.Group.Sync(sync with { Ticket = ticket }, NowMs, slot.Answers);
        }
        finally
        {
            Release(slot);
        }
        try
        {
            return await answer.Task.WaitAsync(cancellation);
        }
        finally
        {
            lock (slot.Gate)
                slot.Syncs.Remove(ticket);
        }
    }

    /// <summary>
    /// Runs a step of a group while nothing else changes it; <paramref name="absent"/> when there is no such group. The step must not wait.
    /// </summary>
    public T Run<T>(string groupId, T absent, Step<T> step)
    {
        GroupSlot? slot = Take(groupId, create: false);
        if (slot is null)
            return absent;
        try
        {
            return step(slot.Group, NowMs, slot.Answers);
        }
        finally
        {
            Release(slot);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _isDisposed = true;
        foreach (GroupSlot slot in _slots.Values)
        {
            lock (slot.Gate)
                slot.Timer?.Dispose();
        }
    }

    private long NowMs => (long)_time.GetElapsedTime(_start).TotalMilliseconds;

    /// <summary>Finds a group's slot and enters its gate; null when there is none and none may be made.</summary>
    private GroupSlot? Take(string groupId, bool create)
    {
        while (true)
        {
            if (!_slots.TryGetValue(groupId, out GroupSlot? slot))
            {
                if (!create || _slots.Count >= _options.MaxGroups)
                    return null;
                slot = _slots.GetOrAdd(groupId, id => new GroupSlot(new ClassicGroup(id, _options, prefix => $"{prefix}-{_newId()}")));
            }
            slot.Gate.Enter();
            if (!slot.IsDropped)
                return slot;
            slot.Gate.Exit();
        }
    }

    /// <summary>Delivers a step's answers, arms the timer, drops a deserted group, and leaves the gate.</summary>
    private void Release(GroupSlot slot)
    {
        try
        {
            slot.Deliver();
            if (slot.Group.IsDeserted)
                Drop(slot);
            else
                Arm(slot, slot.Group.NextDeadlineMs);
        }
        finally
        {
            slot.Gate.Exit();
        }
    }

    private void Drop(GroupSlot slot)
    {
        slot.IsDropped = true;
        slot.Timer?.Dispose();
        _slots.TryRemove(slot.Group.Id, out _);
    }

    // A timer that fires too early finds nothing to do and is armed again: so heartbeats, which only move deadlines away, cost nothing
    // here.
    private void Arm(GroupSlot slot, long deadlineMs)
    {
        if (deadlineMs >= slot.WakesAtMs || _isDisposed)
            return;
        slot.WakesAtMs = deadlineMs;
        var due = TimeSpan.FromMilliseconds(Math.Max(deadlineMs - NowMs, 0));
        slot.Timer ??= _time.CreateTimer(static state => ((Action)state!)(), () => Wake(slot), Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        slot.Timer.Change(due, Timeout.InfiniteTimeSpan);
    }

    private void Wake(GroupSlot slot)
    {
        slot.Gate.Enter();
        if (slot.IsDropped)
        {
            slot.Gate.Exit();
            return;
        }
        slot.WakesAtMs = long.MaxValue;
        try
        {
            slot.Group.Tick(NowMs, slot.Answers);
        }
        finally
        {
            Release(slot);
        }
    }
}
