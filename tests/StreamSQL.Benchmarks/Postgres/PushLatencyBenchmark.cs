using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using StreamSQL.Benchmarks.Brokers;
using StreamSQL.Kafka.Records;

namespace StreamSQL.Benchmarks.Postgres;

/// <summary>
/// From a Kafka produce request to the row of a push query at its client: one record a request, 1,000 a second, and 100 records a request,
/// 100,000 a second, acks=all fsynced. Counted from when a request was sent until its last row has arrived.
/// </summary>
internal static class PushLatencyBenchmark
{
    private const int RequestsPerSecond = 1000;
    private const int WarmUpSeconds = 5;
    private const int Seconds = 10;
    private const string Topic = "events";

    /// <summary>Runs it; 0.</summary>
    public static int Run()
    {
        using var server = BrokerProcess.Start();
        using (var client = new RawPostgres(server.PostgresPort, "bench"))
            client.Query($"CREATE STREAM events (n INTEGER) WITH (KAFKA_TOPIC='{Topic}', VALUE_FORMAT='JSON', PARTITIONS=1);");
        foreach (var records in (int[])[1, 100])
        {
            Measure(server, records, WarmUpSeconds);
            var (acknowledged, pushed) = Measure(server, records, Seconds);
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"push-latency, {records * RequestsPerSecond} records a second, {records} a request: acknowledged {acknowledged}; pushed {pushed}"));
        }

        return 0;
    }

    private static (Latencies Acknowledged, Latencies Pushed) Measure(BrokerProcess server, int records, int seconds)
    {
        var sent = new long[seconds * RequestsPerSecond];
        var acknowledged = new Latencies(sent.Length);
        var pushed = new Latencies(sent.Length);
        using var subscriber = new RawPostgres(server.PostgresPort, "bench");
        subscriber.Begin("SELECT n FROM events EMIT CHANGES");
        subscriber.ReadUntil((byte)'T');
        var reading = new Thread(() => Read(subscriber, records, sent, pushed));
        reading.Start();
        using var producer = RawClient.Open(server);
        byte[][] frames = [.. Enumerable.Range(0, sent.Length).Select(request => Frame(request, records))];
        var start = Stopwatch.GetTimestamp();
        for (var request = 0; request < sent.Length; request++)
        {
            var due = start + (request * Stopwatch.Frequency / RequestsPerSecond);
            if (Stopwatch.GetTimestamp() < due)
                PreciseTimer.WaitUntil(due);
            var at = Stopwatch.GetTimestamp();
            Volatile.Write(ref sent[request], at);
            producer.Send(frames[request]);
            ProduceFrames.TakeAnswer(producer);
            acknowledged.Add(at);
        }

        reading.Join();
        return (acknowledged, pushed);
    }

    private static byte[] Frame(int request, int records)
    {
        using var batch = new RecordBatchBuilder();
        var value = Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $$"""{"N":{{request}}}"""));
        for (var i = 0; i < records; i++)
            batch.Append(default, hasKey: false, value, hasValue: true, 1_700_000_000_000);
        return ProduceFrames.Encode(Topic, batch.Build(), acks: -1);
    }

    private static void Read(RawPostgres subscriber, int records, long[] sent, Latencies pushed)
    {
        var rows = new int[sent.Length];
        for (var left = sent.Length; left > 0;)
        {
            if (subscriber.ReadMessage() != 'D')
                continue;
            var text = subscriber.Body[6..][..BinaryPrimitives.ReadInt32BigEndian(subscriber.Body[2..])];
            var request = int.Parse(text, CultureInfo.InvariantCulture);
            if (++rows[request] < records)
                continue;
            pushed.Add(Volatile.Read(ref sent[request]));
            left--;
        }
    }
}
