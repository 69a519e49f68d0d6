using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using Npgsql;

namespace StreamSQL.Postgres.Protocol;

/// <summary>
/// Cuts the client's bytes into messages. Every length is checked before it is believed; a body that lies in one piece is lent in place,
/// another is copied to a rented buffer. Of one read all messages are taken before the pipe is asked again.
/// </summary>
internal sealed class FrontendMessageReader(PipeReader input, int maxMessageBytes) : IDisposable
{
    /// <summary>The longest start-up packet, as in PostgreSQL.</summary>
    public const int MaxStartupBytes = 10_000;

    private const int LengthBytes = 4;
    private const int HeaderBytes = 1 + LengthBytes;

    // What was read and not taken yet; the pipe waits to be told of it as long as it is held.
    private ReadOnlySequence<byte> _rest;
    private bool _isHeld;
    private bool _isLast;
    private byte[]? _rented;

    /// <summary>The longest message that is accepted.</summary>
    public int MaxMessageBytes { get; set; } = maxMessageBytes;

    /// <summary>The next byte, which stays; -1 when the client has closed its side.</summary>
    public async ValueTask<int> PeekAsync(CancellationToken cancellation)
    {
        Release();
        var result = await input.ReadAsync(cancellation);
        var first = result.Buffer.IsEmpty ? -1 : result.Buffer.FirstSpan[0];
        input.AdvanceTo(result.Buffer.Start);
        return first;
    }

    /// <summary>Whether the client has sent more than was read; nothing is waited for.</summary>
    public bool HasMore()
    {
        Release();
        if (!input.TryRead(out var result))
            return false;
        var hasMore = !result.Buffer.IsEmpty;
        input.AdvanceTo(result.Buffer.Start);
        return hasMore;
    }

    /// <summary>
    /// Reads the next message; <see cref="FrontendMessageType.EndOfInput"/> when the client has closed its side. The body of the one before
    /// is no longer valid.
    /// </summary>
    /// <exception cref="FatalProtocolException">An impossible type or length, or an end in the middle of a message.</exception>
    public ValueTask<FrontendMessage> ReadAsync(CancellationToken cancellation)
    {
        ReturnRented();
        if (_isHeld || TryHold())
        {
            if (TryTake(out var message))
                return new(message);
            if (_isLast)
                return new(EndOfInput());
            GiveBack(examined: _rest.End);
        }

        return WaitAsync(cancellation);
    }

    /// <summary>Reads a start-up packet (it has no type byte), without its length; empty when the client has closed its side.</summary>
    /// <exception cref="FatalProtocolException">An impossible length.</exception>
    public async ValueTask<ReadOnlyMemory<byte>> ReadStartupAsync(CancellationToken cancellation)
    {
        Release();
        while (true)
        {
            var result = await input.ReadAsync(cancellation);
            var buffer = result.Buffer;
            if (buffer.Length >= LengthBytes)
            {
                var length = ReadLength(buffer);
                if (length is < 2 * LengthBytes or > MaxStartupBytes)
                    FatalProtocolException.ThrowViolation("invalid length of startup packet");
                if (buffer.Length >= length)
                {
                    Hold(result);
                    return Lend(LengthBytes, length - LengthBytes);
                }
            }

            if (result.IsCompleted)
            {
                Hold(result);
                EndOfInput();
                return default;
            }

            input.AdvanceTo(buffer.Start, buffer.End);
        }
    }

    /// <summary>Whether bytes behind the last message have been read already.</summary>
    public bool HoldsMore => _isHeld && !_rest.IsEmpty;

    /// <summary>Whether a message of a type follows the last one and is there already.</summary>
    public bool HasNext(FrontendMessageType type)
    {
        if (!_isHeld && !TryHold())
            return false;
        return !_rest.IsEmpty && _rest.FirstSpan[0] == (byte)type;
    }

    /// <summary>
    /// Gives what was read back to the pipe: the last message, whose body is no longer valid, is gone, what is behind it stays there.
    /// </summary>
    public void Release()
    {
        ReturnRented();
        if (_isHeld)
            GiveBack(examined: _rest.Start);
    }

    /// <inheritdoc/>
    public void Dispose() => Release();

    private async ValueTask<FrontendMessage> WaitAsync(CancellationToken cancellation)
    {
        while (true)
        {
            Hold(await input.ReadAsync(cancellation));
            if (TryTake(out var message))
                return message;
            if (_isLast)
                return EndOfInput();
            GiveBack(examined: _rest.End);
        }
    }

    private bool TryHold()
    {
        if (!input.TryRead(out var result))
            return false;
        Hold(result);
        return true;
    }

    private void Hold(in ReadResult result) => (_rest, _isLast, _isHeld) = (result.Buffer, result.IsCompleted, true);

    private void GiveBack(SequencePosition examined)
    {
        input.AdvanceTo(_rest.Start, examined);
        (_rest, _isHeld) = (default, false);
    }

    private void ReturnRented()
    {
        if (_rented is not null)
            ArrayPool<byte>.Shared.Return(_rented);
        _rented = null;
    }

    private bool TryTake(out FrontendMessage message)
    {
        message = default;
        if (_rest.IsEmpty)
            return false;

        // The type is checked at once: bytes of another protocol are refused before their "length" is waited for.
        var type = (FrontendMessageType)_rest.FirstSpan[0];
        if (type == FrontendMessageType.EndOfInput || !Enum.IsDefined(type))
            FatalProtocolException.ThrowViolation($"invalid frontend message type {(byte)type}");
        var available = _rest.Length;
        if (available < HeaderBytes)
            return false;
        var first = _rest.FirstSpan;
        var length = first.Length >= HeaderBytes ? BinaryPrimitives.ReadInt32BigEndian(first[1..]) : ReadLength(_rest.Slice(1));
        if (length < LengthBytes)
            FatalProtocolException.ThrowViolation("invalid message length");
        if (length > MaxMessageBytes)
        {
            throw new FatalProtocolException(
                PostgresErrorCodes.ProgramLimitExceeded, $"message of {length} bytes is longer than the limit of {MaxMessageBytes} bytes");
        }

        if (available < 1L + length)
            return false;
        message = new(type, Lend(HeaderBytes, length - LengthBytes));
        return true;
    }

    /// <summary>Takes a body, which is valid until the next read.</summary>
    private ReadOnlyMemory<byte> Lend(int start, int length)
    {
        var body = _rest.Slice(start, length);
        _rest = _rest.Slice(start + length);
        if (body.IsSingleSegment)
            return body.First;
        _rented = ArrayPool<byte>.Shared.Rent(length);
        body.CopyTo(_rented);
        return _rented.AsMemory(0, length);
    }

    private FrontendMessage EndOfInput()
    {
        var torn = !_rest.IsEmpty;
        input.AdvanceTo(_rest.End);
        (_rest, _isHeld) = (default, false);
        if (torn)
            throw new FatalProtocolException(PostgresErrorCodes.ConnectionFailure, "unexpected end of input from client");
        return default;
    }

    private static int ReadLength(in ReadOnlySequence<byte> buffer)
    {
        Span<byte> length = stackalloc byte[LengthBytes];
        buffer.Slice(0, LengthBytes).CopyTo(length);
        return BinaryPrimitives.ReadInt32BigEndian(length);
    }
}
