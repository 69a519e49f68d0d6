using System.Globalization;
using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using StreamSQL.Server.Hosting;
using StreamSQL.Server.Options;

namespace StreamSQL.ConformanceTests.Differential;

/// <summary>
/// <c>differential COUNT [--seed S] [--postgres HOST:PORT] [--first N]</c>: random SELECTs over the same rows, answered by StreamSQL and by
/// PostgreSQL. Whatever differs and is not in the page of differences is made small and shown.
/// </summary>
internal static class DifferentialCommand
{
    private const int ShrinkTries = 600;
    private const int ShownAtMost = 20;

    public static int ShowUsage(TextWriter output)
    {
        output.WriteLine(
            "usage: differential COUNT [--seed S] [--postgres HOST:PORT] [--first N]   random queries, compared with PostgreSQL 15");
        return 2;
    }

    public static async Task<int> RunAsync(string count, IReadOnlyList<string> options, TextWriter output)
    {
        if (DifferentialOptions.TryParse(count, options) is not { } parsed)
            return ShowUsage(output);
        var binaries = parsed.Postgres is null ? PostgresCluster.FindBinaries() : null;
        if (parsed.Postgres is null && binaries is null)
        {
            var required = Environment.GetEnvironmentVariable("STREAMSQL_TEST_CLIENTS") == "required";
            output.WriteLine($"differential: {(required ? "failed" : "left out")}: no PostgreSQL server is installed here (Debian: " +
                "apt-get install postgresql), and --postgres names none");
            return required ? 1 : 0;
        }

        output.WriteLine($"seed {parsed.Seed}");
        var directory = Directory.CreateTempSubdirectory("differential-streamsql-");
        try
        {
            await using var cluster = binaries is null ? null : await PostgresCluster.StartAsync(binaries);
            await using var server = await StartServerAsync(directory.FullName);
            await using var expected = await Subject.ConnectAsync(parsed.Postgres?.Address.ToString() ?? "127.0.0.1",
                parsed.Postgres?.Port ?? cluster!.Port, "postgres", "postgres");
            await using var actual = await Subject.ConnectAsync("127.0.0.1", server.Postgres.Port, "postgres", "streamsql");
            return await new DifferentialRun(expected, actual, parsed, output).RunAsync(ShrinkTries, ShownAtMost);
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    private static Task<StreamSqlServer> StartServerAsync(string directory)
    {
        var anyPort = new IPEndPoint(IPAddress.Loopback, 0);
        return StreamSqlServer.StartAsync(
            new() { DataDirectory = directory, Kafka = [new(KafkaEndpoint.DefaultName, anyPort)], Postgres = anyPort, Http = anyPort },
            NullLoggerFactory.Instance, TimeProvider.System, CancellationToken.None);
    }
}

/// <summary>What the command line asks for.</summary>
/// <param name="Count">How many queries.</param>
/// <param name="Seed">What tables and queries follow from.</param>
/// <param name="Postgres">A server to ask; null to start one.</param>
/// <param name="First">The number of the first query; the same number is the same query under a seed.</param>
internal sealed record DifferentialOptions(int Count, int Seed, IPEndPoint? Postgres, int First)
{
    public static DifferentialOptions? TryParse(string count, IReadOnlyList<string> options)
    {
        if (!int.TryParse(count, NumberStyles.None, CultureInfo.InvariantCulture, out var queries) || queries == 0
            || options.Count % 2 != 0)
            return null;
        var parsed = new DifferentialOptions(queries, Environment.TickCount & int.MaxValue, null, 0);
        for (var i = 0; i < options.Count; i += 2)
        {
            var number = int.TryParse(options[i + 1], NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : (int?)null;
            switch (options[i])
            {
                case "--seed" when number is { } seed:
                    parsed = parsed with { Seed = seed };
                    break;
                case "--first" when number is { } first:
                    parsed = parsed with { First = first };
                    break;
                case "--postgres" when IPEndPoint.TryParse(options[i + 1].Replace("localhost", "127.0.0.1", StringComparison.Ordinal),
                    out var address):
                    parsed = parsed with { Postgres = address };
                    break;
                default:
                    return null;
            }
        }

        return parsed;
    }
}
