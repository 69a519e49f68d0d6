namespace StreamSQL.Postgres.Transport;

/// <summary>
/// Decides whether a thread asks again and again for a moment before it sleeps: waking a processor that sleeps takes longer than most
/// clients take for their next request. It is tried ever less often while it is in vain. Not thread-safe.
/// </summary>
internal sealed class SpinBudget
{
    private const int MaxPause = 1024;

    private int _pause;
    private int _left;

    /// <summary>How long it is tried.</summary>
    public static TimeSpan Length { get; } = TimeSpan.FromMicroseconds(50);

    /// <summary>Whether it is to be tried now; not where a client would need the only processor.</summary>
    public bool MayBegin()
    {
        if (Environment.ProcessorCount == 1)
            return false;
        if (_left == 0)
            return true;
        _left--;
        return false;
    }

    /// <summary>Says whether an event came meanwhile.</summary>
    public void End(bool hasCome)
    {
        _pause = hasCome ? 0 : Math.Clamp(2 * _pause, 1, MaxPause);
        _left = _pause;
    }
}
