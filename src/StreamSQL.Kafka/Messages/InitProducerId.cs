#pragma warning disable CS1591 // the fields are Kafka's own, defined in its protocol guide
using StreamSQL.Kafka.Protocol;

namespace StreamSQL.Kafka.Messages;

/// <summary>Asks for a producer id; with a transactional id, fences its last holder.</summary>
public sealed class InitProducerIdRequest : IApiMessage<InitProducerIdRequest>
{
    public string? TransactionalId;
    public int TransactionTimeoutMs;
    public long ProducerId = -1;
    public short ProducerEpoch = -1;

    /// <summary>The fields and the versions that have them.</summary>
    public static MessageSchema<InitProducerIdRequest> Schema { get; } = new MessageSchema<InitProducerIdRequest>()
        .NullableString("0+", static m => ref m.TransactionalId)
        .Int32("0+", static m => ref m.TransactionTimeoutMs)
        .Int64("3+", static m => ref m.ProducerId)
        .Int16("3+", static m => ref m.ProducerEpoch);
}

/// <summary>The producer id and its epoch.</summary>
public sealed class InitProducerIdResponse : IApiMessage<InitProducerIdResponse>
{
    public int ThrottleTimeMs;
    public ErrorCode ErrorCode;
    public long ProducerId = -1;
    public short ProducerEpoch;

    /// <summary>The fields and the versions that have them.</summary>
    public static MessageSchema<InitProducerIdResponse> Schema { get; } = new MessageSchema<InitProducerIdResponse>()
        .Int32("0+", static m => ref m.ThrottleTimeMs)
        .Error("0+", static m => ref m.ErrorCode)
        .Int64("0+", static m => ref m.ProducerId)
        .Int16("0+", static m => ref m.ProducerEpoch);
}
