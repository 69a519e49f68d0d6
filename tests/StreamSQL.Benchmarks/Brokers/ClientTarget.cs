using System.Globalization;

namespace StreamSQL.Benchmarks.Brokers;

/// <summary>A broker that librdkafka's clients can be pointed at.</summary>
internal sealed record ClientTarget(string Name, Func<double> CpuSeconds, IReadOnlyList<(string Name, string Value)> Settings)
{
    /// <summary>How many partitions every topic has; a benchmark of one partition uses the first.</summary>
    public const int Partitions = 8;

    public static ClientTarget Of(BrokerProcess broker) => new("streamsql", () => broker.CpuSeconds, [Bootstrap(broker.Port)]);

    public static ClientTarget Of(KafkaPeer kafka) => new(
        "kafka", () => kafka.CpuSeconds, [Bootstrap(kafka.Port), ("api.version.request", "false"), ("broker.version.fallback", "0.9.0.1")]);

    /// <summary>
    /// The mock broker inside the client: what the client could do if a broker cost nothing. It takes turns with the client's threads.
    /// </summary>
    public static ClientTarget Mock { get; } = new("mock", static () => 0, [("test.mock.num.brokers", "1")]);

    private static (string Name, string Value) Bootstrap(int port) =>
        ("bootstrap.servers", string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port}"));
}

/// <summary>Records a second, and processor seconds of the broker for a million of them: medians of some runs.</summary>
internal sealed record ClientRate(double RecordsPerSecond, double CpuPerMillion)
{
    public static ClientRate Median(IReadOnlyList<ClientRate> runs) => new(
        runs.Select(static run => run.RecordsPerSecond).Order().ElementAt(runs.Count / 2),
        runs.Select(static run => run.CpuPerMillion).Order().ElementAt(runs.Count / 2));
}
