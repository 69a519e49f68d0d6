using System.Collections.Concurrent;
using System.Diagnostics;

namespace StreamSQL.Postgres.Transport;

/// <summary>
/// The threads that wait for the sockets of all connections. One at a time asks the set, takes one event, and serves it itself, since a
/// change of threads costs more than a short statement. Others sleep: they are woken when events follow each other without a gap, and
/// when nobody has asked for
/// some time because a turn takes long; so no turn, whatever it does, holds up other connections for longer than that.
/// </summary>
internal sealed class EventLoop : IDisposable
{
    /// <summary>Turns without a gap after which another thread helps.</summary>
    private const int BusyTurns = 16;

    /// <summary>The most threads, however many turns take long.</summary>
    private const int MaxThreads = 64;

    /// <summary>Periods without an event after which the watch sleeps.</summary>
    private const int QuietPeriods = 40;

    private static readonly TimeSpan WatchPeriod = TimeSpan.FromMilliseconds(5);

    [ThreadStatic]
    private static bool _isCurrent;

    private readonly SocketSet _sockets = new();
    private readonly ConcurrentDictionary<long, LoopConnection> _connections = new();
    private readonly SpinBudget _spin = new();
    private readonly AutoResetEvent _watchWakes = new(false);
    private readonly Thread _watch;
    private readonly Lock _starting = new();
    private readonly object _gate = new();
    private readonly List<Thread> _threads = [];
    private readonly int _wanted;
    private int _parked;
    private int _isAsked;
    private long _turns;
    private volatile bool _watchSleeps;
    private volatile bool _isStopped;

    /// <summary>Starts the threads.</summary>
    /// <param name="threads">How many there are to be when no turn takes long; at least 1.</param>
    public EventLoop(int threads)
    {
        _wanted = threads;
        _watch = new(Watch) { IsBackground = true, Name = "Postgres sockets, watch" };
        for (var i = 0; i < threads; i++)
            TryStart();
        _watch.UnsafeStart();
    }

    /// <summary>Whether the caller's thread is one of a loop's: then it has to be back soon.</summary>
    public static bool IsCurrent => _isCurrent;

    /// <summary>Goes on on a thread of the pool, if the caller's is one of a loop's.</summary>
    public static ValueTask LeaveAsync()
    {
        return _isCurrent ? YieldAsync() : ValueTask.CompletedTask;

        static async ValueTask YieldAsync() => await Task.Yield();
    }

    /// <summary>Begins to tell a connection of its socket.</summary>
    public void Add(LoopConnection connection)
    {
        _connections[connection.Number] = connection;
        _sockets.Add(connection.Handle, connection.Number);
    }

    /// <summary>Tells it no more; its socket leaves the set when it is closed.</summary>
    public void Remove(LoopConnection connection) => _connections.TryRemove(connection.Number, out _);

    /// <inheritdoc/>
    public void Dispose()
    {
        _isStopped = true;
        _sockets.Wake();
        _watchWakes.Set();
        _watch.Join();
        lock (_gate)
            Monitor.PulseAll(_gate);
        lock (_starting)
        {
            foreach (var thread in _threads.Where(static thread => thread != Thread.CurrentThread))
                thread.Join();
        }

        _sockets.Dispose();
        _watchWakes.Dispose();
    }

    private void Run()
    {
        _isCurrent = true;
        var busy = 0;
        while (!_isStopped)
        {
            if (!TryAsk())
            {
                busy = 0;
                if (!Park())
                    return;
                continue;
            }

            var number = Next(out var events, out var hasWaited);
            Volatile.Write(ref _isAsked, 0);
            Interlocked.Increment(ref _turns);
            if (_watchSleeps)
                _watchWakes.Set();
            if (!hasWaited && ++busy % BusyTurns == 0)
                WakeOne();
            else if (hasWaited)
                busy = 0;
            if (_connections.TryGetValue(number, out var connection))
                connection.Tell(events);
        }
    }

    /// <summary>Whether the caller is now the one who asks the set.</summary>
    private bool TryAsk()
    {
        const int Attempts = 8;
        const int Pause = 20;
        for (var i = 0; i < Attempts; i++)
        {
            if (Volatile.Read(ref _isAsked) == 0 && Interlocked.CompareExchange(ref _isAsked, 1, 0) == 0)
                return true;
            Thread.SpinWait(Pause);
        }

        return false;
    }

    private long Next(out EpollEvents events, out bool hasWaited)
    {
        hasWaited = false;
        var number = _sockets.Take(out events);
        if (number != 0)
            return number;
        hasWaited = true;
        if (_spin.MayBegin())
        {
            var start = Stopwatch.GetTimestamp();
            while (number == 0 && Stopwatch.GetElapsedTime(start) < SpinBudget.Length)
            {
                Thread.Yield();
                number = _sockets.Take(out events);
            }

            _spin.End(number != 0);
        }

        return number != 0 ? number : _sockets.Wait(out events);
    }

    /// <summary>Sleeps until it is needed; false when it never is again.</summary>
    private bool Park()
    {
        lock (_gate)
        {
            if (_isStopped || _parked >= _wanted)
                return false;
            _parked++;
            Monitor.Wait(_gate);
            _parked--;
        }

        return true;
    }

    private bool WakeOne()
    {
        if (Volatile.Read(ref _parked) == 0)
            return false;
        lock (_gate)
        {
            if (_parked == 0)
                return false;
            Monitor.Pulse(_gate);
            return true;
        }
    }

    /// <summary>Wakes a thread, or starts one, when all that are awake have been busy with one turn each for a period.</summary>
    private void Watch()
    {
        long seen = -1;
        var quiet = 0;
        while (!_isStopped)
        {
            _watchSleeps = quiet >= QuietPeriods;
            _watchWakes.WaitOne(_watchSleeps ? Timeout.InfiniteTimeSpan : WatchPeriod);
            if (_watchSleeps)
                quiet = 0;
            _watchSleeps = false;
            var turns = Interlocked.Read(ref _turns);
            if (turns != seen)
                quiet = 0;
            else if (Volatile.Read(ref _isAsked) != 0)
                quiet++;
            else if (!WakeOne())
                TryStart();
            seen = turns;
        }
    }

    private void TryStart()
    {
        lock (_starting)
        {
            _threads.RemoveAll(static thread => !thread.IsAlive);
            if (_isStopped || _threads.Count >= MaxThreads)
                return;
            var thread = new Thread(Run) { IsBackground = true, Name = "Postgres sockets" };
            thread.UnsafeStart();
            _threads.Add(thread);
        }
    }
}
