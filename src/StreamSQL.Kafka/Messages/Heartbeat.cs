#pragma warning disable CS1591 // the fields are Kafka's own, defined in its protocol guide
using StreamSQL.Kafka.Protocol;

namespace StreamSQL.Kafka.Messages;

/// <summary>Says that a member is alive.</summary>
public sealed class HeartbeatRequest : IApiMessage<HeartbeatRequest>
{
    public string GroupId = "";
    public int GenerationId;
    public string MemberId = "";
    public string? GroupInstanceId;

    /// <summary>The fields and the versions that have them.</summary>
    public static MessageSchema<HeartbeatRequest> Schema { get; } = new MessageSchema<HeartbeatRequest>()
        .String("0+", static m => ref m.GroupId)
        .Int32("0+", static m => ref m.GenerationId)
        .String("0+", static m => ref m.MemberId)
        .NullableString("3+", static m => ref m.GroupInstanceId);
}

/// <summary>Whether the member still belongs to the generation.</summary>
public sealed class HeartbeatResponse : IApiMessage<HeartbeatResponse>
{
    public int ThrottleTimeMs;
    public ErrorCode ErrorCode;

    /// <summary>The fields and the versions that have them.</summary>
    public static MessageSchema<HeartbeatResponse> Schema { get; } = new MessageSchema<HeartbeatResponse>()
        .Int32("1+", static m => ref m.ThrottleTimeMs)
        .Error("0+", static m => ref m.ErrorCode);
}
