using System.Buffers;
using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;
using StreamSQL.Broker.Handlers;
using StreamSQL.Kafka;
using StreamSQL.Kafka.Protocol;

namespace StreamSQL.Broker.Network;

/// <summary>
/// One client's connection: reads frames, runs their handlers, writes the answers in order. Produce requests that have arrived together are
/// started together, so that one group commit serves them all; every other request waits until those before it are answered.
/// </summary>
internal sealed class KafkaConnection : IDisposable
{
    private const int LengthPrefix = sizeof(int);
    private const int MinRequest = 8; // key, version, correlation id
    private const int WriteChunk = 256 * 1024;
    private const int KeptRequests = 4;

    // Requests larger than this are taken out of the pipe as they come, in steps of this size. It is below the size at which any pipe stops
    // its writer until the reader has taken something.
    private const int ReadStep = 32 * 1024;

    private readonly PipeReader _input;
    private readonly PipeWriter _output;
    private readonly ClientConnection _client;
    private readonly HandlerTable _handlers;
    private readonly KafkaListenerOptions _options;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private readonly Queue<InFlight> _inFlight = new();
    private readonly Stack<RequestContext> _free = new();
    private bool _saidApiVersions;
    private bool _isClosing;
    private long _quietSince; // 0 while a request is served: then the client may be silent
    private TimeSpan _patience;
    private long _unflushed;
    private int _wanted = LengthPrefix;
    private RequestContext? _arriving; // a large request, and how much of it is still to come
    private int _missing;

    public KafkaConnection(
        IDuplexPipe transport, ClientConnection client, HandlerTable handlers, KafkaListenerOptions options, TimeProvider time, ILogger logger)
    {
        _input = transport.Input;
        _output = transport.Output;
        _client = client;
        _handlers = handlers;
        _options = options;
        _logger = logger;
        _time = time;
        _patience = options.FirstRequestTimeout;
        Volatile.Write(ref _quietSince, time.GetTimestamp());
    }

    /// <summary>Closes the connection if its client has taken too long for its next request. May be called at any time.</summary>
    public void CloseIfIdle()
    {
        long since = Volatile.Read(ref _quietSince);
        if (since != 0 && _time.GetElapsedTime(since) >= _patience)
            _input.CancelPendingRead();
    }

    /// <summary>Serves until the client goes, the server stops, or the client breaks the protocol.</summary>
    public async Task RunAsync()
    {
        using CancellationTokenRegistration stop = _client.Stopping.UnsafeRegister(static input => ((PipeReader)input!).CancelPendingRead(), _input);
        try
        {
            while (!_isClosing && !_client.Stopping.IsCancellationRequested)
            {
                ReadResult read = await ReadWantedAsync();
                ReadOnlySequence<byte> rest = await ServeAsync(read.Buffer);
                if (Volatile.Read(ref _quietSince) == 0)
                {
                    _patience = _options.IdleTimeout;
                    Volatile.Write(ref _quietSince, _time.GetTimestamp());
                }
                _input.AdvanceTo(rest.Start, rest.End);
                if (read.IsCompleted || read.IsCanceled)
                    return;
            }
        }
        catch (Exception e) when (e is IOException or ConnectionResetException or ConnectionAbortedException)
        {
            // The client has gone; there is nobody to tell.
        }
        finally
        {
            await AbandonAsync();
        }
    }

    /// <summary>Reads until there is as much as is wanted, or nothing more comes.</summary>
    private async ValueTask<ReadResult> ReadWantedAsync()
    {
        // Not ReadAtLeastAsync: with it, about one request in two hundred whose bytes came in several pieces was never handed over by the
        // pipe of a socket, and its client waited in vain.
        while (true)
        {
            ReadResult read = await _input.ReadAsync();
            if (read.Buffer.Length >= _wanted || read.IsCompleted || read.IsCanceled)
                return read;
            _input.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _arriving?.Dispose();
        while (_free.TryPop(out RequestContext? request))
            request.Dispose();
    }

    /// <summary>Serves all requests that are whole and returns what is left.</summary>
    private async ValueTask<ReadOnlySequence<byte>> ServeAsync(ReadOnlySequence<byte> buffer)
    {
        while (!_isClosing && TryReadFrame(ref buffer, out RequestContext? request, out ReadOnlyMemory<byte> frame))
        {
            Volatile.Write(ref _quietSince, 0);
            await ServeFrameAsync(request, frame);
        }
        await AnswerAllAsync();
        await FlushAsync();
        return buffer;
    }

    /// <summary>Takes the next frame, if it is whole, and says by <see cref="_wanted"/> how much to wait for if it is not.</summary>
    private bool TryReadFrame(
        ref ReadOnlySequence<byte> buffer, [NotNullWhen(true)] out RequestContext? request, out ReadOnlyMemory<byte> frame)
    {
        request = null;
        frame = default;
        if (_arriving is null && !TryReadLength(ref buffer, ref request, out frame))
            return false;
        if (request is not null)
            return true;
        int count = (int)Math.Min(_missing, buffer.Length);
        Append(_arriving!.Frame, buffer.Slice(0, count));
        buffer = buffer.Slice(count);
        _missing -= count;
        _wanted = Math.Min(_missing, ReadStep);
        if (_missing > 0)
            return false;
        request = _arriving;
        frame = request.Frame.WrittenMemory;
        _arriving = null;
        return true;
    }

    /// <summary>
    /// Reads the next length. True with a request when its frame is whole; true without one when a large frame begins to arrive.
    /// </summary>
    private bool TryReadLength(ref ReadOnlySequence<byte> buffer, ref RequestContext? request, out ReadOnlyMemory<byte> frame)
    {
        frame = default;
        _wanted = LengthPrefix;
        if (buffer.Length < LengthPrefix)
            return false;
        Span<byte> prefix = stackalloc byte[LengthPrefix];
        buffer.Slice(0, LengthPrefix).CopyTo(prefix);
        int length = BinaryPrimitives.ReadInt32BigEndian(prefix);
        int limit = _saidApiVersions ? _options.MaxRequestBytes : _options.MaxFirstRequestBytes;
        if (length < MinRequest || length > limit)
        {
            NetworkLog.RequestTooLarge(_logger, _client.Id, _client.ClientHost, length, limit);
            _isClosing = true;
            return false;
        }
        bool isWhole = buffer.Length - LengthPrefix >= length;
        if (!isWhole && length <= ReadStep)
        {
            _wanted = LengthPrefix + length;
            return false;
        }
        buffer = buffer.Slice(LengthPrefix);
        RequestContext next = _free.TryPop(out RequestContext? free) ? free : new RequestContext(_client);
        if (!isWhole)
        {
            _arriving = next;
            _missing = length;
            return true;
        }
        ReadOnlySequence<byte> whole = buffer.Slice(0, length);
        buffer = buffer.Slice(length);
        request = next;
        frame = whole.First;
        if (!whole.IsSingleSegment)
        {
            Append(next.Frame, whole);
            frame = next.Frame.WrittenMemory;
        }
        return true;
    }

    private static void Append(PooledBuffer target, ReadOnlySequence<byte> bytes)
    {
        foreach (ReadOnlyMemory<byte> segment in bytes)
            target.Append(segment.Span);
    }

    private async ValueTask ServeFrameAsync(RequestContext request, ReadOnlyMemory<byte> frame)
    {
        if (!TryBegin(request, frame, out ApiHandler? handler))
        {
            request.Dispose();
            _isClosing = true;
            return;
        }
        if (!handler.MayOverlap || _inFlight.Count >= _options.MaxInFlight)
            await AnswerAllAsync();
        _inFlight.Enqueue(new InFlight(request, Start(handler, request)));
        if (!handler.MayOverlap || request.RunsAlone)
            await AnswerAllAsync();
    }

    private bool TryBegin(RequestContext request, ReadOnlyMemory<byte> frame, [NotNullWhen(true)] out ApiHandler? handler)
    {
        var reader = new KafkaReader(frame);
        RequestHeader header;
        handler = null;
        try
        {
            header = RequestHeader.Read(ref reader);
        }
        catch (KafkaException e)
        {
            NetworkLog.MalformedRequest(_logger, _client.Id, _client.ClientHost, default, e.Message);
            return false;
        }
        request.Begin(header, frame[reader.Position..]);
        if (!_handlers.TryFind(header, out ApiHandler? found))
        {
            NetworkLog.UnsupportedRequest(_logger, _client.Id, _client.ClientHost, header.Key, header.Version);
            return false;
        }
        _saidApiVersions |= header.Key == ApiKey.ApiVersions;
        handler = found;
        return true;
    }

    // A request that cannot be read throws at once; as a task, it fails in its turn.
    private static ValueTask Start(ApiHandler handler, RequestContext request)
    {
        try
        {
            return handler.HandleAsync(request);
        }
        catch (Exception e)
        {
            return ValueTask.FromException(e);
        }
    }

    private async ValueTask AnswerAllAsync()
    {
        while (_inFlight.TryDequeue(out InFlight next))
        {
            if (!next.Handling.IsCompleted)
                await FlushAsync();
            if (await CompletesAsync(next.Request, next.Handling))
                await WriteAsync(next.Request.Response);
            _isClosing |= next.Request.ClosesConnection;
            next.Request.End();
            if (_free.Count < KeptRequests)
                _free.Push(next.Request);
            else
                next.Request.Dispose();
        }
    }

    private async ValueTask<bool> CompletesAsync(RequestContext request, ValueTask handling)
    {
        try
        {
            await handling;
            return !_isClosing;
        }
        catch (OperationCanceledException) when (_client.Stopping.IsCancellationRequested)
        {
        }
        catch (KafkaException e) when (e.Code == ErrorCode.InvalidRequest)
        {
            NetworkLog.MalformedRequest(_logger, _client.Id, _client.ClientHost, request.Header.Key, e.Message);
        }
        catch (Exception e)
        {
            // An error that no handler foresaw: the client sees a closed connection and retries, the log has the cause.
            NetworkLog.RequestFailed(_logger, _client.Id, _client.ClientHost, request.Header.Key, e);
        }
        _isClosing = true;
        return false;
    }

    // In chunks, so that a slow client holds back its own large answer instead of having all of it buffered again.
    private async ValueTask WriteAsync(PooledBuffer response)
    {
        for (int at = 0; at < response.Length;)
        {
            int count = Math.Min(WriteChunk, response.Length - at);
            _output.Write(response.WrittenSpan.Slice(at, count));
            at += count;
            _unflushed += count;
            if (_unflushed >= WriteChunk)
                await FlushAsync();
        }
    }

    private async ValueTask FlushAsync()
    {
        if (_unflushed == 0)
            return;
        _unflushed = 0;
        FlushResult flushed = await _output.FlushAsync();
        _isClosing |= flushed.IsCompleted;
    }

    // Requests that were started run to their end, so that nothing uses a buffer that was given back.
    private async ValueTask AbandonAsync()
    {
        while (_inFlight.TryDequeue(out InFlight next))
        {
            await CompletesAsync(next.Request, next.Handling);
            next.Request.Dispose();
        }
    }

    /// <summary>A request whose handler was started.</summary>
    private readonly record struct InFlight(RequestContext Request, ValueTask Handling);
}
