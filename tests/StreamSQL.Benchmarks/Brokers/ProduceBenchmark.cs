using System.Diagnostics;
using System.Globalization;

namespace StreamSQL.Benchmarks.Brokers;

/// <summary>
/// Records a second and broker CPU of librdkafka's producer, beside the mock broker inside the client and, where its folder is given,
/// Apache Kafka; in turn, in one run.
/// </summary>
internal static class ProduceBenchmark
{
    private const int Runs = 3;

    /// <summary>Runs it; the argument is the folder of a Kafka distribution.</summary>
    public static int Run(string[] args)
    {
        if (!Librdkafka.IsThere)
        {
            Console.Error.WriteLine("produce needs librdkafka (apt-get install librdkafka1)");
            return 1;
        }

        Console.WriteLine($"librdkafka {Librdkafka.Version}");
        using var broker = BrokerProcess.Start();
        using var kafka = args is [var folder, ..] ? new KafkaPeer(folder) : null;
        using var admin = RawClient.Open(broker);
        List<ClientTarget> targets = [ClientTarget.Of(broker), ClientTarget.Mock];
        if (kafka is not null)
            targets.Add(ClientTarget.Of(kafka));
        foreach (var (bytes, records) in new[] { (100, 600_000), (1000, 150_000) })
        {
            foreach (var partitions in new[] { 1, ClientTarget.Partitions })
            {
                foreach (var acks in new[] { "1", "all" })
                {
                    var topic = $"p{bytes}-{partitions}-{acks}";
                    admin.CreateTopics([topic], ClientTarget.Partitions);
                    Compare(targets, topic, new byte[bytes], records, partitions, acks);
                    admin.DeleteTopics([topic]);
                }
            }
        }

        return 0;
    }

    private static void Compare(List<ClientTarget> targets, string topic, byte[] value, int records, int partitions, string acks)
    {
        new Random(1).NextBytes(value);
        var rates = targets.ConvertAll(static _ => new List<ClientRate>());
        for (var run = -1; run < Runs; run++)
        {
            for (var i = 0; i < targets.Count; i++)
            {
                var rate = Measure(targets[i], topic, value, records, partitions, acks);
                if (run >= 0)
                    rates[i].Add(rate);
            }
        }

        var ours = ClientRate.Median(rates[0]);
        var line = FormattableString.Invariant($"produce {value.Length,5} B, {partitions} partitions, acks={acks,-3}:");
        for (var i = 0; i < targets.Count; i++)
        {
            var rate = ClientRate.Median(rates[i]);
            line += FormattableString.Invariant($" {targets[i].Name} {rate.RecordsPerSecond / 1e6:F2} M/s {rate.CpuPerMillion:F2} CPU-s/M");
            if (i > 0)
                line += FormattableString.Invariant($" (ratio {ours.RecordsPerSecond / rate.RecordsPerSecond:F2})");
            line += i < targets.Count - 1 ? "," : "";
        }

        Console.WriteLine(line);
    }

    private static ClientRate Measure(ClientTarget target, string topic, byte[] value, int records, int partitions, string acks)
    {
        (string Name, string Value)[] settings =
        [
            .. target.Settings, ("acks", acks), ("linger.ms", "5"), ("delivery.report.only.error", "true"),
            ("queue.buffering.max.messages", "10000000"),
            ("queue.buffering.max.kbytes", int.MaxValue.ToString(CultureInfo.InvariantCulture)),
        ];
        using var client = new Librdkafka.Client(isProducer: true, topic, settings);
        client.Produce(value, 1000 * partitions, partitions); // connects
        var cpu = target.CpuSeconds();
        var start = Stopwatch.GetTimestamp();
        client.Produce(value, records, partitions);
        var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        return new(records / seconds, (target.CpuSeconds() - cpu) / (records / 1e6));
    }
}
