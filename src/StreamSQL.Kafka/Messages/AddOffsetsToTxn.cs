#pragma warning disable CS1591 // the fields are Kafka's own, defined in its protocol guide
using StreamSQL.Kafka.Protocol;

namespace StreamSQL.Kafka.Messages;

/// <summary>Adds the offsets of a group to a transaction.</summary>
public sealed class AddOffsetsToTxnRequest : IApiMessage<AddOffsetsToTxnRequest>
{
    public string TransactionalId = "";
    public long ProducerId;
    public short ProducerEpoch;
    public string GroupId = "";

    /// <summary>The fields and the versions that have them.</summary>
    public static MessageSchema<AddOffsetsToTxnRequest> Schema { get; } = new MessageSchema<AddOffsetsToTxnRequest>()
        .String("0+", static m => ref m.TransactionalId)
        .Int64("0+", static m => ref m.ProducerId)
        .Int16("0+", static m => ref m.ProducerEpoch)
        .String("0+", static m => ref m.GroupId);
}

/// <summary>Whether the group was added.</summary>
public sealed class AddOffsetsToTxnResponse : IApiMessage<AddOffsetsToTxnResponse>
{
    public int ThrottleTimeMs;
    public ErrorCode ErrorCode;

    /// <summary>The fields and the versions that have them.</summary>
    public static MessageSchema<AddOffsetsToTxnResponse> Schema { get; } = new MessageSchema<AddOffsetsToTxnResponse>()
        .Int32("0+", static m => ref m.ThrottleTimeMs)
        .Error("0+", static m => ref m.ErrorCode);
}
