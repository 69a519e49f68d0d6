using System.Globalization;

namespace StreamSQL.Benchmarks.Postgres;

/// <summary>
/// Look-ups of single keys through pgbench, prepared, ours and PostgreSQL's by turns; also while rows flow into the table.
/// </summary>
internal static class PullBenchmark
{
    private const int Rounds = 3;
    private const int Pipelined = 20;
    private const int FlowPerSecond = 100_000;

    /// <summary>Runs it: <c>pull [ROWS] [SECONDS] [SERVER]</c>; SERVER is the executable of a published build.</summary>
    public static async Task<int> RunAsync(string[] args)
    {
        var rows = args is [var count, ..] ? int.Parse(count, CultureInfo.InvariantCulture) : 1_000_000;
        var seconds = args is [_, var time, ..] ? int.Parse(time, CultureInfo.InvariantCulture) : 5;
        await using var peers = await Peers.StartAsync(rows, args is [_, _, var path] ? path : null);
        var point = $"\\set id random(1, {rows})\nSELECT name FROM points WHERE id = :id;\n";
        var pipeline = $"\\startpipeline\n{string.Concat(Enumerable.Repeat(point, Pipelined))}\\endpipeline\n";
        Compare(peers, "SELECT 1, 1 connection", "SELECT 1;\n", 1, 1, seconds);
        Compare(peers, "SELECT 1, 8 connections", "SELECT 1;\n", 8, 1, seconds);
        var one = Compare(peers, "point, 1 connection", point, 1, 1, seconds);
        var eight = Compare(peers, "point, 8 connections", point, 8, 1, seconds);
        Compare(peers, "point, 20 a round trip, 1 connection", pipeline, 1, Pipelined, seconds);
        Compare(peers, "point, 20 a round trip, 8 connections", pipeline, 8, Pipelined, seconds);

        using var flow = new RowFlow(peers.Ours, "points", rows, FlowPerSecond);
        UnderFlow(peers, "point, 1 connection, while rows flow in", point, 1, seconds, one);
        UnderFlow(peers, "point, 8 connections, while rows flow in", point, 8, seconds, eight);
        StorageScratch.Print($"{flow.Stop():F0} rows/s flowed in");
        return 0;
    }

    /// <summary>Measures by turns and prints; returns PostgreSQL's median.</summary>
    private static double Compare(Peers peers, string what, string script, int connections, int perTransaction, int seconds)
    {
        var rates = peers.All.ToDictionary(static peer => peer.Name, static _ => new List<double>());
        var cpu = peers.All.ToDictionary(static peer => peer.Name, static _ => new List<double>());
        for (var round = 0; round <= Rounds; round++)
        {
            foreach (var peer in peers.All)
            {
                var before = peer.CpuSeconds;
                var rate = Pgbench.Run(peer, script, connections, round == 0 ? 1 : seconds) * perTransaction;
                if (round == 0)
                    continue;
                rates[peer.Name].Add(rate);
                cpu[peer.Name].Add((peer.CpuSeconds - before) / seconds / rate * 1e6);
            }
        }

        var ours = Median(rates[peers.Ours.Name]);
        var theirs = peers.Postgres is null ? double.NaN : Median(rates[peers.Postgres.Name]);
        var (our, their) = (Median(cpu[peers.Ours.Name]), peers.Postgres is null ? double.NaN : Median(cpu[peers.Postgres.Name]));
        StorageScratch.Print(
            $"{what,-44}{ours,10:F0} /s   PostgreSQL {theirs,10:F0} /s   {ours / theirs:F2} x   server's processor {our:F1} and {their:F1} us each");
        return theirs;
    }

    private static void UnderFlow(Peers peers, string what, string script, int connections, int seconds, double idle)
    {
        var rates = Enumerable.Range(0, Rounds).Select(_ => Pgbench.Run(peers.Ours, script, connections, seconds)).ToList();
        StorageScratch.Print($"{what,-44}{Median(rates),10:F0} /s   PostgreSQL idle {idle,5:F0} /s   {Median(rates) / idle:F2} x");
    }

    private static double Median(List<double> rates) => rates.Order().ElementAt(rates.Count / 2);
}
