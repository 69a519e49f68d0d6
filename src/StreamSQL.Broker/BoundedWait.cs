namespace StreamSQL.Broker;

/// <summary>Answers to requests do not wait for ever for a disk that hangs.</summary>
internal static class BoundedWait
{
    /// <summary>
    /// The result of work that writes; or another one when that takes too long. The work then goes on to its end, and nobody is told.
    /// </summary>
    /// <param name="work">The work.</param>
    /// <param name="limit">How long to wait for it.</param>
    /// <param name="time">Measures the wait.</param>
    /// <param name="late">What to answer when it takes longer.</param>
    public static ValueTask<T> WithinAsync<T>(this ValueTask<T> work, TimeSpan limit, TimeProvider time, T late)
    {
        return work.IsCompleted ? work : WaitAsync(work.AsTask());

        async ValueTask<T> WaitAsync(Task<T> running) => await EndsWithinAsync(running, limit, time) ? await running : late;
    }

    /// <summary>Whether work ends, in whatever way, within a time. What is late goes on.</summary>
    public static async ValueTask<bool> EndsWithinAsync(Task work, TimeSpan limit, TimeProvider time)
    {
        try
        {
            await work.WaitAsync(limit, time);
        }
        catch (TimeoutException) when (!work.IsCompleted)
        {
            // A storage that fails is told by its own state; other failures concern a client that has been answered.
            _ = work.ContinueWith(
                static done => _ = done.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
            return false;
        }
        catch (Exception) when (work.IsCompleted)
        {
            // whoever awaits the work itself is told
        }

        return true;
    }
}
