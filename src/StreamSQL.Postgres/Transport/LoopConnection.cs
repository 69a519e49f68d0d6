using System.Globalization;
using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;

namespace StreamSQL.Postgres.Transport;

/// <summary>A connection of <see cref="LoopTransport"/>.</summary>
internal sealed class LoopConnection : ConnectionContext, IThreadPoolWorkItem
{
    private const int MaxDrainedBytes = 64 * 1024;
    private const EpollEvents End = EpollEvents.PeerClosed | EpollEvents.HungUp | EpollEvents.Error;

    private static long _lastNumber;

    private readonly Socket _socket;
    private readonly EventLoop _loop;
    private readonly LoopReader _reader;
    private readonly LoopWriter _writer;
    private readonly CancellationTokenSource _closed = new();
    private int _hasClosed;

    public LoopConnection(Socket socket, EventLoop loop)
    {
        socket.Blocking = false;
        (_socket, _loop) = (socket, loop);
        (_reader, _writer) = (new(socket), new(socket));
        Transport = new Pipes(_reader, _writer);
        LocalEndPoint = socket.LocalEndPoint;
        RemoteEndPoint = socket.RemoteEndPoint;
        ConnectionClosed = _closed.Token;
        Features.Set(this);
    }

    /// <summary>What the loop knows it by; never 0.</summary>
    public long Number { get; } = Interlocked.Increment(ref _lastNumber);

    /// <summary>Its socket, for the loop.</summary>
    public SafeHandle Handle => _socket.SafeHandle;

    /// <summary>
    /// Whether who waits for bytes goes on on the loop's thread when they come. Only for one who leaves it (<see
    /// cref="EventLoop.IsCurrent"/>) before anything that may take long.
    /// </summary>
    public bool RunsInline
    {
        get => _reader.Readable.RunsInline;
        set => _reader.Readable.RunsInline = value;
    }

    /// <inheritdoc/>
    public override string ConnectionId { get => field ??= Number.ToString(CultureInfo.InvariantCulture); set; }

    /// <inheritdoc/>
    public override IFeatureCollection Features { get; } = new FeatureCollection();

    /// <inheritdoc/>
    public override IDictionary<object, object?> Items { get => field ??= new ConnectionItems(); set; }

    /// <inheritdoc/>
    public override IDuplexPipe Transport { get; set; }

    /// <inheritdoc/>
    public override CancellationToken ConnectionClosed { get; set; }

    /// <inheritdoc/>
    public override EndPoint? LocalEndPoint { get; set; }

    /// <inheritdoc/>
    public override EndPoint? RemoteEndPoint { get; set; }

    /// <summary>Takes what has happened to the socket.</summary>
    public void Tell(EpollEvents events)
    {
        var hasEnded = (events & End) != 0;
        if (hasEnded)
        {
            _reader.IsEnding = true;
            TellClosed();
        }

        if (hasEnded || (events & EpollEvents.Out) != 0)
            _writer.Writable.Raise(mayRunInline: false);
        // Last: the one who waits may go on here; but not to end the connection, which others may wait for.
        if (hasEnded || (events & EpollEvents.In) != 0)
            _reader.Readable.Raise(mayRunInline: !hasEnded);
    }

    /// <inheritdoc/>
    public override void Abort(ConnectionAbortedException abortReason)
    {
        _socket.Dispose();
        TellClosed();
        _writer.Writable.Raise(mayRunInline: false);
        _reader.Readable.Raise(mayRunInline: false);
    }

    /// <inheritdoc/>
    public override ValueTask DisposeAsync()
    {
        _loop.Remove(this);
        CloseSocket();
        _reader.Readable.Forget();
        _writer.Writable.Forget();
        _reader.Complete();
        _writer.Complete();
        TellClosed();
        return base.DisposeAsync();
    }

    /// <inheritdoc/>
    void IThreadPoolWorkItem.Execute() => _closed.Cancel();

    private void TellClosed()
    {
        if (Interlocked.Exchange(ref _hasClosed, 1) == 0)
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    /// <summary>Closes it in order. Bytes that nobody has read would reset it, and what was sent last might be lost with that.</summary>
    private void CloseSocket()
    {
        try
        {
            _socket.Shutdown(SocketShutdown.Send);
            Span<byte> rest = stackalloc byte[4096];
            for (var drained = 0; drained < MaxDrainedBytes;)
            {
                var count = _socket.Receive(rest, SocketFlags.None, out var error);
                if (count == 0 || error != SocketError.Success)
                    break;
                drained += count;
            }
        }
        catch (Exception gone) when (gone is SocketException or ObjectDisposedException)
        {
            // It has gone already.
        }

        _socket.Dispose();
    }

    private sealed class Pipes(PipeReader input, PipeWriter output) : IDuplexPipe
    {
        public PipeReader Input => input;

        public PipeWriter Output => output;
    }
}
