#pragma warning disable CS1591 // the fields are Kafka's own, defined in its protocol guide
using StreamSQL.Kafka.Protocol;

namespace StreamSQL.Kafka.Messages;

/// <summary>Asks for access control entries (KIP-140).</summary>
public sealed class DescribeAclsRequest : IApiMessage<DescribeAclsRequest>
{
    public sbyte ResourceTypeFilter;
    public string? ResourceNameFilter;
    public sbyte PatternTypeFilter = 3;
    public string? PrincipalFilter;
    public string? HostFilter;
    public sbyte Operation;
    public sbyte PermissionType;

    /// <summary>The fields and the versions that have them.</summary>
    public static MessageSchema<DescribeAclsRequest> Schema { get; } = new MessageSchema<DescribeAclsRequest>()
        .Int8("0+", static m => ref m.ResourceTypeFilter)
        .NullableString("0+", static m => ref m.ResourceNameFilter)
        .Int8("1+", static m => ref m.PatternTypeFilter)
        .NullableString("0+", static m => ref m.PrincipalFilter)
        .NullableString("0+", static m => ref m.HostFilter)
        .Int8("0+", static m => ref m.Operation)
        .Int8("0+", static m => ref m.PermissionType);
}

/// <summary>The access control entries.</summary>
public sealed class DescribeAclsResponse : IApiMessage<DescribeAclsResponse>
{
    public int ThrottleTimeMs;
    public ErrorCode ErrorCode;
    public string? ErrorMessage;
    public List<Resource> Resources = [];

    /// <summary>The fields and the versions that have them.</summary>
    public static MessageSchema<DescribeAclsResponse> Schema { get; } = new MessageSchema<DescribeAclsResponse>()
        .Int32("0+", static m => ref m.ThrottleTimeMs)
        .Error("0+", static m => ref m.ErrorCode)
        .NullableString("0+", static m => ref m.ErrorMessage)
        .Array("0+", static m => ref m.Resources, Resource.Schema);

    /// <summary>A resource with its entries.</summary>
    public sealed class Resource
    {
        public sbyte ResourceType;
        public string ResourceName = "";
        public sbyte PatternType = 3;
        public List<Acl> Acls = [];

        /// <summary>The fields and the versions that have them.</summary>
        public static readonly MessageSchema<Resource> Schema = new MessageSchema<Resource>()
            .Int8("0+", static m => ref m.ResourceType)
            .String("0+", static m => ref m.ResourceName)
            .Int8("1+", static m => ref m.PatternType)
            .Array("0+", static m => ref m.Acls, Acl.Schema);
    }

    /// <summary>An entry.</summary>
    public sealed class Acl
    {
        public string Principal = "";
        public string Host = "";
        public sbyte Operation;
        public sbyte PermissionType;

        /// <summary>The fields and the versions that have them.</summary>
        public static readonly MessageSchema<Acl> Schema = new MessageSchema<Acl>()
            .String("0+", static m => ref m.Principal)
            .String("0+", static m => ref m.Host)
            .Int8("0+", static m => ref m.Operation)
            .Int8("0+", static m => ref m.PermissionType);
    }
}
