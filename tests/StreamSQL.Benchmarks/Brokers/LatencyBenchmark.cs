using System.Diagnostics;
using StreamSQL.Kafka.Messages;
using StreamSQL.Kafka.Protocol;

namespace StreamSQL.Benchmarks.Brokers;

/// <summary>
/// Latency of single records, linger 0, acks=all fsynced, from the start of the broker's process on: until the acknowledgement, and until a
/// consumer that waits has the record. Beside a ping-pong over TCP whose other side writes and syncs as many bytes.
/// </summary>
internal static class LatencyBenchmark
{
    private const int RecordBytes = 100;
    private const int PerSecond = 1000;
    private const int Seconds = 20;
    private const short FetchVersion = 11;
    private const string Topic = "latency";

    /// <summary>Runs it.</summary>
    public static int Run()
    {
        var batch = StorageScratch.Batch(RecordBytes, (2 * RecordBytes) + 61);
        using (var broker = BrokerProcess.Start())
        {
            using var producer = RawClient.Open(broker);
            using var consumer = RawClient.Open(broker);
            producer.CreateTopics([Topic], 1);
            var frame = ProduceFrames.Encode(Topic, batch, acks: -1);
            var load = Measure(producer, consumer, frame, PerSecond, Seconds * PerSecond);
            Print($"{PerSecond} a second, cold", load);
            var most = MostPerSecond(producer, frame);
            Print($"{most / 2:F0} a second, half of what one at a time reaches", Measure(producer, consumer, frame, most / 2, (int)(most / 2 * 5)));
        }

        Print($"limit (TCP, write, fdatasync)", (PingPong(batch), null));
        return 0;
    }

    /// <summary>Sends records at a rate, one in flight at a time; both latencies count from when each was due.</summary>
    private static (double[] Ack, double[]? Consumed) Measure(RawClient producer, RawClient consumer, byte[] frame, double perSecond, int count)
    {
        var due = new long[count];
        var acknowledged = new double[count];
        var consumed = new double[count];
        var next = EndOffset(consumer);
        var reading = new Thread(() =>
        {
            for (var read = 0; read < count;)
            {
                var end = next + Fetch(consumer, next);
                for (; next < end; next++, read++)
                    consumed[read] = Milliseconds(due[read]);
            }
        });
        var start = Stopwatch.GetTimestamp();
        reading.Start();
        for (var i = 0; i < count; i++)
        {
            var at = start + (long)(i / perSecond * Stopwatch.Frequency);
            while (Stopwatch.GetTimestamp() < at)
                Thread.Yield(); // a timer would be late by as much as is measured here
            due[i] = at;
            producer.Send(frame);
            ProduceFrames.TakeAnswer(producer);
            acknowledged[i] = Milliseconds(at);
        }

        reading.Join();
        return (acknowledged, consumed);
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
        return consumer.Call(Apis.Fetch, FetchVersion, new FetchRequest { MaxWaitMs = maxWaitMs, MinBytes = 1, Topics = [topic] }).Responses[0].Partitions[0];
    }

    private static double[] PingPong(byte[] batch)
    {
        const int Count = 2000;
        var frame = ProduceFrames.Encode(Topic, batch, acks: -1);
        var latencies = new double[Count];
        using var limit = new BlastLimit(batch.Length, [0, 0, 0, 4, 0, 0, 0, 0], isSynced: true);
        using var client = new RawClient(limit.Port);
        for (var i = 0; i < Count; i++)
        {
            var start = Stopwatch.GetTimestamp();
            client.Send(frame);
            client.Receive();
            latencies[i] = Milliseconds(start);
        }

        return latencies;
    }

    private static double Milliseconds(long since) => Stopwatch.GetElapsedTime(since).TotalMilliseconds;

    private static void Print(FormattableString what, (double[] Ack, double[]? Consumed) latencies)
    {
        var line = FormattableString.Invariant($"latency, {FormattableString.Invariant(what)}: acknowledged {Percentiles(latencies.Ack)}");
        Console.WriteLine(latencies.Consumed is { } consumed ? $"{line}; consumed {Percentiles(consumed)}" : line);
    }

    private static string Percentiles(double[] values)
    {
        Array.Sort(values);
        double At(double part) => values[(int)(part * (values.Length - 1))];
        return FormattableString.Invariant($"p50 {At(0.5):F3}, p99 {At(0.99):F3}, p99.9 {At(0.999):F3} ms");
    }
}
