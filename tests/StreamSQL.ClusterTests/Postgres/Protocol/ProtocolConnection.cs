using System.Buffers.Binary;
using System.Globalization;
using System.Net.Sockets;

namespace StreamSQL.ClusterTests.Postgres.Protocol;

/// <summary>A connection whose messages are written by hand and shown as words: see the cases' file for both languages.</summary>
internal sealed class ProtocolConnection : IDisposable
{
    private const int Version3 = 3 << 16;
    private const int MaxMessageBytes = 16 * 1024 * 1024;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly TcpClient _socket;
    private readonly NetworkStream _stream;

    private ProtocolConnection(TcpClient socket)
    {
        _socket = socket;
        _stream = socket.GetStream();
    }

    /// <summary>Connects, and reads up to ReadyForQuery.</summary>
    public static async Task<ProtocolConnection> OpenAsync(string host, int port, string user, string database)
    {
        var socket = new TcpClient { NoDelay = true };
        await socket.ConnectAsync(host, port);
        var connection = new ProtocolConnection(socket);
        var body = new MemoryStream();
        FrontendWords.WriteInt32(body, Version3);
        foreach (var text in new[] { "user", user, "database", database, "" })
            FrontendWords.WriteString(body, text);
        var length = new byte[sizeof(int)];
        BinaryPrimitives.WriteInt32BigEndian(length, (int)body.Length + sizeof(int));
        await connection._stream.WriteAsync(length);
        await connection._stream.WriteAsync(body.ToArray());
        await connection.ReadToReadyAsync();
        return connection;
    }

    /// <summary>
    /// Sends messages and gives what comes back: up to a ReadyForQuery for each Query, Sync and
    /// FunctionCall that is answered, or to the end.
    /// </summary>
    /// <param name="line">The messages, <c> | </c> between them; <c>&lt;n</c> at the end waits for n words instead.</param>
    public async Task<string> ExchangeAsync(string line)
    {
        var words = line.Split(" | ");
        var counted = words[^1].StartsWith('<') ? int.Parse(words[^1].AsSpan(1), CultureInfo.InvariantCulture) : 0;
        var bytes = new MemoryStream();
        foreach (var word in counted > 0 ? words[..^1] : words)
            bytes.Write(FrontendWords.Encode(word));
        await _stream.WriteAsync(bytes.ToArray());
        if (counted == 0)
            return await ReadToReadyAsync();
        var answer = new List<string>();
        for (var i = 0; i < counted; i++)
            answer.Add(await ReadWordAsync());
        return string.Join(' ', answer);
    }

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();

    private async Task<string> ReadToReadyAsync()
    {
        var answer = new List<string>();
        do
            answer.Add(await ReadWordAsync());
        while (answer[^1] is not ("EOF" or "ZI" or "ZT" or "ZE"));
        return string.Join(' ', answer);
    }

    private async Task<string> ReadWordAsync()
    {
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            var header = new byte[1 + sizeof(int)];
            await _stream.ReadExactlyAsync(header, patience.Token);
            var length = BinaryPrimitives.ReadInt32BigEndian(header.AsSpan(1)) - sizeof(int);
            if (length is < 0 or > MaxMessageBytes)
                throw new InvalidDataException($"a message of {length} bytes");
            var body = new byte[length];
            await _stream.ReadExactlyAsync(body, patience.Token);
            return BackendWords.Show((char)header[0], body);
        }
        catch (IOException)
        {
            return "EOF";
        }
    }
}
