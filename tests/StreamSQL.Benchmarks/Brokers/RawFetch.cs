using System.Buffers.Binary;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using StreamSQL.Kafka.Messages;
using StreamSQL.Kafka.Protocol;
using StreamSQL.Storage.Files;

namespace StreamSQL.Benchmarks.Brokers;

/// <summary>MB/s of fetches of 8 MiB over one connection, beside a loop by hand that reads as much of a file and sends it.</summary>
internal static class RawFetch
{
    private const int Runs = 5;
    private const int AnswerBytes = 8 * 1024 * 1024;
    private const int BatchBytes = 1024 * 1024;
    private const int Batches = 256;
    private const short Version = 11;
    private const string Topic = "raw";

    public static void Compare(BrokerProcess broker)
    {
        var batch = StorageScratch.Batch(1000, BatchBytes);
        using var client = RawClient.Open(broker);
        client.CreateTopics([Topic], 1);
        var frame = ProduceFrames.Encode(Topic, batch, acks: -1);
        for (var i = 0; i < Batches; i++)
        {
            client.Send(frame);
            ProduceFrames.TakeAnswer(client);
        }

        var (ours, limit) = (new double[Runs], new double[Runs]);
        for (var run = -1; run < Runs; run++)
        {
            var (fetched, byHand) = (Fetch(client, (long)Batches * batch.Length), Limit(batch));
            if (run >= 0)
                (ours[run], limit[run]) = (fetched, byHand);
        }

        Array.Sort(ours);
        Array.Sort(limit);
        var (median, best) = (ours[Runs / 2], limit[Runs / 2]);
        StorageScratch.Print(
            $"fetches of 8 MiB: {median:F0} MB/s, by hand {best:F0} MB/s, ratio {median / best:F2}");
        client.DeleteTopics([Topic]);
    }

    private static double Fetch(RawClient client, long total)
    {
        var partition = new FetchRequest.Partition { PartitionMaxBytes = AnswerBytes };
        var request = new FetchRequest { MaxBytes = AnswerBytes, MaxWaitMs = 100, MinBytes = 1,
            Topics = [new() { Name = Topic, Partitions = [partition] }] };
        var start = Stopwatch.GetTimestamp();
        for (long read = 0; read < total;)
        {
            var records = client.Call(Apis.Fetch, Version, request).Responses[0].Partitions[0].Records;
            read += records.Length;
            partition.FetchOffset += Offsets(records.Span);
        }

        return total / 1e6 / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    /// <summary>How many offsets the batches span: their headers say it.</summary>
    public static long Offsets(ReadOnlySpan<byte> batches)
    {
        var offsets = 0L;
        for (; batches.Length > 0; batches = batches[(12 + BinaryPrimitives.ReadInt32BigEndian(batches[8..]))..])
            offsets += BinaryPrimitives.ReadInt32BigEndian(batches[23..]) + 1;
        return offsets;
    }

    private static double Limit(byte[] batch)
    {
        var path = Path.GetTempFileName();
        try
        {
            using var file = new DiskFileSystem().Open(path, FileOpening.OpenOrCreate);
            for (var i = 0; i < Batches; i++)
                file.Write(batch, (long)i * batch.Length);
            using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            listener.Listen();
            var server = new Thread(() => Serve(listener, file));
            server.Start();
            var total = (long)Batches * batch.Length;
            using (var client = new RawClient(((IPEndPoint)listener.LocalEndPoint!).Port))
            {
                var start = Stopwatch.GetTimestamp();
                for (long read = 0; read < total; read += AnswerBytes)
                {
                    client.Send(new byte[64]);
                    client.Receive();
                }

                total = (long)(total / Stopwatch.GetElapsedTime(start).TotalSeconds);
            }

            server.Join();
            return total / 1e6;
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static void Serve(Socket listener, IStorageFile file)
    {
        using var client = listener.Accept();
        var request = new byte[64];
        var answer = new byte[sizeof(int) + AnswerBytes];
        BinaryPrimitives.WriteInt32BigEndian(answer, AnswerBytes);
        var files = (long)Batches * BatchBytes / AnswerBytes;
        for (var sent = 0L; client.Receive(request) > 0; sent++)
        {
            file.Read(answer.AsSpan(sizeof(int)), sent % (files - 1) * AnswerBytes);
            for (var left = answer.AsSpan(); !left.IsEmpty;)
                left = left[client.Send(left)..];
        }
    }
}
