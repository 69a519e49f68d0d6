using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace StreamSQL.Benchmarks.Postgres;

/// <summary>
/// A Postgres client that does as little as can be done: one blocking socket, simple queries, messages counted and thrown away.
/// </summary>
internal sealed class RawPostgres : IDisposable
{
    private const int LongestWaitMs = 120_000;
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly byte[] _received;
    private int _start;
    private int _end;

    /// <summary>Connects as a user without a password; the session is ready when this returns.</summary>
    /// <param name="port">Where the server is, at 127.0.0.1.</param>
    /// <param name="user">User and database.</param>
    /// <param name="bufferBytes">Room for received bytes; the longest message must fit.</param>
    public RawPostgres(int port, string user, int bufferBytes = 64 * 1024)
    {
        _received = new byte[bufferBytes];
        _socket.ReceiveTimeout = LongestWaitMs; // a server that does not answer is an error, not a benchmark without an end
        _socket.Connect(IPAddress.Loopback, port);
        var body = Encoding.UTF8.GetBytes($"\0\u0003\0\0user\0{user}\0database\0{user}\0\0");
        var message = new byte[4 + body.Length];
        BinaryPrimitives.WriteInt32BigEndian(message, message.Length);
        body.CopyTo(message, 4);
        _socket.Send(message);
        ReadUntil((byte)'Z');
    }

    /// <summary>Bytes received so far.</summary>
    public long ReceivedBytes { get; private set; }

    /// <summary>The body of the last message that <see cref="ReadMessage"/> gave; valid until the next one.</summary>
    public ReadOnlySpan<byte> Body => _received.AsSpan(_bodyStart, _bodyLength);

    private int _bodyStart;
    private int _bodyLength;

    /// <summary>A message as bytes.</summary>
    public static byte[] Message(char kind, string text)
    {
        var message = new byte[6 + Encoding.UTF8.GetByteCount(text)];
        message[0] = (byte)kind;
        BinaryPrimitives.WriteInt32BigEndian(message.AsSpan(1), message.Length - 1);
        Encoding.UTF8.GetBytes(text, message.AsSpan(5));
        return message;
    }

    /// <summary>Runs statements; returns the rows that came.</summary>
    public long Query(string sql)
    {
        Begin(sql);
        return ReadUntil((byte)'Z');
    }

    /// <summary>Sends statements; their answers are not read.</summary>
    public void Begin(string sql) => _socket.Send(Message('Q', sql));

    /// <summary>Copies rows in, in the text form.</summary>
    /// <param name="table">The table.</param>
    /// <param name="rows">Writes the next rows to a buffer and returns how many bytes; 0 at the end.</param>
    public void CopyIn(string table, Func<byte[], int> rows)
    {
        Begin($"COPY {table} FROM STDIN");
        ReadUntil((byte)'G');
        var text = new byte[64 * 1024];
        var header = new byte[5];
        header[0] = (byte)'d';
        while (rows(text) is > 0 and var length)
        {
            BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(1), length + 4);
            _socket.Send(header);
            _socket.Send(text.AsSpan(0, length));
        }

        _socket.Send("c\0\0\0\u0004"u8);
        ReadUntil((byte)'Z');
    }

    /// <summary>Reads messages up to one of a kind; returns how many rows were among them.</summary>
    public long ReadUntil(byte kind)
    {
        var rows = 0L;
        while (true)
        {
            var found = ReadMessage();
            if (found is (byte)'D' or (byte)'d')
                rows++;
            else if (found == kind)
                return rows;
        }
    }

    /// <summary>Reads the next message and returns its kind.</summary>
    /// <exception cref="IOException">The server refuses, or has gone.</exception>
    public byte ReadMessage()
    {
        Fill(5);
        var kind = _received[_start];
        var length = BinaryPrimitives.ReadInt32BigEndian(_received.AsSpan(_start + 1)) + 1;
        Fill(length);
        (_bodyStart, _bodyLength) = (_start + 5, length - 5);
        _start += length;
        return kind == 'E' ? throw new IOException(Encoding.UTF8.GetString(Body)) : kind;
    }

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();

    private void Fill(int bytes)
    {
        if (_end - _start >= bytes)
            return;
        if (_start + bytes > _received.Length)
        {
            _received.AsSpan(_start, _end - _start).CopyTo(_received);
            (_start, _end) = (0, _end - _start);
        }

        while (_end - _start < bytes)
        {
            if (_start == _end)
                _start = _end = 0;
            var count = _socket.Receive(_received.AsSpan(_end));
            if (count == 0)
                throw new IOException("the server has closed the connection");
            ReceivedBytes += count;
            _end += count;
        }
    }
}
