using System.Diagnostics;
using System.Globalization;

namespace StreamSQL.Benchmarks.Postgres;

/// <summary>Reads of a whole table, ours and PostgreSQL's by turns: a filter and a grouping over all rows, and all rows sent to the client.</summary>
internal static class ScanBenchmark
{
    private const int Rounds = 5;

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

    /// <summary>Runs it: <c>scan [ROWS]</c>, a million of its own accord; of ten million the first filling takes minutes.</summary>
    public static async Task<int> RunAsync(string[] args)
    {
        var rows = args is [var count] ? int.Parse(count, CultureInfo.InvariantCulture) : 1_000_000;
        await using var peers = await Peers.StartAsync(rows);
        StorageScratch.Print($"{rows} rows, {peers.ResidentBytes / 1e6:F0} MB resident");
        foreach (var (what, sql) in Statements)
            Compare(peers, what, sql);
        return 0;
    }

    private static void Compare(Peers peers, string what, string sql)
    {
        var seconds = peers.All.ToDictionary(static peer => peer.Name, static _ => new List<double>());
        var bytes = new Dictionary<string, long>();
        var clients = peers.All.ToDictionary(static peer => peer.Name, static peer => new RawPostgres(peer.Port, peer.User, 1 << 20));
        for (var round = 0; round <= Rounds; round++)
        {
            foreach (var (name, client) in clients)
            {
                var (before, start) = (client.ReceivedBytes, Stopwatch.GetTimestamp());
                client.Query(sql);
                if (round > 0)
                    seconds[name].Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
                bytes[name] = client.ReceivedBytes - before;
            }
        }

        double Median(string name) => seconds[name].Order().ElementAt(Rounds / 2);
        var ours = peers.Ours.Name;
        var theirs = peers.Postgres is null ? double.NaN : Median(peers.Postgres.Name);
        StorageScratch.Print(
            $"{what,-24}{Median(ours) * 1e3,9:F1} ms {bytes[ours] / Median(ours) / 1e6,7:F0} MB/s   PostgreSQL {theirs * 1e3,9:F1} ms {bytes.Values.Last() / theirs / 1e6,7:F0} MB/s   {theirs / Median(ours):F2} x");
        foreach (var client in clients.Values)
            client.Dispose();
    }
}
