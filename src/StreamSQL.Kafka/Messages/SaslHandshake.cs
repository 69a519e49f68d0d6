#pragma warning disable CS1591 // the fields are Kafka's own, defined in its protocol guide
using StreamSQL.Kafka.Protocol;

namespace StreamSQL.Kafka.Messages;

/// <summary>
/// Chooses how the client logs in (KIP-43). After version 0, its next frames are bare SASL messages; after version 1 SaslAuthenticate.
/// </summary>
public sealed class SaslHandshakeRequest : IApiMessage<SaslHandshakeRequest>
{
    public string Mechanism = "";

    /// <summary>The fields and the versions that have them.</summary>
    public static MessageSchema<SaslHandshakeRequest> Schema { get; } = new MessageSchema<SaslHandshakeRequest>()
        .String("0+", static m => ref m.Mechanism);
}

/// <summary>The ways that the broker offers.</summary>
public sealed class SaslHandshakeResponse : IApiMessage<SaslHandshakeResponse>
{
    public ErrorCode ErrorCode;
    public List<string> Mechanisms = [];

    /// <summary>The fields and the versions that have them.</summary>
    public static MessageSchema<SaslHandshakeResponse> Schema { get; } = new MessageSchema<SaslHandshakeResponse>()
        .Error("0+", static m => ref m.ErrorCode)
        .StringArray("0+", static m => ref m.Mechanisms);
}
