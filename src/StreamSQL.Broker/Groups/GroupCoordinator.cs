using StreamSQL.Broker.Configs;
using StreamSQL.Broker.Offsets;
using StreamSQL.Broker.Topics;
using StreamSQL.Kafka;
using StreamSQL.Storage.Logs;

namespace StreamSQL.Broker.Groups;

/// <summary>
/// The consumer groups of this broker. It brings clock, gates and waiting requests to the groups' state machines: finds the group's shard,
/// takes a step under its gate, writes the records that the step gave, and answers when they are durable.
/// </summary>
/// <remarks>
/// Sessions and rebalances are not kept: after a restart, members find their group as its last record left it, and have a whole session to
/// say that they are alive.
/// </remarks>
public sealed partial class GroupCoordinator : IDisposable
{
    private readonly GroupOptions _options;
    private readonly TopicRegistry _topics;
    private readonly TopicGuard _guard;
    private readonly ConfigRegistry _configs;
    private readonly CommitQueue _commits;
    private readonly TimeProvider _time;
    private readonly Func<Guid> _newId;
    private readonly long _start;
    private long _lastTicket;
    private volatile bool _isDisposed;

    internal GroupCoordinator(
        GroupOptions options, TopicRegistry topics, TopicGuard guard, ConfigRegistry configs, LogStore store, TimeProvider time)
    {
        _options = options;
        _guard = guard;
        _topics = topics;
        _configs = configs;
        _commits = store.Commits;
        _time = time;
        _newId = topics.Defaults.NewId;
        _start = time.GetTimestamp();
        Shards = new GroupShards(topics, store, time, options.WriteTimeout, NewClassic);
        Offsets = new OffsetStore(Shards, store.Commits, time);
    }

    /// <summary>The committed offsets.</summary>
    internal OffsetStore Offsets { get; }

    internal GroupShards Shards { get; }

    /// <summary>Rebuilds the groups from their topic, and lets sessions begin anew.</summary>
    internal void Load()
    {
        Shards.Load();
        foreach (GroupShard shard in Shards.All)
        {
            lock (shard.Gate)
            {
                foreach (GroupEntry entry in shard.Entries.ToList())
                    Resume(shard, entry);
            }
        }
    }

    /// <summary>Stops the groups' timers.</summary>
    public void Dispose()
    {
        _isDisposed = true;
        foreach (GroupShard shard in Shards.All)
        {
            lock (shard.Gate)
            {
                foreach (GroupEntry entry in shard.Entries)
                    entry.Timer?.Dispose();
            }
        }
    }

    private long NowMs => (long)_time.GetElapsedTime(_start).TotalMilliseconds;

    private ClassicGroup NewClassic(string groupId) => new(groupId, _options, prefix => $"{prefix}-{_newId()}");

    private void Resume(GroupShard shard, GroupEntry entry)
    {
        entry.Classic?.Restore(NowMs);
        if (entry.Consumer is { } consumer)
            WatchAll(consumer);
        Settle(shard, entry);
    }

    /// <summary>
    /// Ends a step: writes what it changed, hands out its answers, sets the timer, and forgets a group of which nothing is left. Steps that
    /// only move deadlines away, as heartbeats do, need none of it.
    /// </summary>
    private void Settle(GroupShard shard, GroupEntry entry)
    {
        if (entry.Classic is { } classic)
        {
            if (classic.TakeImage(shard.TimeOfDayMs) is { } image)
                shard.Write(entry, [GroupRecord.Classic(entry.Id, image)], []);
            if (classic.IsDeserted && classic.Image is null)
                entry.Classic = null;
        }
        entry.Deliver(_options.WriteTimeout, _time);
        if (entry.Exists)
            Arm(shard, entry, entry.NextDeadlineMs);
        else if (!entry.Offsets.RemembersRemoved)
            shard.Drop(entry);
    }

    /// <summary>
    /// Gives a result when the group's last write is durable; without a write under way, at once. When that takes too long, the client is
    /// told the same as when it fails.
    /// </summary>
    private ValueTask<T> WhenDurable<T>(GroupEntry entry, T result, T failed) => entry.LastWrite.IsCompletedSuccessfully
        ? new(result)
        : AwaitAsync(entry.LastWrite, result, failed).WithinAsync(_options.WriteTimeout, _time, failed);

    private static async ValueTask<T> AwaitAsync<T>(Task durable, T result, T failed)
    {
        try
        {
            await durable;
            return result;
        }
        catch (Storage.Files.StorageFailedException)
        {
            return failed;
        }
    }

    private ValueTask<ErrorCode> WhenDurable(GroupEntry entry, ErrorCode error) =>
        WhenDurable(entry, error, ErrorCode.CoordinatorNotAvailable);

    // A timer that fires too early finds nothing to do and is armed again: so heartbeats, which only move deadlines away, cost nothing
    // here.
    private void Arm(GroupShard shard, GroupEntry entry, long deadlineMs)
    {
        if (deadlineMs >= entry.WakesAtMs || _isDisposed)
            return;
        entry.WakesAtMs = deadlineMs;
        var due = TimeSpan.FromMilliseconds(Math.Max(deadlineMs - NowMs, 0));
        entry.Timer ??= _time.CreateTimer(
            static state => ((Action)state!)(), () => Wake(shard, entry), Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        entry.Timer.Change(due, Timeout.InfiniteTimeSpan);
    }

    private void Wake(GroupShard shard, GroupEntry entry)
    {
        lock (shard.Gate)
        {
            if (entry.IsDropped || _isDisposed)
                return;
            entry.WakesAtMs = long.MaxValue;
            entry.Classic?.Tick(NowMs, entry.Answers);
            if (entry.Consumer is { } consumer)
                RemoveSilent(shard, entry, consumer);
            Settle(shard, entry);
        }
    }
}
