#pragma warning disable CS1591 // the fields are Kafka's own, defined in its protocol guide
using StreamSQL.Kafka.Protocol;

namespace StreamSQL.Kafka.Messages;

/// <summary>A message of a SASL exchange (KIP-152).</summary>
public sealed class SaslAuthenticateRequest : IApiMessage<SaslAuthenticateRequest>
{
    public ReadOnlyMemory<byte> AuthBytes;

    /// <summary>The fields and the versions that have them.</summary>
    public static MessageSchema<SaslAuthenticateRequest> Schema { get; } = new MessageSchema<SaslAuthenticateRequest>()
        .Bytes("0+", static m => ref m.AuthBytes);
}

/// <summary>What the broker says to it.</summary>
public sealed class SaslAuthenticateResponse : IApiMessage<SaslAuthenticateResponse>
{
    public ErrorCode ErrorCode;
    public string? ErrorMessage;
    public ReadOnlyMemory<byte> AuthBytes;
    public long SessionLifetimeMs;

    /// <summary>The fields and the versions that have them.</summary>
    public static MessageSchema<SaslAuthenticateResponse> Schema { get; } = new MessageSchema<SaslAuthenticateResponse>()
        .Error("0+", static m => ref m.ErrorCode)
        .NullableString("0+", static m => ref m.ErrorMessage)
        .Bytes("0+", static m => ref m.AuthBytes)
        .Int64("1+", static m => ref m.SessionLifetimeMs);
}
