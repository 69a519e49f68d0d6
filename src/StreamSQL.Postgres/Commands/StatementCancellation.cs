namespace StreamSQL.Postgres.Commands;

/// <summary>Why a statement was stopped.</summary>
internal enum CancelReason
{
    None,

    /// <summary>A CancelRequest named this connection.</summary>
    UserRequest,

    /// <summary>It ran longer than statement_timeout.</summary>
    Timeout,

    /// <summary>The client has closed the connection.</summary>
    ClientGone,

    /// <summary>Another session has ended this one (<c>pg_terminate_backend</c>).</summary>
    Terminated,

    /// <summary>The server is stopping.</summary>
    Shutdown,
}

/// <summary>
/// Stops the statement that a connection runs. A user's request meets the statement that runs now or none; a closed connection and a
/// stopping server meet all that follow too. Thread-safe.
/// </summary>
internal sealed class StatementCancellation(TimeProvider time) : IDisposable
{
    private readonly Lock _gate = new();
    private CancellationTokenSource _source = new();
    private ITimer? _timer;
    private bool _running;
    private bool _disposed;

    /// <summary>Why the statement that runs, or ran last, was stopped.</summary>
    public CancelReason Reason { get; private set; }

    /// <summary>Whether every statement from now on is stopped.</summary>
    public bool IsFinal => Reason is CancelReason.ClientGone or CancelReason.Terminated or CancelReason.Shutdown;

    /// <summary>Begins a statement; its token is cancelled when it is to stop.</summary>
    /// <param name="timeout">How long it may run; zero is for ever.</param>
    public CancellationToken Begin(TimeSpan timeout)
    {
        lock (_gate)
        {
            _running = true;
            if (!IsFinal)
            {
                Reason = CancelReason.None;
                if (_source.IsCancellationRequested)
                {
                    _source.Dispose();
                    _source = new();
                }
            }

            SetTimeout(timeout);
            return _source.Token;
        }
    }

    /// <summary>
    /// Bounds what is left of the message that runs by the session's present timeout, unless it is bounded already: a timeout counts from
    /// the message's beginning, and one
    /// that the message itself has set, from there.
    /// </summary>
    /// <param name="timeout">How long it may still run; zero is for ever.</param>
    public void Bound(TimeSpan timeout)
    {
        lock (_gate)
        {
            if (_running && _timer is null)
                SetTimeout(timeout);
        }
    }

    /// <summary>Ends the statement.</summary>
    public void End()
    {
        lock (_gate)
        {
            _running = false;
            _timer?.Dispose();
            _timer = null;
        }
    }

    /// <summary>Stops the statement. Its work is woken on other threads, not on the caller's.</summary>
    public Task CancelAsync(CancelReason reason)
    {
        lock (_gate)
        {
            if (_disposed || IsFinal || (!_running && reason is CancelReason.UserRequest or CancelReason.Timeout))
                return Task.CompletedTask;
            Reason = reason;
            return _source.CancelAsync();
        }
    }

    private void SetTimeout(TimeSpan timeout)
    {
        if (timeout <= TimeSpan.Zero)
            return;
        _timer = time.CreateTimer(
            static state => _ = ((StatementCancellation)state!).CancelAsync(CancelReason.Timeout), this, timeout, Timeout.InfiniteTimeSpan);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
            _timer?.Dispose();
            _source.Dispose();
        }
    }
}
