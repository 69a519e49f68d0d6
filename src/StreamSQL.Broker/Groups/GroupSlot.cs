namespace StreamSQL.Broker.Groups;

/// <summary>
/// A group in the coordinator: its state, the requests that wait for it, and the timer that wakes it. Guarded by its gate.
/// </summary>
internal sealed class GroupSlot(ClassicGroup group)
{
    public Lock Gate { get; } = new();

    public ClassicGroup Group { get; } = group;

    /// <summary>Joins that wait, by ticket.</summary>
    public Dictionary<long, TaskCompletionSource<JoinResult>> Joins { get; } = [];

    /// <summary>Syncs that wait, by ticket.</summary>
    public Dictionary<long, TaskCompletionSource<SyncResult>> Syncs { get; } = [];

    /// <summary>Answers of the step that runs.</summary>
    public GroupAnswers Answers { get; } = new();

    /// <summary>Wakes the group at <see cref="WakesAtMs"/>; null until it was first needed.</summary>
    public ITimer? Timer { get; set; }

    /// <summary>When the timer fires; long.MaxValue when it does not.</summary>
    public long WakesAtMs { get; set; } = long.MaxValue;

    /// <summary>Whether the coordinator has dropped this slot, so that it must be looked up again.</summary>
    public bool IsDropped { get; set; }

    /// <summary>
    /// Hands the answers of a step to the requests that wait for them. A request that was given up has no ticket any more.
    /// </summary>
    public void Deliver()
    {
        foreach ((long ticket, JoinResult result) in Answers.Joins)
        {
            if (Joins.Remove(ticket, out TaskCompletionSource<JoinResult>? waiting))
                waiting.TrySetResult(result);
        }
        foreach ((long ticket, SyncResult result) in Answers.Syncs)
        {
            if (Syncs.Remove(ticket, out TaskCompletionSource<SyncResult>? waiting))
                waiting.TrySetResult(result);
        }
        Answers.Clear();
    }
}
