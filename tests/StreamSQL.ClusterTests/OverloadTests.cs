using System.Buffers.Binary;
using System.Globalization;
using System.Net.Sockets;
using StreamSQL.ClusterTests.Support;
using StreamSQL.Kafka;
using StreamSQL.Kafka.Messages;
using StreamSQL.Kafka.Protocol;

namespace StreamSQL.ClusterTests;

/// <summary>More than a server can take slows its clients down, and never ends it.</summary>
public sealed class OverloadTests
{
    private const int Clients = 40;
    private const int RequestBytes = 10 * 1024 * 1024;
    private const int QueuedBytes = 32 * 1024 * 1024;
    private const long HeapBytes = 256L * 1024 * 1024; // less than all requests together
    private const long ResidentKiB = 450 * 1024;
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Many_large_requests_at_once_take_no_more_than_their_bound_and_each_is_answered()
    {
        using var data = new TemporaryDirectory();
        var environment = new Dictionary<string, string>
        {
            ["STREAMSQL_QUEUED_MAX_REQUEST_BYTES"] = QueuedBytes.ToString(CultureInfo.InvariantCulture),
            ["DOTNET_GCHeapHardLimit"] = HeapBytes.ToString("x", CultureInfo.InvariantCulture),
        };
        using ServerProcess server = await ServerProcess.StartAsync(data.Path, environment);
        byte[] request = Request();
        var sockets = new List<Socket>();
        try
        {
            for (int i = 0; i < Clients; i++)
                sockets.Add(await ConnectAsync(server));
            Task[] sending = [.. sockets.Select(socket => SendAsync(socket, request.AsMemory(0, request.Length - 1)))];
            await Task.WhenAny(sending);
            await Task.Delay(TimeSpan.FromSeconds(2));

            sending.Count(static task => task.IsCompleted).ShouldBeInRange(1, (QueuedBytes / RequestBytes) + 1, "the others are held back");
            Resident(server).ShouldBeLessThan(ResidentKiB);

            Task<short>[] answers = [.. sockets.Select((socket, i) => FinishAsync(socket, sending[i], request))];
            (await Task.WhenAll(answers).WaitAsync(_patience)).ShouldAllBe(static code => code == (short)ErrorCode.UnknownTopicOrPartition);
            Resident(server).ShouldBeLessThan(ResidentKiB);
            (await server.ReadAsync("SELECT 1")).ShouldBe(["1"]);
        }
        finally
        {
            sockets.ForEach(static socket => socket.Dispose());
        }
    }

    /// <summary>A produce request to a topic that is not there: its size is what matters.</summary>
    private static byte[] Request()
    {
        using var buffer = new PooledBuffer();
        var request = new ProduceRequest
        {
            Acks = -1, TimeoutMs = 1000,
            TopicData = [new() { Name = "no such topic", PartitionData = [new() { Index = 0, Records = new byte[RequestBytes] }] }],
        };
        Apis.Produce.WriteRequest(buffer, 7, 2, "overload", request);
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Connects and says ApiVersions, which allows large requests. The socket itself holds little.</summary>
    private static async Task<Socket> ConnectAsync(ServerProcess server)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, SendBufferSize = 64 * 1024 };
        await socket.ConnectAsync(server.Kafka);
        using var buffer = new PooledBuffer();
        Apis.ApiVersions.WriteRequest(buffer, 0, 1, "overload", new ApiVersionsRequest());
        await SendAsync(socket, buffer.WrittenMemory);
        await ReceiveAsync(socket);
        return socket;
    }

    private static async Task<short> FinishAsync(Socket socket, Task sending, byte[] request)
    {
        await sending;
        await SendAsync(socket, request.AsMemory(request.Length - 1));
        byte[] answer = await ReceiveAsync(socket);
        var reader = new KafkaReader(answer);
        reader.ReadInt32();
        return (short)Apis.Produce.ReadResponse(ref reader, 7).Responses[0].PartitionResponses[0].ErrorCode;
    }

    private static async Task SendAsync(Socket socket, ReadOnlyMemory<byte> bytes)
    {
        while (!bytes.IsEmpty)
            bytes = bytes[await socket.SendAsync(bytes)..];
    }

    private static async Task<byte[]> ReceiveAsync(Socket socket)
    {
        await using var stream = new NetworkStream(socket, ownsSocket: false);
        byte[] length = new byte[sizeof(int)];
        await stream.ReadExactlyAsync(length);
        byte[] frame = new byte[BinaryPrimitives.ReadInt32BigEndian(length)];
        await stream.ReadExactlyAsync(frame);
        return frame;
    }

    /// <summary>What the server has in memory, in KiB.</summary>
    private static long Resident(ServerProcess server) => File.ReadLines($"/proc/{server.Id}/status")
        .Where(static line => line.StartsWith("VmRSS:", StringComparison.Ordinal))
        .Select(static line => long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture))
        .Single();
}
