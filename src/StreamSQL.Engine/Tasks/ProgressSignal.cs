namespace StreamSQL.Engine.Tasks;

/// <summary>Tells waiters that something has moved, so that they look again. Costs nothing while nobody waits. Thread-safe.</summary>
internal sealed class ProgressSignal
{
    private TaskCompletionSource? _waiters;

    /// <summary>Completes at the next <see cref="Set"/>. Take it before looking at the state that is waited for.</summary>
    public Task Next()
    {
        while (true)
        {
            if (Volatile.Read(ref _waiters) is { } waiters)
                return waiters.Task;
            Interlocked.CompareExchange(ref _waiters, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), null);
        }
    }

    /// <summary>Something has moved.</summary>
    public void Set() => Interlocked.Exchange(ref _waiters, null)?.SetResult();

    /// <summary>Waits until a condition holds that is only changed before <see cref="Set"/>.</summary>
    public async ValueTask WaitUntilAsync(Func<bool> condition, CancellationToken cancellation)
    {
        while (true)
        {
            var next = Next();
            if (condition())
                return;
            await next.WaitAsync(cancellation);
        }
    }
}
