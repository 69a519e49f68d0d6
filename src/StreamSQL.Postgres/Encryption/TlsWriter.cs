using System.Buffers;
using System.IO.Pipelines;
using System.Net.Security;

namespace StreamSQL.Postgres.Encryption;

/// <summary>
/// Writes through TLS. A flush whose caller stops waiting goes on, and the next one waits for it, so that what was written is sent once and
/// in order. Not thread-safe.
/// </summary>
internal sealed class TlsWriter(SslStream stream) : PipeWriter, IDisposable
{
    /// <summary>The most plain bytes of a record: clients that wait for whole records (libpq) show rows sooner.</summary>
    private const int MaxRecordBytes = 8 * 1024;

    private const int FirstBytes = 1024;

    private byte[] _buffer = [];
    private int _length;
    private Task _sending = Task.CompletedTask;

    /// <summary>Whether nothing is on its way.</summary>
    public bool IsIdle => _sending.IsCompleted;

    /// <inheritdoc/>
    public override bool CanGetUnflushedBytes => true;

    /// <inheritdoc/>
    public override long UnflushedBytes => _length;

    /// <inheritdoc/>
    public override void Advance(int bytes) => _length += bytes;

    /// <inheritdoc/>
    public override Memory<byte> GetMemory(int sizeHint = 0)
    {
        Ensure(Math.Max(sizeHint, 1));
        return _buffer.AsMemory(_length);
    }

    /// <inheritdoc/>
    public override Span<byte> GetSpan(int sizeHint = 0)
    {
        Ensure(Math.Max(sizeHint, 1));
        return _buffer.AsSpan(_length);
    }

    /// <inheritdoc/>
    public override async ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        await _sending.WaitAsync(cancellationToken);
        if (_length > 0)
        {
            _sending = SendAsync(_buffer, _length);
            _buffer = [];
            _length = 0;
            await _sending.WaitAsync(cancellationToken);
        }

        return default;
    }

    /// <inheritdoc/>
    public override void CancelPendingFlush() => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Complete(Exception? exception = null) => Dispose();

    /// <inheritdoc/>
    public void Dispose()
    {
        Return(_buffer);
        _buffer = [];
        _length = 0;
        // A send that nobody waits for any more ends with the connection; how is of no interest then.
        _ = _sending.ContinueWith(static sending => sending.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted,
            TaskScheduler.Default);
    }

    private async Task SendAsync(byte[] buffer, int length)
    {
        try
        {
            for (var at = 0; at < length; at += MaxRecordBytes)
                await stream.WriteAsync(buffer.AsMemory(at, Math.Min(MaxRecordBytes, length - at)));
            await stream.FlushAsync();
        }
        finally
        {
            Return(buffer);
        }
    }

    private void Ensure(int count)
    {
        if (count <= _buffer.Length - _length)
            return;
        var grown = ArrayPool<byte>.Shared.Rent(Math.Max(FirstBytes, checked(_length + count)));
        _buffer.AsSpan(0, _length).CopyTo(grown);
        Return(_buffer);
        _buffer = grown;
    }

    private static void Return(byte[] buffer)
    {
        if (buffer.Length > 0)
            ArrayPool<byte>.Shared.Return(buffer);
    }
}
