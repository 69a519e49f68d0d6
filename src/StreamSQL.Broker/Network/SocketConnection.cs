using System.Globalization;
using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;

namespace StreamSQL.Broker.Network;

/// <summary>
/// A connection of <see cref="SocketTransport"/>. Its pipes are there for middleware such as TLS; whoever asks them for a stream
/// (<see cref="PipeReader.AsStream"/>) gets the socket's, with nothing in between.
/// </summary>
internal sealed class SocketConnection : ConnectionContext
{
    private static long _lastId;

    private readonly NetworkStream _stream;
    private readonly CancellationTokenSource _closed = new();

    public SocketConnection(Socket socket)
    {
        _stream = new NetworkStream(socket, ownsSocket: true);
        Transport = new StreamPipes(_stream);
        LocalEndPoint = socket.LocalEndPoint;
        RemoteEndPoint = socket.RemoteEndPoint;
        ConnectionClosed = _closed.Token;
    }

    public override string ConnectionId { get; set; } = Interlocked.Increment(ref _lastId).ToString(CultureInfo.InvariantCulture);

    public override IFeatureCollection Features { get; } = new FeatureCollection();

    public override IDictionary<object, object?> Items { get; set; } = new ConnectionItems();

    public override IDuplexPipe Transport { get; set; }

    public override CancellationToken ConnectionClosed { get; set; }

    public override EndPoint? LocalEndPoint { get; set; }

    public override EndPoint? RemoteEndPoint { get; set; }

    public override void Abort(ConnectionAbortedException abortReason) => Close();

    public override ValueTask DisposeAsync()
    {
        Close();
        return base.DisposeAsync();
    }

    private void Close()
    {
        _closed.Cancel();
        _stream.Close(); // shuts both directions down: what was sent still arrives
    }

    /// <summary>A stream as a pair of pipes.</summary>
    private sealed class StreamPipes(Stream stream) : IDuplexPipe
    {
        public PipeReader Input { get; } = new StreamInput(stream);

        public PipeWriter Output { get; } = new StreamOutput(stream);
    }

    private sealed class StreamInput(Stream stream) : PipeReader
    {
        private readonly PipeReader _reader = Create(stream, new StreamPipeReaderOptions(leaveOpen: true, useZeroByteReads: true));

        public override Stream AsStream(bool leaveOpen = false) => stream;

        public override bool TryRead(out ReadResult result) => _reader.TryRead(out result);

        public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default) =>
            _reader.ReadAsync(cancellationToken);

        public override void AdvanceTo(SequencePosition consumed) => _reader.AdvanceTo(consumed);

        public override void AdvanceTo(SequencePosition consumed, SequencePosition examined) => _reader.AdvanceTo(consumed, examined);

        public override void CancelPendingRead() => _reader.CancelPendingRead();

        public override void Complete(Exception? exception = null) => _reader.Complete(exception);
    }

    private sealed class StreamOutput(Stream stream) : PipeWriter
    {
        private readonly PipeWriter _writer = Create(stream, new StreamPipeWriterOptions(leaveOpen: true));

        public override Stream AsStream(bool leaveOpen = false) => stream;

        public override Memory<byte> GetMemory(int sizeHint = 0) => _writer.GetMemory(sizeHint);

        public override Span<byte> GetSpan(int sizeHint = 0) => _writer.GetSpan(sizeHint);

        public override void Advance(int bytes) => _writer.Advance(bytes);

        public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default) =>
            _writer.FlushAsync(cancellationToken);

        public override void CancelPendingFlush() => _writer.CancelPendingFlush();

        public override void Complete(Exception? exception = null) => _writer.Complete(exception);
    }
}
