using System.Diagnostics;

namespace StreamSQL.Benchmarks.Brokers;

/// <summary>
/// Records a second and broker CPU of librdkafka's consumer, beside Apache Kafka where its folder is given; then MB/s of large fetches by
/// a client that does nothing else, beside a loop that reads a file and sends it.
/// </summary>
internal static class ConsumeBenchmark
{
    private const int Runs = 3;

    /// <summary>Runs it; the argument is the folder of a Kafka distribution.</summary>
    public static int Run(string[] args)
    {
        if (!Librdkafka.IsThere)
        {
            Console.Error.WriteLine("consume needs librdkafka (apt-get install librdkafka1)");
            return 1;
        }

        Console.WriteLine($"librdkafka {Librdkafka.Version}");
        using var broker = BrokerProcess.Start();
        using var kafka = args is [var folder, ..] ? new KafkaPeer(folder) : null;
        using var admin = RawClient.Open(broker);
        List<ClientTarget> targets = [ClientTarget.Of(broker)];
        if (kafka is not null)
            targets.Add(ClientTarget.Of(kafka));
        foreach (var (bytes, records) in new[] { (100, 1_000_000), (1000, 400_000) })
        {
            foreach (var partitions in new[] { 1, ClientTarget.Partitions })
            {
                var topic = $"c{bytes}-{partitions}";
                admin.CreateTopics([topic], ClientTarget.Partitions);
                foreach (var target in targets)
                    Fill(target, topic, bytes, records, partitions);
                Compare(targets, topic, bytes, records, partitions);
                admin.DeleteTopics([topic]);
            }
        }

        RawFetch.Compare(broker);
        return 0;
    }

    private static void Fill(ClientTarget target, string topic, int bytes, int records, int partitions)
    {
        var value = new byte[bytes];
        new Random(1).NextBytes(value);
        (string Name, string Value)[] settings =
        [
            .. target.Settings, ("acks", "all"), ("linger.ms", "5"), ("delivery.report.only.error", "true"),
            ("queue.buffering.max.messages", "10000000"), ("queue.buffering.max.kbytes", "2000000"),
        ];
        using var client = new Librdkafka.Client(isProducer: true, topic, settings);
        client.Produce(value, records, partitions);
    }

    private static void Compare(List<ClientTarget> targets, string topic, int bytes, int records, int partitions)
    {
        var rates = targets.ConvertAll(static _ => new List<ClientRate>());
        for (var run = -1; run < Runs; run++)
        {
            for (var i = 0; i < targets.Count; i++)
            {
                var rate = Measure(targets[i], topic, bytes, records, partitions);
                if (run >= 0)
                    rates[i].Add(rate);
            }
        }

        var ours = ClientRate.Median(rates[0]);
        var line = FormattableString.Invariant(
            $"consume {bytes,5} B, {partitions} partitions: streamsql {ours.RecordsPerSecond / 1e6:F2} M/s {ours.CpuPerMillion:F2} CPU-s/M");
        if (targets.Count > 1)
        {
            var peer = ClientRate.Median(rates[1]);
            line += FormattableString.Invariant(
                $", kafka {peer.RecordsPerSecond / 1e6:F2} M/s {peer.CpuPerMillion:F2} CPU-s/M (ratio {ours.RecordsPerSecond / peer.RecordsPerSecond:F2})");
        }

        Console.WriteLine(line);
    }

    private static ClientRate Measure(ClientTarget target, string topic, int bytes, int records, int partitions)
    {
        using var client = new Librdkafka.Client(isProducer: false, topic, target.Settings);
        var cpu = target.CpuSeconds();
        var start = Stopwatch.GetTimestamp();
        if (client.Consume(records, partitions) < (long)records * bytes)
            throw new InvalidOperationException("The records are not those that were produced.");
        var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        return new(records / seconds, (target.CpuSeconds() - cpu) / (records / 1e6));
    }
}
