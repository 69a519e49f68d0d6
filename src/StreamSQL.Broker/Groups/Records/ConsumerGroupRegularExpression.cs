using StreamSQL.Broker.Partitions;
using StreamSQL.Kafka.Protocol;

namespace StreamSQL.Broker.Groups.Records;

/// <summary>Names a regular expression that members of a consumer group subscribe to.</summary>
internal sealed class ConsumerGroupRegularExpressionKey
{
    public const short Type = 16;

    public string GroupId = "";
    public string RegularExpression = "";

    /// <summary>The fields and the versions that have them.</summary>
    public static readonly MessageSchema<ConsumerGroupRegularExpressionKey> Schema = new MessageSchema<ConsumerGroupRegularExpressionKey>()
        .String("0+", static m => ref m.GroupId)
        .String("0+", static m => ref m.RegularExpression);

    /// <summary>The bytes of the key: its type, then its fields.</summary>
    public static readonly CoordinatorCodec<ConsumerGroupRegularExpressionKey> Codec = new(Type, Schema);
}

/// <summary>The topics that a regular expression matched.</summary>
internal sealed class ConsumerGroupRegularExpressionValue
{
    public List<string> Topics = [];
    public long Version;
    public long Timestamp;

    /// <summary>The fields and the versions that have them.</summary>
    public static readonly MessageSchema<ConsumerGroupRegularExpressionValue> Schema =
        new MessageSchema<ConsumerGroupRegularExpressionValue>()
            .StringArray("0+", static m => ref m.Topics)
            .Int64("0+", static m => ref m.Version)
            .Int64("0+", static m => ref m.Timestamp);

    /// <summary>The bytes of the value: its version, then its fields.</summary>
    public static readonly CoordinatorCodec<ConsumerGroupRegularExpressionValue> Codec = new(0, 0, 0, Schema);
}
