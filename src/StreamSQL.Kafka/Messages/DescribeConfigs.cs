#pragma warning disable CS1591 // the fields are Kafka's own, defined in its protocol guide
using StreamSQL.Kafka.Protocol;

namespace StreamSQL.Kafka.Messages;

/// <summary>Asks for configs of topics and brokers.</summary>
public sealed class DescribeConfigsRequest : IApiMessage<DescribeConfigsRequest>
{
    public List<Resource> Resources = [];
    public bool IncludeSynonyms;
    public bool IncludeDocumentation;

    /// <summary>The fields and the versions that have them.</summary>
    public static MessageSchema<DescribeConfigsRequest> Schema { get; } = new MessageSchema<DescribeConfigsRequest>()
        .Array("0+", static m => ref m.Resources, Resource.Schema)
        .Bool("1+", static m => ref m.IncludeSynonyms)
        .Bool("3+", static m => ref m.IncludeDocumentation);

    /// <summary>A topic or broker with its configs.</summary>
    public sealed class Resource
    {
        public sbyte ResourceType;
        public string ResourceName = "";
        public List<string>? ConfigurationKeys;

        /// <summary>The fields and the versions that have them.</summary>
        public static readonly MessageSchema<Resource> Schema = new MessageSchema<Resource>()
            .Int8("0+", static m => ref m.ResourceType)
            .String("0+", static m => ref m.ResourceName)
            .NullableStringArray("0+", static m => ref m.ConfigurationKeys);
    }
}

/// <summary>Configs, each with the source of its value.</summary>
public sealed class DescribeConfigsResponse : IApiMessage<DescribeConfigsResponse>
{
    public int ThrottleTimeMs;
    public List<Resource> Results = [];

    /// <summary>The fields and the versions that have them.</summary>
    public static MessageSchema<DescribeConfigsResponse> Schema { get; } = new MessageSchema<DescribeConfigsResponse>()
        .Int32("0+", static m => ref m.ThrottleTimeMs)
        .Array("0+", static m => ref m.Results, Resource.Schema);

    /// <summary>A topic or broker with its configs.</summary>
    public sealed class Resource
    {
        public ErrorCode ErrorCode;
        public string? ErrorMessage;
        public sbyte ResourceType;
        public string ResourceName = "";
        public List<Config> Configs = [];

        /// <summary>The fields and the versions that have them.</summary>
        public static readonly MessageSchema<Resource> Schema = new MessageSchema<Resource>()
            .Error("0+", static m => ref m.ErrorCode)
            .NullableString("0+", static m => ref m.ErrorMessage)
            .Int8("0+", static m => ref m.ResourceType)
            .String("0+", static m => ref m.ResourceName)
            .Array("0+", static m => ref m.Configs, Config.Schema);
    }

    /// <summary>A config.</summary>
    public sealed class Config
    {
        public string Name = "";
        public string? Value;
        public bool ReadOnly;
        public sbyte ConfigSource = -1;
        public bool IsSensitive;
        public List<Synonym> Synonyms = [];
        public sbyte ConfigType;
        public string? Documentation;

        /// <summary>The fields and the versions that have them.</summary>
        public static readonly MessageSchema<Config> Schema = new MessageSchema<Config>()
            .String("0+", static m => ref m.Name)
            .NullableString("0+", static m => ref m.Value)
            .Bool("0+", static m => ref m.ReadOnly)
            .Int8("1+", static m => ref m.ConfigSource)
            .Bool("0+", static m => ref m.IsSensitive)
            .Array("1+", static m => ref m.Synonyms, Synonym.Schema)
            .Int8("3+", static m => ref m.ConfigType)
            .NullableString("3+", static m => ref m.Documentation);
    }

    /// <summary>A place where the config could be set.</summary>
    public sealed class Synonym
    {
        public string Name = "";
        public string? Value;
        public sbyte Source;

        /// <summary>The fields and the versions that have them.</summary>
        public static readonly MessageSchema<Synonym> Schema = new MessageSchema<Synonym>()
            .String("1+", static m => ref m.Name)
            .NullableString("1+", static m => ref m.Value)
            .Int8("1+", static m => ref m.Source);
    }
}
