using System.Globalization;
using StreamSQL.ClusterTests.Crashes;
using StreamSQL.ClusterTests.Support;

namespace StreamSQL.ClusterTests.Pushes;

/// <summary>
/// <c>stalled-pushes COUNT [--memory]</c>: so many clients start a push query over a stream with plenty of rows, and then read nothing.
/// What they cost the server in memory, and what others see of them. Two servers run beside each other, with and without such clients, and
/// are asked by turns, one question after the other, so that whatever else
/// the machine does meets both alike. With <c>--memory</c> only the cost in memory is asked for, which
/// no other load on the machine changes.
/// </summary>
internal static class StalledPushes
{
    private const int Rows = 40_000;
    private const int RowsPerInsert = 500;
    private const int ReceiveBytes = 4096;
    private const int Warmup = 500;
    private const int PullSamples = 10_000;
    private const int PushSamples = 1_000;
    private const double MostMibEach = 1;
    private const double MostSlowdown = 1.2;
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(5);

    /// <summary>Runs the command; the exit code is 0 only when all bounds hold.</summary>
    public static async Task<int> RunAsync(string[] arguments)
    {
        var isMemoryOnly = arguments is [.., "--memory"];
        if (CommandOptions.Read("stalled-pushes", isMemoryOnly ? arguments[..^1] : arguments) is not { } options)
            return 2;
        if (isMemoryOnly)
            return await CheckMemoryAsync(options.Count);
        using var without = await StartAsync();
        using var with = await StartAsync();
        using var clients = new Asked(await AskerAsync(without), await AskerAsync(with));
        await clients.MeasureAsync(Warmup, static (asker, i) => asker.PullAsync(i));
        await clients.MeasureAsync(Warmup, static (asker, i) => asker.PushAsync(i));
        var memory = with.MemoryMib;
        var (stalled, each) = await MeasureMemoryAsync(with, options.Count);
        var pulls = await clients.MeasureAsync(PullSamples, static (asker, i) => asker.PullAsync(i));
        var pushes = await clients.MeasureAsync(PushSamples, static (asker, i) => asker.PushAsync(i));
        stalled.ForEach(static client => client.Dispose());
        var isClean = each < MostMibEach && pulls.Slowdown < MostSlowdown;
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"stalled-pushes: {(isClean ? "clean" : "NOT CLEAN")}; {options.Count} stalled, {each:F2} MiB each (memory {memory:F0} MiB before); "
            + $"pulls beside them: {pulls}; a row's way from INSERT to another push query: {pushes}"));
        return isClean ? 0 : 1;
    }

    private static async Task<int> CheckMemoryAsync(int count)
    {
        using var server = await StartAsync();
        using (var asker = await AskerAsync(server))
        {
            for (var i = 0; i < Warmup; i++)
                await asker.PullAsync(i);
        }

        var (stalled, each) = await MeasureMemoryAsync(server, count);
        stalled.ForEach(static client => client.Dispose());
        var isClean = each < MostMibEach;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"stalled-pushes: {(isClean ? "clean" : "NOT CLEAN")}; {count} stalled, {each:F2} MiB each"));
        return isClean ? 0 : 1;
    }

    private static async Task<(List<RawPostgres> Stalled, double MibEach)> MeasureMemoryAsync(PushServer server, int count)
    {
        var before = server.MemoryMib;
        var stalled = await StallAsync(server, count);
        await Task.Delay(Settling);
        return (stalled, (server.MemoryMib - before) / count);
    }

    private static async Task<PushServer> StartAsync()
    {
        var server = await PushServer.StartAsync();
        await server.Process.ExecuteAsync("""
            CREATE STREAM many (id INTEGER KEY, text VARCHAR, a BIGINT, b DOUBLE) WITH (KAFKA_TOPIC = 'many', PARTITIONS = 4, VALUE_FORMAT = 'JSON');
            CREATE STREAM live (id BIGINT KEY) WITH (KAFKA_TOPIC = 'live', PARTITIONS = 1, VALUE_FORMAT = 'JSON');
            CREATE TABLE known (id INTEGER PRIMARY KEY, v INTEGER) WITH (KAFKA_TOPIC = 'known', PARTITIONS = 4, VALUE_FORMAT = 'JSON')
            """);
        await using var connection = await server.ConnectAsync();
        var text = new string('x', 200);
        for (var from = 0; from < Rows; from += RowsPerInsert)
        {
            var numbers = Enumerable.Range(from, RowsPerInsert).ToArray();
            var values = numbers.Select(i => string.Create(CultureInfo.InvariantCulture, $"({i}, '{text}', {i}, {i}.5)"));
            await ServerSql.ExecuteAsync(connection, $"INSERT INTO many VALUES {string.Join(", ", values)}");
            if (from < Asker.Keys)
                await ServerSql.ExecuteAsync(connection,
                    $"INSERT INTO known VALUES {string.Join(", ", numbers.Select(static i => $"({i}, {i})"))}");
        }

        return server;
    }

    private static async Task<List<RawPostgres>> StallAsync(PushServer server, int count)
    {
        var clients = new List<RawPostgres>();
        for (var i = 0; i < count; i++)
        {
            var client = await RawPostgres.ConnectAsync(server.Process.Postgres, ReceiveBytes);
            await client.QueryAsync("SET 'auto.offset.reset' = 'earliest'");
            await client.ReadToAsync('Z');
            await client.QueryAsync("SELECT * FROM many EMIT CHANGES");
            await client.ReadToAsync('D');
            clients.Add(client);
        }

        return clients;
    }

    private static async Task<Asker> AskerAsync(PushServer server)
    {
        var (reader, writer) = (await RawPostgres.ConnectAsync(server.Process.Postgres),
            await RawPostgres.ConnectAsync(server.Process.Postgres));
        await reader.QueryAsync("SELECT id FROM live EMIT CHANGES");
        await reader.ReadToAsync('T');
        return new(reader, writer);
    }

    /// <summary>Clients of one server that are not stalled.</summary>
    private sealed class Asker(RawPostgres reader, RawPostgres writer) : IDisposable
    {
        public const int Keys = 2_000;

        /// <summary>A lookup by key.</summary>
        public async Task PullAsync(int i)
        {
            await writer.QueryAsync(string.Create(CultureInfo.InvariantCulture, $"SELECT v FROM known WHERE id = {i * 7919 % Keys}"));
            await writer.ReadToAsync('Z');
        }

        /// <summary>An INSERT, up to its row in a push query.</summary>
        public async Task PushAsync(int i)
        {
            await writer.QueryAsync(string.Create(CultureInfo.InvariantCulture, $"INSERT INTO live VALUES ({i})"));
            await reader.ReadToAsync('D');
            await writer.ReadToAsync('Z');
        }

        public void Dispose()
        {
            reader.Dispose();
            writer.Dispose();
        }
    }

    /// <summary>The clients of both servers, asked by turns.</summary>
    private sealed class Asked(Asker without, Asker with) : IDisposable
    {
        public async Task<Comparison> MeasureAsync(int samples, Func<Asker, int, Task> ask)
        {
            var (before, beside) = (new double[samples], new double[samples]);
            for (var i = 0; i < samples; i++)
            {
                // Who is first changes, so that what the first leaves warm serves both.
                var withFirst = i % 2 == 0;
                await TimeAsync(withFirst ? with : without, withFirst ? beside : before, i, ask);
                await TimeAsync(withFirst ? without : with, withFirst ? before : beside, i, ask);
            }

            return new(P99(before), P99(beside));
        }

        public void Dispose()
        {
            without.Dispose();
            with.Dispose();
        }

        private static async Task TimeAsync(Asker asker, double[] times, int i, Func<Asker, int, Task> ask)
        {
            var start = TimeProvider.System.GetTimestamp();
            await ask(asker, i);
            times[i] = TimeProvider.System.GetElapsedTime(start).TotalMilliseconds;
        }

        private static double P99(double[] times)
        {
            Array.Sort(times);
            return times[times.Length * 99 / 100];
        }
    }

    private readonly record struct Comparison(double WithoutMs, double WithMs)
    {
        public double Slowdown => WithMs / WithoutMs;

        public override string ToString() =>
            string.Create(CultureInfo.InvariantCulture, $"p99 {WithoutMs:F2} ms without and {WithMs:F2} ms with them, {Slowdown:F2} times");
    }
}
