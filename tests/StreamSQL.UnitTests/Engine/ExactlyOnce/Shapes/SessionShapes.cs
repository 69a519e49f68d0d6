namespace StreamSQL.UnitTests.Engine.ExactlyOnce.Shapes;

/// <summary>
/// What sessions hold. Bounds are inclusive; a row joins all sessions of its key that are not further than the gap from it. The merged
/// session is late when stream time is more than gap and grace behind its end. With final results, sessions for which that is so were given
/// out and are not joined any more.
/// </summary>
internal sealed class SessionOracle(long gapMs, long graceMs, bool isFinal)
{
    private readonly Dictionary<string, List<Session>> _sessions = [];
    private long _streamTime = long.MinValue;

    /// <summary>Rows of one partition, in order: what each changes.</summary>
    public IReadOnlyList<ResultEvent> Run(IEnumerable<InputRow> rows) => [.. rows.Select(Add)];

    /// <summary>The sessions that have closed.</summary>
    public IEnumerable<(string Key, string Row)> Closed() =>
        _sessions.SelectMany(key => key.Value.Where(session => IsClosed(session.End, _streamTime))
            .Select(session => (KeyOf(key.Key, session), Text(session))));

    private ResultEvent Add(InputRow row)
    {
        var before = _streamTime;
        _streamTime = Math.Max(_streamTime, row.Time);
        if (!_sessions.TryGetValue(row.Key, out var sessions))
            _sessions.Add(row.Key, sessions = []);
        var joined = sessions
            .Where(session => session.End >= row.Time - gapMs && session.Start <= row.Time + gapMs
                && !(isFinal && IsClosed(session.End, before)))
            .ToArray();
        var merged = new Session(
            joined.Select(static session => session.Start).Append(row.Time).Min(),
            joined.Select(static session => session.End).Append(row.Time).Max(),
            joined.Sum(static session => session.Count) + 1, joined.Sum(static session => session.Sum) + row.Value);
        if (IsClosed(merged.End, _streamTime))
            return new ResultEvent();
        var changes = new Dictionary<string, string?>();
        foreach (var session in joined)
        {
            sessions.Remove(session);
            changes[KeyOf(row.Key, session)] = null;
        }

        sessions.Add(merged);
        changes[KeyOf(row.Key, merged)] = Text(merged);
        return new ResultEvent([.. changes.Select(static change => (change.Key, change.Value))]);
    }

    private bool IsClosed(long end, long time) => time != long.MinValue && end < time - gapMs - graceMs;

    private static string KeyOf(string key, Session session) => $"{key}|{session.Start}|{session.End}";

    private static string Text(Session session) => $"{session.Count}|{session.Sum}";

    private sealed record Session(long Start, long End, long Count, long Sum);
}

/// <summary>Sessions of the stream with late rows.</summary>
internal sealed class SessionShape() : TableShape("sessions")
{
    public override string Statements => """
        CREATE TABLE sessions WITH (KAFKA_TOPIC = 'sessions') AS SELECT id, COUNT(*) AS n, SUM(v) AS total FROM late
            WINDOW SESSION (20 SECONDS, RETENTION 3650 DAYS, GRACE PERIOD 45 SECONDS) GROUP BY id EMIT CHANGES
        """;

    public override string Query => "SELECT id, windowstart, windowend, n, total FROM sessions";

    public override int WindowBounds => 2;

    protected override IReadOnlyList<string> Columns => ["N", "TOTAL"];

    protected override IReadOnlyList<IReadOnlyList<ResultEvent>> Events(RunResult run) =>
        [[.. run.History.Of(InputTopic.Late).SelectMany(static rows => new SessionOracle(20_000, 45_000, isFinal: false).Run(rows))]];
}

/// <summary>EMIT FINAL of sessions: each once, when its partition's time has closed it.</summary>
internal sealed class FinalSessionShape() : StreamShape("final_sessions")
{
    public override string Statements => """
        CREATE TABLE final_sessions WITH (KAFKA_TOPIC = 'final_sessions') AS SELECT id, COUNT(*) AS n, SUM(v) AS total FROM late
            WINDOW SESSION (20 SECONDS, GRACE PERIOD 20 SECONDS) GROUP BY id EMIT FINAL
        """;

    public override string Query => "";

    public override int WindowBounds => 2;

    protected override IReadOnlyList<string> Columns => ["N", "TOTAL"];

    protected override bool IsOrdered => false;

    protected override IEnumerable<ExpectedRow> Expected(RunResult run)
    {
        foreach (var rows in run.History.Of(InputTopic.Late))
        {
            var oracle = new SessionOracle(20_000, 20_000, isFinal: true);
            oracle.Run(rows);
            foreach (var (key, row) in oracle.Closed())
                yield return new ExpectedRow(0, key, row);
        }
    }
}
