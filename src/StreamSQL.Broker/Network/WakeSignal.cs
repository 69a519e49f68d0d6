using System.Threading.Tasks.Sources;

namespace StreamSQL.Broker.Network;

/// <summary>
/// Ends a wait for several things at once, without allocating: each raises it when it is done, and who waited looks which it was. There may
/// be wake-ups without a cause, never a cause without a wake-up.
/// </summary>
internal sealed class WakeSignal : IValueTaskSource
{
    private const int Quiet = 0;
    private const int Waiting = 1;
    private const int Raised = 2;

    private ManualResetValueTaskSourceCore<bool> _wait;
    private int _state;

    public WakeSignal() => Raise = RaiseNow;

    /// <summary>Wakes who waits now, or else next. May be called from any thread.</summary>
    public Action Raise { get; }

    /// <summary>Completes when the signal is raised, at once when it was since the last wait. One waits at a time.</summary>
    public ValueTask WaitAsync()
    {
        _wait.Reset();
        if (Interlocked.CompareExchange(ref _state, Waiting, Quiet) == Quiet)
            return new ValueTask(this, _wait.Version);
        Volatile.Write(ref _state, Quiet);
        return ValueTask.CompletedTask;
    }

    void IValueTaskSource.GetResult(short token) => _wait.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _wait.GetStatus(token);

    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _wait.OnCompleted(continuation, state, token, flags);

    private void RaiseNow()
    {
        if (Interlocked.Exchange(ref _state, Raised) != Waiting)
            return;
        // A second cause that comes in between is seen by the one who is woken now.
        Volatile.Write(ref _state, Quiet);
        _wait.SetResult(true);
    }
}
