using System.Net;

namespace StreamSQL.Engine.Sessions;

/// <summary>
/// What others see of a session: who it is and what it runs. Written by the session's own endpoint,
/// read from any thread; what is read may be of two moments.
/// </summary>
public sealed class SessionActivity
{
    private readonly Session _session;
    private readonly SessionRegistry _all;
    private readonly TimeProvider _time;
    private long _delayTicks;
    private long _changedAt;

    internal SessionActivity(Session session, SessionRegistry all, TimeProvider time)
    {
        _session = session;
        _all = all;
        _time = time;
        StartedAt = time.GetUtcNow();
        _changedAt = StartedAt.UtcTicks;
        all.Add(this);
    }

    /// <summary>The number that clients know the connection by.</summary>
    public int ProcessId { get; set; }

    /// <summary>Where the client is; null when that is not known.</summary>
    public IPEndPoint? ClientAddress { get; set; }

    /// <summary>Where the client has connected to; null when that is not known.</summary>
    public IPEndPoint? ServerAddress { get; set; }

    /// <summary>Stops the statement that the session runs; set by its endpoint.</summary>
    public Func<Task>? CancelStatement { get; set; }

    /// <summary>Ends the connection; set by its endpoint.</summary>
    public Func<Task>? Terminate { get; set; }

    /// <summary>Gives the cursors that the session's endpoint has open; set by it.</summary>
    public Func<IReadOnlyList<OpenCursor>> OpenCursors { get; set; } = static () => [];

    /// <summary>Gives the named statements that the session's endpoint has prepared; set by it.</summary>
    public Func<IReadOnlyList<NamedStatement>> PreparedStatements { get; set; } = static () => [];

    /// <summary>The user.</summary>
    public string UserName => _session.Identity.AuthenticatedUser;

    /// <summary>The database.</summary>
    public string DatabaseName => _session.DatabaseName;

    /// <summary>What the client calls itself.</summary>
    public string ApplicationName => _session.Settings.Find("application_name") ?? "";

    /// <summary>When the session began.</summary>
    public DateTimeOffset StartedAt { get; }

    /// <summary>When it last began or ended a statement.</summary>
    public DateTimeOffset ChangedAt => new(Interlocked.Read(ref _changedAt), TimeSpan.Zero);

    /// <summary>The statement that it runs, or ran last.</summary>
    public string Statement { get; private set; } = "";

    /// <summary>When that statement began; null before the first.</summary>
    public DateTimeOffset? StatementStartedAt { get; private set; }

    /// <summary>Whether it runs a statement.</summary>
    public bool IsActive { get; private set; }

    /// <summary>Where its transaction block stands.</summary>
    public TransactionStatus TransactionStatus => _session.TransactionStatus;

    /// <summary>All sessions that are open, this one too.</summary>
    public IReadOnlyCollection<SessionActivity> OpenSessions() => _all.All;

    /// <summary>Changes a setting of the session (<c>set_config</c>); to be called by its own statements only.</summary>
    /// <exception cref="Data.Errors.SqlException">It is unknown, read-only, or the value is none of it.</exception>
    public string ChangeSetting(string name, string value, bool isLocal)
    {
        if (isLocal)
            _session.Settings.SetLocal(name, value);
        else
            _session.Settings.Set(name, value);
        return _session.Settings.Get(name);
    }

    /// <summary>Asks the statement that runs to wait before it gives its next rows (<c>pg_sleep</c>).</summary>
    public void AddDelay(TimeSpan delay) => Interlocked.Add(ref _delayTicks, delay.Ticks);

    /// <summary>To be called when a statement that began before goes on: the next rows of a portal.</summary>
    public void ContinueStatement()
    {
        IsActive = true;
        Interlocked.Exchange(ref _changedAt, _time.GetUtcNow().UtcTicks);
    }

    /// <summary>To be called when the statements of a message have ended.</summary>
    public void EndStatement()
    {
        if (!IsActive)
            return;
        IsActive = false;
        Interlocked.Exchange(ref _delayTicks, 0);
        Interlocked.Exchange(ref _changedAt, _time.GetUtcNow().UtcTicks);
    }

    /// <summary>The session has ended.</summary>
    internal void Close() => _all.Remove(this);

    /// <summary>A statement begins.</summary>
    internal void BeginStatement(string text)
    {
        var now = _time.GetUtcNow();
        Statement = text;
        StatementStartedAt = now;
        Interlocked.Exchange(ref _changedAt, now.UtcTicks);
        IsActive = true;
    }

    /// <summary>How long the statement is to wait now.</summary>
    internal TimeSpan TakeDelay() => Volatile.Read(ref _delayTicks) == 0 ? TimeSpan.Zero : new(Interlocked.Exchange(ref _delayTicks, 0));
}
