using System.Diagnostics;
using System.Globalization;
using StreamSQL.Benchmarks.Brokers;
using StreamSQL.Server.Hosting;

namespace StreamSQL.Benchmarks.Postgres;

/// <summary>What connections cost that do nothing.</summary>
internal static class IdleClientsBenchmark
{
    private const int BufferBytes = 4 * 1024;
    private const int Others = 10; // the first client, and those places that are kept for superusers

    /// <summary>Runs it: <c>idle-clients [CONNECTIONS]</c>.</summary>
    public static int Run(string[] args)
    {
        var connections = args is [var count, ..] ? int.Parse(count, CultureInfo.InvariantCulture) : 10_000;
        if (DescriptorLimit.Read().Connections < connections)
        {
            Console.Error.WriteLine($"{connections} connections need more file descriptors than a process may have here (ulimit -n).");
            return 1;
        }

        using var server = BrokerProcess.Start(null, "--postgres-max-connections", $"{connections + Others}");
        using (var first = new RawPostgres(server.PostgresPort, "bench", BufferBytes))
            first.Query("SELECT 1");
        var (before, start) = (server.ResidentBytes, Stopwatch.GetTimestamp());
        var open = new List<RawPostgres>();
        try
        {
            while (open.Count < connections)
                open.Add(new RawPostgres(server.PostgresPort, "bench", BufferBytes));
            StorageScratch.Print(
                $"{connections} idle connections: opened in {Stopwatch.GetElapsedTime(start).TotalSeconds:F2} s, {Each():F1} KB resident each");
            open.ForEach(static client => client.Query("SELECT 1"));
            StorageScratch.Print($"after a statement each: {Each():F1} KB resident each");
        }
        finally
        {
            open.ForEach(static client => client.Dispose());
        }

        return 0;

        double Each() => (server.ResidentBytes - before) / 1e3 / open.Count;
    }
}
