using System.Threading.Tasks.Sources;

namespace StreamSQL.Postgres.Transport;

/// <summary>
/// Remembers that a socket has become readable, or writable, and wakes who waits for it: one at a time, and without an allocation. Raised
/// by the loop's threads, awaited by the connection.
/// </summary>
internal sealed class SocketSignal : IValueTaskSource, IThreadPoolWorkItem
{
    private const int None = 0;
    private const int Raised = 1;
    private const int Awaited = 2;

    private ManualResetValueTaskSourceCore<bool> _source;
    private CancellationToken _cancellation;
    private CancellationTokenRegistration _registration;
    private int _state;
    private bool _isCancelled;

    /// <summary>
    /// Whether the one who waits goes on at once, on the thread that raises it and allows that, and not on one of the pool.
    /// </summary>
    public bool RunsInline
    {
        get => Volatile.Read(ref field);
        set => Volatile.Write(ref field, value);
    }

    /// <summary>Takes what was raised; false when it was not.</summary>
    public bool TryTake() => Interlocked.CompareExchange(ref _state, None, Raised) == Raised;

    /// <summary>Wakes who waits, or lets the next one go on.</summary>
    public void Raise(bool mayRunInline)
    {
        while (true)
        {
            var state = Volatile.Read(ref _state);
            if (state == Raised)
                return;
            if (Interlocked.CompareExchange(ref _state, state == Awaited ? None : Raised, state) != state)
                continue;
            if (state == Awaited)
                Complete(mayRunInline && RunsInline);
            return;
        }
    }

    /// <summary>Waits until it is raised, and takes that. On a loop's thread it is never done at once: there each has its turn.</summary>
    public ValueTask WaitAsync(CancellationToken cancellation)
    {
        _source.Reset();
        Watch(cancellation);
        if (Interlocked.CompareExchange(ref _state, Awaited, None) == Raised)
        {
            Volatile.Write(ref _state, None);
            if (!EventLoop.IsCurrent)
                return ValueTask.CompletedTask;
            Complete(inline: false);
        }
        else if (cancellation.IsCancellationRequested)
        {
            Cancel();
        }

        return new(this, _source.Version);
    }

    /// <summary>Forgets the token that it has watched.</summary>
    public void Forget() => _registration.Unregister();

    /// <inheritdoc/>
    public void GetResult(short token) => _source.GetResult(token);

    /// <inheritdoc/>
    public ValueTaskSourceStatus GetStatus(short token) => _source.GetStatus(token);

    /// <inheritdoc/>
    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _source.OnCompleted(continuation, state, token, flags);

    /// <inheritdoc/>
    public void Execute()
    {
        if (_isCancelled)
            _source.SetException(new OperationCanceledException(_cancellation));
        else
            _source.SetResult(true);
    }

    private void Complete(bool inline)
    {
        if (inline)
            _source.SetResult(true);
        else
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    /// <summary>A connection waits with the same token for as long as it lives, mostly, so the registration is kept.</summary>
    private void Watch(CancellationToken cancellation)
    {
        _isCancelled = false;
        if (cancellation == _cancellation)
            return;
        _registration.Unregister();
        _cancellation = cancellation;
        _registration = cancellation.UnsafeRegister(static state => ((SocketSignal)state!).Cancel(), this);
    }

    private void Cancel()
    {
        // A token that is watched no more may tell just then.
        if (!_cancellation.IsCancellationRequested || Interlocked.CompareExchange(ref _state, None, Awaited) != Awaited)
            return;
        _isCancelled = true;
        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }
}
