using System.Diagnostics;
using System.Net.Sockets;
using StreamSQL.ClusterTests.Support;
using StreamSQL.Kafka;
using StreamSQL.Kafka.Messages;
using StreamSQL.Kafka.Protocol;

namespace StreamSQL.ClusterTests.Resources;

/// <summary>
/// A server that has used up its file descriptors closes nobody who was there, does not turn in a
/// circle, and lets others in when some are free.
/// </summary>
public sealed class DescriptorTests
{
    private const int Limit = 320;
    private const int Clients = 200; // more than that leaves
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task Who_is_there_stays_and_who_comes_waits_until_there_is_a_place()
    {
        if (!OperatingSystem.IsLinux())
            Assert.Skip("the limit is set with ulimit");
        using var data = new TemporaryDirectory();
        using ServerProcess server = await ServerProcess.StartAsync(data.Path, openFiles: Limit);
        await server.ExecuteAsync("CREATE STREAM s (k INT KEY, v VARCHAR) WITH (KAFKA_TOPIC = 's', PARTITIONS = 4, VALUE_FORMAT = 'JSON')");
        var sockets = new List<Socket>();
        try
        {
            for (int i = 0; i < Clients; i++)
            {
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                sockets.Add(socket);
                await socket.ConnectAsync(server.Kafka); // the backlog takes it, if nobody else does
            }

            Task<bool>[] first = [.. sockets.Select(socket => AsksAsync(socket, TimeSpan.FromSeconds(3)))];
            bool[] answered = await Task.WhenAll(first);
            int served = answered.Count(static a => a);
            served.ShouldBeInRange(10, Clients - 10);

            TimeSpan before = Processor(server);
            await Task.Delay(TimeSpan.FromSeconds(2));
            (Processor(server) - before).ShouldBeLessThan(TimeSpan.FromSeconds(0.6), "it waits and does not turn in a circle");
            foreach ((Socket socket, bool isServed) in sockets.Zip(answered))
            {
                if (isServed)
                    (await AsksAsync(socket, Patience)).ShouldBeTrue("who was there is still served");
            }

            foreach ((Socket socket, bool isServed) in sockets.Zip(answered))
            {
                if (isServed)
                    socket.Dispose();
            }

            Socket waiting = sockets[Array.IndexOf(answered, false)];
            (await ReceivesAsync(waiting, Patience)).ShouldBeTrue("who waited longest is served now");
            sockets.ForEach(static socket => socket.Dispose());
            (await server.ReadAsync("SELECT 1").WaitAsync(Patience)).ShouldBe(["1"]);
            await server.ExecuteAsync("INSERT INTO s VALUES (1, 'a')");
        }
        finally
        {
            sockets.ForEach(static socket => socket.Dispose());
        }
    }

    /// <summary>Whether a client that asks for the API versions is answered in time.</summary>
    private static async Task<bool> AsksAsync(Socket socket, TimeSpan patience)
    {
        using var timeout = new CancellationTokenSource(patience);
        try
        {
            using var buffer = new PooledBuffer();
            Apis.ApiVersions.WriteRequest(buffer, 0, 1, "descriptors", new ApiVersionsRequest());
            await socket.SendAsync(buffer.WrittenMemory, timeout.Token);
        }
        catch (OperationCanceledException)
        {
            return false;
        }

        return await ReceivesAsync(socket, patience);
    }

    private static async Task<bool> ReceivesAsync(Socket socket, TimeSpan patience)
    {
        using var timeout = new CancellationTokenSource(patience);
        try
        {
            return await socket.ReceiveAsync(new byte[4096], timeout.Token) > 4;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    /// <summary>The processor time that a server has taken.</summary>
    private static TimeSpan Processor(ServerProcess server)
    {
        using Process process = Process.GetProcessById(server.Id);
        return process.TotalProcessorTime;
    }
}
