#pragma warning disable CS1591 // the fields are Kafka's own, defined in its protocol guide
using StreamSQL.Kafka.Protocol;

namespace StreamSQL.Kafka.Messages;

/// <summary>Replaces all configs that are set on resources.</summary>
public sealed class AlterConfigsRequest : IApiMessage<AlterConfigsRequest>
{
    public List<Resource> Resources = [];
    public bool ValidateOnly;

    /// <summary>The fields and the versions that have them.</summary>
    public static MessageSchema<AlterConfigsRequest> Schema { get; } = new MessageSchema<AlterConfigsRequest>()
        .Array("0+", static m => ref m.Resources, Resource.Schema)
        .Bool("0+", static m => ref m.ValidateOnly);

    /// <summary>A resource.</summary>
    public sealed class Resource
    {
        public sbyte ResourceType;
        public string ResourceName = "";
        public List<Config> Configs = [];

        /// <summary>The fields and the versions that have them.</summary>
        public static readonly MessageSchema<Resource> Schema = new MessageSchema<Resource>()
            .Int8("0+", static m => ref m.ResourceType)
            .String("0+", static m => ref m.ResourceName)
            .Array("0+", static m => ref m.Configs, Config.Schema);
    }

    /// <summary>A config.</summary>
    public sealed class Config
    {
        public string Name = "";
        public string? Value;

        /// <summary>The fields and the versions that have them.</summary>
        public static readonly MessageSchema<Config> Schema = new MessageSchema<Config>()
            .String("0+", static m => ref m.Name)
            .NullableString("0+", static m => ref m.Value);
    }
}

/// <summary>What became of each resource.</summary>
public sealed class AlterConfigsResponse : IApiMessage<AlterConfigsResponse>
{
    public int ThrottleTimeMs;
    public List<Resource> Responses = [];

    /// <summary>The fields and the versions that have them.</summary>
    public static MessageSchema<AlterConfigsResponse> Schema { get; } = new MessageSchema<AlterConfigsResponse>()
        .Int32("0+", static m => ref m.ThrottleTimeMs)
        .Array("0+", static m => ref m.Responses, Resource.Schema);

    /// <summary>A resource.</summary>
    public sealed class Resource
    {
        public ErrorCode ErrorCode;
        public string? ErrorMessage;
        public sbyte ResourceType;
        public string ResourceName = "";

        /// <summary>The fields and the versions that have them.</summary>
        public static readonly MessageSchema<Resource> Schema = new MessageSchema<Resource>()
            .Error("0+", static m => ref m.ErrorCode)
            .NullableString("0+", static m => ref m.ErrorMessage)
            .Int8("0+", static m => ref m.ResourceType)
            .String("0+", static m => ref m.ResourceName);
    }
}
