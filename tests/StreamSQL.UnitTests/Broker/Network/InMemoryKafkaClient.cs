using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;
using StreamSQL.Broker.Network;
using StreamSQL.Kafka;
using StreamSQL.Kafka.Protocol;

namespace StreamSQL.UnitTests.Broker.Network;

/// <summary>A client of the connection handler over pipes in memory.</summary>
internal sealed class InMemoryKafkaClient : IAsyncDisposable
{
    private readonly PipeConnection _connection;
    private int _lastCorrelationId;

    /// <param name="handler">Who serves the client.</param>
    /// <param name="address">The client's address.</param>
    /// <param name="waitsUntilTaken">Whether sending completes only when the server has taken the bytes.</param>
    public InMemoryKafkaClient(KafkaConnectionHandler handler, IPAddress? address = null, bool waitsUntilTaken = false)
    {
        _connection = new PipeConnection(waitsUntilTaken ? new PipeOptions(pauseWriterThreshold: 1,
            resumeWriterThreshold: 1) : PipeOptions.Default);
        if (address is not null)
            _connection.RemoteEndPoint = new IPEndPoint(address, 1);
        Serving = handler.OnConnectedAsync(_connection);
    }

    /// <summary>
    /// Serves a client that sends all at once, reads nothing and goes: all that the handler does before it first waits is done when this
    /// returns.
    /// </summary>
    public static Task Serve(KafkaConnectionHandler handler, byte[] input)
    {
        var connection = new PipeConnection(PipeOptions.Default);
        connection.ToServer.Write(input);
        connection.ToServer.Complete();
        connection.FromServer.Complete();
        Task serving = handler.OnConnectedAsync(connection);
        connection.RequestClose();
        return serving;
    }

    /// <summary>Ends when the server closes the connection.</summary>
    public Task Serving { get; }

    /// <summary>Asks the server to stop, as Kestrel does on shutdown.</summary>
    public void RequestStop() => _connection.RequestClose();

    public async Task SendRawAsync(byte[] bytes) => await _connection.ToServer.WriteAsync(bytes);

    /// <summary>Sends without waiting for the answer; returns the correlation id.</summary>
    public async Task<int> SendAsync<TRequest, TResponse>(Api<TRequest, TResponse> api, short version, TRequest request)
        where TRequest : class, IApiMessage<TRequest>, new()
        where TResponse : class, IApiMessage<TResponse>, new()
    {
        using var buffer = new PooledBuffer();
        api.WriteRequest(buffer, version, ++_lastCorrelationId, "test", request);
        await _connection.ToServer.WriteAsync(buffer.WrittenMemory);
        return _lastCorrelationId;
    }

    public async Task<TResponse> AskAsync<TRequest, TResponse>(Api<TRequest, TResponse> api, short version, TRequest request)
        where TRequest : class, IApiMessage<TRequest>, new()
        where TResponse : class, IApiMessage<TResponse>, new()
    {
        int correlationId = await SendAsync(api, version, request);
        byte[] frame = await ReceiveAsync();
        BinaryPrimitives.ReadInt32BigEndian(frame).ShouldBe(correlationId);
        var reader = new KafkaReader(frame);
        reader.ReadInt32();
        if (api.HasFlexibleResponseHeader(version))
            reader.SkipTaggedFields();
        return api.ReadResponse(ref reader, version);
    }

    /// <summary>The next response frame, without its length.</summary>
    public async Task<byte[]> ReceiveAsync()
    {
        int length = BinaryPrimitives.ReadInt32BigEndian(await ReadAsync(sizeof(int)));
        return length == 0 ? [] : await ReadAsync(length);
    }

    public async ValueTask DisposeAsync()
    {
        await _connection.ToServer.CompleteAsync();
        await Serving;
        await _connection.DisposeAsync();
    }

    private async Task<byte[]> ReadAsync(int count)
    {
        ReadResult read = await _connection.FromServer.ReadAtLeastAsync(count);
        read.Buffer.Length.ShouldBeGreaterThanOrEqualTo(count, "the server closed the connection");
        byte[] bytes = read.Buffer.Slice(0, count).ToArray();
        _connection.FromServer.AdvanceTo(read.Buffer.GetPosition(count));
        return bytes;
    }

    private sealed class PipeConnection : ConnectionContext, IConnectionLifetimeNotificationFeature, IDuplexPipe
    {
        private readonly Pipe _toServer;
        private readonly Pipe _fromServer = new();
        private readonly CancellationTokenSource _closeRequested = new();

        public PipeConnection(PipeOptions toServer)
        {
            _toServer = new Pipe(toServer);
            Features = new FeatureCollection();
            Features.Set<IConnectionLifetimeNotificationFeature>(this);
        }

        public PipeWriter ToServer => _toServer.Writer;

        public PipeReader FromServer => _fromServer.Reader;

        public override IDuplexPipe Transport
        {
            get => this;
            set => throw new NotSupportedException("The transport of a test connection is fixed.");
        }

        public PipeReader Input => _toServer.Reader;

        public PipeWriter Output => _fromServer.Writer;

        public override string ConnectionId { get; set; } = "test";

        public override IFeatureCollection Features { get; }

        public override IDictionary<object, object?> Items { get; set; } = new Dictionary<object, object?>();

        public CancellationToken ConnectionClosedRequested
        {
            get => _closeRequested.Token;
            set => throw new NotSupportedException("The token of a test connection is fixed.");
        }

        public void RequestClose() => _closeRequested.Cancel();
    }
}
