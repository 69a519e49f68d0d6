using System.Net;
using System.Net.Sockets;

namespace StreamSQL.Kafka.Client.Tcp;

/// <summary>Settings of a client of a Kafka cluster.</summary>
public sealed record TcpClientOptions
{
    /// <summary>Brokers to ask for the others; one that answers is enough.</summary>
    public required IReadOnlyList<DnsEndPoint> Bootstrap { get; init; }

    /// <summary>What the client calls itself.</summary>
    public string ClientId { get; init; } = "streamsql";

    /// <summary>How long an answer may take.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long an operation is tried again while the cluster answers that it cannot serve it now.</summary>
    public TimeSpan RetryTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>The pause before another try.</summary>
    public TimeSpan RetryBackoff { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>How long a connection may take to open.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The largest response taken.</summary>
    public int MaxResponseBytes { get; init; } = 128 * 1024 * 1024;

    /// <summary>How many fetch requests may wait at one broker at once, each on a connection of its own.</summary>
    public int FetchConnections { get; init; } = 8;

    /// <summary>Opens a stream to a broker.</summary>
    public Func<DnsEndPoint, CancellationToken, ValueTask<Stream>> Connect { get; init; } = ConnectSocketAsync;

    private static async ValueTask<Stream> ConnectSocketAsync(DnsEndPoint address, CancellationToken cancellation)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(address, cancellation);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
