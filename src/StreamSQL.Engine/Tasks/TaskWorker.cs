using StreamSQL.Engine.Tasks.Input;

namespace StreamSQL.Engine.Tasks;

/// <summary>
/// Runs the commit groups that read the same partitions, of one or more queries, in rounds: every task processes one batch, then what is
/// due is committed, by all groups at the same time, so that their transactions share the disk's syncs and they stay together.
/// Single-threaded, but for what says so.
/// </summary>
internal sealed class TaskWorker : IAsyncDisposable
{
    private const long MaxBufferedBytes = 64 * 1024 * 1024;

    /// <summary>How long the others wait for a commit, or for records that wait for others; then they go on without it.</summary>
    private static readonly TimeSpan MaxSettling = TimeSpan.FromMilliseconds(100);

    private readonly Lock _sync = new();
    private readonly List<CommitGroup> _newcomers = [];
    private readonly List<CommitGroup> _groups = [];
    private readonly List<Task> _busy = [];
    private readonly WorkerSignal _signal = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly WorkerThreads _threads;
    private readonly long _maxBufferedBytesOfGroup;
    private readonly TimeProvider _time;
    private readonly CommitPace _pace;
    private readonly Task _loop;

    /// <summary>Starts a worker that has nothing to do yet.</summary>
    public TaskWorker(RecordSource records, long maxBufferedBytesOfGroup, WorkerThreads threads)
    {
        _threads = threads;
        _maxBufferedBytesOfGroup = maxBufferedBytesOfGroup;
        _time = records.Time;
        _pace = new CommitPace(_time, _signal.Callback);
        Scans = new ScanSet(records, _signal.Callback);
        _loop = Task.Run(() => RunAsync(_stop.Token));
    }

    /// <summary>The places where its tasks read.</summary>
    public ScanSet Scans { get; }

    /// <summary>Has it look for something to do. Any thread; kept as a delegate for callbacks.</summary>
    public Action Wake => _signal.Callback;

    /// <summary>Takes in a group, which leaves by itself when it is disposed. Any thread.</summary>
    public void Add(CommitGroup group)
    {
        lock (_sync)
            _newcomers.Add(group);
        Wake();
    }

    /// <summary>Stops, after all groups have left. Any thread.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _loop.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Scans.CloseAsync();
        _pace.Dispose();
        _stop.Dispose();
    }

    private async Task RunAsync(CancellationToken stop)
    {
        while (true)
        {
            await _threads.Enter();
            TakeNewcomers();
            var hasMore = false;
            try
            {
                hasMore = await RunRoundAsync();
            }
            catch (Exception error)
            {
                // Groups keep their failures to themselves: this one is the worker's own, and nobody knows what it has spoilt.
                foreach (var group in _groups)
                    group.Fail(error);
            }

            if (!hasMore)
                await _signal.WaitAsync(stop);
        }
    }

    /// <summary>One round; true when the next may find something to do.</summary>
    private async ValueTask<bool> RunRoundAsync()
    {
        Scans.BeginRound();
        var hasRead = Read();
        while (await SettleAsync())
        {
            await _threads.Enter();
            hasRead |= GoOn();
        }

        await _threads.Enter();
        if (BeginCommits())
        {
            await SettleAsync();
            _pace.Committed();
        }

        EndStopped();
        return hasRead || Scans.WantsRound;
    }

    private void TakeNewcomers()
    {
        lock (_sync)
        {
            _groups.AddRange(_newcomers);
            _newcomers.Clear();
        }
    }

    private bool Read()
    {
        var hasRead = false;
        foreach (var group in _groups)
        {
            if (!group.IsBusy)
                hasRead |= group.IsWaiting ? group.GoOn() : group.Read();
        }

        return hasRead;
    }

    private bool GoOn()
    {
        var hasRead = false;
        foreach (var group in _groups)
        {
            if (!group.IsBusy && group.IsWaiting)
                hasRead |= group.GoOn();
        }

        return hasRead;
    }

    /// <summary>
    /// Waits, not for long, until no group is busy; true when one that stands before records can go on
    /// with them. Who stays busy is left to itself.
    /// </summary>
    private async ValueTask<bool> SettleAsync()
    {
        _busy.Clear();
        foreach (var group in _groups)
        {
            if (group.IsBusy && !group.IsLeftBusy)
                _busy.Add(group.Busy);
        }

        if (_busy.Count > 0)
        {
            var all = _busy.Count == 1 ? _busy[0] : Task.WhenAll(_busy);
            await all.WaitAsync(MaxSettling, _time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        var canGoOn = false;
        foreach (var group in _groups)
        {
            if (group.IsBusy)
                group.WakeWhenDone();
            else
                canGoOn |= group.IsWaiting;
        }

        return canGoOn;
    }

    private bool BeginCommits()
    {
        long buffered = 0;
        foreach (var group in _groups)
            buffered += group.IsBusy ? 0 : group.BufferedBytes;
        var isTime = buffered >= MaxBufferedBytes || _pace.IsDue;
        var begun = 0;
        var isSomethingOpen = false;
        foreach (var group in _groups)
        {
            if (group.IsBusy || !group.HasOpenWork)
                continue;
            if (isTime || group.BufferedBytes >= _maxBufferedBytesOfGroup || (group.IsIdle && _pace.IsDueWhenIdle))
            {
                group.BeginCommit();
                begun++;
            }
            else
            {
                isSomethingOpen |= group.IsIdle;
            }
        }

        if (isSomethingOpen)
            _pace.WakeWhenDue();
        if (begun > 0)
            _pace.Begin(begun);
        return begun > 0;
    }

    private void EndStopped()
    {
        for (var i = _groups.Count - 1; i >= 0; i--)
        {
            var group = _groups[i];
            if (!group.IsStopping || group.IsBusy)
                continue;
            if (group.TryEnd())
                _groups.RemoveAt(i);
            else
                group.WakeWhenDone();
        }
    }
}
