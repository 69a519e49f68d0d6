using System.Diagnostics.CodeAnalysis;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;
using StreamSQL.Broker.Handlers;
using StreamSQL.Kafka;
using StreamSQL.Kafka.Protocol;

namespace StreamSQL.Broker.Network;

/// <summary>
/// One client's connection: reads frames, runs their handlers, writes the answers in order. A produce request is started while those before
/// it wait for the disk, so that one group commit serves them all; every other request waits until those before it are answered. While
/// requests wait, the connection goes on receiving, so it notices a client that goes.
/// </summary>
internal sealed class KafkaConnection : IDisposable
{
    private const int MinRequest = 8; // key, version, correlation id
    private const int GatheredBytes = 16 * 1024;
    private const int WriteChunk = 256 * 1024;
    private const int KeptRequests = 4;

    private readonly FrameReader _frames;
    private readonly Stream _output;
    private readonly ClientConnection _client;
    private readonly HandlerTable _handlers;
    private readonly KafkaListenerOptions _options;
    private readonly RequestMemory _memory;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _stopping;
    private readonly Queue<InFlight> _inFlight = new();
    private readonly Stack<RequestContext> _free = new();
    private readonly PooledBuffer _answers = new(); // small ones, gathered to be sent together
    private readonly WakeSignal _progress = new();
    private bool _saidApiVersions;
    private bool _isClosing;
    private bool _hasEnded;
    private long _quietSince; // 0 while a request is served: then the client may be silent
    private TimeSpan _patience;
    private RequestContext? _arriving; // its frame is not whole yet
    private (RequestContext Request, ApiHandler Handler)? _next; // whole, but not started
    private ValueTask<bool>? _receiving;
    private bool _isOldestWatched;
    private bool _lastRunsAlone;

    /// <param name="input">What the client sends.</param>
    /// <param name="output">What it is sent.</param>
    /// <param name="client">The client; its token is cancelled by <paramref name="stopping"/>.</param>
    /// <param name="stopping">Ends the waits of this connection; cancelled here when the client has gone or is idle too long.</param>
    /// <param name="handlers">Who serves requests.</param>
    /// <param name="options">Bounds.</param>
    /// <param name="memory">What large requests may take.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Where refused and failed requests are logged.</param>
    public KafkaConnection(
        Stream input, Stream output, ClientConnection client, CancellationTokenSource stopping, HandlerTable handlers,
        KafkaListenerOptions options,
        RequestMemory memory, TimeProvider time, ILogger logger)
    {
        _memory = memory;
        _frames = new FrameReader(input, memory);
        _output = output;
        _client = client;
        _stopping = stopping;
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
        if (since == 0 || _time.GetElapsedTime(since) < _patience)
            return;
        try
        {
            _stopping.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It has ended meanwhile.
        }
    }

    /// <summary>Serves until the client goes, the server stops, or the client breaks the protocol.</summary>
    public async Task RunAsync()
    {
        try
        {
            bool goesOn = true;
            while (goesOn && !_isClosing)
            {
                if (TryTakeNext(out RequestContext? request, out ApiHandler? handler))
                    Start(request, handler);
                else if (_inFlight.TryPeek(out InFlight oldest))
                    await AnswerOrWaitAsync(oldest);
                else if (!_isClosing)
                    goesOn = await ReceiveAsync();
            }
            await FlushAsync();
        }
        catch (Exception e) when (IsClientGone(e))
        {
            // There is nobody to tell.
        }
        finally
        {
            await AbandonAsync();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _frames.Dispose();
        _answers.Dispose();
        _arriving?.Dispose();
        _next?.Request.Dispose();
        while (_free.TryPop(out RequestContext? request))
            request.Dispose();
    }

    private static bool IsClientGone(Exception e) =>
        e is IOException or ConnectionResetException or ConnectionAbortedException or ObjectDisposedException;

    /// <summary>Takes the next request, if it is whole and may be started now.</summary>
    private bool TryTakeNext([NotNullWhen(true)] out RequestContext? request, [NotNullWhen(true)] out ApiHandler? handler)
    {
        (request, handler) = (null, null);
        if (_next is null && _receiving is null && TryReadFrame(out RequestContext? whole))
            Parse(whole);
        if (_next is not { } next || _isClosing)
            return false;
        bool mayOverlap = next.Handler.MayOverlap && !_lastRunsAlone && _inFlight.Count < _options.MaxInFlight;
        if (_inFlight.Count > 0 && !mayOverlap)
            return false;
        (request, handler) = next;
        _next = null;
        return true;
    }

    private bool TryReadFrame([NotNullWhen(true)] out RequestContext? request)
    {
        request = null;
        if (_arriving is null && !TryBeginFrame())
            return false;
        if (!_frames.TryFinish())
            return false;
        request = _arriving!;
        request.Charge(_memory, _frames.TakeCharge());
        _arriving = null;
        return true;
    }

    private bool TryBeginFrame()
    {
        if (!_frames.TryReadLength(out int length))
            return false;
        int limit = _saidApiVersions && _client.IsLetIn ? _options.MaxRequestBytes : _options.MaxFirstRequestBytes;
        int least = _client.Sasl is { ExpectsBareMessage: true } ? 0 : MinRequest;
        if (length < least || length > limit)
        {
            NetworkLog.RequestTooLarge(_logger, _client.Id, _client.ClientHost, length, limit);
            _isClosing = true;
            return false;
        }
        _arriving = _free.TryPop(out RequestContext? free) ? free : new RequestContext(_client);
        _frames.Begin(_arriving.Frame, length);
        return true;
    }

    /// <summary>Finds who serves a request; a request that nobody serves closes the connection.</summary>
    private void Parse(RequestContext request)
    {
        ReadOnlyMemory<byte> frame = request.Frame.WrittenMemory;
        if (_client.Sasl is { ExpectsBareMessage: true })
        {
            request.Begin(default, frame);
            _next = (request, _handlers.BareSaslMessages);
            return;
        }
        var reader = new KafkaReader(frame);
        try
        {
            RequestHeader header = RequestHeader.Read(ref reader);
            request.Begin(header, frame[reader.Position..]);
            if (!_handlers.TryFind(header, out ApiHandler? handler))
                NetworkLog.UnsupportedRequest(_logger, _client.Id, _client.ClientHost, header.Key, header.Version);
            else if (!_client.IsLetIn && header.Key is not (ApiKey.ApiVersions or ApiKey.SaslHandshake or ApiKey.SaslAuthenticate))
                NetworkLog.NotLoggedIn(_logger, _client.Id, _client.ClientHost, header.Key);
            else
            {
                _saidApiVersions |= header.Key == ApiKey.ApiVersions;
                _next = (request, handler);
                return;
            }
        }
        catch (KafkaException e)
        {
            NetworkLog.MalformedRequest(_logger, _client.Id, _client.ClientHost, default, e.Message);
        }
        request.Dispose();
        _isClosing = true;
    }

    private void Start(RequestContext request, ApiHandler handler)
    {
        Volatile.Write(ref _quietSince, 0);
        ValueTask handling = Handle(handler, request);
        _lastRunsAlone = !handler.MayOverlap || request.RunsAlone;
        if (!_lastRunsAlone)
            request.EndFrame();
        _inFlight.Enqueue(new InFlight(request, handling));
    }

    // A request that cannot be read throws at once; as a task, it fails in its turn.
    private static ValueTask Handle(ApiHandler handler, RequestContext request)
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

    /// <summary>Answers the oldest request if that is done; else waits until it is, or something has come.</summary>
    private async ValueTask AnswerOrWaitAsync(InFlight oldest)
    {
        if (oldest.Handling.IsCompleted)
        {
            _inFlight.Dequeue();
            _isOldestWatched = false;
            await AnswerAsync(oldest);
            return;
        }
        await FlushAsync();
        if (_receiving is null && !_hasEnded && _next is null && _frames.HasRoom)
            BeginReceiving();
        if (_receiving is not { IsCompleted: true })
            await WaitAsync(oldest);
        if (_receiving is { IsCompleted: true } receiving)
            await EndReceivingAsync(receiving);
    }

    /// <summary>Waits until the oldest request is done, or something has come.</summary>
    private ValueTask WaitAsync(InFlight oldest)
    {
        if (!_isOldestWatched)
        {
            _isOldestWatched = true;
            oldest.Handling.ConfigureAwait(false).GetAwaiter().UnsafeOnCompleted(_progress.Raise);
        }
        return _progress.WaitAsync();
    }

    /// <summary>Receives when no request is served; false when there is nothing more to do.</summary>
    private async ValueTask<bool> ReceiveAsync()
    {
        await FlushAsync();
        if (_hasEnded)
            return false;
        if (Volatile.Read(ref _quietSince) == 0)
        {
            _patience = _client.IsLetIn ? _options.IdleTimeout : _options.FirstRequestTimeout;
            Volatile.Write(ref _quietSince, _time.GetTimestamp());
        }
        if (_receiving is null)
            BeginReceiving();
        await EndReceivingAsync(_receiving!.Value);
        return true;
    }

    private void BeginReceiving()
    {
        ValueTask<bool> receiving = _frames.ReceiveAsync(_stopping.Token);
        if (!receiving.IsCompleted)
            receiving.ConfigureAwait(false).GetAwaiter().UnsafeOnCompleted(_progress.Raise);
        _receiving = receiving;
    }

    /// <summary>Waits for what is received. When nothing more comes, nothing is waited for any longer.</summary>
    private async ValueTask EndReceivingAsync(ValueTask<bool> receiving)
    {
        while (!receiving.IsCompleted)
            await _progress.WaitAsync();
        _receiving = null;
        try
        {
            _hasEnded = !await receiving;
        }
        catch (Exception e) when (e is OperationCanceledException || IsClientGone(e))
        {
            _hasEnded = true;
        }
        if (_hasEnded)
            await _stopping.CancelAsync();
    }

    private async ValueTask AnswerAsync(InFlight done)
    {
        if (await CompletesAsync(done.Request, done.Handling))
            await WriteAsync(done.Request.Response);
        if (done.Request.LoginFailure is { } refused)
            NetworkLog.LoginRefused(_logger, _client.Id, _client.ClientHost, refused);
        _isClosing |= done.Request.ClosesConnection;
        done.Request.End();
        if (_free.Count < KeptRequests)
            _free.Push(done.Request);
        else
            done.Request.Dispose();
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

    // Large answers in chunks, so that a slow client holds them back instead of having all buffered again where there is a pipe behind.
    private async ValueTask WriteAsync(PooledBuffer response)
    {
        if (_answers.Length + response.Length <= GatheredBytes)
        {
            _answers.Append(response.WrittenSpan);
            return;
        }
        await FlushAsync();
        for (int at = 0; at < response.Length; at += WriteChunk)
            await _output.WriteAsync(response.WrittenMemory[at..Math.Min(at + WriteChunk, response.Length)]);
    }

    private ValueTask FlushAsync() => _answers.Length == 0 ? ValueTask.CompletedTask : SendAnswersAsync();

    private async ValueTask SendAnswersAsync()
    {
        await _output.WriteAsync(_answers.WrittenMemory);
        _answers.Dispose(); // an idle connection holds none
    }

    // Requests that were started run to their end, so that nothing uses a buffer that was given back.
    private async ValueTask AbandonAsync()
    {
        await _stopping.CancelAsync();
        if (_receiving is { } receiving)
            await EndReceivingAsync(receiving);
        while (_inFlight.TryPeek(out InFlight oldest))
        {
            while (!oldest.Handling.IsCompleted)
                await WaitAsync(oldest);
            _inFlight.Dequeue();
            _isOldestWatched = false;
            await CompletesAsync(oldest.Request, oldest.Handling);
            oldest.Request.Dispose();
        }
    }

    /// <summary>A request whose handler was started.</summary>
    private readonly record struct InFlight(RequestContext Request, ValueTask Handling);
}
