using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging.Abstractions;
using StreamSQL.Engine.Sessions;
using StreamSQL.Postgres;
using StreamSQL.Postgres.Connections;
using StreamSQL.Sql.Catalog;

namespace StreamSQL.UnitTests.Postgres.Support;

/// <summary>
/// A client that speaks the protocol byte by byte to a real connection handler over pipes. Answers are
/// shown as a transcript: one word a message, <c>T D C:SELECT 1 ZI</c>.
/// </summary>
internal sealed class WireClient : IAsyncDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);

    private readonly Pipe _toServer = new(new PipeOptions(pauseWriterThreshold: 1 << 20, resumeWriterThreshold: 1 << 19));
    private readonly Pipe _toClient;
    private readonly CountingWriter _output;
    private readonly CancellationTokenSource _closed = new();
    private readonly MemoryStream _pending = new();

    public WireClient(PostgresConnectionHandler handler, int serverBufferBytes = 1 << 16, IPAddress? address = null)
    {
        _toClient = new(new PipeOptions(pauseWriterThreshold: serverBufferBytes, resumeWriterThreshold: serverBufferBytes / 2));
        _output = new(_toClient.Writer);
        var context = new DefaultConnectionContext("test", new DuplexPipe(_toServer.Reader, _output),
            new DuplexPipe(_toClient.Reader, _toServer.Writer))
        {
            ConnectionClosed = _closed.Token,
            RemoteEndPoint = address is null ? null : new IPEndPoint(address, 1),
        };
        Server = ServeAsync(handler, context);
    }

    /// <summary>The server's side; ends with the connection.</summary>
    public Task Server { get; }

    /// <summary>Process id and secret that BackendKeyData gave.</summary>
    public byte[] Key { get; private set; } = [];

    /// <summary>How often the server has sent something.</summary>
    public int Sends => _output.Flushes;

    /// <summary>The most bytes that waited for this client.</summary>
    public long MostBufferedBytes { get; private set; }

    /// <summary>A handler whose sessions run scripted statements.</summary>
    public static PostgresConnectionHandler Handler(
        ScriptedStatements statements, PostgresOptions? options = null, TimeProvider? time = null, params RoleDefinition[] roles) => new(
        static (user, database) => new Session(
            null!, user, database, new SessionSettings(user, new Dictionary<string, string>()), new SessionRegistry(), TimeProvider.System),
        statements.RunnerFor, () => roles.Length == 0 ? CatalogImage.Empty.Roles : roles.ToDictionary(static role => role.Name),
        options ?? new PostgresOptions(), time ?? TimeProvider.System, NullLogger.Instance);

    /// <summary>Opens a session and waits until it is ready.</summary>
    public static async Task<WireClient> ConnectAsync(ScriptedStatements statements, int serverBufferBytes = 1 << 16)
    {
        var client = new WireClient(Handler(statements), serverBufferBytes);
        client.Startup(196608, ("user", "alice"), ("database", "streamsql"));
        (await client.ReadToReadyAsync()).ShouldEndWith("ZI");
        return client;
    }

    public void Startup(int version, params (string Name, string Value)[] parameters)
    {
        var body = new MemoryStream();
        WriteInt32(body, version);
        foreach (var (name, value) in parameters)
        {
            body.Write(Encoding.UTF8.GetBytes(name + "\0" + value + "\0"));
        }

        body.WriteByte(0);
        WriteInt32(_pending, (int)body.Length + 4);
        _pending.Write(body.ToArray());
    }

    public void Cancel(byte[] key)
    {
        WriteInt32(_pending, 8 + key.Length);
        WriteInt32(_pending, 80877102);
        _pending.Write(key);
    }

    public void Query(string sql) => Message('Q', body => WriteString(body, sql));

    public void Parse(string name, string sql, params uint[] types) => Message('P', body =>
    {
        WriteString(body, name);
        WriteString(body, sql);
        WriteInt16(body, (short)types.Length);
        foreach (var type in types)
            WriteInt32(body, (int)type);
    });

    public void Bind(string portal, string statement, params string?[] values) =>
        BindRaw(portal, statement, [], [.. values.Select(v => v is null ? null : Encoding.UTF8.GetBytes(v))], []);

    public void BindRaw(string portal, string statement, short[] parameterFormats, byte[]?[] values, short[] resultFormats) =>
        Message('B', body =>
        {
            WriteString(body, portal);
            WriteString(body, statement);
            WriteInt16(body, (short)parameterFormats.Length);
            foreach (var format in parameterFormats)
                WriteInt16(body, format);
            WriteInt16(body, (short)values.Length);
            foreach (var value in values)
            {
                WriteInt32(body, value?.Length ?? -1);
                body.Write(value ?? []);
            }

            WriteInt16(body, (short)resultFormats.Length);
            foreach (var format in resultFormats)
                WriteInt16(body, format);
        });

    public void Describe(char kind, string name) => Message('D', body =>
    {
        body.WriteByte((byte)kind);
        WriteString(body, name);
    });

    public void Close(char kind, string name) => Message('C', body =>
    {
        body.WriteByte((byte)kind);
        WriteString(body, name);
    });

    public void Execute(string portal, int maxRows = 0) => Message('E', body =>
    {
        WriteString(body, portal);
        WriteInt32(body, maxRows);
    });

    public void Sync() => Message('S', static _ => { });

    public void Flush() => Message('H', static _ => { });

    public void Message(char type, Action<MemoryStream> write)
    {
        var body = new MemoryStream();
        write(body);
        _pending.WriteByte((byte)type);
        WriteInt32(_pending, (int)body.Length + 4);
        _pending.Write(body.ToArray());
    }

    public void Raw(params byte[] bytes) => _pending.Write(bytes);

    /// <summary>Sends what was written; in small pieces when asked.</summary>
    public async Task SendAsync(int pieceBytes = int.MaxValue)
    {
        var bytes = _pending.ToArray();
        _pending.SetLength(0);
        for (var at = 0; at < bytes.Length; at += Math.Min(pieceBytes, bytes.Length - at))
            await _toServer.Writer.WriteAsync(bytes.AsMemory(at, Math.Min(pieceBytes, bytes.Length - at)));
    }

    /// <summary>Sends, and reads up to ReadyForQuery or the end of the connection.</summary>
    public async Task<string> ReadToReadyAsync()
    {
        await SendAsync();
        var transcript = new List<string>();
        do
            transcript.Add(await ReadWordAsync());
        while (transcript[^1] is not ("EOF" or "ZI" or "ZT" or "ZE"));
        return string.Join(' ', transcript);
    }

    /// <summary>Sends, and reads that many messages.</summary>
    public async Task<string> ReadAsync(int messages)
    {
        await SendAsync();
        var transcript = new List<string>();
        for (var i = 0; i < messages; i++)
            transcript.Add(await ReadWordAsync());
        return string.Join(' ', transcript);
    }

    /// <summary>The next message: type and body; type 0 at the end.</summary>
    public async Task<(char Type, byte[] Body)> ReadMessageAsync()
    {
        using var patience = new CancellationTokenSource(s_patience);
        while (true)
        {
            var result = await _toClient.Reader.ReadAsync(patience.Token);
            var buffer = result.Buffer;
            MostBufferedBytes = Math.Max(MostBufferedBytes, buffer.Length);
            if (buffer.Length >= 5)
            {
                var header = buffer.Slice(0, 5).ToArray();
                var length = BinaryPrimitives.ReadInt32BigEndian(header.AsSpan(1));
                if (buffer.Length >= 1 + length)
                {
                    var body = buffer.Slice(5, length - 4).ToArray();
                    _toClient.Reader.AdvanceTo(buffer.GetPosition(1 + length));
                    return ((char)header[0], body);
                }
            }

            if (result.IsCompleted)
                return ('\0', []);
            _toClient.Reader.AdvanceTo(buffer.Start, buffer.End);
        }
    }

    /// <summary>One byte that is no message (the answer to SSLRequest).</summary>
    public async Task<byte> ReadByteAsync()
    {
        await SendAsync();
        var result = await _toClient.Reader.ReadAsync();
        var value = result.Buffer.FirstSpan[0];
        _toClient.Reader.AdvanceTo(result.Buffer.GetPosition(1));
        return value;
    }

    /// <summary>Closes the client's side, as a socket does.</summary>
    public async Task CloseAsync()
    {
        await _toServer.Writer.CompleteAsync();
        await _closed.CancelAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await CloseAsync();
        await _toClient.Reader.CompleteAsync();
        await Server.WaitAsync(s_patience);
    }

    private static async Task ServeAsync(PostgresConnectionHandler handler, ConnectionContext context)
    {
        await Task.Yield();
        await handler.OnConnectedAsync(context);
        await context.Transport.Output.CompleteAsync();
        await context.Transport.Input.CompleteAsync();
    }

    private async Task<string> ReadWordAsync()
    {
        var (type, body) = await ReadMessageAsync();
        if (type == 'K')
            Key = body;
        return type switch
        {
            '\0' => "EOF",
            'Z' => "Z" + (char)body[0],
            'C' => "C:" + Encoding.UTF8.GetString(body.AsSpan(..^1)),
            'E' or 'N' => $"{type}({Field(body, 'C')} {Field(body, 'M')})",
            'S' => "S:" + Encoding.UTF8.GetString(body).Split('\0')[0],
            'D' => "D" + ShowRow(body),
            'T' => "T" + ShowColumns(body),
            'd' => "d(" + Encoding.UTF8.GetString(body).Replace("\n", "\\n").Replace("\t", "\\t") + ")",
            'A' => $"A({Encoding.UTF8.GetString(body.AsSpan(4..^1)).Replace('\0', ' ')})",
            't' => "t(" + string.Join(',', Enumerable.Range(0, BinaryPrimitives.ReadInt16BigEndian(body))
                .Select(i => BinaryPrimitives.ReadInt32BigEndian(body.AsSpan(2 + (4 * i))))) + ")",
            _ => type.ToString(),
        };
    }

    private static string ShowRow(byte[] body)
    {
        var values = new List<string>();
        var rest = body.AsSpan(2);
        while (!rest.IsEmpty)
        {
            var length = BinaryPrimitives.ReadInt32BigEndian(rest);
            rest = rest[4..];
            if (length < 0)
            {
                values.Add("null");
                continue;
            }

            var value = rest[..length];
            values.Add(value.ContainsAnyInRange((byte)0, (byte)8) ? "x" + Convert.ToHexStringLower(value) : Encoding.UTF8.GetString(value));
            rest = rest[length..];
        }

        values.Count.ShouldBe(BinaryPrimitives.ReadInt16BigEndian(body));
        return "(" + string.Join(',', values) + ")";
    }

    private static string ShowColumns(byte[] body)
    {
        var names = new List<string>();
        var at = 2;
        while (at < body.Length)
        {
            var end = Array.IndexOf(body, (byte)0, at);
            names.Add(Encoding.UTF8.GetString(body, at, end - at) + ":" + BinaryPrimitives.ReadInt32BigEndian(body.AsSpan(end + 7)));
            at = end + 19;
        }

        return "(" + string.Join(',', names) + ")";
    }

    private static string Field(byte[] body, char code) =>
        Encoding.UTF8.GetString(body).Split('\0').FirstOrDefault(field => field.Length > 0 && field[0] == code)?[1..] ?? "";

    private static void WriteString(Stream body, string value)
    {
        body.Write(Encoding.UTF8.GetBytes(value));
        body.WriteByte(0);
    }

    private static void WriteInt16(Stream body, short value)
    {
        Span<byte> bytes = stackalloc byte[2];
        BinaryPrimitives.WriteInt16BigEndian(bytes, value);
        body.Write(bytes);
    }

    private static void WriteInt32(Stream body, int value)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, value);
        body.Write(bytes);
    }

    private sealed class DuplexPipe(PipeReader input, PipeWriter output) : IDuplexPipe
    {
        public PipeReader Input => input;

        public PipeWriter Output => output;
    }

    /// <summary>Counts what becomes a write to the socket.</summary>
    private sealed class CountingWriter(PipeWriter inner) : PipeWriter
    {
        public int Flushes { get; private set; }

        public override void Advance(int bytes) => inner.Advance(bytes);

        public override Memory<byte> GetMemory(int sizeHint = 0) => inner.GetMemory(sizeHint);

        public override Span<byte> GetSpan(int sizeHint = 0) => inner.GetSpan(sizeHint);

        public override void CancelPendingFlush() => inner.CancelPendingFlush();

        public override void Complete(Exception? exception = null) => inner.Complete(exception);

        public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
        {
            Flushes++;
            return inner.FlushAsync(cancellationToken);
        }
    }
}
