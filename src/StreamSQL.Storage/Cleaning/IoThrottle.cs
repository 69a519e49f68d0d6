namespace StreamSQL.Storage.Cleaning;

/// <summary>Holds the cleaner to a number of bytes per second, read and written, and lets it stop in between.</summary>
internal sealed class IoThrottle(long bytesPerSecond, TimeProvider time, Func<TimeSpan, bool> wait)
{
    private static readonly TimeSpan MaxWait = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(1);
    private long _windowStart = time.GetTimestamp();
    private double _spent;

    /// <summary>Asked from time to time: whether the work has become pointless.</summary>
    public Func<bool> IsPointless { get; set; } = static () => false;

    /// <summary>Notes bytes that were read or written, and waits while they are too many.</summary>
    /// <exception cref="OperationCanceledException">The cleaner stops, or its log was closed.</exception>
    public void Spend(long bytes)
    {
        _spent += bytes;
        if (IsPointless())
            throw new OperationCanceledException();
        for (var due = Due(); due > TimeSpan.Zero; due = Due())
        {
            if (!wait(due < MaxWait ? due : MaxWait) || IsPointless())
                throw new OperationCanceledException();
        }
    }

    /// <summary>How long the bytes of the window should still take.</summary>
    private TimeSpan Due()
    {
        var elapsed = time.GetElapsedTime(_windowStart);
        var due = TimeSpan.FromSeconds(_spent / bytesPerSecond) - elapsed;
        if (due <= TimeSpan.Zero && elapsed > Window)
            (_windowStart, _spent) = (time.GetTimestamp(), 0);
        return due;
    }
}
