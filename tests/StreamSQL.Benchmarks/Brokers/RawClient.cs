using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using StreamSQL.Kafka;
using StreamSQL.Kafka.Messages;
using StreamSQL.Kafka.Protocol;

namespace StreamSQL.Benchmarks.Brokers;

/// <summary>A Kafka client that does as little as can be done: one blocking socket, frames that were encoded before.</summary>
internal sealed class RawClient : IDisposable
{
    private const string ClientId = "bench";
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private byte[] _received = new byte[4 * 1024];

    public RawClient(int port)
    {
        _socket.Connect(IPAddress.Loopback, port);
    }

    /// <summary>A connection to a broker that takes requests of any size.</summary>
    public static RawClient Open(BrokerProcess broker)
    {
        var client = new RawClient(broker.Port);
        client.Call(Apis.ApiVersions, 3, new ApiVersionsRequest { ClientSoftwareName = ClientId, ClientSoftwareVersion = "1" });
        return client;
    }

    /// <summary>A whole request frame.</summary>
    public static byte[] Encode<TRequest, TResponse>(Api<TRequest, TResponse> api, short version, TRequest request)
        where TRequest : class, IApiMessage<TRequest>, new()
        where TResponse : class, IApiMessage<TResponse>, new()
    {
        using var frame = new PooledBuffer();
        api.WriteRequest(frame, version, correlationId: 1, ClientId, request);
        return frame.WrittenSpan.ToArray();
    }

    /// <summary>Sends a request and waits for its answer.</summary>
    public TResponse Call<TRequest, TResponse>(Api<TRequest, TResponse> api, short version, TRequest request)
        where TRequest : class, IApiMessage<TRequest>, new()
        where TResponse : class, IApiMessage<TResponse>, new()
    {
        Send(Encode(api, version, request));
        return Decode(api, version, Receive());
    }

    /// <summary>Creates topics in one request.</summary>
    public void CreateTopics(IEnumerable<string> names, int partitions, string flushPolicy = "commit")
    {
        var topics = names.Select(name => new CreateTopicsRequest.Topic
        {
            Name = name, NumPartitions = partitions, ReplicationFactor = 1,
            Configs = [new() { Name = "flush.policy", Value = flushPolicy }],
        });
        var answer = Call(Apis.CreateTopics, 5, new CreateTopicsRequest { Topics = [.. topics] });
        if (answer.Topics.FirstOrDefault(static topic => topic.ErrorCode != ErrorCode.None) is { } refused)
            throw new InvalidOperationException($"Topic {refused.Name} was not created: {refused.ErrorCode}.");
    }

    /// <summary>Deletes topics.</summary>
    public void DeleteTopics(IEnumerable<string> names) => Call(Apis.DeleteTopics, 4, new DeleteTopicsRequest { TopicNames = [.. names] });

    public void Send(ReadOnlySpan<byte> frame)
    {
        while (!frame.IsEmpty)
            frame = frame[_socket.Send(frame)..];
    }

    /// <summary>The next answer, without its length; valid until the next one.</summary>
    public ReadOnlyMemory<byte> Receive()
    {
        ReceiveExactly(_received.AsSpan(0, sizeof(int)));
        var length = BinaryPrimitives.ReadInt32BigEndian(_received);
        if (length > _received.Length)
            _received = GC.AllocateUninitializedArray<byte>(length);
        ReceiveExactly(_received.AsSpan(0, length));
        return _received.AsMemory(0, length);
    }

    /// <summary>Reads an answer's body.</summary>
    public static TResponse Decode<TRequest, TResponse>(Api<TRequest, TResponse> api, short version, ReadOnlyMemory<byte> frame)
        where TRequest : class, IApiMessage<TRequest>, new()
        where TResponse : class, IApiMessage<TResponse>, new()
    {
        var reader = new KafkaReader(frame);
        reader.ReadInt32(); // correlation id
        if (api.HasFlexibleResponseHeader(version))
            reader.SkipTaggedFields();
        return api.ReadResponse(ref reader, version);
    }

    public void Dispose() => _socket.Dispose();

    private void ReceiveExactly(Span<byte> target)
    {
        while (!target.IsEmpty)
        {
            var count = _socket.Receive(target);
            if (count == 0)
                throw new IOException("The broker closed the connection.");
            target = target[count..];
        }
    }
}
