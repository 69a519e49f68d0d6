namespace StreamSQL.Kafka.Protocol;

/// <summary>One API of the protocol: its key and the versions that are implemented here.</summary>
public abstract class Api
{
    private protected Api(ApiKey key, short minVersion, short maxVersion, short flexibleFrom)
    {
        Key = key;
        MinVersion = minVersion;
        MaxVersion = maxVersion;
        FlexibleFrom = flexibleFrom;
    }

    /// <summary>The key.</summary>
    public ApiKey Key { get; }

    /// <summary>The lowest version implemented.</summary>
    public short MinVersion { get; }

    /// <summary>The highest version implemented.</summary>
    public short MaxVersion { get; }

    /// <summary>The first version with compact encodings and tagged fields (KIP-482).</summary>
    public short FlexibleFrom { get; }

    /// <summary>Whether a version has compact encodings and tagged fields.</summary>
    public bool IsFlexible(short version) => version >= FlexibleFrom;

    /// <summary>
    /// Whether the response header of a version has tagged fields. That of ApiVersions never has: a client reads it before it knows
    /// what the broker speaks (KIP-511).
    /// </summary>
    public bool HasFlexibleResponseHeader(short version) => Key != ApiKey.ApiVersions && IsFlexible(version);
}

/// <summary>An API with its messages, and how they are framed.</summary>
/// <typeparam name="TRequest">The request.</typeparam>
/// <typeparam name="TResponse">The response.</typeparam>
public sealed class Api<TRequest, TResponse> : Api
    where TRequest : class, IApiMessage<TRequest>, new()
    where TResponse : class, IApiMessage<TResponse>, new()
{
    private MessageSchema<TRequest>? _request;
    private MessageSchema<TResponse>? _response;

    internal Api(ApiKey key, short minVersion, short maxVersion, short flexibleFrom)
        : base(key, minVersion, maxVersion, flexibleFrom)
    {
    }

    // Built when first needed: all schemas together are a fifth of the time that a broker takes to start.
    private MessageSchema<TRequest> Request => _request ??= TRequest.Schema;

    private MessageSchema<TResponse> Response => _response ??= TResponse.Schema;

    /// <summary>Reads a request's body, behind its header.</summary>
    /// <exception cref="KafkaException"><see cref="ErrorCode.InvalidRequest"/> when the bytes are malformed.</exception>
    public TRequest ReadRequest(ref KafkaReader reader, short version) => Request.Read(ref reader, version, IsFlexible(version));

    /// <summary>Reads a response's body, behind its header.</summary>
    /// <exception cref="KafkaException"><see cref="ErrorCode.InvalidRequest"/> when the bytes are malformed.</exception>
    public TResponse ReadResponse(ref KafkaReader reader, short version) => Response.Read(ref reader, version, IsFlexible(version));

    /// <summary>Appends a whole request frame: length, header, body.</summary>
    public void WriteRequest(PooledBuffer target, short version, int correlationId, string clientId, TRequest request)
    {
        var writer = new KafkaWriter(target);
        int start = writer.Length;
        writer.WriteInt32(0);
        writer.WriteInt16((short)Key);
        writer.WriteInt16(version);
        writer.WriteInt32(correlationId);
        writer.WriteString(clientId, flexible: false);
        if (IsFlexible(version))
            writer.WriteUnsignedVarInt(0);
        Request.Write(writer, request, version, IsFlexible(version));
        writer.PatchSizeAt(start);
    }

    /// <summary>Appends a whole response frame: length, header, body.</summary>
    public void WriteResponse(PooledBuffer target, short version, int correlationId, TResponse response)
    {
        var writer = new KafkaWriter(target);
        int start = writer.Length;
        writer.WriteInt32(0);
        writer.WriteInt32(correlationId);
        if (HasFlexibleResponseHeader(version))
            writer.WriteUnsignedVarInt(0);
        Response.Write(writer, response, version, IsFlexible(version));
        writer.PatchSizeAt(start);
    }

    internal void WriteRequestBody(KafkaWriter writer, short version, TRequest request) =>
        Request.Write(writer, request, version, IsFlexible(version));

    internal void WriteResponseBody(KafkaWriter writer, short version, TResponse response) =>
        Response.Write(writer, response, version, IsFlexible(version));
}
