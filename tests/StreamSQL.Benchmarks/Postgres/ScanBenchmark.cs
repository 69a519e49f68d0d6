using System.Diagnostics;
using System.Globalization;

namespace StreamSQL.Benchmarks.Postgres;

/// <summary>
/// Reads of a whole table, ours and PostgreSQL's by turns: a filter and a grouping over all rows, and all rows sent to the client.
/// </summary>
internal static class ScanBenchmark
{
    private const int Rounds = 5;
    private const int MaxWarmUps = 60;
    private static readonly TimeSpan s_warmUp = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_round = TimeSpan.FromMilliseconds(200);

    private static readonly (string What, string Sql)[] Statements =
    [
        ("filter and GROUP BY", "SELECT kind, count(*), sum(amount), max(amount) FROM points WHERE amount > 50000 GROUP BY kind"),
        ("count of all", "SELECT count(*) FROM points"),
        ("semi join with itself", "SELECT count(*) FROM points AS a WHERE EXISTS (SELECT 1 FROM points AS b WHERE b.id = a.amount)"),
        ("rows as COPY, text", "COPY (SELECT * FROM points) TO STDOUT"),
        ("rows as COPY, csv", "COPY (SELECT * FROM points) TO STDOUT (FORMAT csv)"),
        ("rows as COPY, binary", "COPY (SELECT * FROM points) TO STDOUT (FORMAT binary)"),
        ("rows as SELECT", "SELECT * FROM points"),
    ];

    /// <summary>
    /// Runs it: <c>scan [ROWS] [STATEMENTS] [SERVER]</c>: a million rows and all statements of its own accord; of ten million the first
    /// filling takes a minute, so it is done with the first one or two statements. SERVER is the executable of a published build.
    /// </summary>
    public static async Task<int> RunAsync(string[] args)
    {
        var rows = args is [var count, ..] ? int.Parse(count, CultureInfo.InvariantCulture) : 1_000_000;
        var statements = args is [_, var some, ..] ? int.Parse(some, CultureInfo.InvariantCulture) : Statements.Length;
        var limit = ScanLimit.Seconds(rows);
        await using var peers = await Peers.StartAsync(rows, args is [_, _, var path] ? path : null);
        StorageScratch.Print(
            $"{rows} rows, {peers.ResidentBytes / 1e6:F0} MB resident; the bytes of the first statement from memory: {limit * 1e3:F2} ms");
        foreach (var (what, sql) in Statements.Take(statements))
            Compare(peers, what, sql);
        return 0;
    }

    private static void Compare(Peers peers, string what, string sql)
    {
        var runs = peers.All.Select(peer => new Run(peer, sql)).ToList();
        for (var round = 0; round < Rounds; round++)
            runs.ForEach(static run => run.Take());
        var ours = runs[0];
        var theirs = runs.Count > 1 ? runs[1] : null;
        StorageScratch.Print(
            $"{what,-24}{ours}   PostgreSQL {theirs}   {theirs?.Median / ours.Median:F2} x ({theirs?.Cpu / ours.Cpu:F1} x of the processor), first {theirs?.First / ours.First:F2} x");
        runs.ForEach(static run => run.Dispose());
    }

    /// <summary>One statement at one server.</summary>
    private sealed class Run : IDisposable
    {
        private readonly Peer _peer;
        private readonly string _sql;
        private readonly RawPostgres _client;
        private readonly List<double> _seconds = [];
        private long _bytes;
        private double _cpu;

        /// <summary>Runs it until what is compiled while it runs has been, at least twice.</summary>
        public Run(Peer peer, string sql)
        {
            (_peer, _sql, _client) = (peer, sql, new RawPostgres(peer.Port, peer.User, 1 << 20));
            First = Query();
            var start = Stopwatch.GetTimestamp();
            for (var run = 1; run < MaxWarmUps && (run < 2 || Stopwatch.GetElapsedTime(start) < s_warmUp); run++)
                Query();
        }

        /// <summary>Seconds of the first run.</summary>
        public double First { get; }

        /// <summary>Seconds of the median run.</summary>
        public double Median => _seconds.Order().ElementAt(_seconds.Count / 2);

        /// <summary>Processor seconds of the server for one run.</summary>
        public double Cpu => _cpu / _seconds.Count;

        /// <summary>Runs and measures it, several times if it is short.</summary>
        public void Take()
        {
            var before = _peer.CpuSeconds;
            var start = Stopwatch.GetTimestamp();
            do
                _seconds.Add(Query());
            while (Stopwatch.GetElapsedTime(start) < s_round);
            _cpu += _peer.CpuSeconds - before;
        }

        /// <inheritdoc/>
        public override string ToString() => string.Create(
            CultureInfo.InvariantCulture,
            $"{Median * 1e3,9:F1} ms ({_seconds.Min() * 1e3:F1} to {_seconds.Max() * 1e3:F1}, first {First * 1e3:F0}; processor {Cpu * 1e3:F1} ms) {_bytes / Median / 1e6,6:F0} MB/s");

        /// <inheritdoc/>
        public void Dispose() => _client.Dispose();

        private double Query()
        {
            var (before, start) = (_client.ReceivedBytes, Stopwatch.GetTimestamp());
            _client.Query(_sql);
            _bytes = _client.ReceivedBytes - before;
            return Stopwatch.GetElapsedTime(start).TotalSeconds;
        }
    }
}
