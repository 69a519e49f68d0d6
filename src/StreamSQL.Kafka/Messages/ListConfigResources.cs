#pragma warning disable CS1591 // the fields are Kafka's own, defined in its protocol guide
using StreamSQL.Kafka.Protocol;

namespace StreamSQL.Kafka.Messages;

/// <summary>Asks which resources have configs (KIP-1142); version 0 asks for client metrics subscriptions alone (KIP-714).</summary>
public sealed class ListConfigResourcesRequest : IApiMessage<ListConfigResourcesRequest>
{
    public List<sbyte> ResourceTypes = [];

    /// <summary>The fields and the versions that have them.</summary>
    public static MessageSchema<ListConfigResourcesRequest> Schema { get; } = new MessageSchema<ListConfigResourcesRequest>()
        .Int8Array("1+", static m => ref m.ResourceTypes);
}

/// <summary>The resources.</summary>
public sealed class ListConfigResourcesResponse : IApiMessage<ListConfigResourcesResponse>
{
    public int ThrottleTimeMs;
    public ErrorCode ErrorCode;
    public List<Resource> ConfigResources = [];

    /// <summary>The fields and the versions that have them.</summary>
    public static MessageSchema<ListConfigResourcesResponse> Schema { get; } = new MessageSchema<ListConfigResourcesResponse>()
        .Int32("0+", static m => ref m.ThrottleTimeMs)
        .Error("0+", static m => ref m.ErrorCode)
        .Array("0+", static m => ref m.ConfigResources, Resource.Schema);

    /// <summary>A resource.</summary>
    public sealed class Resource
    {
        public string ResourceName = "";
        public sbyte ResourceType = 16;

        /// <summary>The fields and the versions that have them.</summary>
        public static readonly MessageSchema<Resource> Schema = new MessageSchema<Resource>()
            .String("0+", static m => ref m.ResourceName)
            .Int8("1+", static m => ref m.ResourceType);
    }
}
