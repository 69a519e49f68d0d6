using StreamSQL.Data.Types;
using StreamSQL.Engine.Sessions;
using StreamSQL.Kafka.Client;
using StreamSQL.Server.Hosting;
using StreamSQL.Server.Options;

namespace StreamSQL.Server.Demo;

/// <summary>The <c>demo</c> command: the server with the flights sample loaded and its queries running.</summary>
internal static class FlightDemo
{
    private const int ChunkRecords = 500;
    private static readonly TimeSpan LoopInterval = TimeSpan.FromMilliseconds(200);

    /// <summary>Starts the server, loads what is not loaded yet, prints what to try; with a rate, keeps flights coming.</summary>
    /// <param name="options">The server's options.</param>
    /// <param name="loopRate">Flights a second after the first lap; null loads one lap only.</param>
    /// <param name="cancellation">Ends the demo.</param>
    public static Task<int> RunAsync(ServerOptions options, int? loopRate, CancellationToken cancellation) =>
        ServerRun.RunAsync(
            options,
            async (server, stop) =>
            {
                var folder = SampleFolder.Find("flights");
                var data = FlightData.Load(folder);
                await LoadAsync(server, data, folder, stop);
                await ServerRun.PrintReady(server);
                await Console.Out.WriteLineAsync(WhatToTry(server));
                if (loopRate is { } rate)
                    await LoopAsync(server.Broker, data, rate, stop);
            },
            cancellation);

    private static async Task LoadAsync(StreamSqlServer server, FlightData data, string folder, CancellationToken cancellation)
    {
        await using var session = server.Engine.CreateSession("demo", "streamsql");
        await ExecuteAsync(session, Path.Combine(folder, "sources.sql"), cancellation);
        await using (var progress = LoadProgress.Create(data.Airports.Count + data.Flights.Count))
        {
            // The airports come before the query that joins with them is created, so that it finds every airport from its first flight on.
            await LoadTopicAsync(server.Broker, "airports", data.Airports, progress, cancellation);
            await ExecuteAsync(session, Path.Combine(folder, "queries.sql"), cancellation);
            await LoadTopicAsync(server.Broker, "flights", data.Flights, progress, cancellation);
        }

        await server.Engine.WaitUntilCaughtUpAsync(cancellation);
    }

    private static async Task ExecuteAsync(Session session, string file, CancellationToken cancellation)
    {
        foreach (var statement in session.Parse(await File.ReadAllTextAsync(file, cancellation)))
        {
            var prepared = session.Prepare(statement, Array.Empty<SqlType?>());
            await using var result = await session.ExecuteAsync(prepared, [], cancellation);
            while (await result.ReadAsync(cancellation) is not null)
                continue;
        }
    }

    private static async Task LoadTopicAsync(
        IBrokerClient broker, string topic, IReadOnlyList<SampleRecord> records, LoadProgress progress, CancellationToken cancellation)
    {
        await using var loader = await SampleLoader.OpenAsync(broker, topic, TimeProvider.System, cancellation);
        progress.Advance(Math.Min(loader.Loaded, records.Count));
        while (loader.Loaded < records.Count)
        {
            var chunk = records.Skip((int)loader.Loaded).Take(ChunkRecords).ToArray();
            await loader.AppendAsync(chunk, cancellation);
            progress.Advance(chunk.Length);
        }
    }

    private static async Task LoopAsync(IBrokerClient broker, FlightData data, int rate, CancellationToken cancellation)
    {
        await using var loader = await SampleLoader.OpenAsync(broker, "flights", TimeProvider.System, cancellation);
        using var timer = new PeriodicTimer(LoopInterval);
        var due = 0.0;
        while (await timer.WaitForNextTickAsync(cancellation))
        {
            due += rate * LoopInterval.TotalSeconds;
            var count = (int)due;
            due -= count;
            if (count > 0)
                await loader.AppendAsync(Enumerable.Range(0, count).Select(i => FlightAt(data, loader.Loaded + i)), cancellation);
        }
    }

    private static SampleRecord FlightAt(FlightData data, long index) =>
        FlightData.InLap(data.Flights[(int)(index % data.Flights.Count)], (int)(index / data.Flights.Count));

    private static string WhatToTry(StreamSqlServer server) =>
        $"""

        Try, in another terminal:

          psql -h {server.Postgres.Address} -p {server.Postgres.Port} -d streamsql

          \d
          SELECT * FROM departures WHERE origin = 'ORD' AND windowstart = '2001-01-01';
          SELECT origin, SUM(flights) AS flights FROM departures GROUP BY origin ORDER BY flights DESC LIMIT 5;
          SELECT * FROM departures_by_state WHERE state IN ('TX', 'CA', 'FL');

        and rows as they change (start the demo with --loop to see some; Ctrl-C ends the query):

          \set FETCH_COUNT 1
          SELECT * FROM departures EMIT CHANGES;

        """;
}
