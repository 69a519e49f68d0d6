using System.Diagnostics;
using StreamSQL.Kafka.Messages;
using StreamSQL.Kafka.Protocol;

namespace StreamSQL.Benchmarks.Brokers;

/// <summary>
/// Latency of single records, linger 0, acks=all fsynced, from the start of the broker's process on: until the acknowledgement, and until a
/// consumer that waits has the record. Beside a peer over TCP that only writes and syncs as many bytes, asked at the same rates.
/// </summary>
internal static class LatencyBenchmark
{
    private const int RecordBytes = 100;
    private const int PerSecond = 1000;
    private const int ColdSeconds = 20;
    private const int WarmSeconds = 5;
    private const short FetchVersion = 11;
    private const string Topic = "latency";

    /// <summary>Runs it; the argument, if there is one, is the path of a published executable to measure.</summary>
    public static int Run(string[] args)
    {
        var batch = StorageScratch.Batch(RecordBytes, (2 * RecordBytes) + 61);
        var frame = ProduceFrames.Encode(Topic, batch, acks: -1);
        double warm;
        using (var broker = BrokerProcess.Start(args is [var path, ..] ? path : null))
        {
            using var producer = RawClient.Open(broker);
            using var consumer = RawClient.Open(broker);
            producer.CreateTopics([Topic], 1);
            Print($"{PerSecond} a second, cold", Measure(producer, consumer, frame, PerSecond, ColdSeconds));
            warm = MostPerSecond(producer, frame) / 2;
            Print($"{warm:F0} a second, half of what one at a time reaches", Measure(producer, consumer, frame, warm, WarmSeconds));
        }

        using var limit = new BlastLimit(batch.Length, [0, 0, 0, 4, 0, 0, 0, 0], isSynced: true);
        using var client = new RawClient(limit.Port);
        foreach (var rate in (double[])[PerSecond, warm])
            Print($"limit (TCP, write, fdatasync), {rate:F0} a second",
                (Paced(client, frame, rate, WarmSeconds, static peer => peer.Receive()), null));
        return 0;
    }

    private static (Latencies Ack, Latencies? Consumed) Measure(RawClient producer, RawClient consumer, byte[] frame, double perSecond,
        int seconds)
    {
        var due = new long[(int)(perSecond * seconds)];
        var consumed = new Latencies(due.Length);
        var next = EndOffset(consumer);
        var reading = new Thread(() =>
        {
            for (var read = 0; read < due.Length;)
            {
                var end = next + Fetch(consumer, next);
                for (; next < end; next++, read++)
                    consumed.Add(Volatile.Read(ref due[read]));
            }
        });
        reading.Start();
        var acknowledged = Paced(producer, frame, perSecond, seconds, ProduceFrames.TakeAnswer, due);
        reading.Join();
        return (acknowledged, consumed);
    }

    /// <summary>
    /// Sends frames at a rate, one in flight at a time. Each counts from when it was due, if the answer before it kept it waiting; else
    /// from when it was sent, so that the lateness of this process's own timer is not taken for the broker's.
    /// </summary>
    private static Latencies Paced(RawClient client, byte[] frame, double perSecond, int seconds, Action<RawClient> takeAnswer,
        long[]? due = null)
    {
        var latencies = new Latencies((int)(perSecond * seconds));
        var start = Stopwatch.GetTimestamp();
        for (var i = 0; i < latencies.Count; i++)
        {
            var at = start + (long)(i / perSecond * Stopwatch.Frequency);
            if (Stopwatch.GetTimestamp() < at)
                at = PreciseTimer.WaitUntil(at);
            if (due is not null)
                Volatile.Write(ref due[i], at);
            client.Send(frame);
            takeAnswer(client);
            latencies.Add(at);
        }

        return latencies;
    }

    private static double MostPerSecond(RawClient producer, byte[] frame)
    {
        const int Count = 2000;
        var start = Stopwatch.GetTimestamp();
        for (var i = 0; i < Count; i++)
        {
            producer.Send(frame);
            ProduceFrames.TakeAnswer(producer);
        }

        return Count / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    /// <summary>Waits for records from an offset on; how many there are.</summary>
    private static long Fetch(RawClient consumer, long offset) =>
        RawFetch.Offsets(Ask(consumer, offset, maxWaitMs: 1000).Records.Span);

    private static long EndOffset(RawClient consumer) => Ask(consumer, 0, maxWaitMs: 0).HighWatermark;

    private static FetchResponse.Partition Ask(RawClient consumer, long offset, int maxWaitMs)
    {
        var partition = new FetchRequest.Partition { FetchOffset = offset, PartitionMaxBytes = 1024 * 1024 };
        var topic = new FetchRequest.Topic { Name = Topic, Partitions = [partition] };
        return consumer.Call(Apis.Fetch, FetchVersion,
            new FetchRequest { MaxWaitMs = maxWaitMs, MinBytes = 1, Topics = [topic] }).Responses[0].Partitions[0];
    }

    private static void Print(FormattableString what, (Latencies Ack, Latencies? Consumed) latencies)
    {
        var line = FormattableString.Invariant($"latency, {FormattableString.Invariant(what)}: acknowledged {latencies.Ack}");
        Console.WriteLine(latencies.Consumed is { } consumed ? $"{line}; consumed {consumed}" : line);
    }
}
