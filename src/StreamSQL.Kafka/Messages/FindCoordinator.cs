#pragma warning disable CS1591 // the fields are Kafka's own, defined in its protocol guide
using StreamSQL.Kafka.Protocol;

namespace StreamSQL.Kafka.Messages;

/// <summary>Asks which broker coordinates a group or a transactional id.</summary>
public sealed class FindCoordinatorRequest : IApiMessage<FindCoordinatorRequest>
{
    public string Key = "";
    public sbyte KeyType;
    public List<string> CoordinatorKeys = [];

    /// <summary>The fields and the versions that have them.</summary>
    public static MessageSchema<FindCoordinatorRequest> Schema { get; } = new MessageSchema<FindCoordinatorRequest>()
        .String("0-3", static m => ref m.Key)
        .Int8("1+", static m => ref m.KeyType)
        .StringArray("4+", static m => ref m.CoordinatorKeys);
}

/// <summary>Coordinators.</summary>
public sealed class FindCoordinatorResponse : IApiMessage<FindCoordinatorResponse>
{
    public int ThrottleTimeMs;
    public ErrorCode ErrorCode;
    public string? ErrorMessage;
    public int NodeId;
    public string Host = "";
    public int Port;
    public List<Coordinator> Coordinators = [];

    /// <summary>The fields and the versions that have them.</summary>
    public static MessageSchema<FindCoordinatorResponse> Schema { get; } = new MessageSchema<FindCoordinatorResponse>()
        .Int32("1+", static m => ref m.ThrottleTimeMs)
        .Error("0-3", static m => ref m.ErrorCode)
        .NullableString("1-3", static m => ref m.ErrorMessage)
        .Int32("0-3", static m => ref m.NodeId)
        .String("0-3", static m => ref m.Host)
        .Int32("0-3", static m => ref m.Port)
        .Array("4+", static m => ref m.Coordinators, Coordinator.Schema);

    /// <summary>A coordinator.</summary>
    public sealed class Coordinator
    {
        public string Key = "";
        public int NodeId;
        public string Host = "";
        public int Port;
        public ErrorCode ErrorCode;
        public string? ErrorMessage;

        /// <summary>The fields and the versions that have them.</summary>
        public static readonly MessageSchema<Coordinator> Schema = new MessageSchema<Coordinator>()
            .String("4+", static m => ref m.Key)
            .Int32("4+", static m => ref m.NodeId)
            .String("4+", static m => ref m.Host)
            .Int32("4+", static m => ref m.Port)
            .Error("4+", static m => ref m.ErrorCode)
            .NullableString("4+", static m => ref m.ErrorMessage);
    }
}
