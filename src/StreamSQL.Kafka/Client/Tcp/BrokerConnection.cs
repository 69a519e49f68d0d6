using System.Buffers;
using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using StreamSQL.Kafka.Messages;
using StreamSQL.Kafka.Protocol;

namespace StreamSQL.Kafka.Client.Tcp;

/// <summary>
/// A connection to one broker: knows which versions it speaks, sends requests from any thread, matches answers by correlation id. When
/// anything goes wrong with it, all that wait fail with <see cref="ErrorCode.NetworkException"/>, and it is of no more use.
/// </summary>
internal sealed class BrokerConnection : IAsyncDisposable
{
    private readonly Stream _stream;
    private readonly TcpClientOptions _options;
    private readonly TimeProvider _time;
    private readonly SemaphoreSlim _sending = new(1);
    private readonly PooledBuffer _outgoing = new();
    private readonly ConcurrentDictionary<int, TaskCompletionSource<ResponseFrame>> _waiting = new();
    private readonly CancellationTokenSource _closing = new();
    private readonly Dictionary<ApiKey, VersionRange> _versions = [];
    private readonly Dictionary<string, short> _features = new(StringComparer.Ordinal);
    private readonly Task _receiving;
    private int _lastCorrelationId;
    private volatile Exception? _failure;

    private BrokerConnection(Stream stream, TcpClientOptions options, TimeProvider time)
    {
        _stream = stream;
        _options = options;
        _time = time;
        _receiving = ReceiveAsync();
    }

    /// <summary>Whether it may still be used.</summary>
    public bool IsOpen => _failure is null;

    /// <summary>Opens a connection and asks the broker for its versions.</summary>
    /// <exception cref="KafkaException">
    /// <see cref="ErrorCode.NetworkException"/> when the broker cannot be reached or does not answer.
    /// </exception>
    public static async ValueTask<BrokerConnection> OpenAsync(
        DnsEndPoint address, TcpClientOptions options, TimeProvider time, CancellationToken cancellation)
    {
        using var timeout = new CancellationTokenSource(options.ConnectTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellation);
        Stream stream;
        try
        {
            stream = await options.Connect(address, either.Token);
        }
        catch (Exception e) when (e is IOException or System.Net.Sockets.SocketException or OperationCanceledException)
        {
            cancellation.ThrowIfCancellationRequested();
            throw new KafkaException(ErrorCode.NetworkException, $"Broker {address.Host}:{address.Port} cannot be reached: {e.Message}", e);
        }
        var connection = new BrokerConnection(stream, options, time);
        try
        {
            await connection.NegotiateAsync(cancellation);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>
    /// Sends a request in the highest version that both sides speak, up to <paramref name="maxVersion"/>, and returns the answer.
    /// </summary>
    /// <exception cref="KafkaException">
    /// <see cref="ErrorCode.UnsupportedVersion"/> without a common version; <see cref="ErrorCode.NetworkException"/> when the connection
    /// fails; <see cref="ErrorCode.RequestTimedOut"/> when no answer comes in time. After the last two it is not known whether the broker
    /// carried the request out.
    /// </exception>
    public async ValueTask<TResponse> SendAsync<TRequest, TResponse>(
        Api<TRequest, TResponse> api, TRequest request, CancellationToken cancellation, short maxVersion = short.MaxValue)
        where TRequest : class, IApiMessage<TRequest>, new()
        where TResponse : class, IApiMessage<TResponse>, new()
    {
        (TResponse response, Action release) = await SendLeasedAsync(api, request, TimeSpan.Zero, cancellation, maxVersion);
        release(); // decoded messages copy all but records and bytes, which only fetches have
        return response;
    }

    /// <summary>
    /// As <see cref="SendAsync"/>, for an answer whose records lie in the frame that it came in: they are valid until the release is
    /// called. The broker may wait up to <paramref name="brokerWait"/> before it answers.
    /// </summary>
    public async ValueTask<(TResponse Response, Action Release)> SendLeasedAsync<TRequest, TResponse>(
        Api<TRequest, TResponse> api, TRequest request, TimeSpan brokerWait, CancellationToken cancellation,
        short maxVersion = short.MaxValue)
        where TRequest : class, IApiMessage<TRequest>, new()
        where TResponse : class, IApiMessage<TResponse>, new()
    {
        short version = VersionOf(api, maxVersion);
        ResponseFrame frame = await ExchangeAsync(api, version, request, _options.RequestTimeout + brokerWait, cancellation);
        try
        {
            return (Decode(api, version, frame.Memory), frame.Release);
        }
        catch
        {
            frame.Release();
            throw;
        }
    }

    /// <summary>The version that <see cref="SendAsync"/> would use.</summary>
    public short VersionOf(Api api, short maxVersion = short.MaxValue)
    {
        short min = 0, max = -1;
        if (_versions.TryGetValue(api.Key, out VersionRange broker))
        {
            min = Math.Max(api.MinVersion, broker.Min);
            max = Math.Min(Math.Min(SpokenVersions.Last(api), broker.Max), maxVersion);
        }
        return min <= max
            ? max
            : throw new KafkaException(ErrorCode.UnsupportedVersion, $"The broker has no version of {api.Key} in common with this client.");
    }

    /// <summary>The level of a feature that is in force in the cluster (KIP-584); 0 without it.</summary>
    public short LevelOf(string feature) => _features.GetValueOrDefault(feature);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        Fail(new ObjectDisposedException(nameof(BrokerConnection)));
        await _receiving;
        await _stream.DisposeAsync();
        await _sending.WaitAsync(); // whoever sends sees the failure first
        _outgoing.Dispose();
        _closing.Dispose();
    }

    private async ValueTask NegotiateAsync(CancellationToken cancellation)
    {
        const short OldestVersion = 0;
        var request = new ApiVersionsRequest { ClientSoftwareName = "streamsql", ClientSoftwareVersion = "0.1.0" };
        short version = 3; // every broker since Kafka 2.4
        ResponseFrame frame = await ExchangeAsync(Apis.ApiVersions, version, request, _options.RequestTimeout, cancellation);
        // A broker that does not know the version says so in the oldest one (KIP-511): the error code stands first in both.
        bool isTooNew = frame.Memory.Length >= 6
            && BinaryPrimitives.ReadInt16BigEndian(frame.Memory.Span[4..]) == (short)ErrorCode.UnsupportedVersion;
        if (isTooNew)
        {
            frame.Release();
            version = OldestVersion;
            frame = await ExchangeAsync(Apis.ApiVersions, version, request, _options.RequestTimeout, cancellation);
        }
        ApiVersionsResponse response = Decode(Apis.ApiVersions, version, frame.Memory);
        frame.Release();
        if (response.ErrorCode != ErrorCode.None)
            throw new KafkaException(response.ErrorCode, "The broker does not tell which versions it speaks.");
        foreach (ApiVersionsResponse.ApiVersion range in response.ApiKeys)
            _versions[(ApiKey)range.ApiKey] = new VersionRange(range.MinVersion, range.MaxVersion);
        foreach (ApiVersionsResponse.FinalizedFeatureKey feature in response.FinalizedFeatures)
            _features[feature.Name] = feature.MaxVersionLevel;
    }

    private static TResponse Decode<TRequest, TResponse>(Api<TRequest, TResponse> api, short version, ReadOnlyMemory<byte> frame)
        where TRequest : class, IApiMessage<TRequest>, new()
        where TResponse : class, IApiMessage<TResponse>, new()
    {
        var reader = new KafkaReader(frame);
        reader.ReadInt32(); // correlation id
        if (api.HasFlexibleResponseHeader(version))
            reader.SkipTaggedFields();
        return api.ReadResponse(ref reader, version);
    }

    private async ValueTask<ResponseFrame> ExchangeAsync<TRequest, TResponse>(
        Api<TRequest, TResponse> api, short version, TRequest request, TimeSpan timeout, CancellationToken cancellation)
        where TRequest : class, IApiMessage<TRequest>, new()
        where TResponse : class, IApiMessage<TResponse>, new()
    {
        int correlationId = Interlocked.Increment(ref _lastCorrelationId);
        var answer = new TaskCompletionSource<ResponseFrame>(TaskCreationOptions.RunContinuationsAsynchronously);
        _waiting[correlationId] = answer;
        try
        {
            await WriteAsync(api, version, correlationId, request, cancellation);
            return await answer.Task.WaitAsync(timeout, _time, cancellation);
        }
        catch (TimeoutException e)
        {
            var late = new KafkaException(ErrorCode.RequestTimedOut, $"The broker did not answer {api.Key} within {timeout}.", e);
            Fail(late); // answers come in order: those behind this one are late as well
            throw late;
        }
        finally
        {
            // Whoever gave up leaves an answer that may just have come.
            if (_waiting.TryRemove(correlationId, out _) && answer.Task.IsCompletedSuccessfully)
                answer.Task.Result.Release();
        }
    }

    private async ValueTask WriteAsync<TRequest, TResponse>(
        Api<TRequest, TResponse> api, short version, int correlationId, TRequest request, CancellationToken cancellation)
        where TRequest : class, IApiMessage<TRequest>, new()
        where TResponse : class, IApiMessage<TResponse>, new()
    {
        await _sending.WaitAsync(cancellation);
        try
        {
            ThrowIfFailed();
            _outgoing.Clear();
            api.WriteRequest(_outgoing, version, correlationId, _options.ClientId, request);
            await _stream.WriteAsync(_outgoing.WrittenMemory, _closing.Token); // a frame is never left half sent by a caller that gives up
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            Fail(e);
            ThrowIfFailed();
        }
        finally
        {
            _sending.Release();
        }
    }

    private async Task ReceiveAsync()
    {
        var prefix = new byte[sizeof(int)];
        try
        {
            while (true)
            {
                await _stream.ReadExactlyAsync(prefix, _closing.Token);
                int length = BinaryPrimitives.ReadInt32BigEndian(prefix);
                if (length < sizeof(int) || length > _options.MaxResponseBytes)
                    throw new IOException($"The broker sends a response of {length} bytes.");
                var frame = new ResponseFrame(length);
                await _stream.ReadExactlyAsync(frame.Writable, _closing.Token);
                int correlationId = BinaryPrimitives.ReadInt32BigEndian(frame.Memory.Span);
                if (!_waiting.TryRemove(correlationId, out TaskCompletionSource<ResponseFrame>? answer) || !answer.TrySetResult(frame))
                    frame.Release();
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or ObjectDisposedException)
        {
            Fail(e);
        }
    }

    private void Fail(Exception cause)
    {
        if (Interlocked.CompareExchange(ref _failure, cause, null) is not null)
            return;
        _closing.Cancel();
        foreach (int correlationId in _waiting.Keys)
        {
            if (_waiting.TryRemove(correlationId, out TaskCompletionSource<ResponseFrame>? answer))
                answer.TrySetException(Lost(cause));
        }
    }

    private void ThrowIfFailed()
    {
        if (_failure is { } cause)
            throw Lost(cause);
    }

    private static KafkaException Lost(Exception cause) =>
        new(ErrorCode.NetworkException, $"The connection to the broker is lost: {cause.Message}", cause);

    /// <summary>A response in an array from the pool.</summary>
    private sealed class ResponseFrame(int length)
    {
        private byte[]? _array = ArrayPool<byte>.Shared.Rent(length);

        public Memory<byte> Writable => _array.AsMemory(0, length);

        public ReadOnlyMemory<byte> Memory => _array.AsMemory(0, length);

        public void Release()
        {
            if (Interlocked.Exchange(ref _array, null) is { } array)
                ArrayPool<byte>.Shared.Return(array);
        }
    }
}
