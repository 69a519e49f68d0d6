using System.Buffers;
using System.IO.Pipelines;

namespace StreamSQL.Postgres.Protocol;

/// <summary>
/// Writes messages to the client; nothing is sent before <see cref="FlushAsync"/>. One file per message family. Not thread-safe.
/// </summary>
internal sealed partial class BackendMessageWriter(PipeWriter output) : IDisposable
{
    private readonly OutputBuffer _buffer = new();
    private int _complete;

    /// <summary>Bytes of whole messages that wait to be sent.</summary>
    public int UnflushedBytes => _complete;

    /// <summary>Sends what was written. Waits while the client is slow: that is the back-pressure of its queries.</summary>
    /// <exception cref="OperationCanceledException">Cancelled while it waited; the messages stay in the
    /// pipe and are sent in order.</exception>
    /// <exception cref="ClientGoneException">The client has closed the connection.</exception>
    public ValueTask FlushAsync(CancellationToken cancellation)
    {
        output.Write(_buffer.Written[.._complete]);
        _complete = 0;
        _buffer.Release();
        return CheckAsync(output.FlushAsync(cancellation));
    }

    /// <inheritdoc/>
    public void Dispose() => _buffer.Dispose();

    private static async ValueTask CheckAsync(ValueTask<FlushResult> flush)
    {
        if ((await flush).IsCompleted)
            throw new ClientGoneException();
    }

    /// <summary>Begins a message. What an error left of an unfinished one is dropped.</summary>
    private int Begin(BackendMessageType type)
    {
        _buffer.Truncate(_complete);
        return _buffer.BeginMessage(type);
    }

    private void End(int start)
    {
        _buffer.EndMessage(start);
        _complete = _buffer.Length;
    }

    private void WriteConstant(ReadOnlySpan<byte> message)
    {
        _buffer.Truncate(_complete);
        _buffer.WriteBytes(message);
        _complete = _buffer.Length;
    }
}

/// <summary>The client has closed the connection while it was being answered.</summary>
internal sealed class ClientGoneException() : IOException("the client has closed the connection");
