#pragma warning disable CS1591 // the fields are Kafka's own, defined in its protocol guide
using StreamSQL.Kafka.Protocol;

namespace StreamSQL.Kafka.Messages;

/// <summary>Asks for access control entries to be made (KIP-140).</summary>
public sealed class CreateAclsRequest : IApiMessage<CreateAclsRequest>
{
    public List<Creation> Creations = [];

    /// <summary>The fields and the versions that have them.</summary>
    public static MessageSchema<CreateAclsRequest> Schema { get; } = new MessageSchema<CreateAclsRequest>()
        .Array("0+", static m => ref m.Creations, Creation.Schema);

    /// <summary>An entry.</summary>
    public sealed class Creation
    {
        public sbyte ResourceType;
        public string ResourceName = "";
        public sbyte ResourcePatternType = 3;
        public string Principal = "";
        public string Host = "";
        public sbyte Operation;
        public sbyte PermissionType;

        /// <summary>The fields and the versions that have them.</summary>
        public static readonly MessageSchema<Creation> Schema = new MessageSchema<Creation>()
            .Int8("0+", static m => ref m.ResourceType)
            .String("0+", static m => ref m.ResourceName)
            .Int8("1+", static m => ref m.ResourcePatternType)
            .String("0+", static m => ref m.Principal)
            .String("0+", static m => ref m.Host)
            .Int8("0+", static m => ref m.Operation)
            .Int8("0+", static m => ref m.PermissionType);
    }
}

/// <summary>What became of each.</summary>
public sealed class CreateAclsResponse : IApiMessage<CreateAclsResponse>
{
    public int ThrottleTimeMs;
    public List<Result> Results = [];

    /// <summary>The fields and the versions that have them.</summary>
    public static MessageSchema<CreateAclsResponse> Schema { get; } = new MessageSchema<CreateAclsResponse>()
        .Int32("0+", static m => ref m.ThrottleTimeMs)
        .Array("0+", static m => ref m.Results, Result.Schema);

    /// <summary>What became of one.</summary>
    public sealed class Result
    {
        public ErrorCode ErrorCode;
        public string? ErrorMessage;

        /// <summary>The fields and the versions that have them.</summary>
        public static readonly MessageSchema<Result> Schema = new MessageSchema<Result>()
            .Error("0+", static m => ref m.ErrorCode)
            .NullableString("0+", static m => ref m.ErrorMessage);
    }
}
