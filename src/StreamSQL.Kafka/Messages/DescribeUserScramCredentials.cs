#pragma warning disable CS1591 // the fields are Kafka's own, defined in its protocol guide
using StreamSQL.Kafka.Protocol;

namespace StreamSQL.Kafka.Messages;

/// <summary>Asks which users can log in by SCRAM (KIP-554).</summary>
public sealed class DescribeUserScramCredentialsRequest : IApiMessage<DescribeUserScramCredentialsRequest>
{
    public List<UserName>? Users;

    /// <summary>The fields and the versions that have them.</summary>
    public static MessageSchema<DescribeUserScramCredentialsRequest> Schema { get; } =
        new MessageSchema<DescribeUserScramCredentialsRequest>().NullableArray("0+", static m => ref m.Users, UserName.Schema);

    /// <summary>A user.</summary>
    public sealed class UserName
    {
        public string Name = "";

        /// <summary>The fields and the versions that have them.</summary>
        public static readonly MessageSchema<UserName> Schema = new MessageSchema<UserName>().String("0+", static m => ref m.Name);
    }
}

/// <summary>The users and their mechanisms.</summary>
public sealed class DescribeUserScramCredentialsResponse : IApiMessage<DescribeUserScramCredentialsResponse>
{
    public int ThrottleTimeMs;
    public ErrorCode ErrorCode;
    public string? ErrorMessage;
    public List<Result> Results = [];

    /// <summary>The fields and the versions that have them.</summary>
    public static MessageSchema<DescribeUserScramCredentialsResponse> Schema { get; } =
        new MessageSchema<DescribeUserScramCredentialsResponse>()
            .Int32("0+", static m => ref m.ThrottleTimeMs)
            .Error("0+", static m => ref m.ErrorCode)
            .NullableString("0+", static m => ref m.ErrorMessage)
            .Array("0+", static m => ref m.Results, Result.Schema);

    /// <summary>A user.</summary>
    public sealed class Result
    {
        public string User = "";
        public ErrorCode ErrorCode;
        public string? ErrorMessage;
        public List<CredentialInfo> CredentialInfos = [];

        /// <summary>The fields and the versions that have them.</summary>
        public static readonly MessageSchema<Result> Schema = new MessageSchema<Result>()
            .String("0+", static m => ref m.User)
            .Error("0+", static m => ref m.ErrorCode)
            .NullableString("0+", static m => ref m.ErrorMessage)
            .Array("0+", static m => ref m.CredentialInfos, CredentialInfo.Schema);
    }

    /// <summary>A mechanism by which the user can log in.</summary>
    public sealed class CredentialInfo
    {
        public sbyte Mechanism;
        public int Iterations;

        /// <summary>The fields and the versions that have them.</summary>
        public static readonly MessageSchema<CredentialInfo> Schema = new MessageSchema<CredentialInfo>()
            .Int8("0+", static m => ref m.Mechanism)
            .Int32("0+", static m => ref m.Iterations);
    }
}
