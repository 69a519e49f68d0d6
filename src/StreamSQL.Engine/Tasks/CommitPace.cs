namespace StreamSQL.Engine.Tasks;

/// <summary>
/// When a worker commits: at once where there is nothing more to read, every 50 ms under load. Where many groups commit, a round of commits
/// takes its time; then the rounds come further apart, so that most of the time goes to records.
/// </summary>
internal sealed class CommitPace : IDisposable
{
    /// <summary>Under load, the part of the time that commits may take: one in so many.</summary>
    private const int LoadShare = 10;

    /// <summary>The same where there is nothing more to read.</summary>
    private const int IdleShare = 4;

    /// <summary>A few groups, such as those of one query, commit without a break when idle.</summary>
    private const int FewGroups = 4;

    private static readonly TimeSpan MinInterval = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan MaxInterval = TimeSpan.FromSeconds(1);

    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private long _begun;
    private long _ended;
    private int _groups;
    private TimeSpan _duration;

    /// <summary>Creates a pace; <paramref name="wake"/> is called, on any thread, when a commit that was put off is due.</summary>
    public CommitPace(TimeProvider time, Action wake)
    {
        _time = time;
        _ended = time.GetTimestamp();
        _timer = time.CreateTimer(static state => ((Action)state!)(), wake, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Whether a group is to commit although it has more to read.</summary>
    public bool IsDue => SinceLast >= Bound(_duration * (LoadShare - 1), MinInterval);

    /// <summary>Whether a group that has nothing more to read is to commit.</summary>
    public bool IsDueWhenIdle => SinceLast >= IdleBreak;

    private TimeSpan SinceLast => _time.GetElapsedTime(_ended);

    private TimeSpan IdleBreak => _groups <= FewGroups ? TimeSpan.Zero : Bound(_duration * (IdleShare - 1), TimeSpan.Zero);

    /// <summary>So many groups begin to commit.</summary>
    public void Begin(int groups)
    {
        _begun = _time.GetTimestamp();
        _groups = groups;
    }

    /// <summary>They have committed.</summary>
    public void Committed()
    {
        _ended = _time.GetTimestamp();
        _duration = _time.GetElapsedTime(_begun, _ended);
    }

    /// <summary>Has the worker woken when idle groups may commit.</summary>
    public void WakeWhenDue()
    {
        var left = IdleBreak - SinceLast;
        _timer.Change(left > TimeSpan.Zero ? left + TimeSpan.FromMilliseconds(1) : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
    }

    /// <inheritdoc/>
    public void Dispose() => _timer.Dispose();

    private static TimeSpan Bound(TimeSpan value, TimeSpan least) => value < least ? least : value > MaxInterval ? MaxInterval : value;
}
