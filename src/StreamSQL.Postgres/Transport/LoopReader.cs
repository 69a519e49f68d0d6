using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;

namespace StreamSQL.Postgres.Transport;

/// <summary>
/// Reads a socket as a pipe, in one piece: a buffer that grows with the message that does not fit, and that nobody holds who has taken all.
/// </summary>
/// <param name="socket">The socket, which does not block.</param>
internal sealed class LoopReader(Socket socket) : PipeReader
{
    private const int FirstBytes = 16 * 1024;

    private byte[] _buffer = [];
    private int _start;
    private int _end;
    private int _examined;
    private bool _isAtEnd;
    private Exception? _failure;

    /// <summary>Raised when bytes, or the end, have come.</summary>
    public SocketSignal Readable { get; } = new();

    /// <summary>Whether the peer sends no more: what it has sent is read up to its end then, without being told again.</summary>
    public bool IsEnding
    {
        get => Volatile.Read(ref field);
        set => Volatile.Write(ref field, value);
    }

    /// <inheritdoc/>
    public override bool TryRead(out ReadResult result)
    {
        var isThere = HasNews || (!EventLoop.IsCurrent && Readable.TryTake() && Receive());
        result = isThere ? Result() : default;
        return isThere;
    }

    /// <inheritdoc/>
    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return TryRead(out var result) ? new(result) : WaitAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    /// <inheritdoc/>
    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        if (consumed.GetObject() != _buffer)
            return;
        (_start, _examined) = (consumed.GetInteger(), examined.GetInteger());
        if (_start == _end)
            Release();
    }

    /// <inheritdoc/>
    public override void CancelPendingRead() => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Complete(Exception? exception = null) => Release();

    private bool HasNews => _examined < _end || _isAtEnd || _failure is not null;

    private ReadResult Result()
    {
        if (_failure is not null)
            throw new ConnectionResetException(_failure.Message, _failure);
        return new(_start == _end ? default : new(_buffer, _start, _end - _start), isCanceled: false, _isAtEnd);
    }

    private async ValueTask<ReadResult> WaitAsync(CancellationToken cancellation)
    {
        do
            await Readable.WaitAsync(cancellation);
        while (!Receive());
        return Result();
    }

    /// <summary>Takes what has come; false when that is nothing.</summary>
    private bool Receive()
    {
        MakeRoom();
        var room = _buffer.Length - _end;
        int count;
        SocketError error;
        try
        {
            count = socket.Receive(_buffer.AsSpan(_end), SocketFlags.None, out error);
        }
        catch (ObjectDisposedException closed)
        {
            _failure = closed;
            return true;
        }

        if (error is SocketError.WouldBlock or SocketError.Interrupted)
        {
            if (_start == _end)
                Release();
            return false;
        }

        _end += count;
        _isAtEnd = error == SocketError.Success && count == 0;
        _failure = error == SocketError.Success ? null : new SocketException((int)error);
        // A socket tells once of all that is there.
        if (count == room || IsEnding)
            Readable.Raise(mayRunInline: false);
        return true;
    }

    private void MakeRoom()
    {
        if (_end < _buffer.Length)
            return;
        var held = _buffer.AsSpan(_start, _end - _start);
        // Less than half of it is moved to the front, more to a larger one.
        var grown = held.Length < _buffer.Length / 2
            ? _buffer
            : ArrayPool<byte>.Shared.Rent(Math.Max(FirstBytes, (int)Math.Min(2L * _buffer.Length, Array.MaxLength)));
        held.CopyTo(grown);
        (_end, _examined, _start) = (held.Length, _examined - _start, 0);
        if (grown != _buffer)
            Return();
        _buffer = grown;
    }

    private void Release()
    {
        Return();
        _buffer = [];
        _start = _end = _examined = 0;
    }

    private void Return()
    {
        if (_buffer.Length > 0)
            ArrayPool<byte>.Shared.Return(_buffer);
    }
}
