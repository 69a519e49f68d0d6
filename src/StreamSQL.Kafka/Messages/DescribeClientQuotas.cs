#pragma warning disable CS1591 // the fields are Kafka's own, defined in its protocol guide
using StreamSQL.Kafka.Protocol;

namespace StreamSQL.Kafka.Messages;

/// <summary>Asks for client quotas (KIP-546).</summary>
public sealed class DescribeClientQuotasRequest : IApiMessage<DescribeClientQuotasRequest>
{
    public List<Component> Components = [];
    public bool Strict;

    /// <summary>The fields and the versions that have them.</summary>
    public static MessageSchema<DescribeClientQuotasRequest> Schema { get; } = new MessageSchema<DescribeClientQuotasRequest>()
        .Array("0+", static m => ref m.Components, Component.Schema)
        .Bool("0+", static m => ref m.Strict);

    /// <summary>What an entity must match.</summary>
    public sealed class Component
    {
        public string EntityType = "";
        public sbyte MatchType;
        public string? Match;

        /// <summary>The fields and the versions that have them.</summary>
        public static readonly MessageSchema<Component> Schema = new MessageSchema<Component>()
            .String("0+", static m => ref m.EntityType)
            .Int8("0+", static m => ref m.MatchType)
            .NullableString("0+", static m => ref m.Match);
    }
}

/// <summary>The client quotas.</summary>
public sealed class DescribeClientQuotasResponse : IApiMessage<DescribeClientQuotasResponse>
{
    public int ThrottleTimeMs;
    public ErrorCode ErrorCode;
    public string? ErrorMessage;
    public List<Entry>? Entries;

    /// <summary>The fields and the versions that have them.</summary>
    public static MessageSchema<DescribeClientQuotasResponse> Schema { get; } = new MessageSchema<DescribeClientQuotasResponse>()
        .Int32("0+", static m => ref m.ThrottleTimeMs)
        .Error("0+", static m => ref m.ErrorCode)
        .NullableString("0+", static m => ref m.ErrorMessage)
        .NullableArray("0+", static m => ref m.Entries, Entry.Schema);

    /// <summary>An entity with its quotas.</summary>
    public sealed class Entry
    {
        public List<EntityPart> Entity = [];
        public List<Quota> Values = [];

        /// <summary>The fields and the versions that have them.</summary>
        public static readonly MessageSchema<Entry> Schema = new MessageSchema<Entry>()
            .Array("0+", static m => ref m.Entity, EntityPart.Schema)
            .Array("0+", static m => ref m.Values, Quota.Schema);
    }

    /// <summary>A part of an entity.</summary>
    public sealed class EntityPart
    {
        public string EntityType = "";
        public string? EntityName;

        /// <summary>The fields and the versions that have them.</summary>
        public static readonly MessageSchema<EntityPart> Schema = new MessageSchema<EntityPart>()
            .String("0+", static m => ref m.EntityType)
            .NullableString("0+", static m => ref m.EntityName);
    }

    /// <summary>A quota.</summary>
    public sealed class Quota
    {
        public string Key = "";
        public double Value;

        /// <summary>The fields and the versions that have them.</summary>
        public static readonly MessageSchema<Quota> Schema = new MessageSchema<Quota>()
            .String("0+", static m => ref m.Key)
            .Float64("0+", static m => ref m.Value);
    }
}
