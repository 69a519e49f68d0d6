using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace StreamSQL.ClusterTests.Soak;

/// <summary>
/// A byte to a thread of this process and back over loopback, again and again: what a question takes on this machine at this moment when
/// nobody has to think about the answer.
/// </summary>
internal sealed class EchoProbe
{
    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(10);

    /// <summary>How long the answers took.</summary>
    public Latencies Latencies { get; } = new();

    /// <summary>Asks until it is told to stop.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        using var listener = new Socket(SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        using var client = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await client.ConnectAsync(listener.LocalEndPoint!, CancellationToken.None);
        using var server = await listener.AcceptAsync(CancellationToken.None);
        server.NoDelay = true;
        await Task.WhenAll(
            Task.Factory.StartNew(() => Answer(server), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default),
            Task.Factory.StartNew(() => Ask(client, stop), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default));
    }

    private static void Answer(Socket server)
    {
        var one = new byte[1];
        while (server.Receive(one) == 1)
            server.Send(one);
    }

    private void Ask(Socket client, CancellationToken stop)
    {
        var one = new byte[1];
        while (!stop.WaitHandle.WaitOne(_pause))
        {
            var started = Stopwatch.GetTimestamp();
            client.Send(one);
            client.Receive(one);
            Latencies.Add(started);
        }

        client.Shutdown(SocketShutdown.Both);
    }
}
