using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;

namespace StreamSQL.ConformanceTests.Postgres;

/// <summary>What a statement was answered with.</summary>
/// <param name="Results">Name and type of each column, result by result.</param>
/// <param name="Rows">All rows as text.</param>
/// <param name="Error">SQLSTATE and message of the first error, or null.</param>
internal sealed record WireAnswer(IReadOnlyList<IReadOnlyList<(string Name, uint Oid)>> Results, IReadOnlyList<string?[]> Rows,
    string? Error);

/// <summary>A client that speaks the protocol by hand, so that nothing stands between the recorded statement and the server.</summary>
internal sealed class WireConnection : IDisposable
{
    private const int ProtocolVersion = 3 << 16;
    private const int MaxMessageBytes = 64 * 1024 * 1024;

    private readonly TcpClient _socket;
    private readonly NetworkStream _stream;

    private WireConnection(TcpClient socket)
    {
        _socket = socket;
        _stream = socket.GetStream();
    }

    /// <summary>Connects and waits until the session is ready.</summary>
    /// <exception cref="IOException">The server refused.</exception>
    public static async Task<WireConnection> OpenAsync(string host, int port, TimeSpan patience)
    {
        var socket = new TcpClient { NoDelay = true };
        await socket.ConnectAsync(host, port);
        socket.ReceiveTimeout = socket.SendTimeout = (int)patience.TotalMilliseconds;
        var connection = new WireConnection(socket);
        connection.Startup();
        if (connection.ReadAnswer().Error is { } error)
            throw new IOException(error);
        return connection;
    }

    /// <summary>Runs a text by the simple protocol.</summary>
    public WireAnswer Query(string sql)
    {
        Send('Q', body => WriteString(body, sql));
        return ReadAnswer();
    }

    /// <summary>Runs a statement by the extended protocol, all values and results as text.</summary>
    public WireAnswer Execute(string sql, IReadOnlyList<RecordedParameter> parameters)
    {
        Send('P', body =>
        {
            WriteString(body, "");
            WriteString(body, sql);
            WriteInt16(body, parameters.Count);
            foreach (var parameter in parameters)
                WriteInt32(body, (int)parameter.Oid);
        });
        Send('B', body =>
        {
            body.Write([0, 0, 0, 0]);
            WriteInt16(body, parameters.Count);
            foreach (var parameter in parameters)
            {
                var value = parameter.Value is null ? null : Encoding.UTF8.GetBytes(parameter.Value);
                WriteInt32(body, value?.Length ?? -1);
                body.Write(value ?? []);
            }

            WriteInt16(body, 0);
        });
        Send('D', static body => body.Write([(byte)'P', 0]));
        Send('E', static body => body.Write([0, 0, 0, 0, 0]));
        Send('S', static _ => { });
        return ReadAnswer();
    }

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();

    private void Startup()
    {
        var body = new MemoryStream();
        WriteInt32(body, ProtocolVersion);
        foreach (var text in new[] { "user", "replay", "database", "streamsql", "" })
            WriteString(body, text);
        var length = new MemoryStream();
        WriteInt32(length, (int)body.Length + sizeof(int));
        _stream.Write(length.ToArray());
        _stream.Write(body.ToArray());
    }

    private void Send(char type, Action<MemoryStream> write)
    {
        var body = new MemoryStream();
        write(body);
        var message = new MemoryStream();
        message.WriteByte((byte)type);
        WriteInt32(message, (int)body.Length + sizeof(int));
        body.WriteTo(message);
        _stream.Write(message.ToArray());
    }

    private WireAnswer ReadAnswer()
    {
        var results = new List<IReadOnlyList<(string, uint)>>();
        var rows = new List<string?[]>();
        string? error = null;
        while (true)
        {
            var (type, body) = ReadMessage();
            switch (type)
            {
                case 'T':
                    results.Add(ReadColumns(body));
                    break;
                case 'D':
                    rows.Add(ReadRow(body));
                    break;
                case 'E':
                    error ??= ReadError(body);
                    break;
                case 'G':
                    Send('f', static copy => WriteString(copy, "no"));
                    break;
                case 'Z':
                    return new(results, rows, error);
            }
        }
    }

    private (char Type, byte[] Body) ReadMessage()
    {
        var header = new byte[1 + sizeof(int)];
        _stream.ReadExactly(header);
        var length = BinaryPrimitives.ReadInt32BigEndian(header.AsSpan(1)) - sizeof(int);
        if (length is < 0 or > MaxMessageBytes)
            throw new InvalidDataException($"a message of {length} bytes");
        var body = new byte[length];
        _stream.ReadExactly(body);
        if (header[0] == 'E' && ReadError(body) is var error && Encoding.UTF8.GetString(body).Contains("SFATAL", StringComparison.Ordinal))
            throw new IOException(error);
        return ((char)header[0], body);
    }

    private static List<(string, uint)> ReadColumns(byte[] body)
    {
        const int FieldBytes = 18; // behind the name
        var columns = new List<(string, uint)>();
        for (var at = sizeof(short); at < body.Length;)
        {
            var end = Array.IndexOf(body, (byte)0, at);
            columns.Add((Encoding.UTF8.GetString(body, at, end - at), BinaryPrimitives.ReadUInt32BigEndian(body.AsSpan(end + 7))));
            at = end + 1 + FieldBytes;
        }

        return columns;
    }

    private static string?[] ReadRow(byte[] body)
    {
        var values = new string?[BinaryPrimitives.ReadInt16BigEndian(body)];
        var at = sizeof(short);
        for (var i = 0; i < values.Length; i++)
        {
            var length = BinaryPrimitives.ReadInt32BigEndian(body.AsSpan(at));
            at += sizeof(int);
            if (length < 0)
                continue;
            values[i] = Encoding.UTF8.GetString(body, at, length);
            at += length;
        }

        return values;
    }

    private static string ReadError(byte[] body)
    {
        var fields = Encoding.UTF8.GetString(body).Split('\0', StringSplitOptions.RemoveEmptyEntries)
            .ToLookup(static field => field[0], static field => field[1..]);
        return $"{fields['C'].FirstOrDefault()} {fields['M'].FirstOrDefault()}";
    }

    private static void WriteString(Stream body, string text)
    {
        body.Write(Encoding.UTF8.GetBytes(text));
        body.WriteByte(0);
    }

    private static void WriteInt16(Stream body, int value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(short)];
        BinaryPrimitives.WriteInt16BigEndian(bytes, (short)value);
        body.Write(bytes);
    }

    private static void WriteInt32(Stream body, int value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32BigEndian(bytes, value);
        body.Write(bytes);
    }
}
