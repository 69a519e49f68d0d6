using System.Diagnostics;

namespace StreamSQL.Benchmarks.Brokers;

/// <summary>
/// MB/s of produce requests that were encoded before, each with one batch of about 1 MiB, five in flight over one connection; beside a loop
/// by hand that receives, checks and appends the same frames.
/// </summary>
internal static class BlastBenchmark
{
    private const int Runs = 5;
    private const int InFlight = 5;
    private const long TotalBytes = 512L * 1024 * 1024;
    private const int BatchBytes = 1024 * 1024;
    private const string Topic = "blast";

    /// <summary>
    /// Runs it: records of 100 B and 1 KB with acks=1 and acks=all, or one of these (<c>1</c>, <c>all</c>), in a topic with a flush policy
    /// (<c>commit</c>, <c>interval</c>, <c>os</c>).
    /// </summary>
    public static int Run(string[] args)
    {
        foreach (var acks in new short[] { 1, -1 })
        {
            foreach (var recordBytes in new[] { 100, 1000 })
            {
                if (args is not [var only, ..] || only == Name(acks))
                    Compare(acks, recordBytes, args is [_, var policy, ..] ? policy : "commit");
            }
        }

        return 0;
    }

    private static void Compare(short acks, int recordBytes, string policy)
    {
        var batch = StorageScratch.Batch(recordBytes, BatchBytes);
        var frame = ProduceFrames.Encode(Topic, batch, acks);
        var (ours, limit, cpu) = (new double[Runs], new double[Runs], new double[Runs]);
        using var broker = BrokerProcess.Start();
        using var client = RawClient.Open(broker);
        for (var run = -1; run < Runs; run++)
        {
            client.CreateTopics([Topic], 1, policy);
            var before = broker.CpuSeconds;
            var rate = Blast(client, frame);
            var seconds = broker.CpuSeconds - before;
            client.DeleteTopics([Topic]);
            var byHand = Limit(frame, batch.Length, acks, policy);
            if (run >= 0)
                (ours[run], limit[run], cpu[run]) = (rate, byHand, seconds / (Frames(frame) * (batch.Length / recordBytes) / 1e6));
        }

        var (median, best) = (Median(ours), Median(limit));
        StorageScratch.Print(
            $"blast {Name(acks),-4}{(policy == "commit" ? "" : $" {policy}"),-9} {recordBytes,5} B records: {median,7:F0} MB/s, by hand {best,7:F0} MB/s, ratio {median / best:F2}, {Median(cpu):F3} broker CPU-s per M records");
    }

    private static double Limit(byte[] frame, int batchBytes, short acks, string policy)
    {
        var answer = new byte[48]; // as long as the broker's
        answer[3] = (byte)(answer.Length - sizeof(int));
        using var limit = new BlastLimit(batchBytes, answer, isSynced: acks == -1 && policy == "commit");
        using var client = new RawClient(limit.Port);
        var start = Stopwatch.GetTimestamp();
        Pump(client, frame, static client => _ = client.Receive());
        return Rate(frame, start);
    }

    private static double Blast(RawClient client, byte[] frame)
    {
        var start = Stopwatch.GetTimestamp();
        Pump(client, frame, ProduceFrames.TakeAnswer);
        return Rate(frame, start);
    }

    private static void Pump(RawClient client, byte[] frame, Action<RawClient> takeAnswer)
    {
        for (var sent = 0; sent < Frames(frame) + InFlight; sent++)
        {
            if (sent >= InFlight)
                takeAnswer(client);
            if (sent < Frames(frame))
                client.Send(frame);
        }
    }

    private static long Frames(byte[] frame) => TotalBytes / frame.Length;

    private static double Rate(byte[] frame, long start) =>
        Frames(frame) * frame.Length / 1e6 / Stopwatch.GetElapsedTime(start).TotalSeconds;

    private static string Name(short acks) => acks == -1 ? "all" : "1";

    private static double Median(double[] values) => values.Order().ElementAt(values.Length / 2);
}
