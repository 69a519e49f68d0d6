using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using Npgsql;

namespace StreamSQL.Postgres.Protocol;

/// <summary>
/// Cuts the client's bytes into messages. Every length is checked before it is believed; a body that lies in one piece is lent in place, another
/// is copied to a rented buffer.
/// </summary>
internal sealed class FrontendMessageReader(PipeReader input, int maxMessageBytes) : IDisposable
{
    /// <summary>The longest start-up packet, as in PostgreSQL.</summary>
    public const int MaxStartupBytes = 10_000;

    private const int LengthBytes = 4;
    private const int HeaderBytes = 1 + LengthBytes;

    private SequencePosition _end;
    private bool _lent;
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
    /// Reads the next message; <see cref="FrontendMessageType.EndOfInput"/> when the client has closed its side. The body of the one before is no
    /// longer valid.
    /// </summary>
    /// <exception cref="FatalProtocolException">An impossible type or length, or an end in the middle of a message.</exception>
    public ValueTask<FrontendMessage> ReadAsync(CancellationToken cancellation)
    {
        Release();
        if (input.TryRead(out var result))
        {
            if (TryTake(result.Buffer, out var message))
                return new(message);
            if (result.IsCompleted)
                return new(EndOfInput(result.Buffer));
            input.AdvanceTo(result.Buffer.Start, result.Buffer.End);
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
                    return Lend(buffer.Slice(LengthBytes, length - LengthBytes));
            }

            if (result.IsCompleted)
            {
                EndOfInput(buffer);
                return default;
            }

            input.AdvanceTo(buffer.Start, buffer.End);
        }
    }

    /// <summary>Whether a message of a type follows the last one and is there already; its body must have been released.</summary>
    public bool HasNext(FrontendMessageType type)
    {
        if (_lent || !input.TryRead(out var result))
            return false;
        var isNext = !result.Buffer.IsEmpty && result.Buffer.FirstSpan[0] == (byte)type;
        input.AdvanceTo(result.Buffer.Start);
        return isNext;
    }

    /// <summary>Gives the bytes of the last message back to the pipe.</summary>
    public void Release()
    {
        if (!_lent)
            return;
        _lent = false;
        input.AdvanceTo(_end);
        if (_rented is not null)
            ArrayPool<byte>.Shared.Return(_rented);
        _rented = null;
    }

    /// <inheritdoc/>
    public void Dispose() => Release();

    private async ValueTask<FrontendMessage> WaitAsync(CancellationToken cancellation)
    {
        while (true)
        {
            var result = await input.ReadAsync(cancellation);
            if (TryTake(result.Buffer, out var message))
                return message;
            if (result.IsCompleted)
                return EndOfInput(result.Buffer);
            input.AdvanceTo(result.Buffer.Start, result.Buffer.End);
        }
    }

    private bool TryTake(in ReadOnlySequence<byte> buffer, out FrontendMessage message)
    {
        message = default;
        if (buffer.IsEmpty)
            return false;

        // The type is checked at once: bytes of another protocol are refused before their "length" is waited for.
        var type = (FrontendMessageType)buffer.FirstSpan[0];
        if (type == FrontendMessageType.EndOfInput || !Enum.IsDefined(type))
            FatalProtocolException.ThrowViolation($"invalid frontend message type {(byte)type}");
        if (buffer.Length < HeaderBytes)
            return false;
        var length = ReadLength(buffer.Slice(1));
        if (length < LengthBytes)
            FatalProtocolException.ThrowViolation("invalid message length");
        if (length > MaxMessageBytes)
        {
            throw new FatalProtocolException(
                PostgresErrorCodes.ProgramLimitExceeded, $"message of {length} bytes is longer than the limit of {MaxMessageBytes} bytes");
        }

        if (buffer.Length < 1L + length)
            return false;
        message = new(type, Lend(buffer.Slice(HeaderBytes, length - LengthBytes)));
        return true;
    }

    private ReadOnlyMemory<byte> Lend(in ReadOnlySequence<byte> body)
    {
        _end = body.End;
        _lent = true;
        if (body.IsSingleSegment)
            return body.First;
        var length = (int)body.Length;
        _rented = ArrayPool<byte>.Shared.Rent(length);
        body.CopyTo(_rented);
        return _rented.AsMemory(0, length);
    }

    private FrontendMessage EndOfInput(in ReadOnlySequence<byte> rest)
    {
        var torn = !rest.IsEmpty;
        input.AdvanceTo(rest.End);
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
