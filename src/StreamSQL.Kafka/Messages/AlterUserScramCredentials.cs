#pragma warning disable CS1591 // the fields are Kafka's own, defined in its protocol guide
using StreamSQL.Kafka.Protocol;

namespace StreamSQL.Kafka.Messages;

/// <summary>Sets and removes passwords by which users log in by SCRAM (KIP-554).</summary>
public sealed class AlterUserScramCredentialsRequest : IApiMessage<AlterUserScramCredentialsRequest>
{
    public List<Deletion> Deletions = [];
    public List<Upsertion> Upsertions = [];

    /// <summary>The fields and the versions that have them.</summary>
    public static MessageSchema<AlterUserScramCredentialsRequest> Schema { get; } = new MessageSchema<AlterUserScramCredentialsRequest>()
        .Array("0+", static m => ref m.Deletions, Deletion.Schema)
        .Array("0+", static m => ref m.Upsertions, Upsertion.Schema);

    /// <summary>What is removed.</summary>
    public sealed class Deletion
    {
        public string Name = "";
        public sbyte Mechanism;

        /// <summary>The fields and the versions that have them.</summary>
        public static readonly MessageSchema<Deletion> Schema = new MessageSchema<Deletion>()
            .String("0+", static m => ref m.Name)
            .Int8("0+", static m => ref m.Mechanism);
    }

    /// <summary>What is set: not the password, but what its hashing has come to.</summary>
    public sealed class Upsertion
    {
        public string Name = "";
        public sbyte Mechanism;
        public int Iterations;
        public ReadOnlyMemory<byte> Salt;
        public ReadOnlyMemory<byte> SaltedPassword;

        /// <summary>The fields and the versions that have them.</summary>
        public static readonly MessageSchema<Upsertion> Schema = new MessageSchema<Upsertion>()
            .String("0+", static m => ref m.Name)
            .Int8("0+", static m => ref m.Mechanism)
            .Int32("0+", static m => ref m.Iterations)
            .Bytes("0+", static m => ref m.Salt)
            .Bytes("0+", static m => ref m.SaltedPassword);
    }
}

/// <summary>What became of each user.</summary>
public sealed class AlterUserScramCredentialsResponse : IApiMessage<AlterUserScramCredentialsResponse>
{
    public int ThrottleTimeMs;
    public List<Result> Results = [];

    /// <summary>The fields and the versions that have them.</summary>
    public static MessageSchema<AlterUserScramCredentialsResponse> Schema { get; } =
        new MessageSchema<AlterUserScramCredentialsResponse>()
            .Int32("0+", static m => ref m.ThrottleTimeMs)
            .Array("0+", static m => ref m.Results, Result.Schema);

    /// <summary>A user.</summary>
    public sealed class Result
    {
        public string User = "";
        public ErrorCode ErrorCode;
        public string? ErrorMessage;

        /// <summary>The fields and the versions that have them.</summary>
        public static readonly MessageSchema<Result> Schema = new MessageSchema<Result>()
            .String("0+", static m => ref m.User)
            .Error("0+", static m => ref m.ErrorCode)
            .NullableString("0+", static m => ref m.ErrorMessage);
    }
}
