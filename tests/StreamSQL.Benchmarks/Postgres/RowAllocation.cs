using System.Globalization;
using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using StreamSQL.Server.Hosting;
using StreamSQL.Server.Options;

namespace StreamSQL.Benchmarks.Postgres;

/// <summary>
/// What the server allocates for each row that it sends: the whole server in this process, beside a client that allocates nothing.
/// </summary>
internal static class RowAllocation
{
    /// <summary>Runs it: <c>row-allocation [ROWS]</c>.</summary>
    public static async Task<int> RunAsync(string[] args)
    {
        var rows = args is [var count] ? int.Parse(count, CultureInfo.InvariantCulture) : 1_000_000;
        var directory = Directory.CreateTempSubdirectory("streamsql-bench-");
        var free = new IPEndPoint(IPAddress.Loopback, 0);
        var options = new ServerOptions { DataDirectory = directory.FullName, Kafka = [new(KafkaEndpoint.DefaultName, free)],
            Postgres = free, Http = free };
        await using (var server = await StreamSqlServer.StartAsync(options, NullLoggerFactory.Instance, TimeProvider.System, default))
        using (var client = new RawPostgres(server.Postgres.Port, "bench"))
        {
            client.Query(
                "CREATE TABLE points (id BIGINT PRIMARY KEY, kind INT, amount BIGINT, name VARCHAR) WITH (KAFKA_TOPIC='points', VALUE_FORMAT='JSON', PARTITIONS=1);");
            client.CopyIn("points", new Peers.Rows(1, rows).Write);
            foreach (var sql in new[] { "SELECT * FROM points", "COPY (SELECT * FROM points) TO STDOUT",
                "SELECT id, amount FROM points WHERE kind < 50" })
            {
                client.Query(sql);
                var before = GC.GetTotalAllocatedBytes(precise: true);
                var sent = client.Query(sql);
                StorageScratch.Print(
                    $"{sql,-48}{(GC.GetTotalAllocatedBytes(precise: true) - before) / (double)sent,8:F3} bytes allocated a row, {sent} rows");
            }
        }

        directory.Delete(recursive: true);
        return 0;
    }
}
