using System.Diagnostics;
using StreamSQL.Kafka.Messages;
using StreamSQL.Kafka.Protocol;

namespace StreamSQL.Benchmarks.Brokers;

/// <summary>What much of everything costs: 1,000 topics of 10 partitions, and 5,000 connections that do nothing.</summary>
internal static class ScaleBenchmark
{
    private const int Topics = 1000;
    private const int PartitionsEach = 10;
    private const int TopicsPerRequest = 100;
    private const int Connections = 5000;
    private const int MetadataRequests = 50;

    /// <summary>Runs it.</summary>
    public static int Run()
    {
        using var broker = BrokerProcess.Start();
        var before = broker.ResidentBytes;
        using (var client = RawClient.Open(broker))
        {
            StorageScratch.Print($"empty broker: {before / 1e6:F0} MB resident");
            var start = Stopwatch.GetTimestamp();
            foreach (var names in Enumerable.Range(0, Topics).Select(static i => $"topic-{i}").Chunk(TopicsPerRequest))
                client.CreateTopics(names, PartitionsEach);
            StorageScratch.Print(
                $"{Topics} topics x {PartitionsEach} partitions: created in {Stopwatch.GetElapsedTime(start).TotalSeconds:F2} s, {broker.ResidentBytes / 1e6:F0} MB resident");
        }

        StorageScratch.Print($"clean restart: ready in {broker.Restart():F2} s, {broker.ResidentBytes / 1e6:F0} MB resident");
        using (var client = RawClient.Open(broker))
        {
            Print("metadata of all topics", Latencies(client, new MetadataRequest { Topics = null }));
            Print("metadata of one topic", Latencies(client, new MetadataRequest { Topics = [new() { Name = "topic-500" }] }));
        }

        Connect(broker);
        return 0;
    }

    private static void Connect(BrokerProcess broker)
    {
        var before = broker.ResidentBytes;
        var open = new List<RawClient>();
        var start = Stopwatch.GetTimestamp();
        try
        {
            while (open.Count < Connections)
                open.Add(RawClient.Open(broker));
            var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
            StorageScratch.Print(
                $"{Connections} idle connections: opened in {seconds:F2} s, {(broker.ResidentBytes - before) / 1e3 / Connections:F1} KB resident each");
        }
        finally
        {
            open.ForEach(static client => client.Dispose());
        }
    }

    private static double[] Latencies(RawClient client, MetadataRequest request)
    {
        const short Version = 9;
        var milliseconds = new double[MetadataRequests];
        var frame = RawClient.Encode(Apis.Metadata, Version, request);
        for (var i = 0; i < MetadataRequests; i++)
        {
            var start = Stopwatch.GetTimestamp();
            client.Send(frame);
            client.Receive();
            milliseconds[i] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        }

        return milliseconds;
    }

    private static void Print(string what, double[] milliseconds)
    {
        var sorted = milliseconds.Order().ToArray();
        StorageScratch.Print($"{what}: first {milliseconds[0]:F2} ms, p50 {sorted[sorted.Length / 2]:F2} ms, worst {sorted[^1]:F2} ms");
    }
}
