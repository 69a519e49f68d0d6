#pragma warning disable CS1591 // the fields are Kafka's own, defined in its protocol guide
using StreamSQL.Kafka.Protocol;

namespace StreamSQL.Kafka.Messages;

/// <summary>Commits or aborts a transaction.</summary>
public sealed class EndTxnRequest : IApiMessage<EndTxnRequest>
{
    public string TransactionalId = "";
    public long ProducerId;
    public short ProducerEpoch;
    public bool Committed;

    /// <summary>The fields and the versions that have them.</summary>
    public static MessageSchema<EndTxnRequest> Schema { get; } = new MessageSchema<EndTxnRequest>()
        .String("0+", static m => ref m.TransactionalId)
        .Int64("0+", static m => ref m.ProducerId)
        .Int16("0+", static m => ref m.ProducerEpoch)
        .Bool("0+", static m => ref m.Committed);
}

/// <summary>Whether the transaction ended.</summary>
public sealed class EndTxnResponse : IApiMessage<EndTxnResponse>
{
    public int ThrottleTimeMs;
    public ErrorCode ErrorCode;
    public long ProducerId = -1;
    public short ProducerEpoch = -1;

    /// <summary>The fields and the versions that have them.</summary>
    public static MessageSchema<EndTxnResponse> Schema { get; } = new MessageSchema<EndTxnResponse>()
        .Int32("0+", static m => ref m.ThrottleTimeMs)
        .Error("0+", static m => ref m.ErrorCode)
        .Int64("5+", static m => ref m.ProducerId)
        .Int16("5+", static m => ref m.ProducerEpoch);
}
