using System.Buffers.Binary;
using System.Reflection;
using StreamSQL.Kafka;
using StreamSQL.Kafka.Protocol;
using StreamSQL.UnitTests.Kafka.Protocol;

namespace StreamSQL.UnitTests.Fuzzing.Targets;

/// <summary>Requests and responses of every API and version: key, version, correlation id, client id, body.</summary>
internal static class KafkaMessages
{
    private static readonly Dictionary<ApiKey, (Api Api, MessageReader Request, MessageReader Response)> _apis = typeof(Apis)
        .GetFields(BindingFlags.Public | BindingFlags.Static)
        .Select(static field => field.GetValue(null)).OfType<Api>()
        .ToDictionary(static api => api.Key, static api => (api, Reader(api, nameof(RequestReader)), Reader(api, nameof(ResponseReader))));

    private delegate void MessageReader(ref KafkaReader reader, short version);

    public static IReadOnlyList<FuzzTarget> All { get; } =
    [
        new("kafka-request", static () => Frames("Request"), static input => Decode(input, request: true), typeof(KafkaException))
            { Share = 48 },
        new("kafka-response", static () => Frames("Response"), static input => Decode(input, request: false), typeof(KafkaException))
            { Share = 24 },
    ];

    private static void Decode(byte[] input, bool request)
    {
        var reader = new KafkaReader(input);
        RequestHeader header = RequestHeader.Read(ref reader);
        if (!_apis.TryGetValue(header.Key, out var api) || header.Version < api.Api.MinVersion || header.Version > api.Api.MaxVersion)
            return;
        if (request ? api.Api.IsFlexible(header.Version) : api.Api.HasFlexibleResponseHeader(header.Version))
            reader.SkipTaggedFields();
        (request ? api.Request : api.Response)(ref reader, header.Version);
    }

    private static IEnumerable<byte[]> Frames(string kind)
    {
        foreach ((Api api, _, _) in _apis.Values)
        {
            for (short version = api.MinVersion; version <= api.MaxVersion; version++)
            {
                bool flexible = kind == "Request" ? api.IsFlexible(version) : api.HasFlexibleResponseHeader(version);
                foreach (byte[] body in MessageVectors.Find($"{api.Key}{kind}", version)?.All ?? [])
                    yield return [.. Header(api.Key, version), .. flexible ? new byte[1] : [], .. body];
            }
        }
    }

    private static byte[] Header(ApiKey key, short version)
    {
        byte[] header = [0, 0, 0, 0, 0, 0, 0, 9, 0, 2, (byte)'m', (byte)'e'];
        BinaryPrimitives.WriteInt16BigEndian(header, (short)key);
        BinaryPrimitives.WriteInt16BigEndian(header.AsSpan(2), version);
        return header;
    }

    private static MessageReader Reader(Api api, string maker) => (MessageReader)typeof(KafkaMessages)
        .GetMethod(maker, BindingFlags.NonPublic | BindingFlags.Static)!
        .MakeGenericMethod(api.GetType().GetGenericArguments())
        .Invoke(null, [api])!;

    private static MessageReader RequestReader<TRequest, TResponse>(Api<TRequest, TResponse> api)
        where TRequest : class, IApiMessage<TRequest>, new()
        where TResponse : class, IApiMessage<TResponse>, new() =>
        (ref KafkaReader reader, short version) => api.ReadRequest(ref reader, version);

    private static MessageReader ResponseReader<TRequest, TResponse>(Api<TRequest, TResponse> api)
        where TRequest : class, IApiMessage<TRequest>, new()
        where TResponse : class, IApiMessage<TResponse>, new() =>
        (ref KafkaReader reader, short version) => api.ReadResponse(ref reader, version);
}
