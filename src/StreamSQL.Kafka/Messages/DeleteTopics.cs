#pragma warning disable CS1591 // the fields are Kafka's own, defined in its protocol guide
using StreamSQL.Kafka.Protocol;

namespace StreamSQL.Kafka.Messages;

/// <summary>Deletes topics by name or, from version 6, by id.</summary>
public sealed class DeleteTopicsRequest : IApiMessage<DeleteTopicsRequest>
{
    public List<Topic> Topics = [];
    public List<string> TopicNames = [];
    public int TimeoutMs;

    /// <summary>The fields and the versions that have them.</summary>
    public static MessageSchema<DeleteTopicsRequest> Schema { get; } = new MessageSchema<DeleteTopicsRequest>()
        .Array("6+", static m => ref m.Topics, Topic.Schema)
        .StringArray("0-5", static m => ref m.TopicNames)
        .Int32("0+", static m => ref m.TimeoutMs);

    /// <summary>A topic.</summary>
    public sealed class Topic
    {
        public string? Name;
        public Guid TopicId;

        /// <summary>The fields and the versions that have them.</summary>
        public static readonly MessageSchema<Topic> Schema = new MessageSchema<Topic>()
            .NullableString("6+", static m => ref m.Name)
            .Uuid("6+", static m => ref m.TopicId);
    }
}

/// <summary>What became of each topic.</summary>
public sealed class DeleteTopicsResponse : IApiMessage<DeleteTopicsResponse>
{
    public int ThrottleTimeMs;
    public List<Topic> Responses = [];

    /// <summary>The fields and the versions that have them.</summary>
    public static MessageSchema<DeleteTopicsResponse> Schema { get; } = new MessageSchema<DeleteTopicsResponse>()
        .Int32("1+", static m => ref m.ThrottleTimeMs)
        .Array("0+", static m => ref m.Responses, Topic.Schema);

    /// <summary>A topic.</summary>
    public sealed class Topic
    {
        public string? Name;
        public Guid TopicId;
        public ErrorCode ErrorCode;
        public string? ErrorMessage;

        /// <summary>The fields and the versions that have them.</summary>
        public static readonly MessageSchema<Topic> Schema = new MessageSchema<Topic>()
            .NullableString("0+", static m => ref m.Name, nullable: "6+")
            .Uuid("6+", static m => ref m.TopicId)
            .Error("0+", static m => ref m.ErrorCode)
            .NullableString("5+", static m => ref m.ErrorMessage);
    }
}
