using System.Globalization;
using StreamSQL.ClusterTests.Crashes;
using StreamSQL.ClusterTests.Support;

namespace StreamSQL.ClusterTests.Pushes;

/// <summary>
/// <c>stalled-pushes COUNT</c>: so many clients start a push query over a stream with plenty of rows, and then read nothing. What they cost the server in memory, and
/// what others see of them: how long it takes until a row that is inserted has come out of another push query, without and with them.
/// </summary>
internal static class StalledPushes
{
    private const int Rows = 40_000;
    private const int RowsPerInsert = 500;
    private const int ReceiveBytes = 4096;
    private const int Samples = 600;
    private const int Rounds = 3;
    private const double MostMibEach = 1;
    private const double MostSlowdown = 1.2;
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(5);

    /// <summary>Runs the command; the exit code is 0 only when both bounds hold.</summary>
    public static async Task<int> RunAsync(string[] arguments)
    {
        if (CommandOptions.Read("stalled-pushes", arguments) is not { } options)
            return 2;
        using var server = await PushServer.StartAsync();
        await server.Process.ExecuteAsync("""
            CREATE STREAM many (id INTEGER KEY, text VARCHAR, a BIGINT, b DOUBLE) WITH (KAFKA_TOPIC = 'many', PARTITIONS = 4, VALUE_FORMAT = 'JSON');
            CREATE STREAM live (id BIGINT KEY) WITH (KAFKA_TOPIC = 'live', PARTITIONS = 1, VALUE_FORMAT = 'JSON')
            """);
        await FillAsync(server);
        await P99Async(server); // warms up
        var without = await BestP99Async(server);
        var memory = server.MemoryMib;
        var clients = new List<RawPostgres>();
        for (var i = 0; i < options.Count; i++)
        {
            var client = await RawPostgres.ConnectAsync(server.Process.Postgres, ReceiveBytes);
            await client.QueryAsync("SET 'auto.offset.reset' = 'earliest'");
            await client.ReadToAsync('Z');
            await client.QueryAsync("SELECT * FROM many EMIT CHANGES");
            await client.ReadToAsync('D');
            clients.Add(client);
        }

        await Task.Delay(Settling);
        var each = (server.MemoryMib - memory) / options.Count;
        var with = await BestP99Async(server);
        clients.ForEach(static client => client.Dispose());
        var isClean = each < MostMibEach && with < without * MostSlowdown;
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"stalled-pushes: {(isClean ? "clean" : "NOT CLEAN")}; {options.Count} stalled, {each:F2} MiB each (memory {memory:F0} MiB before); "
            + $"a row's way from INSERT to another push query: p99 {without:F2} ms without them, {with:F2} ms with them (best of {Rounds} rounds of {Samples})"));
        return isClean ? 0 : 1;
    }

    private static async Task FillAsync(PushServer server)
    {
        await using var connection = await server.ConnectAsync();
        var text = new string('x', 200);
        for (var from = 0; from < Rows; from += RowsPerInsert)
        {
            var values = Enumerable.Range(from, RowsPerInsert).Select(i => string.Create(CultureInfo.InvariantCulture, $"({i}, '{text}', {i}, {i}.5)"));
            await ServerSql.ExecuteAsync(connection, $"INSERT INTO many VALUES {string.Join(", ", values)}");
        }
    }

    private static async Task<double> BestP99Async(PushServer server)
    {
        var best = double.MaxValue;
        for (var i = 0; i < Rounds; i++)
            best = Math.Min(best, await P99Async(server));
        return best;
    }

    /// <summary>From the start of an INSERT to its row in a push query, in milliseconds.</summary>
    private static async Task<double> P99Async(PushServer server)
    {
        using var reader = await RawPostgres.ConnectAsync(server.Process.Postgres);
        using var writer = await RawPostgres.ConnectAsync(server.Process.Postgres);
        await reader.QueryAsync("SELECT id FROM live EMIT CHANGES");
        await reader.ReadToAsync('T');
        var times = new double[Samples];
        for (var i = 0; i < Samples; i++)
        {
            var start = TimeProvider.System.GetTimestamp();
            await writer.QueryAsync(string.Create(CultureInfo.InvariantCulture, $"INSERT INTO live VALUES ({i})"));
            await reader.ReadToAsync('D');
            times[i] = TimeProvider.System.GetElapsedTime(start).TotalMilliseconds;
            await writer.ReadToAsync('Z');
        }

        Array.Sort(times);
        return times[Samples * 99 / 100];
    }
}
