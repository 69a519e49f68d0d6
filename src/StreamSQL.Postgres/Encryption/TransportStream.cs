using System.Buffers;
using System.IO.Pipelines;
using StreamSQL.Postgres.Protocol;

namespace StreamSQL.Postgres.Encryption;

/// <summary>
/// A connection's pipe as the stream that TLS works on. While <see cref="SendsAtOnce"/>, each write is sent (the handshake); after it what
/// was written waits for a flush, so that several records go out together.
/// </summary>
internal sealed class TransportStream(IDuplexPipe transport) : Stream
{
    private const int MostUnsentBytes = 64 * 1024;

    private readonly Stream _input = transport.Input.AsStream(leaveOpen: true);

    /// <summary>Whether each write is sent.</summary>
    public bool SendsAtOnce { get; set; } = true;

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanWrite => true;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <inheritdoc/>
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        _input.ReadAsync(buffer, cancellationToken);

    /// <inheritdoc/>
    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <inheritdoc/>
    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        transport.Output.Write(buffer.Span);
        return SendsAtOnce || transport.Output.UnflushedBytes >= MostUnsentBytes ? SendAsync(cancellationToken) : ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <inheritdoc/>
    public override Task FlushAsync(CancellationToken cancellationToken) => SendAsync(cancellationToken).AsTask();

    /// <inheritdoc/>
    public override void Flush() => throw new NotSupportedException();

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    private async ValueTask SendAsync(CancellationToken cancellation)
    {
        if ((await transport.Output.FlushAsync(cancellation)).IsCompleted)
            throw new ClientGoneException();
    }
}
