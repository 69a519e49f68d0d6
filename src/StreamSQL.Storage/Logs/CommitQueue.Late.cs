namespace StreamSQL.Storage.Logs;

/// <content>A slow disk: those who do not want to wait any longer are told.</content>
public sealed partial class CommitQueue
{
    /// <summary>The time in so many milliseconds, for <see cref="CommitGroup.LateAtMs"/>.</summary>
    public long LateAfter(int ms) => _writer.NowMs + ms;

    /// <summary>
    /// Tells those who did not want to wait any longer (<see cref="CommitGroup.LateAtMs"/>) that the disk is slow. Called now and then, on
    /// any thread but the flusher, which may be waiting for the disk.
    /// </summary>
    public void TellLate()
    {
        var now = _writer.NowMs;
        lock (_queueGate)
            TellLate(_queued, now);
        lock (_completing)
            TellLate(_completing, now);
        if (!Monitor.TryEnter(_writer))
            return; // it is writing; the next time then
        try
        {
            _writer.TellLate(now);
        }
        finally
        {
            Monitor.Exit(_writer);
        }
    }

    private static void TellLate(List<CommitGroup> groups, long nowMs)
    {
        foreach (var group in groups)
            group.NoteLate(nowMs);
    }
}
