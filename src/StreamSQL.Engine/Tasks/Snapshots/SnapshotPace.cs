namespace StreamSQL.Engine.Tasks.Snapshots;

/// <summary>Holds a writer to so many bytes a second.</summary>
internal sealed class SnapshotPace(long bytesPerSecond, TimeProvider time)
{
    private static readonly TimeSpan s_minWait = TimeSpan.FromMilliseconds(10);

    private readonly long _begun = time.GetTimestamp();
    private long _bytes;

    /// <summary>Notes written bytes, and waits while they are more than the time allows.</summary>
    public async ValueTask SpendAsync(int bytes, CancellationToken cancellation)
    {
        _bytes += bytes;
        var ahead = TimeSpan.FromSeconds((double)_bytes / bytesPerSecond) - time.GetElapsedTime(_begun);
        if (ahead >= s_minWait)
            await Task.Delay(ahead, time, cancellation);
    }
}
