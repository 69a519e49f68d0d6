using System.Globalization;
using StreamSQL.ClusterTests.Crashes;
using StreamSQL.ClusterTests.Support;

namespace StreamSQL.ClusterTests.Pushes;

/// <summary>
/// <c>cancelled-pushes COUNT</c>: so many push queries are started and cancelled, on a few connections and on connections of their own by
/// turns. How long a cancel takes, and what the server holds afterwards: memory, threads, sockets, sessions.
/// </summary>
internal static class CancelledPushes
{
    private const int Connections = 4;
    private const int OwnConnectionEvery = 4;
    private const int Warmup = 500;
    private const double MostCancelMs = 100;
    private const double MostGrowthMib = 32;
    private const int MostMoreFiles = 8;

    private static readonly string[] Queries =
    [
        "SELECT * FROM readings EMIT CHANGES",
        "SELECT sensor, value FROM readings WHERE value > 2 EMIT CHANGES WITH (PROGRESS = '1h')",
        "SELECT value, COUNT(*) FROM readings GROUP BY value EMIT CHANGES",
        "SELECT sensor, total FROM totals EMIT CHANGES WITH (SNAPSHOT = TRUE)",
        "COPY (SELECT * FROM readings EMIT CHANGES) TO STDOUT",
    ];

    /// <summary>Runs the command; the exit code is 0 only when nothing was left and cancels were quick.</summary>
    public static async Task<int> RunAsync(string[] arguments)
    {
        if (CommandOptions.Read("cancelled-pushes", arguments) is not { } options)
            return 2;
        using var server = await PushServer.StartAsync();
        await server.Process.ExecuteAsync("""
            CREATE STREAM readings (sensor VARCHAR KEY, value INTEGER) WITH (KAFKA_TOPIC = 'readings', PARTITIONS = 4, VALUE_FORMAT = 'JSON');
            CREATE TABLE totals (sensor VARCHAR PRIMARY KEY, total INTEGER) WITH (KAFKA_TOPIC = 'totals', PARTITIONS = 4, VALUE_FORMAT = 'JSON');
            INSERT INTO totals (sensor, total) VALUES ('a', 1), ('b', 2)
            """);
        await CancelAsync(server, Warmup, []);
        var (memory, threads, files) = (server.MemoryMib, server.Threads, server.Files);
        var times = new List<double>();
        await CancelAsync(server, options.Count, times);
        times.Sort();
        var (p50, p99, worst) = (times[times.Count / 2], times[times.Count * 99 / 100], times[^1]);
        var (growth, sessions, moreFiles) = (server.MemoryMib - memory, await server.SessionsAsync(), server.Files - files);
        var isClean = p99 < MostCancelMs && growth < MostGrowthMib && sessions == 1 && moreFiles < MostMoreFiles;
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"cancelled-pushes: {(isClean ? "clean" : "NOT CLEAN")}; {options.Count} cancelled, ended after p50 {p50:F1} ms, p99 {p99:F1} ms, worst {worst:F1} ms; "
            + $"memory {memory:F1} MiB before, {memory + growth:F1} MiB after; {threads} and {server.Threads} threads; {files} and {files + moreFiles} files; {sessions} session left"));
        return isClean ? 0 : 1;
    }

    private static async Task CancelAsync(PushServer server, int count, List<double> times)
    {
        var each = Enumerable.Range(0, Connections).Select(async worker =>
        {
            var mine = new List<double>();
            using var kept = await RawPostgres.ConnectAsync(server.Process.Postgres);
            for (var i = worker; i < count; i += Connections)
            {
                var sql = Queries[i / Connections % Queries.Length];
                if (i / Connections % OwnConnectionEvery != 0)
                {
                    mine.Add(await CancelAsync(kept, sql));
                    continue;
                }

                using var own = await RawPostgres.ConnectAsync(server.Process.Postgres);
                mine.Add(await CancelAsync(own, sql));
            }

            return mine;
        });
        foreach (var mine in await Task.WhenAll(each))
            times.AddRange(mine);
    }

    /// <summary>Starts a query, cancels it once it runs, and waits for its end; how long that took, in milliseconds.</summary>
    private static async Task<double> CancelAsync(RawPostgres client, string sql)
    {
        await client.QueryAsync(sql);
        await client.ReadToAsync(sql.StartsWith("COPY", StringComparison.Ordinal) ? 'H' : 'T');
        var start = TimeProvider.System.GetTimestamp();
        await client.CancelAsync();
        await client.ReadToAsync('E');
        var taken = TimeProvider.System.GetElapsedTime(start).TotalMilliseconds;
        await client.ReadToAsync('Z');
        return taken;
    }
}
