using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace StreamSQL.ClusterTests.Pushes;

/// <summary>A Postgres client that reads only what it is told to: message by message, or nothing at all.</summary>
internal sealed class RawPostgres : IDisposable
{
    private const int ProtocolVersion = 3 << 16;
    private const int CancelCode = (1234 << 16) | 5678;

    private readonly Socket _socket;
    private readonly NetworkStream _stream;
    private readonly IPEndPoint _server;
    private readonly byte[] _header = new byte[5];
    private byte[] _key = [];

    private RawPostgres(Socket socket, IPEndPoint server)
    {
        _socket = socket;
        _server = server;
        _stream = new NetworkStream(socket);
    }

    /// <summary>The body of the last message.</summary>
    public byte[] Body { get; private set; } = [];

    /// <summary>Connects and logs in.</summary>
    /// <param name="server">Where the server listens.</param>
    /// <param name="receiveBytes">The size of the socket's buffer; null for the system's choice.</param>
    public static async Task<RawPostgres> ConnectAsync(IPEndPoint server, int? receiveBytes = null)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        if (receiveBytes is { } bytes)
            socket.ReceiveBufferSize = bytes;
        await socket.ConnectAsync(server);
        var client = new RawPostgres(socket, server);
        byte[] parameters = [.. "user\0test\0database\0streamsql\0\0"u8];
        await client._stream.WriteAsync((byte[])[.. Int32(8 + parameters.Length), .. Int32(ProtocolVersion), .. parameters]);
        await client.ReadToAsync('Z');
        return client;
    }

    /// <summary>Sends a simple query.</summary>
    public ValueTask QueryAsync(string sql)
    {
        byte[] text = [.. Encoding.UTF8.GetBytes(sql), 0];
        return _stream.WriteAsync((byte[])[(byte)'Q', .. Int32(4 + text.Length), .. text]);
    }

    /// <summary>Reads messages up to one of a type; which types came.</summary>
    public async Task<string> ReadToAsync(char type)
    {
        var seen = new StringBuilder();
        while (true)
        {
            await _stream.ReadExactlyAsync(_header);
            Body = new byte[BinaryPrimitives.ReadInt32BigEndian(_header.AsSpan(1)) - 4];
            await _stream.ReadExactlyAsync(Body);
            if (_header[0] == 'K')
                _key = Body;
            seen.Append((char)_header[0]);
            if (_header[0] == type)
                return seen.ToString();
        }
    }

    /// <summary>Asks the server, by another connection, to cancel what this one runs.</summary>
    public async Task CancelAsync()
    {
        using var other = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await other.ConnectAsync(_server);
        await other.SendAsync((byte[])[.. Int32(8 + _key.Length), .. Int32(CancelCode), .. _key]);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _stream.Dispose();
        _socket.Dispose();
    }

    private static byte[] Int32(int value)
    {
        var bytes = new byte[sizeof(int)];
        BinaryPrimitives.WriteInt32BigEndian(bytes, value);
        return bytes;
    }
}
