#pragma warning disable CS1591 // the fields are Kafka's own, defined in its protocol guide
using StreamSQL.Kafka.Protocol;

namespace StreamSQL.Kafka.Messages;

/// <summary>Asks for access control entries to be deleted (KIP-140).</summary>
public sealed class DeleteAclsRequest : IApiMessage<DeleteAclsRequest>
{
    public List<Filter> Filters = [];

    /// <summary>The fields and the versions that have them.</summary>
    public static MessageSchema<DeleteAclsRequest> Schema { get; } = new MessageSchema<DeleteAclsRequest>()
        .Array("0+", static m => ref m.Filters, Filter.Schema);

    /// <summary>Which entries.</summary>
    public sealed class Filter
    {
        public sbyte ResourceTypeFilter;
        public string? ResourceNameFilter;
        public sbyte PatternTypeFilter = 3;
        public string? PrincipalFilter;
        public string? HostFilter;
        public sbyte Operation;
        public sbyte PermissionType;

        /// <summary>The fields and the versions that have them.</summary>
        public static readonly MessageSchema<Filter> Schema = new MessageSchema<Filter>()
            .Int8("0+", static m => ref m.ResourceTypeFilter)
            .NullableString("0+", static m => ref m.ResourceNameFilter)
            .Int8("1+", static m => ref m.PatternTypeFilter)
            .NullableString("0+", static m => ref m.PrincipalFilter)
            .NullableString("0+", static m => ref m.HostFilter)
            .Int8("0+", static m => ref m.Operation)
            .Int8("0+", static m => ref m.PermissionType);
    }
}

/// <summary>What was deleted.</summary>
public sealed class DeleteAclsResponse : IApiMessage<DeleteAclsResponse>
{
    public int ThrottleTimeMs;
    public List<FilterResult> FilterResults = [];

    /// <summary>The fields and the versions that have them.</summary>
    public static MessageSchema<DeleteAclsResponse> Schema { get; } = new MessageSchema<DeleteAclsResponse>()
        .Int32("0+", static m => ref m.ThrottleTimeMs)
        .Array("0+", static m => ref m.FilterResults, FilterResult.Schema);

    /// <summary>What a filter matched.</summary>
    public sealed class FilterResult
    {
        public ErrorCode ErrorCode;
        public string? ErrorMessage;
        public List<MatchingAcl> MatchingAcls = [];

        /// <summary>The fields and the versions that have them.</summary>
        public static readonly MessageSchema<FilterResult> Schema = new MessageSchema<FilterResult>()
            .Error("0+", static m => ref m.ErrorCode)
            .NullableString("0+", static m => ref m.ErrorMessage)
            .Array("0+", static m => ref m.MatchingAcls, MatchingAcl.Schema);
    }

    /// <summary>A deleted entry.</summary>
    public sealed class MatchingAcl
    {
        public ErrorCode ErrorCode;
        public string? ErrorMessage;
        public sbyte ResourceType;
        public string ResourceName = "";
        public sbyte PatternType = 3;
        public string Principal = "";
        public string Host = "";
        public sbyte Operation;
        public sbyte PermissionType;

        /// <summary>The fields and the versions that have them.</summary>
        public static readonly MessageSchema<MatchingAcl> Schema = new MessageSchema<MatchingAcl>()
            .Error("0+", static m => ref m.ErrorCode)
            .NullableString("0+", static m => ref m.ErrorMessage)
            .Int8("0+", static m => ref m.ResourceType)
            .String("0+", static m => ref m.ResourceName)
            .Int8("1+", static m => ref m.PatternType)
            .String("0+", static m => ref m.Principal)
            .String("0+", static m => ref m.Host)
            .Int8("0+", static m => ref m.Operation)
            .Int8("0+", static m => ref m.PermissionType);
    }
}
