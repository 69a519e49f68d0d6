using StreamSQL.Broker.Offsets;
using StreamSQL.Kafka;
using StreamSQL.Kafka.Client;
using StreamSQL.Storage.Files;

namespace StreamSQL.Broker.Groups;

/// <summary>
/// A group id in its shard: the members under the protocol that they speak, the committed offsets, and what does not last: the requests
/// that wait for an answer and the timer. Guarded by the shard's gate.
/// </summary>
internal sealed class GroupEntry(string id)
{
    private readonly Dictionary<long, TaskCompletionSource<JoinResult>> _joins = [];
    private readonly Dictionary<long, TaskCompletionSource<SyncResult>> _syncs = [];

    /// <summary>The group's id.</summary>
    public string Id { get; } = id;

    /// <summary>The group under the classic protocol; null when it has none of its members, nor had any.</summary>
    public ClassicGroup? Classic { get; set; }

    /// <summary>The group under the consumer protocol; null when it is not under that. Never beside the classic one.</summary>
    public ConsumerGroup? Consumer { get; set; }

    /// <summary>The committed offsets.</summary>
    public GroupOffsets Offsets { get; } = new();

    /// <summary>The topics that it has, or had, offsets in.</summary>
    public HashSet<string> Topics { get; } = new(StringComparer.Ordinal);

    /// <summary>Whether there is such a group: with members, with the memory of some, or with offsets alone.</summary>
    public bool Exists => Classic is not null || Consumer is not null || !Offsets.IsEmpty;

    /// <summary>Whether it has members, or some on their way.</summary>
    public bool HasMembers => Classic is { IsDeserted: false } || Consumer is { Members.Count: > 0 };

    /// <summary>Whether its members are consumers, whose subscriptions are known.</summary>
    public bool HasConsumers => Consumer is not null || Classic is { HasConsumers: true };

    /// <summary>Whether a member reads a topic.</summary>
    public bool IsSubscribedTo(string topic) => Consumer?.IsSubscribedTo(topic) ?? Classic?.IsSubscribedTo(topic) ?? false;

    /// <summary>The group as it stands in the list of all.</summary>
    public GroupListing List() => Consumer is { } consumer
        ? new(Id, ConsumerSubscription.ProtocolType, consumer.State, GroupListing.ConsumerType)
        : new(Id, Classic?.ProtocolType ?? "", (Classic?.Phase ?? GroupPhase.Empty).ToString(), GroupListing.ClassicType);

    /// <summary>Records that delete what is kept of the group, apart from its offsets.</summary>
    public IReadOnlyList<GroupRecord> Tombstones() =>
        Consumer is { } consumer ? consumer.Tombstones() : Classic is { Image: not null } ? [GroupRecord.Classic(Id, null)] : [];

    /// <summary>
    /// Whether an offset has outlived its use: that of a group that has been empty since before a time, of a topic that its consumers do
    /// not read any more, or of nobody's group (KIP-211).
    /// </summary>
    public bool HasExpired(TopicPartition partition, CommittedOffset offset, long beforeMs)
    {
        if (Offsets.HasPending(partition))
            return false;
        if (Consumer is { } consumer)
            return offset.CommitTimestampMs <= beforeMs && !consumer.IsSubscribedTo(partition.Topic);
        if (Classic is not { ProtocolType: not null } classic)
            return offset.CommitTimestampMs <= beforeMs;
        if (classic.Phase == GroupPhase.Empty)
            return Math.Max(offset.CommitTimestampMs, classic.Image?.CurrentStateTimestamp ?? long.MaxValue) <= beforeMs;
        return classic is { Phase: GroupPhase.Stable, HasConsumers: true } && !classic.IsSubscribedTo(partition.Topic)
            && offset.CommitTimestampMs <= beforeMs;
    }

    /// <summary>When time changes something in the group; long.MaxValue when never.</summary>
    public long NextDeadlineMs => Consumer?.NextDeadlineMs ?? Classic?.NextDeadlineMs ?? long.MaxValue;

    /// <summary>The last write of records about this group; answers that show their effect come when it is durable.</summary>
    public Task LastWrite { get; set; } = Task.CompletedTask;

    /// <summary>Answers of the step that runs.</summary>
    public GroupAnswers Answers { get; } = new();

    /// <summary>Wakes the group at <see cref="WakesAtMs"/>; null until it was first needed.</summary>
    public ITimer? Timer { get; set; }

    /// <summary>When the timer fires; long.MaxValue when it does not.</summary>
    public long WakesAtMs { get; set; } = long.MaxValue;

    /// <summary>Whether it was dropped from the shard, so that its timer has nothing more to do.</summary>
    public bool IsDropped { get; set; }

    /// <summary>Registers a join that waits.</summary>
    public Task<JoinResult> AwaitJoin(long ticket) => Await(_joins, ticket);

    /// <summary>Registers a sync that waits.</summary>
    public Task<SyncResult> AwaitSync(long ticket) => Await(_syncs, ticket);

    /// <summary>Forgets a request that was given up.</summary>
    public void GiveUp(long ticket)
    {
        _joins.Remove(ticket);
        _syncs.Remove(ticket);
    }

    /// <summary>
    /// Hands the answers of a step to the requests that wait for them, once what they tell is durable. A request that was given up has no
    /// ticket any more.
    /// </summary>
    /// <param name="patience">How long they wait for the disk before they are told that the coordinator is not available.</param>
    /// <param name="time">Measures that.</param>
    public void Deliver(TimeSpan patience, TimeProvider time)
    {
        if (Answers.IsEmpty)
            return;
        List<(TaskCompletionSource<JoinResult>, JoinResult)> joins = Take(Answers.Joins, _joins);
        List<(TaskCompletionSource<SyncResult>, SyncResult)> syncs = Take(Answers.Syncs, _syncs);
        Answers.Clear();
        if (LastWrite.IsCompletedSuccessfully)
            Complete(joins, syncs);
        else
            _ = DeliverLaterAsync(LastWrite.WaitAsync(patience, time), joins, syncs);
    }

    private static async Task DeliverLaterAsync(
        Task durable, List<(TaskCompletionSource<JoinResult> Waiting, JoinResult Result)> joins,
        List<(TaskCompletionSource<SyncResult> Waiting, SyncResult Result)> syncs)
    {
        try
        {
            await durable;
        }
        catch (Exception e) when (e is StorageFailedException or TimeoutException)
        {
            joins = joins.ConvertAll(static j => (j.Waiting, new JoinResult(ErrorCode.CoordinatorNotAvailable, j.Result.MemberId)));
            syncs = syncs.ConvertAll(static s => (s.Waiting, new SyncResult(ErrorCode.CoordinatorNotAvailable)));
        }
        Complete(joins, syncs);
    }

    private static void Complete(
        List<(TaskCompletionSource<JoinResult> Waiting, JoinResult Result)> joins,
        List<(TaskCompletionSource<SyncResult> Waiting, SyncResult Result)> syncs)
    {
        foreach ((TaskCompletionSource<JoinResult> waiting, JoinResult result) in joins)
            waiting.TrySetResult(result);
        foreach ((TaskCompletionSource<SyncResult> waiting, SyncResult result) in syncs)
            waiting.TrySetResult(result);
    }

    private static Task<T> Await<T>(Dictionary<long, TaskCompletionSource<T>> waiting, long ticket)
    {
        var answer = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        waiting.Add(ticket, answer);
        return answer.Task;
    }

    private static List<(TaskCompletionSource<T> Waiting, T Result)> Take<T>(
        List<(long Ticket, T Result)> answers, Dictionary<long, TaskCompletionSource<T>> waiting)
    {
        var taken = new List<(TaskCompletionSource<T>, T)>(answers.Count);
        foreach ((long ticket, T result) in answers)
        {
            if (waiting.Remove(ticket, out TaskCompletionSource<T>? answer))
                taken.Add((answer, result));
        }
        return taken;
    }
}
