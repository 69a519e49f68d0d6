#pragma warning disable CS1591 // the fields are Kafka's own, defined in its protocol guide
using StreamSQL.Kafka.Protocol;

namespace StreamSQL.Kafka.Messages;

/// <summary>Raises the partition count of topics.</summary>
public sealed class CreatePartitionsRequest : IApiMessage<CreatePartitionsRequest>
{
    public List<Topic> Topics = [];
    public int TimeoutMs;
    public bool ValidateOnly;

    /// <summary>The fields and the versions that have them.</summary>
    public static MessageSchema<CreatePartitionsRequest> Schema { get; } = new MessageSchema<CreatePartitionsRequest>()
        .Array("0+", static m => ref m.Topics, Topic.Schema)
        .Int32("0+", static m => ref m.TimeoutMs)
        .Bool("0+", static m => ref m.ValidateOnly);

    /// <summary>A topic.</summary>
    public sealed class Topic
    {
        public string Name = "";
        public int Count;
        public List<Assignment>? Assignments;

        /// <summary>The fields and the versions that have them.</summary>
        public static readonly MessageSchema<Topic> Schema = new MessageSchema<Topic>()
            .String("0+", static m => ref m.Name)
            .Int32("0+", static m => ref m.Count)
            .NullableArray("0+", static m => ref m.Assignments, Assignment.Schema);
    }

    /// <summary>A replica assignment.</summary>
    public sealed class Assignment
    {
        public List<int> BrokerIds = [];

        /// <summary>The fields and the versions that have them.</summary>
        public static readonly MessageSchema<Assignment> Schema = new MessageSchema<Assignment>()
            .Int32Array("0+", static m => ref m.BrokerIds);
    }
}

/// <summary>What became of each topic.</summary>
public sealed class CreatePartitionsResponse : IApiMessage<CreatePartitionsResponse>
{
    public int ThrottleTimeMs;
    public List<Topic> Results = [];

    /// <summary>The fields and the versions that have them.</summary>
    public static MessageSchema<CreatePartitionsResponse> Schema { get; } = new MessageSchema<CreatePartitionsResponse>()
        .Int32("0+", static m => ref m.ThrottleTimeMs)
        .Array("0+", static m => ref m.Results, Topic.Schema);

    /// <summary>A topic.</summary>
    public sealed class Topic
    {
        public string Name = "";
        public ErrorCode ErrorCode;
        public string? ErrorMessage;

        /// <summary>The fields and the versions that have them.</summary>
        public static readonly MessageSchema<Topic> Schema = new MessageSchema<Topic>()
            .String("0+", static m => ref m.Name)
            .Error("0+", static m => ref m.ErrorCode)
            .NullableString("0+", static m => ref m.ErrorMessage);
    }
}
