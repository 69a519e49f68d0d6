namespace StreamSQL.Kafka.Protocol;

/// <summary>
/// The header of a request (versions 1 and 2): key, version, correlation id and client id. The client id keeps its old encoding in all
/// versions, so that a broker can read the header of any ApiVersions request.
/// </summary>
/// <param name="Key">The API; may be one that is not defined.</param>
/// <param name="Version">Its version; may be one that is not implemented.</param>
/// <param name="CorrelationId">What the response repeats.</param>
/// <param name="ClientId">What the client calls itself, or null.</param>
public readonly record struct RequestHeader(ApiKey Key, short Version, int CorrelationId, string? ClientId)
{
    /// <summary>Reads the part that all versions have; the tagged fields of a flexible version follow.</summary>
    /// <exception cref="KafkaException"><see cref="ErrorCode.InvalidRequest"/> when the bytes are malformed.</exception>
    public static RequestHeader Read(ref KafkaReader reader) =>
        new((ApiKey)reader.ReadInt16(), reader.ReadInt16(), reader.ReadInt32(), reader.ReadString(flexible: false));
}
