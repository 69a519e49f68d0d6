using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;

namespace StreamSQL.Postgres.Transport;

/// <summary>
/// Writes to a socket as a pipe: a flush is done when the system has taken all. Bytes of a flush whose caller has stopped waiting go out
/// before those of the next one.
/// </summary>
/// <param name="socket">The socket, which does not block.</param>
internal sealed class LoopWriter(Socket socket) : PipeWriter
{
    private const int FirstBytes = 1024;

    private byte[] _buffer = [];
    private int _sent;
    private int _length;
    private bool _isGone;

    /// <summary>Raised when the system takes bytes again.</summary>
    public SocketSignal Writable { get; } = new();

    /// <inheritdoc/>
    public override bool CanGetUnflushedBytes => true;

    /// <inheritdoc/>
    public override long UnflushedBytes => _length - _sent;

    /// <inheritdoc/>
    public override void Advance(int bytes) => _length += bytes;

    /// <inheritdoc/>
    public override Memory<byte> GetMemory(int sizeHint = 0)
    {
        MakeRoom(Math.Max(sizeHint, 1));
        return _buffer.AsMemory(_length);
    }

    /// <inheritdoc/>
    public override Span<byte> GetSpan(int sizeHint = 0)
    {
        MakeRoom(Math.Max(sizeHint, 1));
        return _buffer.AsSpan(_length);
    }

    /// <inheritdoc/>
    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default) =>
        Send() ? new(Result()) : WaitAsync(cancellationToken);

    /// <inheritdoc/>
    public override void CancelPendingFlush() => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Complete(Exception? exception = null) => Release();

    private FlushResult Result() => new(isCanceled: false, isCompleted: _isGone);

    private async ValueTask<FlushResult> WaitAsync(CancellationToken cancellation)
    {
        do
            await Writable.WaitAsync(cancellation);
        while (!Send());
        return Result();
    }

    /// <summary>Sends what is there; false when the system does not take all of it now.</summary>
    private bool Send()
    {
        while (_sent < _length)
        {
            SocketError error;
            try
            {
                _sent += socket.Send(_buffer.AsSpan(_sent, _length - _sent), SocketFlags.None, out error);
            }
            catch (ObjectDisposedException)
            {
                error = SocketError.OperationAborted;
            }

            if (error is SocketError.WouldBlock or SocketError.Interrupted)
                return false;
            if (error == SocketError.Success)
                continue;
            _isGone = true;
            break;
        }

        Release();
        return true;
    }

    private void MakeRoom(int count)
    {
        if (count <= _buffer.Length - _length)
            return;
        var held = _buffer.AsSpan(_sent, _length - _sent);
        var grown = ArrayPool<byte>.Shared.Rent(Math.Max(FirstBytes, checked(held.Length + count)));
        held.CopyTo(grown);
        var length = held.Length;
        Release();
        (_buffer, _length) = (grown, length);
    }

    private void Release()
    {
        if (_buffer.Length > 0)
            ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
        _sent = _length = 0;
    }
}
